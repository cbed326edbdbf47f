"""The order in which a store returns due titles (REFRESH_ORDER): stored in its state, changed by :func:`reorder`."""

from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Store

ORDER_STATE = "refresh_order"
"""Name in ``state`` of the order of all titles; absent means the first of ``ORDERS``."""


async def stored_order(store: Store) -> str:
    """The order of all titles in the store."""
    return await store.state.get(ORDER_STATE) or ORDERS[0]


async def reindex(store: Store, order: str) -> None:
    """Derive anew all that titles are searched, sorted and counted by, in this order of the store that was opened."""
    await store.documents.reindex()
    for kind in KINDS:
        await store.documents.rerank(kind)
    await _set_order(store, order)


async def _set_order(store: Store, order: str) -> None:
    await store.state.set(ORDER_STATE, None if order == ORDERS[0] else order)


async def reorder(store: Store, order: str) -> int:
    """Index all titles by the order that the store was opened with; returns how many changed their place.

    No document is written. Titles that another process writes meanwhile keep the place that it gave them. If
    interrupted, the next call starts again.
    """
    if await stored_order(store) == order:
        return 0
    moved = [await store.documents.rerank(kind) for kind in KINDS]
    await _set_order(store, order)
    return sum(moved)
