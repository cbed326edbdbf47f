"""Views in a store's state: read, saved, deleted, however many processes do so at once."""

from collections.abc import Callable
from typing import Any

from moviecrawler.policy.filters.views import STATE, View, views_of
from moviecrawler.stores.base import Store


async def stored_views(store: Store) -> dict[str, View]:
    """All views by name, sorted."""
    return views_of(await store.state.get(STATE))


async def save_view(store: Store, name: str, view: View) -> bool:
    """True if there was one of this name, which it replaces."""
    return await _change(store, lambda held: name in held, lambda held: held | {name: view})


async def delete_view(store: Store, name: str) -> bool:
    """Whether there was one."""
    return await _change(
        store, lambda held: name in held, lambda held: {other: held[other] for other in held if other != name}
    )


async def _change(
    store: Store, ask: Callable[[dict[str, Any]], bool], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> bool:
    while True:
        before = await store.state.get(STATE)
        held = before if isinstance(before, dict) else {}
        if await store.state.compare_and_set(STATE, before, change(held) or None):
            return ask(held)
