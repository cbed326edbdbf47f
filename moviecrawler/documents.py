"""What is stored, as types: the document of a film or show, its parts, and the records beside it; and what they mean.

``docs/data-model.md`` describes every field. A type checker holds our code to these types, and
``policy.documents.shape`` every row that is read from a store. What an older version did not know may be missing; a
fact may then also be null. Dates are ``1999-03-31``, timestamps ``2026-11-21T08:15:30.123Z``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar, cast

from pydantic import AfterValidator
from typing_extensions import TypedDict

from moviecrawler.config import sources

Kind = Literal["movies", "shows"]
SOURCES = tuple(sources.SOURCES)
"""In the order in which they are asked, and believed."""


def _known(source: str) -> str:
    if source not in SOURCES:
        raise ValueError(f"must be one of {', '.join(SOURCES)}")
    return source


Source = Annotated[str, AfterValidator(_known)]
"""One of ``SOURCES``."""

Part = Literal["title", "budgets", "chart"]
"""Which page of the source the answer comes from: the title's own page, or a row of a table, which says less."""

NEW_DAYS = 60
"""Days after its release for which a title counts as new."""

WATCH_CREDIT = "where to watch: data by JustWatch"
"""Has to stand wherever ``watch`` is shown, by the terms under which TMDB passes it on."""

# --- Rows inside of fields: plain objects in items, too, since a title has hundreds ---------------------------------


class Release(TypedDict):
    """One release: ``type`` 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""

    country: str
    type: NotRequired[int | None]
    date: NotRequired[str | None]
    certification: NotRequired[str | None]
    note: NotRequired[str]


class AlternativeTitle(TypedDict):
    """Another title, and the country (ISO 3166-1) where the film is known by it."""

    country: NotRequired[str | None]
    title: str
    type: NotRequired[str]


class Person(TypedDict):
    """``id`` and ``profile_path`` are TMDB's; other sources, and older versions, know the name alone."""

    id: NotRequired[int]
    name: str
    profile_path: NotRequired[str]


class CastMember(Person):
    """``order``: of billing, from 0."""

    character: NotRequired[str | None]
    order: NotRequired[int]


class CrewMember(Person):
    job: str
    department: NotRequired[str]


class Company(TypedDict):
    """A studio or network; ``country`` is ISO 3166-1."""

    id: NotRequired[int | None]
    name: str
    logo_path: NotRequired[str | None]
    country: NotRequired[str | None]


class Video(TypedDict):
    """``key`` is the id at the ``site``; ``language`` is ISO 639-1, null for a video without words."""

    site: str
    key: str
    type: str | None
    name: str | None
    language: str | None
    official: bool | None
    published_at: str | None


class PictureCandidate(TypedDict):
    """A logo, poster or backdrop to choose from; ``language`` is ISO 639-1, null for one without text; pixels."""

    path: str
    language: str | None
    width: int | None
    height: int | None


class Provider(TypedDict):
    id: int
    name: str
    logo_path: str | None


class WatchOptions(TypedDict):
    """Who shows the title in one region, by JustWatch; ``link`` is TMDB's page about it, ``ads``: free with them."""

    link: NotRequired[str]
    stream: NotRequired[list[Provider]]
    rent: NotRequired[list[Provider]]
    buy: NotRequired[list[Provider]]
    free: NotRequired[list[Provider]]
    ads: NotRequired[list[Provider]]


class Season(TypedDict):
    """``number`` 0 are the specials; ``episodes`` is how many there are."""

    number: int
    name: str | None
    episodes: int | None
    air_date: str | None
    poster_path: str | None


class Episode(TypedDict):
    season: int
    number: int
    name: str | None
    air_date: str | None


# --- Facts: written by `python -m tests.support.facts` from the models in items.py, which are the place to change -----


class ExternalIds(TypedDict):
    imdb: NotRequired[str | None]
    tvdb: NotRequired[int | None]
    wikidata: NotRequired[str | None]
    facebook: NotRequired[str | None]
    instagram: NotRequired[str | None]
    twitter: NotRequired[str | None]


class Collection(TypedDict):
    id: int
    name: str
    poster_path: NotRequired[str | None]


class People(TypedDict):
    creators: NotRequired[list[Person]]
    directors: NotRequired[list[Person]]
    writers: NotRequired[list[Person]]
    cast: NotRequired[list[CastMember]]
    crew: NotRequired[list[CrewMember]]


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
    external_ids: ExternalIds
    title: str | None
    titles: dict[str, str]
    original_title: str | None
    original_language: str | None
    alternative_titles: list[AlternativeTitle]
    overview: str | None
    overviews: dict[str, str]
    tagline: str | None
    taglines: dict[str, str]
    trailer: str | None
    videos: list[Video]
    homepage: str | None
    release_date: str | None
    year: int | None
    releases: list[Release]
    runtime: int | None
    status: str | None
    genres: list[str]
    keywords: list[str]
    keyword_ids: list[int]
    countries: list[str]
    country_codes: list[str]
    origin_countries: list[str]
    spoken_languages: list[str]
    studios: list[Company]
    certification: str | None
    collection: Collection | None
    distributor: str | None
    awards: str | None
    people: People
    ratings: dict[str, Rating]
    box_office: BoxOffice
    popularity: float | None
    logos: list[PictureCandidate]
    posters: list[PictureCandidate]
    backdrops: list[PictureCandidate]
    watch: dict[str, WatchOptions]
    recommendations: list[int]
    adult: bool | None
    video: bool | None
    softcore: bool | None


class Facts(TitleFacts, total=False):
    """And those that only shows have, or only films."""

    first_air_date: str | None
    last_air_date: str | None
    in_production: bool | None
    type: str | None
    season_count: int | None
    episode_count: int | None
    seasons: list[Season]
    next_episode: Episode | None
    last_episode: Episode | None
    networks: list[Company]


class SourceData(Facts, total=False):
    """What a source said of a title: what is empty is left out."""

    genre_ids: list[int]
    poster_path: str | None
    backdrop_path: str | None


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

# --- What they mean -----------------------------------------------------------------------------------------------


def is_gone(document: Document) -> bool:
    """Whether the document is a tombstone: TMDB no longer has the title.

    >>> is_gone({"_id": 603, "sources": {"tmdb": {"gone_at": "2026-11-21T08:15:30.123Z"}}}), is_gone({"_id": 604})
    (True, False)
    """
    slot = document["sources"].get("tmdb") if "sources" in document else None
    return slot is not None and bool(slot.get("gone_at"))


def names(rows: Iterable[Person | CastMember | CrewMember | Company] | None) -> list[str]:
    """The names of people, studios or networks, each once, in order.

    >>> names([{"id": 9340, "name": "Lana Wachowski"}, {"name": "Lilly Wachowski"}]), names(None)
    (['Lana Wachowski', 'Lilly Wachowski'], [])
    """
    return list(dict.fromkeys(row["name"] for row in rows or ()))


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


_SHOW_FACTS = frozenset(
    {"first_air_date", "last_air_date", "in_production", "season_count", "episode_count", "seasons", "networks"}
)
