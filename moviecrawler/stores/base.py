"""What a store can do. Every method is async; nothing here knows where the data lies.

A *document* is a JSON-like dict: ``_id`` is the TMDB id (int), ``revision`` counts its writes from 1, moments
are strings ``2026-11-21T08:15:30.123Z``. A *record* is a JSON-like dict with a natural key ``_id`` (str).
Both are JSON (no halves of surrogate pairs, no NaN); a moment has no other form; a top-level name begins neither with
``$`` nor, ``_id`` apart, with ``_``. MongoDB asks for more: integers of 64 bits, no null character in a name, 16 MB.

Errors of the backend arrive as :class:`~moviecrawler.exceptions.StoreError` with one line for the user; one that
may go away by itself is a :class:`~moviecrawler.exceptions.StoreUnavailable`. What no store can hold, and a call that
contradicts itself, is a ValueError that leaves the store untouched. A call that raised may have written, but what
it wrote is whole and guarded like everything else: the same call may be made again.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from moviecrawler.policy.freshness.refresh import SOURCES

Document = dict[str, Any]
Key = tuple[str, int]
"""(kind, TMDB id): the id spaces of films and shows are separate."""


Access = Literal["make", "write", "read"]
"""What to open a store for: ``make`` it if it is absent; ``write`` to one that is there; or only ``read`` it, which
needs no right to write. For the last two, an absent one is a StoreAbsent.
"""


class Write(NamedTuple):
    """Put ``document`` in place, if the stored revision is still ``expected_revision`` (None: nothing is stored).

    ``document["_id"]`` is ``id`` and ``document["revision"]`` is ``(expected_revision or 0) + 1``.
    """

    kind: str
    id: int
    document: Document
    expected_revision: int | None


@dataclass
class WriteOutcome:
    """What became of a batch of writes; the four sets are disjoint and together are the batch."""

    inserted: set[Key] = field(default_factory=set)
    updated: set[Key] = field(default_factory=set)
    conflicts: set[Key] = field(default_factory=set)
    """Another writer was faster; read again, merge again, write again."""


class DueTitle(NamedTuple):
    """One title whose source wants to be asked again.

    ``never``: the source was never asked. ``rank`` is what its order goes by (``policy.freshness.refresh.rank``).
    """

    kind: str
    id: int
    imdb_id: str | None
    next_refresh_at: str
    never: bool
    rank: float


class Coverage(NamedTuple):
    """What ``scrapy stats`` shows of one kind: no document is sent for it (SQLite keeps counters, MongoDB counts).

    ``sources`` has ``{"asked", "frozen", "gone", "due"}`` of every source; ``complete`` counts titles whose every
    askable source (of those that count) has been asked and is not due, and those that nobody can be asked about;
    ``ages`` has titles by ``policy.freshness.refresh.AGE_CLASSES``; ``fields`` titles in which a top-level field
    (``box_office.domestic`` ...) says something. A class or field without any title is absent.
    """

    total: int
    complete: int
    sources: dict[str, dict[str, int]]
    ages: dict[str, int]
    fields: dict[str, int]


class Documents(Protocol):
    """Films and shows (``kind`` is ``movies`` or ``shows``)."""

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        """One read for the whole batch; unknown keys are absent from the answer."""

    async def write(self, writes: Sequence[Write]) -> WriteOutcome:
        """One bulk write per kind, durable when it returns, each document guarded by its revision.

        A batch holds a key at most once.
        """

    def iterate(self, kind: str) -> AsyncIterator[Document]:
        """All documents by ascending id, streamed: memory does not grow with the catalogue."""

    async def due(self, kind: str, source: str, now: str, limit: int, after: DueTitle | None = None) -> list[DueTitle]:
        """Titles with ``sources[source].next_refresh_at <= now`` in the source's order: those never asked first (TMDB,
        OMDB), then the highest ``rank``, then by id. ``after``: the last one of the page before. Indexed.
        """

    async def rerank(self, kind: str) -> int:
        """Give each title the ``rank`` of the order that the store was opened with; how many had another.

        No document is written: neither ``revision`` nor anything else of it changes.
        """

    async def due_by_age(self, kind: str, source: str, now: str) -> dict[str, int]:
        """How many are due, by ``policy.freshness.refresh.AGE_CLASSES``; a class without any is absent."""

    async def stats(self, kind: str, now: str, sources: Iterable[str] = SOURCES) -> Coverage:
        """``sources``: those that count for what is due and complete."""

    def ids(self, kind: str) -> AsyncIterator[list[int]]:
        """All ids, ascending, some thousands at a time; no document is read."""

    async def written_after(self, kind: str, moment: str) -> list[int]:
        """Ids of documents that were written after ``moment``, ascending. Indexed."""

    async def known(self, kind: str, ids: Iterable[int]) -> set[int]:
        """Which of these ids are stored; no document is read."""

    async def by_imdb_id(self, kind: str, imdb_ids: Iterable[str]) -> dict[str, list[int]]:
        """TMDB ids by IMDb id, ascending; one that nobody carries is absent."""

    async def by_source_id(self, kind: str, source: str, source_ids: Iterable[str]) -> dict[str, list[int]]:
        """TMDB ids by the source's own id, ascending; one that nobody carries is absent."""

    async def gone(self, kind: str, source: str) -> list[tuple[int, str | None]]:
        """(id, IMDb id) of all titles with ``sources[source].gone_at``, by id."""

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        """Documents that carry one of these normalised titles (``policy.identity.normalise``); one read.

        By title, each list by ascending id; a title that nobody carries is absent.
        """

    async def namesakes(self, kind: str, source: str, ids: Iterable[int]) -> list[int]:
        """Which carry an id of the source's, and a normalised title of one of these (or are one); ascending.

        Indexed: no document is read.
        """

    async def count(self, kind: str) -> int: ...


class Records(Protocol):
    """Everything that is no title: kinds ``changes``, ``charts``, ``runs``, ``rejects``, ``dropped`` ..."""

    async def put(self, kind: str, rows: Sequence[Document]) -> None:
        """Insert or replace whole rows by ``_id``; one bulk write, durable when it returns."""

    async def patch(self, kind: str, rows: Sequence[Document]) -> None:
        """Merge each row into the stored one, atomically (RFC 7396: objects recursively, null deletes).

        Rows that are not there are inserted.
        """

    async def get(self, kind: str, ids: Iterable[str]) -> dict[str, Document]:
        """One read for all; unknown ids are absent from the answer."""

    def iterate(self, kind: str, prefix: str = "") -> AsyncIterator[Document]:
        """All rows whose ``_id`` begins with ``prefix``, by ascending ``_id``, streamed."""

    async def tally(self, kind: str, prefix: str, fields: Sequence[str]) -> list[tuple[list[Any], int]]:
        """How many of these rows have which values of these fields (None: absent), counted by the store itself.

        What cannot be read is left out.
        """

    async def delete(self, kind: str, ids: Iterable[str]) -> int:
        """How many were there."""


class State(Protocol):
    """Small named values: cursors and ledgers. None is "absent": an unknown name reads as None, None deletes it."""

    async def get(self, name: str) -> Any: ...

    async def set(self, name: str, value: Any) -> None: ...

    async def compare_and_set(self, name: str, expected: Any, value: Any) -> bool:
        """Set only if the present value equals ``expected`` as Python means it; atomic."""

    async def reserve(self, name: str, n: int, limit: int) -> int:
        """Add up to ``n`` to the counter ``name``, never beyond ``limit``; how many were granted (atomic).

        A negative ``n`` gives back what was not used, and the answer is negative, too; the counter does not fall below
        0. ValueError when ``name`` holds no whole number.
        """


class Store(Protocol):
    """One open store. ``describe`` names it for people, without password."""

    documents: Documents
    records: Records
    state: State
    describe: str

    async def open(self) -> None:
        """Connect, create or migrate the schema; StoreError with one clear line when that cannot be."""

    async def close(self) -> None:
        """Wait for the running write and disconnect; may be called twice. All other calls are then StoreErrors."""
