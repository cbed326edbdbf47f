"""Removes what TMDB's terms forbid to keep: ``policy.documents.terms`` says what that is."""

from typing import Any

from moviecrawler.documents import Document, is_gone
from moviecrawler.documents.records import CHANGES, CHARTS, RAW, UNMATCHED, RecordKind
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.upsert import record_changes
from moviecrawler.items import KINDS
from moviecrawler.maintain.records import BATCH, strip_records
from moviecrawler.maintain.work import Gain, Work
from moviecrawler.policy.documents.terms import is_beyond, oldest_allowed, without_old_parts
from moviecrawler.stores.base import Key, Write

KINDS_OF_RECORDS: tuple[RecordKind[Any], ...] = (RAW, CHANGES, CHARTS, UNMATCHED)

ROUNDS = 5
"""Times that a document is read and written again when another writer was faster."""


async def strip_old_content(work: Work) -> Gain:
    """Documents first: the next writer of one would store the record of its last change again."""
    gain, oldest = Gain(), oldest_allowed(work.now)
    to_renew = 0
    for kind in KINDS:
        found: list[Key] = []
        async for document in work.store.documents.iterate(kind):
            work.on_row()
            to_renew += is_beyond(document, oldest) and not is_gone(document)
            if _stripped(work, kind, document, oldest) is not document:
                found.append((kind, document["_id"]))
            if len(found) == BATCH:
                gain.rows += await _strip(work, found, oldest)
                found.clear()
        gain.rows += await _strip(work, found, oldest)
    for record_kind in KINDS_OF_RECORDS:
        gain.rows += await strip_records(work, record_kind, oldest)
    if to_renew:
        titles = "1 title" if to_renew == 1 else f"{to_renew:,} titles"
        gain.notes.append(f"{titles} must be asked for again: scrapy crawl tmdb_refresh")
    return gain


def _stripped(work: Work, kind: str, document: Document, oldest: str) -> Document:
    return without_old_parts(kind, document, oldest=oldest, composer=work.composer, refresh=work.refresh, now=work.now)


async def _strip(work: Work, keys: list[Key], oldest: str) -> int:
    """Write the documents without what is too old; returns how many."""
    if work.dry_run:
        return len(keys)
    written, waiting = 0, set(keys)
    for _ in range(ROUNDS):
        if not waiting:
            break
        stored = await work.store.documents.get_many(waiting)
        newer = {key: _stripped(work, key[0], document, oldest) for key, document in stored.items()}
        changed = {key: document for key, document in newer.items() if document is not stored[key]}
        await record_changes(work.store, stored, changed)
        writes = [Write(*key, document, stored[key]["revision"]) for key, document in changed.items()]
        outcome = await work.store.documents.write(writes)
        written, waiting = written + len(outcome.updated), outcome.conflicts
    if waiting:
        raise StoreError(f"{len(waiting)} titles not written: other writers kept changing them; try again")
    return written
