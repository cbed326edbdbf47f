"""A film's own page: finances, metrics and details, each row found by its label, wherever it is.

The site shows the summary twice (for phones again) and has tables of records that link to the same ratings and
genres: only a row whose first cell is the label counts.
"""

import re
from datetime import MAXYEAR
from typing import Any, Literal

from moviecrawler.documents.rows import Company
from moviecrawler.exceptions import ParseError
from moviecrawler.items import BoxOffice, Movie
from moviecrawler.sources import fields
from moviecrawler.sources.countries import country_fields
from moviecrawler.sources.the_numbers.naming import article_first
from moviecrawler.sources.the_numbers.page import breaks_off, lines, text, tree
from moviecrawler.sources.the_numbers.releases import ReleaseLine, release_lines
from moviecrawler.sources.the_numbers.tables import normalised_label
from moviecrawler.sources.the_numbers.values import money

_LABELS = {
    "domesticboxoffice": "domestic",
    "internationalboxoffice": "international",
    "worldwideboxoffice": "worldwide",
    "openingweekend": "opening_weekend",
    "productionbudget": "budget",
    "domesticreleases": "domestic releases",
    "internationalreleases": "abroad releases",
    "videorelease": "video releases",
    "mpaarating": "certification",
    "mparating": "certification",
    "runningtime": "runtime",
    "genre": "genres",
    "keywords": "keywords",
    "productioncompanies": "studios",
    "productioncountries": "countries",
}

Rows = dict[str, list[Any]]

_HEADING = re.compile(r"(.+) \(((?:18|19|20)[0-9]{2})\b[^()]*\)", re.DOTALL)
_MINUTES = re.compile(r"[0-9]{1,4}(?= minute)")
_RATING = re.compile(r"[^(]{1,20}?(?=[,;]| for | ?\(|$)", re.IGNORECASE)


def parse_film(html: str, slug: str) -> Movie:
    """The film of the page; ParseError if it is not a film's page, breaks off or contradicts itself."""
    what = f"film {' '.join(slug.split())[:100]}"
    root = tree(html)
    title, year = _heading(root, what)
    rows = _labelled(root, what)
    if breaks_off(root, (table for cells in rows.values() for cell in cells for table in cell.iterancestors("table"))):
        raise ParseError(f"The Numbers {what}: half loaded, the page breaks off")
    if not rows:
        raise ParseError(f"The Numbers {what}: neither finances nor details")
    # A release a hundred years after the film's own year is a "46" expanded to 2046.
    latest = year + 99 if year else MAXYEAR
    domestic = _releases(rows, "domestic", latest)
    abroad = _releases(rows, "abroad", latest)
    video = _releases(rows, "video", latest)
    first = min((line for line in domestic or abroad if line.date), key=ReleaseLine.order, default=None)
    countries = country_fields(_names(rows, "countries"))
    return Movie(
        source="the_numbers",
        source_id=slug,
        title=title,
        year=year,
        release_date=first.date if first else None,
        # A film that opened wide and in IMAX has one release.
        releases=[release for line in dict.fromkeys((*domestic, *abroad, *video)) if (release := line.release)],
        distributor=next((line.distributor for line in (first, *domestic) if line and line.distributor), None),
        certification=fields.certification(_first(_RATING, rows, "certification")),
        runtime=fields.count(_first(_MINUTES, rows, "runtime") or "", most=fields.MAX_FILM_MINUTES),
        genres=_names(rows, "genres"),
        keywords=_names(rows, "keywords"),
        studios=[Company(name=name) for name in _names(rows, "studios")],
        countries=countries["countries"],
        country_codes=countries["country_codes"],
        box_office=BoxOffice(**{name: _sum(rows, name, what) for name in BoxOffice.model_fields}),
    )


def _heading(root: Any, what: str) -> tuple[str, int | None]:
    """Title and year: "Title (YYYY)", where the title may contain parentheses itself."""
    headings = [words for heading in root.iter("h1") if (words := text(heading))]
    if not headings:
        raise ParseError(f"The Numbers {what}: no heading")
    dated = next((found for words in headings if (found := _HEADING.fullmatch(words))), None)
    return (
        (article_first(dated[1]), fields.plausible_year(int(dated[2]))) if dated else (article_first(headings[0]), None)
    )


def _labelled(root: Any, what: str) -> Rows:
    """Our name of a row -> its value cells: one, or two where the page shows the row twice."""
    rows: Rows = {}
    for row in root.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        name = _label(cells[0]) if cells else None
        if name and len(cells) == 1:
            raise ParseError(f"The Numbers {what}: half loaded, {name} has no value")
        if name:
            rows.setdefault(name, []).append(cells[1])
    return rows


def _label(cell: Any) -> str | None:
    """Our name of the label, by its whole text or a piece of it: older pages have a longer label and one for phones."""
    if cell.find(".//table") is not None:  # a cell of the layout, with half the page in it
        return None
    pieces = (text(cell), *cell.itertext())
    return next((name for piece in pieces if (name := _LABELS.get(normalised_label(piece)))), None)


def _sum(rows: Rows, name: str, what: str) -> int | None:
    sums = {found for cell in rows.get(name, []) if (found := money(text(cell)))}
    if len(sums) > 1:
        raise ParseError(f"The Numbers {what}: {name} is given as {' and as '.join(map(str, sorted(sums)))}")
    return sums.pop() if sums else None


def _first(pattern: re.Pattern[str], rows: Rows, name: str) -> str | None:
    found = (pattern.match(text(cell)) for cell in rows.get(name, []))
    return next((match[0] for match in found if match), None)


def _names(rows: Rows, name: str) -> list[str]:
    """The links of the first of these cells that has any, else the parts of its text."""
    cells = rows.get(name, [])
    linked = [[words for link in cell.iter("a") if (words := text(link))] for cell in cells]
    plain = [[words for part in text(cell).split(",") if (words := part.strip())] for cell in cells]
    return list(dict.fromkeys(next((names for names in (*linked, *plain) if names), [])))


def _releases(rows: Rows, name: Literal["domestic", "abroad", "video"], latest: int) -> list[ReleaseLine]:
    cells = rows.get(f"{name} releases", [])
    return release_lines(lines(cells[0]), name, latest) if cells else []
