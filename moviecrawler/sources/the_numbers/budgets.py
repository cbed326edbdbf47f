"""The table of budgets: 100 films per page, the box office of thousands of films with the fewest requests."""

import re

from moviecrawler.exceptions import ParseError
from moviecrawler.items import BoxOffice, Movie, TitleTable
from moviecrawler.sources.the_numbers.naming import year_of
from moviecrawler.sources.the_numbers.page import tree
from moviecrawler.sources.the_numbers.tables import Columns, FilmRow, film_rows
from moviecrawler.sources.the_numbers.values import first_date, first_year, money

_COLUMNS: Columns = {
    "rank": ("rank",),
    "release_date": ("releasedate", "released", "release"),
    "title": ("movie", "movietitle", "title", "film"),
    "budget": ("productionbudget", "budget"),
    "domestic": ("domesticgross", "domesticboxoffice", "domestic"),
    "worldwide": ("worldwidegross", "worldwideboxoffice", "worldwide"),
}
_REQUIRED = ("title", "budget", "domestic", "worldwide")

_PAGE = re.compile(r"/movie/budgets/all/([0-9]{1,9})(?![0-9])")

YEARS_ANNOUNCED_AHEAD = 5
"""Years ahead for which releases are announced; a later date is that of an old film, a century late."""


def parse_budgets(html: str, url: str, at: str) -> TitleTable:
    """The films of a page, each once; ``at`` (ISO 8601) is when it was fetched. ParseError for a damaged page."""
    rows, following = _read(html)
    if following and rows[-1].place < (stated := following - rows[0].rank):
        raise ParseError(f"The Numbers budgets: half loaded, {rows[-1].place} of {stated} rows")
    latest = int(at[:4]) + YEARS_ANNOUNCED_AHEAD
    films: dict[str, Movie] = {}
    for row in rows:
        films.setdefault(row.slug, _film(row, latest))
    return TitleTable(source="the_numbers", url=url, at=at, titles=list(films.values()))


def next_budgets_start(html: str) -> int | None:
    """The first rank of the next page, if this page links to it. ParseError for a damaged page."""
    return _read(html)[1]


def _read(html: str) -> tuple[list[FilmRow], int | None]:
    """The rows, and the first rank of the next page; the last page and an empty one link to none."""
    root = tree(html)
    rows = film_rows(root, "budgets", _COLUMNS, _REQUIRED)
    starts = (int(found[1]) for link in root.iter("a") if (found := _PAGE.search(link.get("href", ""))))
    return rows, min((start for start in starts if rows and start > rows[0].rank), default=None)


def _film(row: FilmRow, latest: int) -> Movie:
    shown = row.cells.get("release_date", "")
    released = first_date(shown, latest)
    return Movie(
        source="the_numbers",
        part="budgets",
        source_id=row.slug,
        title=row.title,
        year=released.year if released else first_year(shown) or year_of(row.slug),
        release_date=released.isoformat() if released else None,
        box_office=BoxOffice(
            budget=money(row.cells["budget"]),
            domestic=money(row.cells["domestic"]),
            worldwide=money(row.cells["worldwide"]),
        ),
    )
