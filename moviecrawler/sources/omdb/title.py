"""OMDB: the URL of a title, and the parser of its answer. No I/O, no clock.

Every value is a string: "N/A" is "unknown", and HTML entities occur inside ("Loew&#39;s Inc."). A value in
another form than OMDB's own counts as absent. ``Language`` is left out, since it lists the spoken languages in any
order, not the original one; so is ``Poster``, whose host we do not request.
"""

import html
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from moviecrawler.exceptions import ParseError
from moviecrawler.imdb import imdb_id as read_imdb_id
from moviecrawler.items import Movie, Show
from moviecrawler.sources import fields
from moviecrawler.sources.countries import country_fields
from moviecrawler.sources.text import MAX_PROSE_LENGTH, prose, text

_TYPES = {"movies": "movie", "shows": "series"}
_LONGEST = {"movies": fields.MAX_FILM_MINUTES, "shows": fields.MAX_EPISODE_MINUTES}
_LONGEST_NUMBER = 20  # characters
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_AS_TMDB_SAYS = {"Sci-Fi": "Science Fiction"}
"""The same name in all documents, whatever the source."""

_HOUSES = (
    ("imdb", "Internet Movie Database", "imdbRating", "/10", 10.0),
    ("rotten_tomatoes", "Rotten Tomatoes", "tomatoMeter", "%", 100.0),
    ("metacritic", "Metacritic", "Metascore", "/100", 100.0),
)
"""House, its name in ``Ratings``, its own field (``tomatoMeter``: older answers only), how a score ends, its scale."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_YEAR = re.compile(r"([12][0-9]{3})(?:[-\u2013](?:[12][0-9]{3})?)?")
_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([12][0-9]{3})")
_RUNTIME = re.compile(r"(?:([0-9]{1,3}) ?h)? ?(?:([0-9]{1,3}(?:,?[0-9]{3})?) ?(?:min)?)?")
_MONEY = re.compile(r"\$([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,2})?([MmKk]?)")
_SCORE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CUT_NOTE = re.compile(r" *[(\[][^()\[\]]*$")
_RUN_TOGETHER = re.compile(r"(?<=[A-Za-z])(?=[0-9]{1,4} (?:wins?|nominations?)\b)")
_COMMA = re.compile(r",(?! (?:Inc|Ltd|LLC|L\.L\.C|L\.P|Co|Corp|S\.A|Jr|Sr)\.? *(?:,|$))")


_line = partial(text, most=MAX_PROSE_LENGTH)
"""Lists of names are on one line, and long."""


def title_url(base: str, imdb_id: str) -> str:
    """Everything about a title. By id only: for ``t=Star Wars`` OMDB finds a game.

    >>> title_url("https://www.omdbapi.com", "tt0133093")
    'https://www.omdbapi.com/?i=tt0133093&plot=full'
    """
    return f"{base.rstrip('/')}/?i={quote(imdb_id, safe='')}&plot=full"


def parse_title(
    payload: Any, kind: str, imdb_id: str, *, titles: Iterable[str] = (), year: int | None = None
) -> Movie | Show:
    """OMDB's data about the film or show (``kind``: ``movies``, ``shows``) that was requested by ``imdb_id``.

    TMDB's ``id`` stays None; ``source_id`` and ``imdb_id`` are OMDB's own. Raises ParseError for an error body, for a
    game, and for an answer about another id, unless it has one of these ``titles`` and this ``year``: IMDb has merged
    two entries then. Any other ``Type`` than TMDB's is still the same title.
    """
    if not isinstance(payload, dict):
        raise ParseError(f"OMDB {imdb_id}: expected a JSON object, got {type(payload).__name__}")
    if payload.get("Response") != "True":
        raise ParseError(f"OMDB {imdb_id}: {_shown(payload.get('Error'))}")
    own = answered_id(payload)
    if own != imdb_id and not _is_same(payload, kind, titles, year):
        raise ParseError(f"OMDB {imdb_id}: imdbID is {_shown(payload.get('imdbID'))}, not {imdb_id}")
    if (_text(payload, "Type") or "").lower() == "game":
        raise ParseError(f"OMDB {imdb_id}: Type is game, not {_TYPES[kind]}")
    released = _day(_text(payload, "Released"))
    data = {
        "source": "omdb",
        "source_id": own or imdb_id,
        "imdb_id": own or imdb_id,
        "title": text(_text(payload, "Title")),
        "overview": _text(payload, "Plot", prose),
        "homepage": fields.web_address(_text(payload, "Website")),
        "release_date": released,
        "year": _year(_text(payload, "Year")) or (int(released[:4]) if released else None),
        "runtime": fields.count(_minutes(_text(payload, "Runtime")), most=_LONGEST[kind]),
        "genres": _list(payload, "Genre"),
        **country_fields(_list(payload, "Country")),
        "studios": _rows(payload, "Production"),
        "certification": fields.certification(_text(payload, "Rated")),
        "awards": _awards(_text(payload, "Awards")),
        "people": {
            "directors": _rows(payload, "Director"),
            "writers": _rows(payload, "Writer"),
            "cast": _rows(payload, "Actors"),
        },
        "ratings": _ratings(payload),
        "box_office": {"domestic": _dollars(_text(payload, "BoxOffice"))},
    }
    if kind == "movies":
        title: Movie | Show = Movie.model_validate(data)
    else:
        seasons = fields.count(_text(payload, "totalSeasons"), most=fields.MAX_EPISODES)
        title = Show.model_validate({**data, "first_air_date": released, "season_count": seasons})
    if own is None:
        title.context.unreadable += ("imdb_id",)
    return title


def answered_id(payload: Any) -> str | None:
    """The IMDb id of the title that an answer is about."""
    return read_imdb_id(payload.get("imdbID")) if isinstance(payload, dict) else None


def _is_same(payload: dict[str, Any], kind: str, titles: Iterable[str], year: int | None) -> bool:
    title, type_of_it = _folded(_text(payload, "Title") or ""), _text(payload, "Type")
    is_named = title and title in map(_folded, titles)
    return bool(is_named and type_of_it in (None, _TYPES[kind]) and year and _year(_text(payload, "Year")) == year)


def _folded(title: str) -> str:
    """
    >>> _folded("Mr. & Mrs. Smith") == _folded("Mr & Mrs Smith")
    True
    """
    return "".join(filter(str.isalnum, title.casefold()))


def _text(payload: dict[str, Any], name: str, read: Callable[[str], str | None] = _line) -> str | None:
    """The value in readable form; None for "N/A". Bare ampersands stay: only what ends in ";" is an entity."""
    value = payload.get(name)
    if type(value) in (int, float):
        value = repr(value)[:_LONGEST_NUMBER]
    if not isinstance(value, str):
        return None
    for _ in range(2):  # "&amp;#39;" was escaped twice
        value = _ENTITY.sub(lambda entity: html.unescape(entity[0]), value)
    value = read(value)
    return None if value in ("N/A", "n/a") else value


def _shown(value: Any) -> str:
    """Any value of an answer, short and on one line, for our messages."""
    return (text(value) or repr(value))[:100]


def _list(payload: dict[str, Any], field: str) -> list[str]:
    """Names of a comma-separated list, each once, without notes such as "(screenplay)", which may contain commas."""
    said = _text(payload, field) or ""
    for _ in range(3):  # a note may hold another one
        said = _NOTE.sub("", said)
    names = (text(_CUT_NOTE.sub("", part)) for part in _COMMA.split(said))
    return list(dict.fromkeys(_AS_TMDB_SAYS.get(name, name) for name in names if name and name != "N/A"))


def _rows(payload: dict[str, Any], field: str) -> list[dict[str, str]]:
    return [{"name": name} for name in _list(payload, field)]


def _year(said: str | None) -> int | None:
    """The first year of "1999", "2004–2011", "2011–"."""
    found = _YEAR.fullmatch(said or "")
    return fields.plausible_year(int(found[1])) if found else None


def _day(said: str | None) -> str | None:
    """The ISO date of "31 Mar 1999", if there is such a day. Not by strptime: its months are in the user's language."""
    found = _DAY.fullmatch(said or "")
    if not found or found[2] not in _MONTHS:
        return None
    try:
        return fields.iso_date(date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])).isoformat())
    except ValueError:
        return None


def _minutes(said: str | None) -> int | None:
    """The minutes of "142 min", "1 h 32 min", "2 h", "142"."""
    found = _RUNTIME.fullmatch(said or "")
    if not found:
        return None
    return int(found[1] or 0) * 60 + int((found[2] or "0").replace(",", "")) or None


def _dollars(said: str | None) -> int | None:
    """The whole dollars of "$28,767,189", and of "$39.2M" in older answers; another currency is None."""
    found = _MONEY.fullmatch(said or "")
    if not found:
        return None
    amount = float(found[1].replace(",", "") + (found[2] or ""))
    return fields.count(round(amount * {"": 1, "k": 1_000, "m": 1_000_000}[found[3].lower()]), most=fields.MAX_DOLLARS)


def _awards(said: str | None) -> str | None:
    """
    >>> _awards("Nominated for 1 BAFTA Award7 wins & 46 nominations total")
    'Nominated for 1 BAFTA Award. 7 wins & 46 nominations total'
    """
    return said and _RUN_TOGETHER.sub(". ", said)


def _ratings(payload: dict[str, Any]) -> dict[str, dict[str, float | int | None]]:
    """Scores on each house's own scale. ``Ratings`` may be absent, empty, or hold any of the three."""
    said = {_text(row, "Source"): _text(row, "Value") for row in fields.rows(payload.get("Ratings"))}
    ratings: dict[str, dict[str, float | int | None]] = {}
    for house, source, own, end, scale in _HOUSES:
        scores = (_score(said.get(source), end, scale), _score(_text(payload, own), "", scale))
        if (score := next((score for score in scores if score is not None), None)) is not None:
            ratings[house] = {"score": score}
    if "imdb" in ratings:
        if not ratings["imdb"]["score"]:  # IMDb's scale begins at 1
            del ratings["imdb"]
        else:
            ratings["imdb"]["votes"] = fields.count(_text(payload, "imdbVotes"), most=fields.MAX_VOTES)
    return ratings


def _score(said: str | None, end: str, scale: float) -> float | None:
    found = _SCORE.fullmatch((said or "").removesuffix(end))
    return score if found and (score := float(found[0])) <= scale else None
