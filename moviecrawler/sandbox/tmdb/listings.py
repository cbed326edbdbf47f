"""Pages of 20 works: /trending, /discover, /search and TMDB's own lists. The API serves the first 500 pages only."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS, IndexRow, Kind
from moviecrawler.sandbox.faults.errors import TmdbError
from moviecrawler.sandbox.tmdb import named_lists
from moviecrawler.sandbox.tmdb.details import listing_row
from moviecrawler.sandbox.tmdb.search import Found, TitleSearch, people, wanted_text

PAGE = 20
LAST_PAGE = 500
_MAX_CACHED = 32  # complete result lists that are cached for paging, by least recent use

_SORTS: dict[str, Callable[[IndexRow], float | str]] = {
    "popularity": lambda row: row.popularity,
    "primary_release_date": lambda row: row.date,
    "release_date": lambda row: row.date,
    "first_air_date": lambda row: row.date,
    "vote_count": lambda row: row.votes,
    "vote_average": lambda row: row.average,
}


def page_number(query: Mapping[str, str], last: int = LAST_PAGE) -> int:
    """The requested page; raises ``ApiError(22)`` unless it is a whole number from 1 to ``last``."""
    text = query.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= last:
        raise TmdbError(22)
    return int(text)


class Listings:
    """Pages of works, with the totals of all pages, including those that are not served."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._results: OrderedDict[tuple[object, ...], array[int]] = OrderedDict()
        self._version = catalogue.version
        self._search = TitleSearch(catalogue)

    def discover(self, kind: Kind, query: Mapping[str, str]) -> dict[str, Any]:
        """/discover/movie and /discover/tv."""
        page = page_number(query)
        key = (kind, *sorted((name, value) for name, value in query.items() if name not in ("page", "language")))
        found = self._cached(key, lambda: self._discover(kind, query))
        return self._page(found, page, query.get("language", ""), [kind], media_type=False)

    def trending(self, media: str, window: str, query: Mapping[str, str]) -> dict[str, Any]:
        """/trending/{movie|tv|all}/{day|week}. The last film of page 1 is repeated as the first of page 2."""
        page = page_number(query)
        kinds = [kind for kind in KINDS if media in (kind, "all")]
        found = self._cached(("trending", media, window), lambda: self._trending(kinds, window))
        return self._page(found, page, query.get("language", ""), kinds, media_type=True)

    def named_list(self, kind: Kind, name: str, query: Mapping[str, str]) -> dict[str, Any]:
        """/movie/popular and the others of ``named_lists``; with ``dates`` where TMDB has them."""
        page = page_number(query)
        found = self._cached((name, kind), lambda: named_lists.find(self._catalogue, kind, name))
        answer = self._page(found, page, query.get("language", ""), [kind], media_type=False)
        limits = named_lists.window(self._catalogue, name)
        return answer | ({"dates": limits._asdict()} if limits else {})

    def search(self, kind: Kind, query: Mapping[str, str]) -> dict[str, Any]:
        """/search/movie and /search/tv."""
        page = page_number(query)
        wanted_text(query)  # an error is none of the results that are kept
        key = (
            "search",
            kind,
            *sorted((name, value) for name, value in query.items() if name not in ("page", "language")),
        )
        found = self._cached(key, lambda: [one.row.id for one in self._search.find([kind], query)])
        return self._page(found, page, query.get("language", ""), [kind], media_type=False)

    def search_multi(self, query: Mapping[str, str]) -> dict[str, Any]:
        """/search/multi: films and shows that are called so, then the people of real works, then other works."""
        page, language = page_number(query), query.get("language", "")
        works = self._search.find(KINDS, query)
        called_so = sum(one.rank == 0 for one in works)
        found: list[Found | dict[str, Any]] = [*works[:called_so]]
        found += people(self._catalogue, query, lambda work: listing_row(work, language, work.kind))
        found += works[called_so:]
        shown = found[(page - 1) * PAGE : page * PAGE]
        rows = [self._row(one.kind, one.row.id, language, one.kind) if isinstance(one, Found) else one for one in shown]
        return _envelope(page, list(filter(None, rows)), len(found))

    def _cached(self, key: tuple[object, ...], find: Callable[[], Sequence[int]]) -> array[int]:
        if self._version != self._catalogue.version:
            self._results.clear()
            self._version = self._catalogue.version
        if key not in self._results:
            self._results[key] = array("q", find())
            if len(self._results) > _MAX_CACHED:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key]

    def _discover(self, kind: Kind, query: Mapping[str, str]) -> list[int]:
        filters = _filters(kind, query)
        rows = [row for row in self._catalogue.rows(kind).values() if all(matches(row) for matches in filters)]
        name, _, direction = query.get("sort_by", "popularity.desc").partition(".")
        rows.sort(key=lambda row: row.id)  # a stable order among equals
        rows.sort(key=_SORTS.get(name, _SORTS["popularity"]), reverse=direction != "asc")
        return [row.id for row in rows]

    def _trending(self, kinds: list[Kind], window: str) -> list[int]:
        scored = [
            (
                row.popularity * (1 + self._catalogue.random_bits("trending", window, kind, row.id) % 100 / 100),
                sign * row.id,
            )
            for kind, sign in zip(KINDS, (1, -1), strict=True)
            if kind in kinds
            for row in self._catalogue.rows(kind).values()
        ]
        ids = [identity for _, identity in sorted(scored, reverse=True)]
        return ids[:PAGE] + ids[PAGE - 1 : PAGE] + ids[PAGE:] if len(ids) > PAGE else ids

    def _page(
        self, ids: array[int], page: int, language: str, kinds: list[Kind], *, media_type: bool
    ) -> dict[str, Any]:
        results = []
        for signed in ids[(page - 1) * PAGE : page * PAGE]:
            # In a mixed listing the ids of shows are negative, since both kinds use the same numbers.
            kind: Kind = "tv" if signed < 0 else kinds[0] if len(kinds) == 1 else "movie"
            if row := self._row(kind, abs(signed), language, kind if media_type else ""):
                results.append(row)
        return _envelope(page, results, len(ids))

    def _row(self, kind: Kind, identity: int, language: str, media_type: str) -> dict[str, Any] | None:
        work = self._catalogue.get(kind, identity)
        if work is None:
            return None
        return self._catalogue.with_patches(kind, listing_row(work, language, media_type), row=True)


def _envelope(page: int, results: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {"page": page, "results": results, "total_pages": max(1, -(-total // PAGE)), "total_results": total}


def _filters(kind: Kind, query: Mapping[str, str]) -> list[Callable[[IndexRow], bool]]:
    filters: list[Callable[[IndexRow], bool]] = []
    # As on the live API, what only the other kind has is ignored.
    for name in ("primary_release_date", "release_date") if kind == "movie" else ("first_air_date",):
        if low := query.get(f"{name}.gte"):
            filters.append(_is_from(low))
        if high := query.get(f"{name}.lte"):
            filters.append(_is_up_to(high))
    if (votes := _number(query, "vote_count.gte")) is not None:
        filters.append(lambda row: row.votes >= votes)
    if (average := _number(query, "vote_average.gte")) is not None:
        filters.append(lambda row: row.average >= average)
    for name in ("primary_release_year", "year") if kind == "movie" else ("first_air_date_year",):
        if (year := query.get(name, "")).isdecimal():
            filters.append(_is_in(year))
    if language := query.get("with_original_language"):
        filters.append(lambda row: row.language in language.split("|"))
    if region := query.get("region"):
        filters.append(lambda row: region in row.countries)
    if genres := query.get("with_genres"):
        every = [set(part.split("|")) for part in genres.split(",")]
        filters.append(lambda row: all(wanted & set(map(str, row.genres)) for wanted in every))
    return filters


def _is_from(day: str) -> Callable[[IndexRow], bool]:
    return lambda row: row.date >= day


def _is_up_to(day: str) -> Callable[[IndexRow], bool]:
    return lambda row: "" < row.date <= day


def _is_in(year: str) -> Callable[[IndexRow], bool]:
    return lambda row: row.date[:4] == year


def _number(query: Mapping[str, str], name: str) -> float | None:
    try:
        return float(query[name])
    except (KeyError, ValueError):
        return None  # the API ignores invalid numbers here
