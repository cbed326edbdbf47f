"""Strips records in batches, beside writers."""

from moviecrawler.documents.records import RecordKind, Row
from moviecrawler.maintain.work import Work
from moviecrawler.policy.documents.terms import without_old_content

BATCH = 200


async def strip_records(work: Work, kind: RecordKind[Row], oldest: str) -> int:
    """Take content from before ``oldest`` out of all records of a kind; returns how many changed or went."""
    found: list[str] = []
    changed = 0
    async for row in work.store.records.iterate(kind):
        work.on_row()
        if without_old_content(kind, row, oldest) is not row:
            found.append(row["_id"])
        if len(found) == BATCH:
            changed += await _strip(work, kind, found, oldest)
            found.clear()
    return changed + await _strip(work, kind, found, oldest)


async def _strip(work: Work, kind: RecordKind[Row], ids: list[str], oldest: str) -> int:
    if work.dry_run:
        return len(ids)
    return await work.store.records.revise(
        kind, ids, lambda id, row: None if row is None else without_old_content(kind, row, oldest)
    )
