"""Removes weekly samples that are too old, from all records at once: a run does it step by step."""

import sys

from moviecrawler.documents.records import SAMPLES
from moviecrawler.ingest.samples import expire_samples
from moviecrawler.maintain.work import Gain, Work


async def prune_samples(work: Work) -> Gain:
    if not work.dry_run:
        return Gain(rows=await expire_samples(work.store, work.samples, work.now, most=sys.maxsize))
    expired = 0
    async for row in work.store.records.iterate(SAMPLES):
        work.on_row()
        expired += work.samples.has_expired(row, work.now)
    return Gain(rows=expired)
