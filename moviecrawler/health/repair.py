"""What can be mended offline, and without a guess: documents are never touched."""

from moviecrawler.items import KINDS
from moviecrawler.stores.base import Store
from moviecrawler.stores.ordering import reindex


async def repair(store: Store, order: str) -> list[str]:
    """Mend index rows in a store that was opened with this ``order``; a line on each thing that was mended."""
    wrong = 0
    for kind in KINDS:
        async for _ in store.documents.misindexed(kind):
            wrong += 1
    if not wrong:
        return []
    await reindex(store, order)
    return [f"the index rows, {wrong:,} of which did not agree with the documents"]
