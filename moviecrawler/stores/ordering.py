"""In which order a store gives what is due (REFRESH_ORDER): the store remembers, and is put in another when told so."""

from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import Store

ORDER_STATE = "refresh_order"
"""Of ``state``: the order that all titles are in; absent is the first of ``ORDERS``."""


async def stored_order(store: Store) -> str:
    """The order in which all its titles are."""
    return await store.state.get(ORDER_STATE) or ORDERS[0]


async def reorder(store: Store, order: str) -> int:
    """Give all titles the places of the order that the store was opened with; how many had another.

    No document is written. Titles that others write meanwhile have the place that those say. Cut off, it begins anew.
    """
    if await stored_order(store) == order:
        return 0
    moved = [await store.documents.rerank(kind) for kind in KINDS]
    await store.state.set(ORDER_STATE, None if order == ORDERS[0] else order)
    return sum(moved)
