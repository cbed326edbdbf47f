"""Lists of titles as people keep them: one a line, or the CSV of IMDb or Letterboxd. No I/O.

What a CSV means is said by its header, wherever it stands: Letterboxd writes a table about the list above the films.
Of a row counts TMDB's id (``tmdbID``), else IMDb's (``Const``, ``imdbID``), else an address of either (``URL``), else
the name with its year.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from moviecrawler.imdb import imdb_id
from moviecrawler.policy.identity.references import Reference, parse_name, parse_reference, parse_year
from moviecrawler.policy.identity.title_ids import parse_title_arg

MAX_ROW_LINES = 50
"""Lines of a row of a CSV (descriptions may have several); a quote that is not closed by then is a stray one."""

_COLUMNS = {
    **dict.fromkeys(("tmdbid", "tmdb_id", "tmdb id", "tmdb"), "tmdb"),
    **dict.fromkeys(("const", "tconst", "imdbid", "imdb_id", "imdb id", "imdb"), "imdb"),
    **dict.fromkeys(("title", "name"), "title"),
    **dict.fromkeys(("title type", "type", "kind", "media"), "type"),
    **{"url": "url", "year": "year"},
    **dict.fromkeys(
        ("date", "description", "letterboxd uri", "letterboxduri", "original title", "position", "rating", "tags"), ""
    ),
}
"""Column names in lower case, by what they mean to us."""

_IDS = ("tmdb", "imdb")
_SHOWS = frozenset({"show", "shows", "tv", "tvminiseries", "tvseries"})
_LETTERBOXD = re.compile(r"Letterboxd list export v\d+")

# A quoted cell, which may contain commas and line breaks, or a bare one.
_WHOLE = re.compile(r'(?:(?:"(?:[^"]|"")*+"[^,]*+|(?!")[^,]*+)(?:,|$))*', re.DOTALL)


class Line(NamedTuple):
    """``number`` counts from 1, of a CSV's row it is that of its first line; ``reference`` is None if nobody can tell
    what is meant.
    """

    number: int
    text: str
    reference: Reference | None


def read_list(lines: Iterable[str], *, names: bool = False, kind: str = "movies") -> Iterator[Line]:
    r"""What each line means, without blank ones and headers. With ``names``, a line that is no id is a title.

    ``kind`` is what a bare number or a name stands for.

    >>> [line.reference for line in read_list(["603\n", "\n", "tt0133093"])]
    [('movies', 603), 'tt0133093']
    >>> [line.reference for line in read_list(["Position,Name,Year\n", '1,"Heat",1995\n'])]
    [Named(kind='movies', title='Heat', year=1995)]
    """
    columns: Mapping[str, int] | None = None
    for number, text, cells in _Rows(lines):
        if (header := _header(cells)) is not None:
            columns = header
        elif columns is None:
            line = text.strip('"').strip()
            if line and not _LETTERBOXD.fullmatch(line):
                yield Line(number, text, _plain(line, names, kind))
        elif text and not cells:
            yield Line(number, text, None)
        elif columns and any(map(str.strip, cells)):
            yield Line(number, text, _of_row(cells, columns, kind))


class _Rows:
    """Number, text and cells of each line, below a header of each row of the CSV, whose quoted cells may have several
    lines. Without cells: a quote that is never closed, or not before the next row; only its line is lost.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._numbered = enumerate(lines, 1)
        self._waiting: deque[tuple[int, str]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str, list[str]]]:
        columns: Mapping[str, int] | None = None
        while first := self._next():
            taken, text = [first], first[1]
            while columns is not None and not _WHOLE.fullmatch(text) and len(taken) < MAX_ROW_LINES:
                if not (more := self._next()):
                    break
                taken.append(more)
                text += more[1]
            cells = _cells(text) if columns is None or _WHOLE.fullmatch(text) else []
            if columns is not None and any("\n" in cells[place] for place in columns.values() if place < len(cells)):
                cells = []
            if not cells and text.strip():
                self._waiting.extendleft(reversed(taken[1:]))
                text = first[1]
            if (header := _header(cells)) is not None:
                columns = header
            yield first[0], text.strip(), cells

    def _next(self) -> tuple[int, str] | None:
        return self._waiting.popleft() if self._waiting else next(self._numbered, None)


def _cells(text: str) -> list[str]:
    with suppress(csv.Error):
        return next(csv.reader(text.splitlines(keepends=True)), [])
    return []


def _header(cells: list[str]) -> dict[str, int] | None:
    """Place of each column, if this is a header; {} for that of Letterboxd's table about the list itself."""
    said = [cell.strip().lower() for cell in cells]
    meant = {_COLUMNS[name]: place for place, name in reversed([*enumerate(said)]) if _COLUMNS.get(name)}
    known = sum(name in _COLUMNS for name in said)
    if not meant.keys() & {*_IDS, "title"} or (known < 2 and not meant.keys() & {*_IDS}):
        return None
    about_the_list = {"name", "tags", "description"} <= {*said} and not meant.keys() & {*_IDS, "year"}
    return {} if about_the_list else meant


def _plain(line: str, names: bool, kind: str) -> Reference | None:
    with suppress(ValueError):
        return _id(line, kind) if not names or not line.isdecimal() else parse_name(line, kind)
    if names:
        with suppress(ValueError):
            return parse_name(line, kind)
    return None


def _id(text: str, kind: str) -> Reference:
    return parse_title_arg(f"{kind}/{text.strip()}") if text.strip().isdecimal() else parse_reference(text)


def _of_row(cells: list[str], columns: Mapping[str, int], kind: str) -> Reference | None:
    said = {
        name: cells[place].strip() for name, place in columns.items() if place < len(cells) and cells[place].strip()
    }
    if "".join(said.get("type", "").split()).lower() in _SHOWS:
        kind = "shows"
    if "tmdb" in said:
        with suppress(ValueError):
            return _id(said["tmdb"], kind)
    if said.keys() & {*_IDS}:
        return imdb_id(said.get("imdb"))
    with suppress(ValueError):
        return parse_reference(said.get("url", ""))
    with suppress(ValueError):
        named = parse_name(said.get("title", ""), kind)
        return named._replace(year=parse_year(said["year"])) if "year" in said else named
    return None
