"""Finds a table by the text of its headers, whatever their order, ids and classes.

Works for both generations of the layout: columns come and go (the distributor went in 2026), headers may have U+00A0
or be empty.
A missing, doubled, mixed-up or half-loaded table is a ParseError that says which, so that a damaged page is never
taken for a short one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.the_numbers.naming import article_first, slug_of, title_of
from moviecrawler.sources.the_numbers.page import breaks_off, text
from moviecrawler.sources.the_numbers.values import count

Columns = Mapping[str, tuple[str, ...]]
"""Our name of a column -> how its header may be spelt, as :func:`normalised_label` returns it."""

_UNSPELT = re.compile(r"[^a-z0-9%]+")
_CUT = ("…", "...")


class FilmRow(NamedTuple):
    """A film's row; ``cells`` has the text of each column that the table has."""

    place: int
    slug: str
    title: str
    cells: dict[str, str]

    @property
    def rank(self) -> int:
        """The rank on the page, else the place in the table (a preview has no rank)."""
        return count(self.cells.get("rank", "")) or self.place


class _Found(NamedTuple):
    """A table with its header; ``twice`` is a column that it has more than once."""

    table: Any
    header: list[str]
    where: dict[str, int]
    twice: str | None
    below: list[Any]


def film_rows(root: Any, what: str, columns: Columns, required: tuple[str, ...]) -> list[FilmRow]:
    """The films of the one table that has the ``required`` columns; the column ``title`` links to each film.

    Of several such tables the one with the most ``columns`` counts: that for phones shows fewer.
    """
    found = [table for element in root.iter("table") if (table := _with_header(element, columns))]
    best = [table for table in found if table.where.keys() >= set(required)]
    most = max((len(table.where) for table in best), default=0)
    best = [table for table in best if len(table.where) == most]
    if len(best) > 1:
        raise ParseError(f"The Numbers {what}: the table is there {len(best)} times")
    if breaks_off(root, [one.table for one in best]):
        raise ParseError(f"The Numbers {what}: half loaded, the page breaks off")
    if not best:
        nearest = max((table.where for table in found), key=len, default={})
        missing = ", ".join(name for name in required if name not in nearest)
        raise ParseError(f"The Numbers {what}: no table with all columns, missing: {missing}")
    if best[0].twice:
        raise ParseError(f"The Numbers {what}: the column {best[0].twice} is there twice")
    return list(_films(best[0], what))


def _with_header(table: Any, columns: Columns) -> _Found | None:
    """The table, if one of its rows has the headers of two or more columns; a caption may be above it."""
    rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    for number, row in enumerate(rows):
        header = [normalised_label(text(cell)) for cell in _cells(row)]
        where, twice = {}, None
        for name, spellings in columns.items():
            places = [place for place, label in enumerate(header) if label in spellings]
            if places:
                where[name] = places[0]
            if len(places) > 1:
                twice = name
        if header[:1] == [""]:
            where.setdefault("rank", 0)
        if len(where) > 1:
            return _Found(table, header, where, twice, rows[number + 1 :])
    return None


def normalised_label(label: str) -> str:
    """A label without the differences between pages.

    >>> normalised_label("Production\\u00a0Budget:"), normalised_label("%LW")
    ('productionbudget', '%lw')
    """
    return _UNSPELT.sub("", label.lower())


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _films(found: _Found, what: str) -> Iterator[FilmRow]:
    place, films = 0, 0
    for row in found.below:
        cells = _cells(row)
        texts = [text(cell) for cell in cells]
        linked = _film_in(row)
        if linked is None and (not any(texts) or _is_note(cells, texts, found.header)):
            continue
        place += 1
        if len(cells) < len(found.header):
            raise ParseError(
                f"The Numbers {what}: half loaded, row {place} has {len(cells)} of {len(found.header)} cells"
            )
        if linked is None:
            continue
        film = _film_in(cells[found.where["title"]])
        if film is None:
            raise ParseError(f"The Numbers {what}: reordered, the film of row {place} is not in the column title")
        films += 1
        yield FilmRow(place, *film, {name: texts[index] for name, index in found.where.items()})
    if place and not films:
        raise ParseError(f"The Numbers {what}: none of {place} rows links to a film")


def _is_note(cells: list[Any], texts: list[str], header: list[str]) -> bool:
    """Whether the row is a sum, a sentence over several columns, or the header again, and not a film."""
    spans = any(cell.get("colspan", "1") != "1" for cell in cells)
    return spans or texts[0].lower().startswith("total") or [normalised_label(one) for one in texts] == header


def _film_in(element: Any) -> tuple[str, str] | None:
    """Slug and title of the first link to a film; a title that was truncated is taken from the slug."""
    for link in element.iter("a"):
        if slug := slug_of(link.get("href", "")):
            shown = text(link)
            return slug, title_of(slug) if not shown or shown.endswith(_CUT) else article_first(shown)
    return None
