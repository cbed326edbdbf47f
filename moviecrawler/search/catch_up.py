"""Brings an index up to the store: what was written since, and all that the time of a write cannot tell.

A title is current if its version (``revision``, ``updated_at``) is that of the store. Usually only those are compared
that were written since the last time, with an overlap, since clocks differ and a write may arrive late. All versions
are compared where that cannot be trusted. Every write to the index is whole by itself, so this may end at any moment,
and the next one goes on.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, Protocol

from moviecrawler.items import KINDS
from moviecrawler.search.entries import Entry, entry
from moviecrawler.search.index import SearchIndex
from moviecrawler.stores.base import Documents, Version
from moviecrawler.timestamps import MAX_CLOCK_SKEW, iso, latest_trusted, parse

OVERLAP = MAX_CLOCK_SKEW
"""How long before the last catch-up writes are looked for again."""

COMPARE_AFTER = timedelta(days=1)
"""How old the last comparison of all versions may be."""

_PAGE = 500
"""Documents in memory at a time."""

_BELOW_ALL_IDS = -(2**63)
_LAST_ID = 2**63 - 1

_EARLIEST = "0001-01-01T00:00:00.000Z"


class CaughtUp(NamedTuple):
    """``read``: titles that were new or had changed; ``removed``: that the store no longer has. ``compared``: all
    versions were compared."""

    read: int
    removed: int
    compared: bool


class Source(Protocol):
    """What is read of a store; its documents are those of a ``CheckedStore``, in which a damaged one is absent."""

    @property
    def documents(self) -> Documents: ...


async def catch_up(index: SearchIndex, store: Source, now: datetime) -> CaughtUp:
    """StoreError if the store fails, sqlite3.Error if the index does."""
    before = [await store.documents.count(kind) for kind in KINDS]
    read, removed, lost = 0, 0, False
    compare = _must_compare(index, now)
    if not compare:
        read, lost = await _follow(index, store, now)
    if lost or compare or not await _counts_fit(index, store, before):
        compare = True
        more, removed = await _compare(index, store)
        read += more
    notes = {"caught_up_at": iso(now)} | ({"compared_at": iso(now)} if compare else {})
    index.set_notes(**notes)
    return CaughtUp(read, removed, compare)


async def behind(index: SearchIndex, store: Source) -> AsyncIterator[str]:
    """Names of the titles that a comparison of all versions would read or remove; nothing is changed."""
    for kind in KINDS:
        async for stale, gone in _differences(index, store, kind):
            for id_ in (*stale, *gone):
                yield f"{kind}/{id_}"


def _must_compare(index: SearchIndex, now: datetime) -> bool:
    """Never compared, not for a day, or the clock has jumped back since: then ``updated_at`` says nothing."""
    caught_up, compared = index.note("caught_up_at"), index.note("compared_at")
    if not caught_up or not compared or caught_up > latest_trusted(now):
        return True
    return now - parse(compared) > COMPARE_AFTER


async def _follow(index: SearchIndex, store: Source, now: datetime) -> tuple[int, bool]:
    """Read what was written since the last time: how many titles, and whether one was missing.

    One that the index knows to be written since must be among them. If it is not, it was removed, or written by a clock
    that had jumped back, or the store was replaced by an older one.
    """
    newest = index.newest(latest_trusted(now))
    since = iso(parse(min(newest, index.note("caught_up_at"))) - OVERLAP) if newest else _EARLIEST
    read, missing = 0, False
    for kind in KINDS:
        expected = index.versions_after(kind, since)
        async for page in store.documents.written_after(kind, since):
            stored = await store.documents.versions(kind, page)
            known = {id_: version for id_ in page if (version := expected.pop(id_, None))}
            known |= index.versions_of(kind, set(page) - known.keys())
            stale = {id_: version for id_, version in stored.items() if known.get(id_) != version}
            await _read(index, store, kind, stale)
            read += len(stale)
        missing = missing or bool(expected)
    return read, missing


async def _counts_fit(index: SearchIndex, store: Source, before: Sequence[int]) -> bool:
    """Whether it has as many titles as the store had before or after it was read."""
    for kind, earlier in zip(KINDS, before, strict=True):
        later = await store.documents.count(kind)
        if not min(earlier, later) <= index.count(kind) <= max(earlier, later):
            return False
    return True


async def _compare(index: SearchIndex, store: Source) -> tuple[int, int]:
    """Read and remove whatever differs: how many titles were read, how many removed."""
    read = removed = 0
    for kind in KINDS:
        async for stale, gone in _differences(index, store, kind):
            await _read(index, store, kind, stale)
            if gone:
                index.remove((kind, id_) for id_ in gone)
            read, removed = read + len(stale), removed + len(gone)
    return read, removed


async def _differences(
    index: SearchIndex, store: Source, kind: str
) -> AsyncIterator[tuple[dict[int, Version], list[int]]]:
    """Titles of another version than the index has, and ids that only the index has, some thousand ids at a time."""
    last = _BELOW_ALL_IDS
    async for page in store.documents.ids(kind):
        stored = await store.documents.versions(kind, page)
        known = index.versions(kind, last + 1, page[-1])
        last = page[-1]
        yield {id_: one for id_, one in stored.items() if known.get(id_) != one}, [*(known.keys() - stored.keys())]
    yield {}, [*index.versions(kind, last + 1, _LAST_ID)]


async def _read(index: SearchIndex, store: Source, kind: str, stale: Mapping[int, Version]) -> None:
    """Read these documents into the index; a damaged one is noted by its version alone."""
    for start in range(0, len(stale), _PAGE):
        page = dict(islice(stale.items(), start, start + _PAGE))
        documents = await store.documents.get_many((kind, id_) for id_ in page)
        index.put(
            [
                entry(kind, document) if (document := documents.get((kind, id_))) else Entry(kind, id_, *version)
                for id_, version in page.items()
            ]
        )
