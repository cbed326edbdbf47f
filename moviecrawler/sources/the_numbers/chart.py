"""The box-office chart of a day or a weekend."""

import re
from datetime import date
from typing import Any, Literal

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, TableRow, TitleTable
from moviecrawler.sources.the_numbers.naming import year_of
from moviecrawler.sources.the_numbers.page import text, tree
from moviecrawler.sources.the_numbers.tables import Columns, FilmRow, film_rows
from moviecrawler.sources.the_numbers.values import count, first_date, money

_COLUMNS: Columns = {
    "rank": ("rank",),
    "title": ("movie", "movietitle", "title", "film"),
    "distributor": ("distributor", "theatricaldistributor", "studio"),
    "gross": ("gross", "dailygross", "weekendgross"),
    "theaters": ("theaters", "theatres", "thtrs", "locations"),
    "total_gross": ("totalgross", "grosstodate"),
    "days": ("days", "daysinrelease"),
}
_REQUIRED = ("title", "gross", "total_gross")

_OWN_DAY = re.compile(r"box office", re.IGNORECASE)
_WEEKEND = 4  # days: a weekend is dated by its Friday or its Sunday, and a long one ends on Monday


def parse_chart(html: str, chart: Literal["daily", "weekend"], day: date, url: str, at: str) -> TitleTable:
    """The chart and its films, each film once; a day without films has no rows. ParseError for a damaged page.

    Also for a page whose heading has another day: the site shows some other chart rather than none.
    """
    root = tree(html)
    what = f"{chart} chart {day}"
    _require_day(root, what, day, _WEEKEND if chart == "weekend" else 0)
    rows = film_rows(root, what, _COLUMNS, _REQUIRED)
    films: dict[str, Movie] = {}
    for row in rows:
        films.setdefault(row.slug, _film(row))
    return TitleTable(
        source="the_numbers",
        url=url,
        at=at,
        chart=chart,
        date=day.isoformat(),
        rows=[_row(row) for row in rows],
        titles=list(films.values()),
    )


def _require_day(root: Any, what: str, day: date, tolerance: int) -> None:
    for heading in root.iter("h1"):
        words = text(heading)
        shown = first_date(words, day.year + 1) if _OWN_DAY.search(words) else None
        if shown and abs((shown - day).days) > tolerance:
            raise ParseError(f"The Numbers {what}: the page is that of {shown}")


def _row(row: FilmRow) -> TableRow:
    cell = row.cells
    return TableRow(
        rank=row.rank,
        title=row.title,
        source_id=row.slug,
        distributor=cell.get("distributor") or None,
        gross=money(cell["gross"]),
        theaters=count(cell.get("theaters", "")),
        total_gross=money(cell["total_gross"]),
        days=count(cell.get("days", "")),
    )


def _film(row: FilmRow) -> Movie:
    return Movie(
        source="the_numbers",
        part="chart",
        source_id=row.slug,
        title=row.title,
        year=year_of(row.slug),
        distributor=row.cells.get("distributor") or None,
    )
