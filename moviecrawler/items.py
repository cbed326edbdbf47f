"""The items that spiders yield: pydantic models without any logic about sites.

A :class:`Movie` or :class:`Show` is what ONE source says about one title at one time; ``policy.documents.merge``
combines the answers of all sources into the stored document. Field names are those of the document
(``docs/data-model.md``). Dates are ISO 8601 strings (``1999-03-31``), money is whole US dollars, runtimes are minutes,
languages are BCP 47 tags as TMDB spells them (``zh-CN``).
"""

from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

KINDS = ("movies", "shows")

Source = Literal["tmdb", "omdb", "the_numbers"]
Part = Literal["title", "budgets", "chart"]
"""Which page of the source the answer comes from: the title's own page, or a row of a table, which says less."""


class Item(BaseModel):
    """The base of all items. A misspelt field is an error; it is not kept as an extra."""

    model_config = ConfigDict(extra="forbid")


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


class Release(Item):
    """One release: ``type`` 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""

    country: str
    type: int | None = None
    date: str | None = None
    certification: str | None = None


class AlternativeTitle(Item):
    """Another title, and the country (ISO 3166-1) where the film is known by it."""

    country: str | None = None
    title: str


class CastMember(Item):
    name: str
    character: str | None = None


class People(Item):
    directors: list[str] = []
    writers: list[str] = []
    cast: list[CastMember] = []


class Collection(Item):
    id: int
    name: str


FetchReason = Literal["due", "manual", "feed", "reparse"]
"""Why a title was fetched: it was ``due`` by the refresh table; a person asked for it (``manual``: ``force=1`` or an
id); the changes ``feed`` listed it; or it was not fetched at all, a kept answer was parsed again (``reparse``)."""


class Raw(NamedTuple):
    """The answer as received: the URL without its key, and the decoded bytes."""

    url: str
    body: bytes


class Title(Item):
    """The fields that films and shows share. ``id`` is TMDB's id, None until the resolve pipeline sets it."""

    kind: ClassVar[Literal["movies", "shows"]]

    source: Source
    source_id: str
    part: Part = "title"
    id: int | None = None
    imdb_id: str | None = None
    title: str | None = None
    titles: dict[str, str] = {}
    original_title: str | None = None
    original_language: str | None = None
    alternative_titles: list[AlternativeTitle] = []
    overview: str | None = None
    overviews: dict[str, str] = {}
    tagline: str | None = None
    taglines: dict[str, str] = {}
    trailer: str | None = None
    homepage: str | None = None
    release_date: str | None = None
    year: int | None = None
    releases: list[Release] = []
    runtime: int | None = None
    status: str | None = None
    genres: list[str] = []
    genre_ids: list[int] = []
    keywords: list[str] = []
    countries: list[str] = []
    country_codes: list[str] = []
    studios: list[str] = []
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
    adult: bool | None = None

    _unreadable: tuple[str, ...] = PrivateAttr(default=())
    _listed: bool = PrivateAttr(default=False)
    _fetch_reason: FetchReason = PrivateAttr(default="due")
    _raw: Raw | None = PrivateAttr(default=None)
    _fetched_at: str = PrivateAttr(default="")
    _trending: dict[str, Any] | None = PrivateAttr(default=None)
    _slot: dict[str, Any] | None = PrivateAttr(default=None)
    _document: dict[str, Any] | None = PrivateAttr(default=None)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Fields for which the source sent something that could not be parsed."""
        return self._unreadable

    def add_unreadable(self, field: str) -> None:
        """Record a field that could not be parsed; called by the parser."""
        self._unreadable += (field,)

    @property
    def listed(self) -> bool:
        """True when a listing led to the title: only then does the content filter apply."""
        return self._listed

    @property
    def fetch_reason(self) -> FetchReason:
        """Why the source was asked: only a fetch that was ``due`` counts as a cycle for freezing."""
        return self._fetch_reason

    @property
    def raw(self) -> Raw | None:
        """The answer as received, to be kept; None for a row of a table."""
        return self._raw

    @property
    def fetched_at(self) -> str:
        """When the answer came, ISO 8601 in UTC with milliseconds; empty before :meth:`set_fetch`."""
        return self._fetched_at

    @property
    def trending(self) -> dict[str, Any] | None:
        """``{"window", "rank", "at"}`` when a trending page listed the title."""
        return self._trending

    @property
    def document(self) -> dict[str, Any] | None:
        """The stored document, once the store pipeline has made it durable."""
        return self._document

    def set_fetch(
        self,
        fetched_at: str,
        *,
        listed: bool = False,
        reason: FetchReason = "due",
        trending: dict[str, Any] | None = None,
        raw: Raw | None = None,
    ) -> None:
        """Set when and why the title was fetched; called by the spider's callback."""
        self._fetched_at, self._listed, self._trending = fetched_at, listed, trending
        self._fetch_reason, self._raw = reason, raw

    @property
    def slot(self) -> dict[str, Any] | None:
        """The source's slot, once the merge pipeline has made it."""
        return self._slot

    def set_slot(self, slot: dict[str, Any]) -> None:
        """Called by the merge pipeline."""
        self._slot = slot

    def set_document(self, document: dict[str, Any]) -> None:
        """Called by the store pipeline."""
        self._document = document


class Movie(Title):
    kind: ClassVar[Literal["movies", "shows"]] = "movies"


class Show(Title):
    """A show's ``release_date`` is its ``first_air_date``; its ``runtime`` is that of one episode."""

    kind: ClassVar[Literal["movies", "shows"]] = "shows"

    creators: list[str] = []
    first_air_date: str | None = None
    last_air_date: str | None = None
    in_production: bool | None = None
    type: str | None = None
    seasons: int | None = None
    episodes: int | None = None
    networks: list[str] = []


class ChartRow(Item):
    rank: int
    kind: Literal["movies", "shows"]
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


class Unmatched(Item):
    """A source's film without a matching title, with everything the source said about it.

    ``said`` is a dumped Movie. ``candidates`` are the TMDB ids that it may be; none means that no stored title matches.
    ``presumed`` is the id that it was matched to by its title, without the exact release day or a director to confirm
    it. Matched again when films arrive. Made by the resolve pipeline; a person settles it with ``scrapy match``.
    """

    source: Source
    source_id: str
    title: str | None = None
    year: int | None = None
    candidates: list[int] = []
    presumed: int | None = None
    said: dict[str, Any]
    at: str


class TitleTable(Item):
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

    _unmatched: list[Unmatched] = PrivateAttr(default_factory=list)
    _found: list[str] = PrivateAttr(default_factory=list)

    @property
    def unmatched(self) -> list[Unmatched]:
        """The films of the table without a matching title."""
        return self._unmatched

    @property
    def found(self) -> list[str]:
        """Keys of ``unmatched`` records whose film has been matched."""
        return self._found

    def set_matches(self, ids: dict[str, int], unmatched: list[Unmatched], found: list[str]) -> None:
        """Set the TMDB ids of the films, by the source's own ids; called by the resolve pipeline."""
        for row in self.rows:
            row.id = ids.get(row.source_id)
        for title in self.titles:
            title.id = ids.get(title.source_id)
        self._unmatched, self._found = unmatched, found


class FailedLookup(Item):
    """A source was asked about a stored title and had nothing.

    ``reason`` is a kind of ``policy.network.answers``, or ``parse``. ``gone`` from TMDB leads to a tombstone;
    ``listed`` means that the API calls the title gone while TMDB's own daily export lists it. Every reason postpones
    the source's next refresh. ``listed``: a listing has shown the title in this run, so it may not be stored.
    """

    source: Source
    kind: Literal["movies", "shows"]
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

    kind: Literal["movies", "shows"]
    id: int
    title: str | None = None
    reason: str
    threshold: int | float | str | None = None
    genre_ids: list[int] = []
    at: str


class Artwork(Item):
    """A downloaded picture of a stored title, as received (``body``).

    ``role`` is the picture's place in the document's ``images``; ``source_path`` is TMDB's canonical path.
    """

    kind: Literal["movies", "shows"]
    id: int
    role: Literal["poster", "backdrop"]
    source_path: str
    url: str
    body: bytes = Field(repr=False)

    _parts: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of ``images`` that the pipeline made: ``{"backdrop": {...}, "title_backdrop": {...}}``."""
        return self._parts

    def set_parts(self, parts: dict[str, Any]) -> None:
        """Called by the images pipeline."""
        self._parts = parts
