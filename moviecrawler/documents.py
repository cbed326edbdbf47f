"""What is stored, as types: the document of a film or show, its parts, and the records beside it; and what they mean.

``docs/data-model.md`` describes every field. A type checker holds our code to these types, and
``policy.documents.shape`` every row that is read from a store. What an older version did not know may be missing; a
fact may then also be null. Dates are ``1999-03-31``, timestamps ``2026-11-21T08:15:30.123Z``.
"""

from datetime import date, datetime
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar, cast

Kind = Literal["movies", "shows"]
Source = Literal["tmdb", "omdb", "the_numbers"]
Part = Literal["title", "budgets", "chart"]
"""Which page of the source the answer comes from: the title's own page, or a row of a table, which says less."""

NEW_DAYS = 60
"""Days after its release for which a title counts as new."""

# --- Facts: written by `python -m tests.support.facts` from the models in items.py, which are the place to change -----


class AlternativeTitle(TypedDict):
    country: NotRequired[str | None]
    title: str


class Release(TypedDict):
    country: str
    type: NotRequired[int | None]
    date: NotRequired[str | None]
    certification: NotRequired[str | None]


class Collection(TypedDict):
    id: int
    name: str


class CastMember(TypedDict):
    name: str
    character: NotRequired[str | None]


class People(TypedDict):
    directors: NotRequired[list[str]]
    writers: NotRequired[list[str]]
    cast: NotRequired[list[CastMember]]


class Rating(TypedDict):
    score: float
    votes: NotRequired[int | None]


class BoxOffice(TypedDict):
    budget: NotRequired[int | None]
    domestic: NotRequired[int | None]
    international: NotRequired[int | None]
    worldwide: NotRequired[int | None]
    opening_weekend: NotRequired[int | None]


class TitleFacts(TypedDict, total=False):
    """Facts of films and shows."""

    imdb_id: str | None
    title: str | None
    titles: dict[str, str]
    original_title: str | None
    original_language: str | None
    alternative_titles: list[AlternativeTitle]
    overview: str | None
    overviews: dict[str, str]
    tagline: str | None
    trailer: str | None
    homepage: str | None
    release_date: str | None
    year: int | None
    releases: list[Release]
    runtime: int | None
    status: str | None
    genres: list[str]
    keywords: list[str]
    countries: list[str]
    country_codes: list[str]
    studios: list[str]
    certification: str | None
    collection: Collection | None
    distributor: str | None
    awards: str | None
    people: People
    ratings: dict[str, Rating]
    box_office: BoxOffice
    popularity: float | None


class Facts(TitleFacts, total=False):
    """And those that only shows have, or only films."""

    creators: list[str]
    first_air_date: str | None
    last_air_date: str | None
    in_production: bool | None
    type: str | None
    seasons: int | None
    episodes: int | None
    networks: list[str]


class SourceData(Facts, total=False):
    """What a source said of a title: what is empty is left out."""

    taglines: dict[str, str]
    genre_ids: list[int]
    poster_path: str | None
    backdrop_path: str | None
    adult: bool | None


# --- End of the facts ---------------------------------------------------------------------------------------------

Quality = TypedDict("Quality", {"score": int, "class": str, "recommended": bool})
"""0-100; ``feature``, ``short``, ``series`` ...; see ``policy.documents.quality``."""


class Trending(TypedDict):
    """The title's place in TMDB's chart of the ``day`` or ``week``, and when the chart was read."""

    window: str
    rank: int
    at: str


class ImageFile(TypedDict):
    """One size of a picture; ``file`` is relative to IMAGES_STORE, ``bytes`` is its size."""

    file: str
    sha256: str
    width: int
    height: int
    bytes: int


class GoneNote(TypedDict):
    """Where and when a CDN had no such picture."""

    url: str
    at: str


CaptionFingerprint = list[str | int | list[str] | None]
"""The texts on a title backdrop (``policy.documents.images``)."""


class ImagePart(TypedDict):
    """One picture of a title: the main ``file``, and all ``files`` by size. Without any: only the ``gone`` note."""

    source_path: str | None
    source_sha256: str | None
    file: str | None
    files: dict[str, ImageFile]
    gone: NotRequired[GoneNote]
    says: NotRequired[CaptionFingerprint]


Images = dict[str, ImagePart]
"""By role: ``poster``, ``backdrop``, ``title_backdrop``, ``logo``."""

PictureRole = Literal["poster", "backdrop", "logo", "profile"]
"""What a downloaded picture is for. A portrait (``profile``) belongs to a person, and stands in no document."""


class SlotPart(TypedDict):
    """What one page of a source said, and when it was read."""

    fetched_at: str | None
    data: SourceData


class AnsweredSlot(TypedDict):
    """The fields of a slot that an answer alone determines."""

    fetched_at: str
    hash: str
    source_id: str
    data: SourceData


class SourceSlot(TypedDict):
    """What a document keeps of one source: what it said, and when to ask it again."""

    fetched_at: str | None
    changed_at: NotRequired[str | None]
    hash: NotRequired[str | None]
    unchanged_cycles: NotRequired[int]
    frozen_at: str | None
    recheck_at: NotRequired[str | None]
    next_refresh_at: str | None
    failures: NotRequired[int]
    failed_at: NotRequired[str | None]
    gone_at: str | None
    gone_noted_at: NotRequired[str | None]
    source_id: NotRequired[str | None]
    data: SourceData
    parts: NotRequired[dict[str, SlotPart]]


class FieldChange(TypedDict):
    """``path`` has dots inside objects; the values are any JSON."""

    path: str
    old: object
    new: object


class LastChange(TypedDict):
    """``source``: whose answer it was, or ``lock``; ``revision``: the version of the document that brought it."""

    source: str
    at: str
    revision: NotRequired[int]
    diff: list[FieldChange]


class Document(Facts):
    """The stored document of a film or show: its facts, and the bookkeeping. ``revision`` counts the writes from 1."""

    _id: int
    schema_version: NotRequired[int]
    quality: NotRequired[Quality | None]
    trending: Trending | None
    images: Images
    same_as: NotRequired[int | None]
    sources: dict[str, SourceSlot]
    locks: dict[str, Any]
    provenance: NotRequired[dict[str, str]]
    last_change: LastChange | None
    created_at: NotRequired[str | None]
    updated_at: str | None
    revision: int


# --- Records ------------------------------------------------------------------------------------------------------


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


class UnmatchedRecord(Record):
    """``settled``: the TMDB id that a person named; False: no stored film; None: nobody has decided."""

    source: str
    source_id: str
    title: str | None
    year: int | None
    candidates: list[int]
    presumed: NotRequired[int | None]
    said: Said
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

# --- What they mean -----------------------------------------------------------------------------------------------


def is_gone(document: Document) -> bool:
    """Whether the document is a tombstone: TMDB no longer has the title.

    >>> is_gone({"_id": 603, "sources": {"tmdb": {"gone_at": "2026-11-21T08:15:30.123Z"}}}), is_gone({"_id": 604})
    (True, False)
    """
    slot = document["sources"].get("tmdb") if "sources" in document else None
    return slot is not None and bool(slot.get("gone_at"))


def has_changed(document: Document) -> bool:
    """Whether the document's current version brought its last change."""
    change = document["last_change"]
    return change is not None and change.get("revision") == document["revision"]


def is_settled(row: UnmatchedRecord) -> bool:
    """Whether a person has decided which film an unmatched one is, or that it is none."""
    return row["settled"] is not None


def is_show(facts: Facts) -> bool:
    """Whether there is a fact that only shows have."""
    return not _SHOW_FACTS.isdisjoint(facts)


def age_date(facts: Facts) -> str | None:
    """The day from which a title's age counts; None where it is unknown.

    A show on the air is as old as its last episode.

    >>> age_date({"release_date": "2019-11-12", "status": "Returning Series", "last_air_date": "2026-11-01"})
    '2026-11-01'
    """
    on_air = facts.get("in_production") or facts.get("status") == "Returning Series"
    text = (on_air and facts.get("last_air_date")) or facts.get("release_date") or facts.get("first_air_date")
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return None


def age(facts: Facts, now: datetime) -> int | None:
    """Whole days since release, negative before it; None where the date is unknown.

    >>> from datetime import UTC
    >>> age({"release_date": "2026-11-01"}, datetime(2026, 11, 21, tzinfo=UTC))
    20
    """
    day = age_date(facts)
    return (now.date() - date.fromisoformat(day)).days if day else None


def is_new(facts: Facts, now: datetime) -> bool:
    """Whether nobody has had the time to vote: not out yet, of unknown date, or out for ``NEW_DAYS`` at most."""
    days = age(facts, now)
    return days is None or days <= NEW_DAYS


def portrait_file(path: str, size: str) -> str:
    """Where the portrait with this ``profile_path`` is, in this size: below IMAGES_STORE, without the suffix.

    >>> portrait_file("/8qBylBsQf4llkGrWR3qAsOtOU8O.jpg", "w185")
    'profile/8q/8qBylBsQf4llkGrWR3qAsOtOU8O-w185'
    """
    name = path.strip("/").partition(".")[0]
    return f"profile/{name[:2]}/{name}-{size}"


_SHOW_FACTS = frozenset({"first_air_date", "last_air_date", "seasons", "episodes", "networks", "in_production"})
