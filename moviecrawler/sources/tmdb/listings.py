"""Listings: trending titles, TMDB's own lists, discovered titles, what a search or an IMDb id finds, collections."""

from dataclasses import dataclass
from typing import Any, Literal

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.fields import (
    MAX_POPULARITY,
    MAX_VOTES,
    amount,
    boolean,
    count,
    iso_date,
    language_code,
    whole_number,
)
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.errors import require_object

PAGE_SIZE = 20

_KINDS: dict[str | None, Literal["movies", "shows"]] = {"movie": "movies", "tv": "shows"}


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A title in a listing; ``rank`` is its place from 1 on, counted over all pages."""

    kind: Literal["movies", "shows"]
    id: int
    title: str | None
    original_title: str | None
    release_date: str | None
    popularity: float | None
    vote_count: int
    vote_average: float | None
    genre_ids: tuple[int, ...]
    adult: bool | None
    original_language: str | None
    video: bool | None
    rank: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of an answer. ``total_pages`` is TMDB's own count (58,321 were seen); it serves 500 of them."""

    rows: list[ListingRow]
    page: int
    total_pages: int
    total_results: int


def parse_trending(payload: Any, page: int, media: Literal["movie", "tv", "all"]) -> list[ListingRow]:
    """The films and shows of a trending page, each once; people are skipped but keep their rank.

    Raises ParseError if the payload is not a listing.
    """
    return _rows(require_object(payload, "trending"), page, media, "trending")


def parse_listing(payload: Any, media: Literal["movie", "tv"] = "movie", what: str = "listing") -> Listing:
    """One page of ``discover_url``, ``list_url`` or ``search_url``; ``what`` names it in the error.

    Raises ParseError if the payload is not a listing, or does not say how many pages there are: stopping early without
    an error would leave titles out.
    """
    payload = require_object(payload, what)
    page, pages, results = (whole_number(payload.get(key)) for key in ("page", "total_pages", "total_results"))
    if pages is None:
        raise ParseError(f"TMDB {what}: total_pages is not a whole number")
    return Listing(_rows(payload, page or 1, media, what), page or 1, pages, results or 0)


def parse_find(payload: Any) -> list[tuple[Literal["movies", "shows"], int]]:
    """Kind and id of the films and shows with an IMDb id, films first; none if TMDB does not know it, or if it is that
    of a person or an episode.

    Raises ParseError if the payload is no such answer.

    >>> parse_find({"movie_results": [{"id": 603}], "person_results": [], "tv_results": []})
    [('movies', 603)]
    """
    payload = require_object(payload, "find")
    films, shows = (
        _rows(payload, 1, media, "find", key) for media, key in (("movie", "movie_results"), ("tv", "tv_results"))
    )
    return [(row.kind, row.id) for row in films + shows]


def parse_collection(payload: Any, collection_id: int) -> list[ListingRow]:
    """The films of a collection.

    Raises ParseError if the payload is not this collection.
    """
    payload = require_object(payload, "collection")
    if (id := count(payload.get("id"))) != collection_id:
        raise ParseError(f"TMDB collection: requested {collection_id}, but the answer is about {id}")
    return _rows(payload, 1, "movie", "collection", "parts")


def is_unexpectedly_empty(payload: Any, page: int) -> bool:
    """Whether a page of a listing, or of the changes feed, is empty though TMDB counts results on it.

    >>> is_unexpectedly_empty({"results": [], "total_pages": 4, "total_results": 61}, 3)
    True
    >>> is_unexpectedly_empty({"results": [], "total_pages": 1, "total_results": 0}, 1)
    False
    """
    if not isinstance(payload, dict) or payload.get("results") != []:
        return False
    pages = whole_number(payload.get("total_pages")) or 0
    return page < pages or (page == pages and bool(whole_number(payload.get("total_results"))))


def _rows(payload: dict[str, Any], page: int, media: str, what: str, key: str = "results") -> list[ListingRow]:
    results = payload.get(key)
    if not isinstance(results, list):
        raise ParseError(f"TMDB {what}: {key} is not a list")
    found: dict[tuple[str, int], ListingRow] = {}
    for rank, result in enumerate(results, (page - 1) * PAGE_SIZE + 1):
        if isinstance(result, dict) and (row := _row(result, media, rank)):
            found.setdefault((row.kind, row.id), row)
    return list(found.values())


def _row(row: dict[str, Any], media: str, rank: int) -> ListingRow | None:
    kind = _KINDS.get(text(row.get("media_type")) or media)
    number = count(row.get("id"))
    if kind is None or number is None:
        return None
    name, released = ("title", "release_date") if kind == "movies" else ("name", "first_air_date")
    genres = row.get("genre_ids")
    return ListingRow(
        kind=kind,
        id=number,
        title=text(row.get(name)),
        original_title=text(row.get(f"original_{name}")),
        release_date=iso_date(row.get(released)),
        popularity=amount(row.get("popularity"), most=MAX_POPULARITY),
        vote_count=count(row.get("vote_count"), most=MAX_VOTES) or 0,
        vote_average=amount(row.get("vote_average"), most=10),
        genre_ids=tuple(genre for value in genres if (genre := count(value))) if isinstance(genres, list) else (),
        adult=boolean(row.get("adult")),
        original_language=language_code(row.get("original_language")),
        video=boolean(row.get("video")),
        rank=rank,
    )
