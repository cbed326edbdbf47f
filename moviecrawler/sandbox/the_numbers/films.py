"""The films of The Numbers: their slugs and figures."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.box_office import complete_box_office
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.tables import COUNTRIES
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.the_numbers import naming
from moviecrawler.sandbox.the_numbers.unmatched_films import FIRST_UNMATCHED_ID, unmatched_films

_YEAR_IN_SLUG_FROM = 2010
_COVERED_LAST_TWO_DIGITS = range(40, 60)  # number % 100 of the invented films that the site has
_DISTRIBUTORS = (
    *("Lantern Bros.", "20th Meridian", "Ninth Reel Releasing", "Tidewater & Sons", "Copper Moth Classics"),
    "Ferryman’s Pictures",
)


class Film(NamedTuple):
    """A film of the site; money in USD, 0 if unknown. ``date``: may be only a year, or ""."""

    slug: str
    title: str
    year: str
    date: str
    budget: int
    domestic: int
    worldwide: int
    certification: str
    distributor: str
    runtime: int
    tmdb_id: int | None  # None: a film that TMDB does not have
    edge_cases: frozenset[str]
    opening: int | None = None  # None: derived from its theatrical run

    @property
    def release_day(self) -> dt.date | None:
        """The first day in cinemas."""
        return _day(self.date)


def _day(date: str) -> dt.date | None:
    """None for a year alone and for ""; raises ValueError for a day that does not exist."""
    return dt.date.fromisoformat(date) if len(date) > 4 else None


_PATCHABLE: dict[str, type] = {
    **dict.fromkeys(("budget", "domestic", "worldwide", "opening", "runtime"), int),
    **dict.fromkeys(("title", "year", "date", "certification", "distributor"), str),
}


class Films:
    """All films by slug, by budget and by release date. Making it takes about 0.1 ms per film of the catalogue."""

    def __init__(self, catalogue: Catalogue, today: dt.date) -> None:
        self._catalogue = catalogue
        self._unmatched_films: dict[str, Work] = {}
        self._films: dict[str, Film] = {}
        for work in _listed(catalogue, today):
            film = _film(work, self._films)
            self._films[film.slug] = film
            if film.tmdb_id is None:
                self._unmatched_films[film.slug] = work
        self._sort()

    def get(self, slug: str) -> Film | None:
        """The film at a slug."""
        return self._films.get(slug)

    def work_of(self, slug: str) -> Work:
        """The work that the film at a slug was made from."""
        tmdb_id = self._films[slug].tmdb_id
        work = self._unmatched_films[slug] if tmdb_id is None else self._catalogue.get_even_if_removed("movie", tmdb_id)
        assert work is not None
        return work

    def all(self) -> Iterator[Film]:
        """Every film; those that TMDB does not have come last."""
        return iter(self._films.values())

    def released_between(self, first: dt.date, last: dt.date) -> list[Film]:
        """The films whose first day in cinemas is from ``first`` to ``last``, both inclusive."""
        low = bisect_left(self._by_date, (first.isoformat(), ""))
        high = bisect_right(self._by_date, (last.isoformat(), "\uffff"))
        return [self._films[slug] for _, slug in self._by_date[low:high]]

    def patch(self, slug: str, fields: Mapping[str, Any]) -> bool:
        """Change fields of a film; False if there is no such film. Raises ValueError for an invalid field or value."""
        if slug not in self._films:
            return False
        for name, value in fields.items():
            if _PATCHABLE.get(name) is not type(value):
                raise ValueError(f"{name}={value!r}: must be a field of a film of The Numbers, of its type")
        film = self._films[slug]._replace(**fields)
        if not film.year.isdecimal() and film.year:
            raise ValueError(f"year={film.year!r}: must be a year")
        _day(film.date)
        self._films[slug] = film
        self._sort()
        return True

    def remove(self, slug: str) -> bool:
        """Remove a film; False if there was none."""
        found = self._films.pop(slug, None) is not None
        self._sort()
        return found

    def _sort(self) -> None:
        films = [film for film in self._films.values() if film.budget]
        self.by_budget = sorted(films, key=lambda film: (-film.budget, film.slug))
        self._by_date = sorted((film.date, film.slug) for film in self._films.values() if film.release_day)


def _listed(catalogue: Catalogue, today: dt.date) -> Iterator[Work]:
    for work in catalogue.initial_works("movie", _COVERED_LAST_TWO_DIGITS):
        if not work.is_real or any(complete_box_office(work)):
            yield work
    yield from unmatched_films(catalogue.seed, today)


def _film(work: Work, taken: dict[str, Film]) -> Film:
    name = naming.site_title(work)
    figures = complete_box_office(work)
    number = seeded.bits("the numbers", work.id)
    distributor = _DISTRIBUTORS[number % len(_DISTRIBUTORS)]
    return Film(
        slug=_slug(work, name, taken),
        title=naming.garble(name) if naming.is_garbled(work) else name,
        year=_year(work),
        date=_date(work),
        budget=figures.budget,
        domestic=0 if "TN no gross" in work.edge_cases else figures.domestic,
        worldwide=_worldwide(work),
        certification={"NR": "Not Rated"}.get(work.certification, work.certification),
        distributor="" if "TN no distributor" in work.edge_cases else _spelled(distributor, number),
        runtime=work.runtime or 0,
        tmdb_id=None if work.id >= FIRST_UNMATCHED_ID else work.id,
        edge_cases=work.edge_cases,
    )


def _spelled(distributor: str, number: int) -> str:
    return naming.garble(distributor) if number // 7 % 2 else distributor


def _worldwide(work: Work) -> int:
    figures = complete_box_office(work)
    if "TN no gross" in work.edge_cases:
        return 0
    return figures.domestic if "TN domestic only" in work.edge_cases else figures.worldwide


def _year(work: Work) -> str:
    """The year of heading and slug, for some films that of the release in another country."""
    if not work.year:
        return ""
    shift = ("TN year later" in work.edge_cases) - ("TN year earlier" in work.edge_cases)
    return str(int(work.year) + shift)


def _date(work: Work) -> str:
    if "TN date unknown" in work.edge_cases:
        return ""
    return work.year if "TN date is a year" in work.edge_cases else work.row.date


def _slug(work: Work, name: str, taken: dict[str, Film]) -> str:
    """The first form of the slug that is not taken; newer films have their year even if no other film has the name."""
    base, year = naming.slug(name) or str(work.id), _year(work)
    country = COUNTRIES[work.row.countries[0]].replace(" ", "-") if work.row.countries else "Unknown"
    bare = not year or int(year) < _YEAR_IN_SLUG_FROM or "TN no year in slug" in work.edge_cases
    forms = [*([base] if bare else []), f"{base}-({year})", f"{base}-({year}-{country})"]
    return next((form for form in forms if form not in taken), f"{base}-({year}-{work.id})")
