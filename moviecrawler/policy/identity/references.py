"""What a person may write for a title: an id of TMDB or IMDb, an address there, or its name with a year."""

import re
from typing import NamedTuple

from moviecrawler.imdb import imdb_id
from moviecrawler.policy.identity.title_ids import parse_title_arg

_ADDRESS = re.compile(
    r"(?:(?:https?:)?//)?(?:[a-z]+\.)?(?:themoviedb|tmdb)\.org/(movie|tv)/([0-9]{1,10})(?:[-/?#].*)?", re.IGNORECASE
)
_KINDS = {"movie": "movies", "tv": "shows"}
_NAMED = re.compile(r"(.*\S)\s*[(\[]([0-9]{4})[)\]]", re.DOTALL)
_YEAR = re.compile(r"([0-9]{4})(?:[-–—/.].*)?", re.DOTALL)
_YEARS = range(1870, 2151)

MAX_NAME = 300
"""Characters of a title; the longest that TMDB has is shorter."""


class Named(NamedTuple):
    """A title by its name, with the year of its release where that is known; ``kind`` is ``movies`` or ``shows``."""

    kind: str
    title: str
    year: int | None

    @property
    def key(self) -> str:
        """The name of the search, as ``scrapy match`` shows it.

        >>> Named("movies", "The Thing", 2011).key
        'movies/The Thing (2011)'
        """
        return f"{self.kind}/{self.title}" + (f" ({self.year})" if self.year else "")


Reference = tuple[str, int] | str | Named
"""``("movies", 603)``, an IMDb id (``"tt0133093"``), or a name."""


def parse_reference(text: str) -> tuple[str, int] | str:
    """An id in any form: kind and TMDB's id, or an IMDb id; a bare number is a film. ValueError for anything else.

    >>> parse_reference("603"), parse_reference("shows/1396"), parse_reference("tt0133093")
    (('movies', 603), ('shows', 1396), 'tt0133093')
    >>> parse_reference("https://www.themoviedb.org/tv/1396-breaking-bad?language=de")
    ('shows', 1396)
    >>> parse_reference("https://www.imdb.com/title/tt0133093/")
    'tt0133093'
    """
    text = text.strip()
    if found := _ADDRESS.fullmatch(text):
        return parse_title_arg(f"{_KINDS[found[1].lower()]}/{found[2]}")
    if not text.isascii() or "tt" not in text.lower():
        return parse_title_arg(text)
    if (imdb := imdb_id(text)) is None:
        raise ValueError(text)
    return imdb


def parse_name(text: str, kind: str = "movies") -> Named:
    """A title as people write it, with a year in brackets or without. ValueError if nothing is left to look for.

    >>> parse_name("The Thing (2011)"), parse_name("1917"), parse_name("2012 (2009)", "shows").year
    (Named(kind='movies', title='The Thing', year=2011), Named(kind='movies', title='1917', year=None), 2009)
    """
    text = " ".join(text.split())
    found = _NAMED.fullmatch(text)
    title, year = (found[1], parse_year(found[2])) if found else (text, None)
    if found and year is None:
        title = text
    if not title or len(title) > MAX_NAME or not any(character.isprintable() for character in title.replace(" ", "")):
        raise ValueError(text)
    return Named(kind, title, year)


def parse_year(text: str) -> int | None:
    """The first year of what a list says; None where that is none.

    >>> parse_year("1999"), parse_year("2008-2013"), parse_year("2011-10-14"), parse_year(""), parse_year("99")
    (1999, 2008, 2011, None, None)
    """
    found = _YEAR.fullmatch(text.strip())
    return int(found[1]) if found and found[1].isascii() and int(found[1]) in _YEARS else None
