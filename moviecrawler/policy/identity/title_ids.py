"""Parses titles as typed by a person: ``movies/603``, ``shows/1396``, or just the number of a film."""

from moviecrawler.imdb import imdb_id
from moviecrawler.items import KINDS

MAX_ID = 2**31 - 1
"""TMDB's ids have 32 bits; a larger number is a typing error."""


def parse_title_arg(text: str) -> tuple[str, int]:
    """Kind and id of a title as typed by a person; ValueError if it is not one.

    >>> parse_title_arg("603"), parse_title_arg(" shows/1396")
    (('movies', 603), ('shows', 1396))
    """
    kind, slash, number = text.strip().rpartition("/")
    if (slash and kind not in KINDS) or not (number.isdecimal() and number.isascii() and len(number) <= 10):
        raise ValueError(text)
    if not 1 <= int(number) <= MAX_ID:
        raise ValueError(text)
    return kind or "movies", int(number)


def parse_title_or_imdb_id(text: str) -> tuple[str, int] | str:
    """The same, or an IMDb id, also as an address; ValueError if it is neither.

    >>> parse_title_or_imdb_id("603"), parse_title_or_imdb_id("https://www.imdb.com/title/tt0133093/")
    (('movies', 603), 'tt0133093')
    """
    if "tt" not in text:
        return parse_title_arg(text)
    if (found := imdb_id(text.strip())) is None:
        raise ValueError(text)
    return found
