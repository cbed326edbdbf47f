"""The records that are stored beside the documents, by kind."""

from typing import Any, Generic, NotRequired, TypeVar, cast

from typing_extensions import TypedDict

from moviecrawler.documents import FieldChange, Kind, Part, Source
from moviecrawler.documents.facts import SourceData


class Record(TypedDict):
    """What all records have: a natural key."""

    _id: str


class TrendingRow(TypedDict):
    rank: int
    kind: Kind
    id: int
    title: str | None


class TrendingPage(TypedDict):
    at: str
    rows: list[TrendingRow]


class BoxOfficeRow(TypedDict):
    """``id`` is null until a title matches."""

    rank: int
    title: str
    source_id: str
    id: int | None
    distributor: str | None
    gross: int | None
    theaters: int | None
    total_gross: int | None
    days: int | None


class ChartRecord(Record):
    """Trending charts have ``pages``, box-office charts ``at``, ``url`` and ``rows``."""

    chart: str
    date: str
    pages: NotRequired[dict[str, TrendingPage]]
    at: NotRequired[str]
    url: NotRequired[str]
    rows: NotRequired[list[BoxOfficeRow]]


class ChangeRecord(Record):
    kind: Kind
    id: int
    title: str | None
    source: str
    at: str
    diff: list[FieldChange]


class RunProcess(TypedDict):
    """Where a run runs; ``process_started`` tells the process from a later one with the same ``pid``."""

    host: str
    pid: int
    process_started: str | None


class RunRate(TypedDict):
    """Requests a second that travelled to a source in the last seconds, and what its rate limit allows; null: none."""

    source: str
    per_second: float
    limit: float | None


class RunQuota(TypedDict):
    """Requests of the run that count against the quota of the day, and what the day has left for all runs."""

    source: str
    used: int
    left: int


class RunHost(TypedDict):
    """A host that was asked; ``health`` and ``state`` are those of its breaker."""

    host: str
    requests: int
    failures: int
    health: float
    state: str


class RunLive(TypedDict):
    """What a running crawl says of itself; all are counts so far, unless the name says otherwise."""

    doing: str
    items: int
    titles: dict[str, int]
    pictures: dict[str, int]
    requests: int
    retries: int
    rejects: int
    cache: dict[str, int]
    queued: int
    in_flight: int
    rates: list[RunRate]
    quotas: list[RunQuota]
    hosts: list[RunHost]
    cpu_seconds: float
    heartbeat_seconds: float


class RunCoverage(TypedDict):
    """Answers about titles that the run has stored, and in how many of them a field had a value."""

    titles: int
    fields: dict[str, int]


class BrokenMonitor(TypedDict):
    """A threshold of the MONITOR_* settings that a run did not keep: in words, and what to do."""

    monitor: str
    line: str
    hint: str


class RunRecord(Record):
    spider: str
    arguments: NotRequired[dict[str, Any]]
    job: NotRequired[str | None]
    host: NotRequired[str]
    pid: NotRequired[int]
    process_started: NotRequired[str | None]
    started_at: str
    beat_at: NotRequired[str | None]
    finished_at: NotRequired[str | None]
    finish_reason: NotRequired[str | None]
    incomplete: NotRequired[list[str]]
    monitors: NotRequired[list[BrokenMonitor]]
    live: NotRequired[RunLive | None]
    versions: NotRequired[dict[str, str]]
    settings: NotRequired[dict[str, str]]
    expected: NotRequired[int | None]
    coverage: NotRequired[dict[str, RunCoverage]]
    stats: dict[str, int | float | str | bool]


class RejectRecord(Record):
    url: str
    reason: str
    detail: NotRequired[str]
    status: NotRequired[int]
    tries: NotRequired[int]
    history: NotRequired[list[str]]
    excerpt: NotRequired[str]
    spider: str
    at: str


class DroppedRecord(Record):
    kind: NotRequired[Kind]
    id: NotRequired[int]
    title: NotRequired[str | None]
    reason: NotRequired[str]
    threshold: NotRequired[int | float | str | None]
    genre_ids: NotRequired[list[int]]
    at: str


class Said(SourceData):
    """A dumped item: what the source said, and about which of its own films."""

    source: Source
    source_id: str
    part: NotRequired[Part]
    id: NotRequired[int | None]


class SearchResult(TypedDict):
    """A title that a search by name has found at TMDB; it need not be stored."""

    id: int
    title: str | None
    release_date: str | None


class UnmatchedRecord(Record):
    """``settled``: the TMDB id that a person named; False: no stored film; None: nobody has decided.

    ``results``: of a search, what the ``candidates`` are.
    """

    source: str
    source_id: str
    title: str | None
    year: int | None
    candidates: list[int]
    presumed: NotRequired[int | None]
    said: Said
    results: NotRequired[list[SearchResult]]
    at: str
    settled: int | bool | None


class RawRecord(Record):
    """``body``: base64 of zlib."""

    source: Source
    kind: Kind
    id: int
    url: str
    fetched_at: str
    body: str


class Curve(TypedDict):
    """What one source said, week by week, oldest first: lists of one length.

    ``values`` by the field's path in a document (``popularity``, ``ratings.imdb.votes``); null: not said then.
    """

    at: list[str]
    values: dict[str, list[float | None]]


class SampleRecord(Record):
    """Of one title (``movies/603``), by source."""

    curves: dict[str, Curve]


Row = TypeVar("Row", bound=Record)


class RecordKind(str, Generic[Row]):
    """A kind of record, with the type of its rows for a type checker; at run time the constants are plain text."""


def _kind(name: str, row: type[Row]) -> RecordKind[Row]:
    RECORDS[name] = row
    return cast("RecordKind[Row]", name)


RECORDS: dict[str, type[Record]] = {}
"""The type of the rows, by kind."""

CHARTS = _kind("charts", ChartRecord)
CHANGES = _kind("changes", ChangeRecord)
RUNS = _kind("runs", RunRecord)
REJECTS = _kind("rejects", RejectRecord)
DROPPED = _kind("dropped", DroppedRecord)
UNMATCHED = _kind("unmatched", UnmatchedRecord)
RAW = _kind("raw", RawRecord)
SAMPLES = _kind("samples", SampleRecord)


def is_settled(row: UnmatchedRecord) -> bool:
    """Whether a person has decided which film an unmatched one is, or that it is none."""
    return row["settled"] is not None
