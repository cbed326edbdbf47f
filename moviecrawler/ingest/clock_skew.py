"""Repairs what a run stored while its clock was ahead: it becomes due now."""

from datetime import datetime

from moviecrawler import timestamps
from moviecrawler.ingest.upsert import record_changes
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.merge import with_new_refresh_dates
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.stores.base import Store, Write

_BATCH = 200


async def replan_future_dated(store: Store, refresh: Refresh, now: datetime) -> int:
    """Set new refresh dates in documents that were written after ``now``; returns how many there were.

    Everything else that compares a stored timestamp with now handles the error by itself (``timestamps``).
    """
    found = 0
    for kind in KINDS:
        async for ids in store.documents.written_after(kind, timestamps.latest_trusted(now)):
            for start in range(0, len(ids), _BATCH):
                stored = await store.documents.get_many((kind, id) for id in ids[start : start + _BATCH])
                await record_changes(store, stored, stored)
                newer = {key: with_new_refresh_dates(kind, document, refresh, now) for key, document in stored.items()}
                writes = [Write(*key, document, stored[key]["revision"]) for key, document in newer.items()]
                found += len((await store.documents.write(writes)).updated)
    return found
