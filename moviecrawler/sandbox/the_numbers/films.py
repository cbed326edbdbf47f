"""Which films The Numbers has, under which slug, and what it says of them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.box_office import gross
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.tables import COUNTRIES
from moviecrawler.sandbox.catalogue.works import Title
from moviecrawler.sandbox.the_numbers import naming
from moviecrawler.sandbox.the_numbers.unmatched_films import FIRST_STRANGER_ID, strangers

_NEWER = 2010
_COVERED = range(40, 60)  # how the numbers of invented films end
_DISTRIBUTORS = (
    *("Lantern Bros.", "20th Meridian", "Ninth Reel Releasing", "Tidewater & Sons", "Copper Moth Classics"),
    "Ferryman’s Pictures",
)


class Film(NamedTuple):
    """One film of the site; money in USD, 0 where it is not known. ``date`` may be a year alone, or ""."""

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
    odd: frozenset[str]
    opening: int | None = None  # None: as the run has it

    @property
    def released(self) -> dt.date | None:
        """The first day in cinemas."""
        return _day(self.date)


def _day(date: str) -> dt.date | None:
    """None for a year alone and for ""; raises ValueError for a day that does not exist."""
    return dt.date.fromisoformat(date) if len(date) > 4 else None


_PATCHED = {
    **dict.fromkeys(("budget", "domestic", "worldwide", "opening", "runtime"), int),
    **dict.fromkeys(("title", "year", "date", "certification", "distributor"), str),
}


class Films:
    """All films by slug, by budget and by date of release. Making it takes about 0.1 ms a film of the catalogue."""

    def __init__(self, catalogue: Catalogue, today: dt.date) -> None:
        self._catalogue = catalogue
        self._strangers: dict[str, Title] = {}
        self._films: dict[str, Film] = {}
        for title in _listed(catalogue, today):
            film = _film(title, self._films)
            self._films[film.slug] = film
            if film.tmdb_id is None:
                self._strangers[film.slug] = title
        self._sort()

    def get(self, slug: str) -> Film | None:
        """The film at a slug."""
        return self._films.get(slug)

    def title(self, slug: str) -> Title:
        """What else is known about the film at a slug."""
        tmdb_id = self._films[slug].tmdb_id
        title = self._strangers[slug] if tmdb_id is None else self._catalogue.made("movie", tmdb_id)
        assert title is not None
        return title

    def all(self) -> Iterator[Film]:
        """Every film, those that TMDB does not have last."""
        return iter(self._films.values())

    def released_between(self, first: dt.date, last: dt.date) -> list[Film]:
        """The films whose first day in cinemas was then, both ends included."""
        low = bisect_left(self._by_date, (first.isoformat(), ""))
        high = bisect_right(self._by_date, (last.isoformat(), "\uffff"))
        return [self._films[slug] for _, slug in self._by_date[low:high]]

    def patch(self, slug: str, fields: dict[str, Any]) -> bool:
        """Change what the site says; False when it has no such film. Raises ValueError for a field it has not."""
        if slug not in self._films:
            return False
        for name, value in fields.items():
            if _PATCHED.get(name) is not type(value):
                raise ValueError(f"a film of The Numbers has no {name}={value!r}")
        film = self._films[slug]._replace(**fields)
        if not film.year.isdecimal() and film.year:
            raise ValueError(f"year={film.year!r} is no year")
        _day(film.date)
        self._films[slug] = film
        self._sort()
        return True

    def remove(self, slug: str) -> bool:
        """The film is gone from now on; False when there was none."""
        found = self._films.pop(slug, None) is not None
        self._sort()
        return found

    def _sort(self) -> None:
        films = [film for film in self._films.values() if film.budget]
        self.by_budget = sorted(films, key=lambda film: (-film.budget, film.slug))
        self._by_date = sorted((film.date, film.slug) for film in self._films.values() if film.released)


def _listed(catalogue: Catalogue, today: dt.date) -> Iterator[Title]:
    for title in catalogue.as_started("movie", _COVERED):
        if not title.real or any(gross(title)):
            yield title
    yield from strangers(catalogue.seed, today)


def _film(title: Title, taken: dict[str, Film]) -> Film:
    name = naming.shown(title)
    figures = gross(title)
    number = seeded.bits("the numbers", title.id)
    distributor = _DISTRIBUTORS[number % len(_DISTRIBUTORS)]
    return Film(
        slug=_slug(title, name, taken),
        title=naming.garbled(name) if naming.garbles(title) else name,
        year=_year(title),
        date=_date(title),
        budget=figures.budget,
        domestic=0 if "TN no gross" in title.odd else figures.domestic,
        worldwide=_worldwide(title),
        certification={"NR": "Not Rated"}.get(title.certification, title.certification),
        distributor="" if "TN no distributor" in title.odd else _spelled(distributor, number),
        runtime=title.runtime or 0,
        tmdb_id=None if title.id >= FIRST_STRANGER_ID else title.id,
        odd=title.odd,
    )


def _spelled(distributor: str, number: int) -> str:
    return naming.garbled(distributor) if number // 7 % 2 else distributor


def _worldwide(title: Title) -> int:
    figures = gross(title)
    if "TN no gross" in title.odd:
        return 0
    return figures.domestic if "TN domestic only" in title.odd else figures.worldwide


def _year(title: Title) -> str:
    """The year of the heading and the slug, which for some is that of another country."""
    if not title.year:
        return ""
    shift = ("TN year later" in title.odd) - ("TN year earlier" in title.odd)
    return str(int(title.year) + shift)


def _date(title: Title) -> str:
    if "TN date unknown" in title.odd:
        return ""
    return title.year if "TN date is a year" in title.odd else title.row.date


def _slug(title: Title, name: str, taken: dict[str, Film]) -> str:
    """The first of its forms that is free; newer films carry their year even where nothing else is called so."""
    base, year = naming.slug(name) or str(title.id), _year(title)
    country = COUNTRIES[title.row.countries[0]].replace(" ", "-") if title.row.countries else "Unknown"
    bare = not year or int(year) < _NEWER or "TN no year in slug" in title.odd
    forms = [*([base] if bare else []), f"{base}-({year})", f"{base}-({year}-{country})"]
    return next((form for form in forms if form not in taken), f"{base}-({year}-{title.id})")
