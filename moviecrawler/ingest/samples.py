"""Makes weekly samples durable, and removes those that are too old from titles that are not written any more."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from moviecrawler import timestamps
from moviecrawler.documents.records import SAMPLES
from moviecrawler.items import Title
from moviecrawler.policy.documents.samples import Retention, Sample, sample_of
from moviecrawler.stores.base import Store

WALK = "samples_walk"
"""Name in the store's state: the ``_id`` that the walk over all records has come to (``after``; "": it has seen all),
the ``day`` (UTC) of its last step, and for how many ``days`` samples were kept then."""

MOST = 20_000
"""Records that one run looks at."""

_BATCH = 200


async def put_samples(store: Store, titles: Iterable[Title], retention: Retention, now: datetime) -> int:
    """Add what these answers say to the records of their titles; one read and one write. Returns how many changed."""
    if not retention.days:
        return 0
    samples: defaultdict[str, list[Sample]] = defaultdict(list)
    for title in titles:
        if sample := sample_of(title):
            samples[f"{title.kind}/{title.id}"].append(sample)
    if not samples:
        return 0
    return await store.records.revise(
        SAMPLES, samples, lambda id, stored: retention.revised(id, stored, samples[id], now)
    )


async def expire_samples(store: Store, retention: Retention, now: datetime, most: int = MOST) -> int:
    """Remove samples that are too old, from ``most`` records at most; returns how many of these changed.

    The walk goes on where it stopped last. When it has come to the end, it rests until the next day. It begins anew
    when ``retention`` is another one.
    """
    step, walk = {"day": timestamps.day(now), "days": retention.days}, await store.state.get(WALK)
    before = walk if isinstance(walk, dict) and walk.get("days") == retention.days else {}
    after = str(before.get("after") or "")
    if before == {**step, "after": ""}:
        return 0
    found, changed, seen = [], 0, 0
    async for record in store.records.iterate(SAMPLES, after=after):
        seen, after = seen + 1, record["_id"]
        if retention.has_expired(record, now):
            found.append(record["_id"])
        if len(found) == _BATCH or seen == most:
            changed += await _expire(store, found, retention, now)
            found = []
        if seen == most:
            break
    else:
        after = ""
    changed += await _expire(store, found, retention, now)
    await store.state.set(WALK, {**step, "after": after})
    return changed


async def _expire(store: Store, ids: Iterable[str], retention: Retention, now: datetime) -> int:
    return await store.records.revise(
        SAMPLES, ids, lambda id, stored: stored and retention.revised(id, stored, (), now)
    )
