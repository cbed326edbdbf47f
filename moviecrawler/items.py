"""The items that spiders yield: pydantic models without any logic about sites.

A :class:`Movie` or :class:`Show` is what ONE source says about one title at one time; ``policy.documents.merge``
combines the answers of all sources into the stored document. Field names are those of the document
(``docs/data-model.md``). Dates are ISO 8601 strings (``1999-03-31``), money is whole US dollars, runtimes are minutes,
languages are BCP 47 tags as TMDB spells them (``zh-CN``).
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PrivateAttr

from moviecrawler.documents import AnsweredSlot, Document, Images, Kind, Part, PictureRole, Source, Trending
from moviecrawler.documents.rows import (
    AlternativeTitle,
    CastMember,
    Company,
    CrewMember,
    Episode,
    Person,
    PictureCandidate,
    Release,
    Season,
    Video,
    WatchOptions,
)

KINDS: tuple[Kind, ...] = ("movies", "shows")


class Item(BaseModel):
    """The base of all items. A misspelt field is an error; it is not kept as an extra."""

    model_config = ConfigDict(extra="forbid")


RowT = TypeVar("RowT")
Rows = Annotated[list[RowT], PlainSerializer(lambda rows: rows)]
"""Rows of a field: plain objects, checked but not made into models, since a title has hundreds. Nobody changes them."""


class Rating(Item):
    """A score on the scale of the site it comes from (TMDB and IMDb 0-10, Rotten Tomatoes and Metacritic 0-100)."""

    score: float
    votes: int | None = None


class BoxOffice(Item):
    """Whole US dollars; None means unknown (sites write 0 for it)."""

    budget: int | None = None
    domestic: int | None = None
    international: int | None = None
    worldwide: int | None = None
    opening_weekend: int | None = None


class People(Item):
    creators: Rows[Person] = []
    directors: Rows[Person] = []
    writers: Rows[Person] = []
    cast: Rows[CastMember] = []
    crew: Rows[CrewMember] = []


class Collection(Item):
    id: int
    name: str
    poster_path: str | None = None


class ExternalIds(Item):
    """The title's ids at other houses; social networks as the name of the account."""

    imdb: str | None = None
    tvdb: int | None = None
    wikidata: str | None = None
    facebook: str | None = None
    instagram: str | None = None
    twitter: str | None = None


FetchReason = Literal["due", "manual", "feed", "reparse"]
"""Why a title was fetched: it was ``due`` by the refresh table; a person asked for it (``manual``: ``force=1`` or an
id); the changes ``feed`` listed it; or it was not fetched at all, a kept answer was parsed again (``reparse``)."""


class Raw(NamedTuple):
    """The answer as received: the URL without its key, and the decoded bytes."""

    url: str
    body: bytes


@dataclass(slots=True)
class ItemContext:
    """What travels with an item and is not said by a source: never exported, stored only where a pipeline does so.

    Of a title, its spider sets the first group (:meth:`Title.set_fetch`), the parser ``unreadable``, the pipelines
    ``slot`` and ``document``. Of a table, the resolve pipeline sets ``unmatched`` and ``found``. Of a picture, the
    images pipeline sets ``images``, or the spider that found no picture at the CDN.
    """

    fetched_at: str = ""
    """When the answer came, ISO 8601 in UTC with milliseconds."""
    fetch_reason: FetchReason = "due"
    """Only a fetch that was ``due`` counts as a cycle for freezing."""
    listed: bool = False
    """A listing led to the title: only then does the content filter apply."""
    trending: Trending | None = None
    """When a trending page listed the title."""
    raw: Raw | None = None
    """The answer as received, to be kept; None for a row of a table."""

    unreadable: tuple[str, ...] = ()
    """Fields for which the source sent something that could not be parsed."""
    slot: AnsweredSlot | None = None
    """What goes into the source's slot: made once, however often the title has to be merged."""
    document: Document | None = None
    """The stored document, once the title is durable."""

    unmatched: "Sequence[Unmatched]" = ()
    """The films of the table without a matching title."""
    found: Sequence[str] = ()
    """Keys of ``unmatched`` records whose film has been matched."""

    images: Images = field(default_factory=dict)
    """The parts of the document's ``images`` that were made of the picture: ``{"backdrop": {...}, ...}``."""


class _WithContext(Item):
    """An item with a context; a copy has a context of its own."""

    _context: ItemContext = PrivateAttr(default_factory=ItemContext)

    @property
    def context(self) -> ItemContext:
        return self._context

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied._context = copy(self._context)
        return copied


class Title(_WithContext):
    """The fields that films and shows share. ``id`` is TMDB's id, None until the resolve pipeline sets it."""

    kind: ClassVar[Kind]

    source: Source
    source_id: str
    part: Part = "title"
    id: int | None = None
    imdb_id: str | None = None
    external_ids: ExternalIds = ExternalIds()
    title: str | None = None
    titles: dict[str, str] = {}
    original_title: str | None = None
    original_language: str | None = None
    alternative_titles: Rows[AlternativeTitle] = []
    overview: str | None = None
    overviews: dict[str, str] = {}
    tagline: str | None = None
    taglines: dict[str, str] = {}
    trailer: str | None = None
    videos: Rows[Video] = []
    homepage: str | None = None
    release_date: str | None = None
    year: int | None = None
    releases: Rows[Release] = []
    runtime: int | None = None
    status: str | None = None
    genres: list[str] = []
    genre_ids: list[int] = []
    keywords: list[str] = []
    keyword_ids: list[int] = []
    countries: list[str] = []
    country_codes: list[str] = []
    origin_countries: list[str] = []
    spoken_languages: list[str] = []
    studios: Rows[Company] = []
    certification: str | None = None
    collection: Collection | None = None
    distributor: str | None = None
    awards: str | None = None
    people: People = People()
    ratings: dict[str, Rating] = {}
    box_office: BoxOffice = BoxOffice()
    popularity: float | None = None
    poster_path: str | None = None
    backdrop_path: str | None = None
    logos: Rows[PictureCandidate] = []
    posters: Rows[PictureCandidate] = []
    backdrops: Rows[PictureCandidate] = []
    watch: dict[str, WatchOptions] = {}
    recommendations: list[int] = []
    adult: bool | None = None
    video: bool | None = None
    softcore: bool | None = None

    def set_fetch(
        self,
        fetched_at: str,
        *,
        listed: bool = False,
        reason: FetchReason = "due",
        trending: Trending | None = None,
        raw: Raw | None = None,
    ) -> None:
        """Set when and why the title was fetched; called by the spider's callback."""
        context = self.context
        context.fetched_at, context.fetch_reason, context.listed = fetched_at, reason, listed
        context.trending, context.raw = trending, raw


class Movie(Title):
    kind: ClassVar[Kind] = "movies"


class Show(Title):
    """A show's ``release_date`` is its ``first_air_date``; its ``runtime`` is that of one episode."""

    kind: ClassVar[Kind] = "shows"

    first_air_date: str | None = None
    last_air_date: str | None = None
    in_production: bool | None = None
    type: str | None = None
    season_count: int | None = None
    episode_count: int | None = None
    seasons: Rows[Season] = []
    next_episode: Episode | None = None
    last_episode: Episode | None = None
    networks: Rows[Company] = []


class ChartRow(Item):
    rank: int
    kind: Kind
    id: int
    title: str | None = None


class ChartPage(Item):
    """One page of one day's chart: ``chart`` is ``trending/{media}/{window}``, ``date`` the UTC day."""

    chart: str
    date: str
    page: int = 1
    at: str
    rows: list[ChartRow]


class TableRow(Item):
    """A row of a box-office chart, as the page shows it; ``id`` is TMDB's, None until the row is matched."""

    rank: int
    title: str
    source_id: str
    id: int | None = None
    distributor: str | None = None
    gross: int | None = None
    theaters: int | None = None
    total_gross: int | None = None
    days: int | None = None


SEARCH: Literal["search"] = "search"
"""In place of a source: a title that a person searched for at TMDB."""


class Unmatched(Item):
    """A source's film without a matching title, with everything the source said about it.

    ``said`` is a dumped Movie; of a search (``source`` is ``search``) what was searched for, and ``results`` the titles
    that it may be. ``candidates`` are the TMDB ids that it may be; none means that no stored title matches.
    ``presumed`` is the id that it was matched to by its title, without the exact release day or a director to confirm
    it. Matched again when films arrive. Made by the resolve pipeline; a person settles it with ``scrapy match``.
    """

    source: Source | Literal["search"]
    source_id: str
    title: str | None = None
    year: int | None = None
    candidates: list[int] = []
    presumed: int | None = None
    said: dict[str, Any]
    results: list[dict[str, Any]] = []
    at: str


class Found(Item):
    """An ``unmatched`` record, by its ``_id``, whose title has been found since: it is deleted."""

    key: str


class TitleTable(_WithContext):
    """One page of a table of films: ONE item, however many rows, so that it costs one look-up and one write.

    ``chart`` (``daily``, ``weekend``) and ``date`` name the record in ``charts`` that the ``rows`` replace as a whole;
    for a table that is not a chart they are None and ``rows`` is empty. ``titles`` holds what the rows say about the
    films (``part`` tells which table).
    """

    source: Source
    url: str
    at: str
    chart: str | None = None
    date: str | None = None
    rows: list[TableRow] = []
    titles: list[Movie] = []

    def set_matches(self, ids: Mapping[str, int], unmatched: Sequence[Unmatched], found: Sequence[str]) -> None:
        """Set the TMDB ids of the films, by the source's own ids; called by the resolve pipeline."""
        for row in self.rows:
            row.id = ids.get(row.source_id)
        for title in self.titles:
            title.id = ids.get(title.source_id)
        self.context.unmatched, self.context.found = unmatched, found


class FailedLookup(Item):
    """A source was asked about a stored title and had nothing.

    ``reason`` is a kind of ``policy.network.answers``, or ``parse``. ``gone`` from TMDB leads to a tombstone;
    ``listed`` means that the API calls the title gone while TMDB's own daily export lists it. Every reason postpones
    the source's next refresh. ``listed``: a listing has shown the title in this run, so it may not be stored.
    """

    source: Source
    kind: Kind
    id: int
    listed: bool = False
    reason: str
    at: str


class Reject(Item):
    """An answer that could not be used, kept with its reason so that nothing is lost silently.

    ``reason`` is a kind of ``policy.network.answers`` (``gone``, ``failed`` ...), ``parse``, ``callback``, ``picture``
    or ``store``; ``detail`` says more (TMDB's code, the HTTP status, the exception). ``history`` lists every
    failed attempt at every host, in order: ``failed/500 from https://image.tmdb.org``.
    """

    url: str
    reason: str
    detail: str = ""
    status: int = 0
    tries: int = 1
    history: list[str] = []
    excerpt: str = ""
    spider: str
    at: str


class Dropped(Item):
    """A title that the content filter refused; not fetched again within 30 days, unless the filter is relaxed.

    ``reason`` and ``threshold`` are those of ``policy.documents.content_filter.FilterVerdict``.
    """

    kind: Kind
    id: int
    title: str | None = None
    reason: str
    threshold: int | float | str | None = None
    genre_ids: list[int] = []
    at: str


class Artwork(_WithContext):
    """A downloaded picture of a stored title, as received (``body``).

    ``role`` is the picture's place in the document's ``images``; ``source_path`` is TMDB's canonical path. ``logo``
    comes with a backdrop whose title backdrop is to show it, from ``logo_path``; empty: there is none at that path.
    """

    kind: Kind
    id: int
    role: PictureRole
    source_path: str
    url: str
    body: bytes = Field(repr=False)
    logo_path: str | None = None
    logo: bytes = Field(default=b"", repr=False)
