"""Finding a table by the text of its headers, whatever the order, the ids and the classes.

Both generations of the layout: columns come and go (the distributor left in 2026), headers hold U+00A0 or nothing.
What is missing, doubled, mixed up or half loaded is a ParseError that says which, so that a damaged page is never
taken for a short one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.the_numbers.page import breaks_off, text
from moviecrawler.sources.the_numbers.slugs import article_first, slug_of, title_of
from moviecrawler.sources.the_numbers.values import count

Columns = Mapping[str, tuple[str, ...]]
"""Our name of a column -> how its header may be spelt, as :func:`spelt` leaves it."""

_UNSPELT = re.compile(r"[^a-z0-9%]+")
_HEADER_WITHIN = 3  # rows: a caption may stand above
_CUT = ("…", "...")


class FilmRow(NamedTuple):
    """A film's row; ``cells`` has the text of each column that the table has."""

    place: int
    slug: str
    title: str
    cells: dict[str, str]

    @property
    def rank(self) -> int:
        """As the page says it, else the place in the table (a preview has no rank)."""
        return count(self.cells.get("rank", "")) or self.place


class _Found(NamedTuple):
    table: Any
    header: list[str]
    where: dict[str, int]
    below: list[Any]


def film_rows(root: Any, what: str, columns: Columns, required: tuple[str, ...]) -> list[FilmRow]:
    """The films of the one table that has the ``required`` columns; the column ``title`` links to each film.

    Of several such tables the one with most of the ``columns`` counts: the phone's table shows fewer.
    """
    best: list[_Found] = []
    nearest: set[str] = set()
    for table in root.iter("table"):
        for found in _headers(table, what, columns):
            have = found.where.keys()
            if not have >= set(required):
                nearest = max(nearest, have & set(required), key=len)
            elif not best or len(have) >= len(best[0].where):
                best = [found] if not best or len(have) > len(best[0].where) else [*best, found]
    if len(best) > 1:
        raise ParseError(f"The Numbers {what}: the table is there {len(best)} times")
    if breaks_off(root):
        raise ParseError(f"The Numbers {what}: half loaded, the page breaks off")
    if not best:
        missing = ", ".join(name for name in required if name not in nearest)
        raise ParseError(f"The Numbers {what}: no table with all columns, missing: {missing}")
    return list(_films(best[0], what))


def _headers(table: Any, what: str, columns: Columns) -> Iterator[_Found]:
    """The table's header, if one of its first rows has a column that we know."""
    rows = table.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        header = [spelt(text(cell)) for cell in _cells(row)]
        where = {}
        for name, spellings in columns.items():
            places = [place for place, label in enumerate(header) if label in spellings]
            if places:
                where[name] = places[0]
            if len(places) > 1:
                where[name] = -len(places)
        if header[:1] == [""]:
            where.setdefault("rank", 0)
        if "title" in where and len(where) > 1:
            doubled = [name for name, place in where.items() if place < 0]
            if doubled:
                raise ParseError(f"The Numbers {what}: the column {doubled[0]} is there {-where[doubled[0]]} times")
            yield _Found(table, header, where, rows[number + 1 :])
            return


def spelt(label: str) -> str:
    """A label without what varies between pages.

    >>> spelt("Production\\u00a0Budget:"), spelt("%LW")
    ('productionbudget', '%lw')
    """
    return _UNSPELT.sub("", label.lower())


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _films(found: _Found, what: str) -> Iterator[FilmRow]:
    place = 0
    for row in found.below:
        cells = _cells(row)
        texts = [text(cell) for cell in cells]
        linked = _slug_in(row)
        if linked is None and (not any(texts) or _is_note(cells, texts, found.header)):
            continue
        place += 1
        if len(cells) < len(found.header):
            raise ParseError(
                f"The Numbers {what}: half loaded, row {place} has {len(cells)} of {len(found.header)} cells"
            )
        title = found.where["title"]
        slug = _slug_in(cells[title])
        if slug is None and linked:
            raise ParseError(f"The Numbers {what}: reordered, the film of row {place} is not in the column title")
        if slug:
            cells_of = {name: texts[index] for name, index in found.where.items()}
            yield FilmRow(place, slug, _title(texts[title], slug), cells_of)


def _is_note(cells: list[Any], texts: list[str], header: list[str]) -> bool:
    """A sum, a sentence over several columns, or the header again: no film's row."""
    spans = any(cell.get("colspan", "1") != "1" for cell in cells)
    return spans or texts[0].lower().startswith("total") or [spelt(one) for one in texts] == header


def _slug_in(element: Any) -> str | None:
    return next((slug for link in element.iter("a") if (slug := slug_of(link.get("href", "")))), None)


def _title(shown: str, slug: str) -> str:
    """The title as shown, with its article first; a title that was cut to fit comes from the slug."""
    return title_of(slug) if not shown or shown.endswith(_CUT) else article_first(shown)
