"""Removes rejects and dropped titles that are too old to keep: ``policy.documents.terms``."""

from moviecrawler.documents.records import DROPPED, REJECTS
from moviecrawler.maintain.records import strip_records
from moviecrawler.maintain.work import Gain, Work
from moviecrawler.policy.documents.terms import oldest_allowed


async def prune_rejects(work: Work) -> Gain:
    oldest = oldest_allowed(work.now)
    return Gain(rows=await strip_records(work, REJECTS, oldest) + await strip_records(work, DROPPED, oldest))
