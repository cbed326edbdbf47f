"""What a store can do. Every method is async; nothing here depends on where the data is kept.

Documents and records are those of ``moviecrawler.documents``: JSON-like dicts with an ``_id`` (TMDB's int, or a natural
key, a str). A store looks into a document for what it indexes; otherwise both are only *rows* to it. They must be valid
JSON (no unpaired surrogates, no NaN) and use that one form of timestamp; a top-level name must not begin with
``$``, nor with ``_`` except for ``_id``. MongoDB adds limits: integers of 64 bits, no null character in a name, 16 MB.

Errors of the backend are raised as :class:`~moviecrawler.exceptions.StoreError` with one line for the user; an error
that may go away by itself is a :class:`~moviecrawler.exceptions.StoreUnavailable`. A value that no store can hold, or a
call that contradicts itself, is a ValueError and leaves the store untouched. A call that raised may have written
something, but whatever it wrote is complete and guarded by its revision: the same call can be repeated.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from moviecrawler.documents import SOURCES, Document
from moviecrawler.documents.records import RecordKind, Row
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.stores.canonical_json import StoredRow

Key = tuple[str, int]
"""(kind, TMDB id): films and shows have separate id spaces."""


Version = tuple[int, str | None]
"""``revision`` and ``updated_at`` of a document: two that are equal mean that nothing was written."""


TIME_OF = {"changes": "at", "runs": "_id"}
"""Kinds of records whose time is indexed, and where it stands; the ``_id`` of a run begins with its start."""


StoredText = tuple[Any, bytes | None]
"""The ``_id`` of a row, and what is stored as its JSON: nobody has looked into it."""

Access = Literal["make", "write", "read"]
"""What to open a store for: ``make`` it if it is absent; ``write`` to an existing one; or only ``read`` it, which needs
no permission to write. With the last two, an absent store is a StoreAbsent.
"""


class Write(NamedTuple):
    """Store ``document`` if the stored revision is still ``expected_revision`` (None: nothing is stored).

    ``document["_id"]`` is ``id`` and ``document["revision"]`` is ``(expected_revision or 0) + 1``.
    """

    kind: str
    id: int
    document: Document
    expected_revision: int | None


@dataclass
class WriteOutcome:
    """The result of a batch of writes; the three sets are disjoint and together they are the batch."""

    inserted: set[Key] = field(default_factory=set)
    updated: set[Key] = field(default_factory=set)
    conflicts: set[Key] = field(default_factory=set)
    """Another writer was first: read, merge and write again."""


class DueTitle(NamedTuple):
    """A title that is due for a refresh from one source.

    ``never``: the source was never asked. ``rank`` is the sort key of the source's order
    (``policy.freshness.refresh.rank``).
    """

    kind: str
    id: int
    imdb_id: str | None
    next_refresh_at: str
    never: bool
    rank: float


class Coverage(NamedTuple):
    """The figures of ``scrapy stats`` for one kind. No document is transferred (SQLite keeps counters, MongoDB counts).

    ``sources`` has ``{"asked", "frozen", "gone", "due"}`` for every source. ``complete`` counts titles for which every
    source that can be asked (of those that count) has been asked and is not due, and titles for which no source can be
    asked. ``ages`` counts titles by ``policy.freshness.refresh.AGE_CLASSES``; ``fields`` counts titles in which a field
    (``box_office.domestic`` ...) has a value. A class or field without any title is absent.
    """

    total: int
    complete: int
    sources: dict[str, dict[str, int]]
    ages: dict[str, int]
    fields: dict[str, int]


class Usage(NamedTuple):
    """What a store takes: ``schema_version`` of its own backend, and ``bytes`` on its disk, indexes included."""

    schema_version: int
    bytes: int


class Documents(Protocol):
    """Films and shows (``kind`` is ``movies`` or ``shows``)."""

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        """One read for the whole batch; unknown keys are absent from the result."""

    async def write(self, writes: Sequence[Write]) -> WriteOutcome:
        """One bulk write per kind, durable when it returns, each document guarded by its revision.

        A batch holds a key at most once.
        """

    def iterate(
        self, kind: str, fields: tuple[str, ...] = (), *, where: Filter | None = None
    ) -> AsyncIterator[Document]:
        """All documents by ascending id, streamed: memory does not grow with the catalogue.

        ``fields``: only these of each document, and its ``_id``, which is quicker than all; without ``where``, which
        needs the whole. ``where``: those that are meant. A backend may return more than that, as far as its queries
        cannot say it; the predicate has the last word, in :class:`~moviecrawler.stores.checked.CheckedStore`.
        """

    def texts(self, kind: str) -> AsyncIterator[list[StoredText]]:
        """The same, some hundred at a time, as JSON that SQLite does not parse."""

    async def due(self, kind: str, source: str, now: str, limit: int, after: DueTitle | None = None) -> list[DueTitle]:
        """Titles with ``sources[source].next_refresh_at <= now``, in the source's order.

        Titles that were never asked about come first (TMDB, OMDB), then the highest ``rank``, then the lowest id.
        ``after`` is the last title of the previous page. Indexed.
        """

    async def rerank(self, kind: str) -> int:
        """Give each title the ``rank`` of the order that the store was opened with; returns how many changed.

        No document is written: neither ``revision`` nor anything else in it changes.
        """

    async def due_counts_by_age(self, kind: str, source: str, now: str) -> dict[str, int]:
        """Number of due titles by ``policy.freshness.refresh.AGE_CLASSES``; an empty class is absent."""

    async def stats(self, kind: str, now: str, sources: Iterable[str] = SOURCES) -> Coverage:
        """``sources``: the sources that count towards ``due`` and ``complete``."""

    def ids(self, kind: str) -> AsyncIterator[list[int]]:
        """All ids, ascending, a few thousand at a time; no document is read."""

    def written_after(self, kind: str, timestamp: str) -> AsyncIterator[list[int]]:
        """Ids of documents written after ``timestamp``, a few thousand at a time, in no particular order. Indexed.

        A document that is written meanwhile may come again.
        """

    async def known(self, kind: str, ids: Iterable[int]) -> set[int]:
        """The ids among these that are stored; no document is read."""

    async def versions(self, kind: str, ids: Iterable[int]) -> dict[int, Version]:
        """Which version of each of these documents is stored; no document is read, unknown ids are absent."""

    async def by_imdb_id(self, kind: str, imdb_ids: Iterable[str]) -> dict[str, list[int]]:
        """TMDB ids by IMDb id, ascending; an IMDb id that no document has is absent."""

    async def by_source_id(self, kind: str, source: str, source_ids: Iterable[str]) -> dict[str, list[int]]:
        """TMDB ids by the source's own id, ascending; an id that no document has is absent."""

    async def gone(self, kind: str, source: str) -> list[tuple[int, str | None]]:
        """(id, IMDb id) of all titles with ``sources[source].gone_at``, by id."""

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        """Documents with one of these normalised titles (``policy.identity.normalise``); one read.

        By title, each list by ascending id; a title that no document has is absent.
        """

    async def namesakes(self, kind: str, source: str, ids: Iterable[int]) -> list[int]:
        """Titles with an id of the source that share a normalised title with one of ``ids``, or are one; ascending.

        Indexed: no document is read.
        """

    def misindexed(self, kind: str) -> AsyncIterator[str]:
        """Names of titles for which what is searched, sorted or counted by is not what the document says; a few words
        each on what belongs to no title. Reads everything, damaged documents are left out."""

    async def reindex(self) -> None:
        """Derive all that anew from the documents, which stay as they are.

        Due titles may then stand in another order: :func:`moviecrawler.stores.ordering.reindex` keeps it.
        """

    async def count(self, kind: str) -> int: ...


class Records(Protocol):
    """Everything that is not a title: the kinds ``documents.records.CHANGES``, ``CHARTS``, ``RUNS`` ..."""

    async def put(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        """Insert or replace whole rows by ``_id``; one bulk write, durable when it returns."""

    async def patch(self, kind: RecordKind[Row], rows: Sequence[Row]) -> None:
        """Merge each row into the stored one, atomically (RFC 7396: objects recursively, null deletes).

        Missing rows are inserted.
        """

    async def revise(
        self, kind: RecordKind[Row], ids: Iterable[str], change: Callable[[str, Row | None], Row | None]
    ) -> int:
        """Replace each row by ``change(_id, row)``, atomically; one read and one write, returns how many rows changed.

        None is no row. The same object leaves the row as it is. ``change`` is pure: it may be called in another thread,
        and again after a conflict.
        """

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        """One read for all; unknown ids are absent from the result."""

    def iterate(self, kind: RecordKind[Row], prefix: str = "", after: str = "") -> AsyncIterator[Row]:
        """All rows whose ``_id`` begins with ``prefix`` and follows ``after``, by ascending ``_id``, streamed."""

    def ids(self, kind: str) -> AsyncIterator[list[str]]:
        """All ``_id`` of these rows, ascending, a few thousand at a time; no row is read."""

    def texts(self, kind: RecordKind[Row]) -> AsyncIterator[list[StoredText]]:
        """All rows by ascending ``_id``, some hundred at a time, as JSON that SQLite does not parse."""

    def newest(self, kind: RecordKind[Row], since: str = "") -> AsyncIterator[Row]:
        """Changes by ``at``, runs by their start (``TIME_OF``), the newest first, streamed. Indexed.

        ``since``: none before this timestamp. Rows without a time come last, unless ``since`` is given. What is put
        meanwhile may or may not come; no row comes twice unless it is given another time. ValueError for another kind.
        """

    async def tally(self, kind: str, prefix: str, fields: Sequence[str]) -> list[tuple[list[Any], int]]:
        """Number of these rows per combination of values of these fields (None: absent), counted by the store itself.

        Rows that cannot be read are left out.
        """

    async def delete(self, kind: str, ids: Iterable[str]) -> int:
        """Returns how many of the rows existed."""


class State(Protocol):
    """Small named values: cursors and counters.

    None means absent: an unknown name reads as None, and setting None deletes it.
    """

    async def get(self, name: str) -> Any: ...

    async def set(self, name: str, value: Any) -> None: ...

    async def compare_and_set(self, name: str, expected: Any, value: Any) -> bool:
        """Set only if the current value equals ``expected`` (Python's ``==``); atomic."""

    async def reserve(self, name: str, n: int, limit: int) -> int:
        """Add up to ``n`` to the counter ``name``, but never beyond ``limit``; returns how many were granted (atomic).

        A negative ``n`` returns unused units; the result is then negative, and the counter does not fall below 0.
        ValueError when the value stored as ``name`` is not a whole number.
        """


STATE = "state"
"""What a snapshot calls the named values: rows of ``_id`` and ``value``."""


class Snapshot(Protocol):
    """All that is stored, for a backup: documents, records of every kind, and the state.

    ``at_one_moment``: nothing that is written after the snapshot was opened is in it. Otherwise each row is whole, as
    it was at some moment while it was read.
    """

    at_one_moment: bool

    async def counts(self) -> dict[str, int]:
        """Number of rows by kind (``movies``, ``charts``, ``state`` ...); a kind without rows is absent."""

    def pages(self, kind: str) -> AsyncIterator[list[StoredRow]]:
        """All rows by ascending ``_id``, some hundred at a time, as they are stored.

        One that cannot be read is an ``Unreadable``.
        """

    def written_since(self, kind: str, since: datetime) -> AsyncIterator[list[StoredRow]]:
        """The same of those that were written since then, by the clock of the writer; none if ``at_one_moment``."""


class Replacement(Protocol):
    """What will be in the place of all that a store holds."""

    async def load(self, kind: str, rows: Sequence[StoredRow]) -> None:
        """Put rows as a snapshot gave them, revisions included. ValueError for a row that this store cannot hold."""

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]: ...


class Upkeep(Protocol):
    """What a store in a file needs now and then."""

    async def defects(self) -> list[str]:
        """What is wrong with the file itself, a few lines at most; it is read whole."""

    async def analyze(self) -> None:
        """Figures about the rows, by which queries choose their index."""

    async def free_bytes(self) -> int:
        """What deleted rows have left in the file, to be used again or given back."""

    async def vacuum(self) -> None:
        """Give it back to the disk. No other process can write meanwhile; StoreError leaves the file as it was."""


class Store(Protocol):
    """One store. ``describe`` names it in messages, without any password."""

    documents: Documents
    records: Records
    state: State
    describe: str
    upkeep: Upkeep | None
    """None: its server sees to that."""

    async def open(self) -> None:
        """Connect, and create or migrate the schema; StoreError with one clear line when that is impossible."""

    async def usage(self) -> Usage: ...

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Read everything beside writers; needs no open store and no permission to write."""

    def replacement(self, order: str) -> AbstractAsyncContextManager[Replacement]:
        """An empty place beside the store, which takes the store's place when the block ends without an exception.

        ``order`` is that of its due titles (``ordering``). Until then, and after a kill at any moment, the store is
        what it was. It must be closed. StoreError if another process has it open.
        """

    async def expire_copies(self, before: datetime) -> list[str]:
        """Remove the copies that migrations made of the store before this time; their names. Needs no open store."""

    async def close(self) -> None:
        """Wait for the running write and disconnect; may be called twice. Any other call is then a StoreError."""
