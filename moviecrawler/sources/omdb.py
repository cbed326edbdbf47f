"""OMDB: the address of a title, and what the answer says. No I/O, no clock.

Every value is a string: "N/A" is "unknown", and HTML entities occur inside ("Loew&#39;s Inc."). What has another
form than OMDB's own counts as absent. ``Language`` is left out: it lists what is spoken, in any order, which is not
the original language; so is ``Poster``, whose host is not ours to ask.
"""

import html
import re
from datetime import date
from typing import Any
from urllib.parse import quote

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, Show
from moviecrawler.sources import fields

_TYPES = {"movies": "movie", "shows": "series"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_UNRATED = frozenset({"not rated", "unrated", "nr"})
"""No certification but the want of one: it must not keep The Numbers from saying what it is."""

_AS_TMDB_SAYS = {
    "UK": "United Kingdom",
    "United States": "United States of America",
    "USA": "United States of America",
    "Sci-Fi": "Science Fiction",
}
"""One name for one thing in all documents, whoever said it; "USA" and "UK" are of older answers."""

_HOUSES = (
    ("imdb", "Internet Movie Database", "imdbRating", "/10", 10.0),
    ("rotten_tomatoes", "Rotten Tomatoes", "tomatoMeter", "%", 100.0),
    ("metacritic", "Metacritic", "Metascore", "/100", 100.0),
)
"""House, its name in ``Ratings``, its own field (``tomatoMeter``: older answers only), how a score ends, its scale."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_YEAR = re.compile(r"([12][0-9]{3})(?:[-\u2013](?:[12][0-9]{3})?)?")
_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([12][0-9]{3})")
_RUNTIME = re.compile(r"(?:([0-9]{1,3}) ?h)? ?(?:([0-9]{1,3}(?:,?[0-9]{3})?) ?min)?")
_WHOLE = re.compile(r"[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4}")
_MONEY = re.compile(rf"\$({_WHOLE.pattern})(\.[0-9]{{1,2}})?([MmKk]?)")
_SCORE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")
_NOTE = re.compile(r"\([^()]*\)")
_COMMA = re.compile(r",(?! (?:Inc|Ltd|LLC|L\.L\.C|L\.P|Co|Corp|S\.A|Jr|Sr)\.? *(?:,|$))")


def title_url(base: str, imdb_id: str) -> str:
    """Everything about a title. Asked by id only: OMDB finds a game for ``t=Star Wars``.

    >>> title_url("https://www.omdbapi.com", "tt0133093")
    'https://www.omdbapi.com/?i=tt0133093&plot=full'
    """
    return f"{base.rstrip('/')}/?i={quote(imdb_id, safe='')}&plot=full"


def parse_title(payload: Any, kind: str, imdb_id: str) -> Movie | Show:
    """What OMDB says of the film or show (``kind``: ``movies``, ``shows``) that it was asked for by ``imdb_id``.

    TMDB's ``id`` stays None. Raises ParseError for an error body, another title's answer, another kind of thing.
    """
    if not isinstance(payload, dict):
        raise ParseError(f"OMDB {imdb_id}: expected a JSON object, got {type(payload).__name__}")
    if payload.get("Response") != "True":
        raise ParseError(f"OMDB {imdb_id}: {_shown(payload.get('Error'))}")
    for name, wanted in (("imdbID", imdb_id), ("Type", _TYPES[kind])):
        if payload.get(name) != wanted:
            raise ParseError(f"OMDB {imdb_id}: {name} is {_shown(payload.get(name))}, not {wanted}")
    released = _day(_text(payload, "Released"))
    data = {
        "source": "omdb",
        "source_id": imdb_id,
        "imdb_id": imdb_id,
        "title": _text(payload, "Title"),
        "overview": _text(payload, "Plot"),
        "homepage": fields.web_address(_text(payload, "Website")),
        "release_date": released,
        "year": _year(_text(payload, "Year")) or (int(released[:4]) if released else None),
        "runtime": _minutes(_text(payload, "Runtime")),
        "genres": _list(payload, "Genre"),
        "countries": _list(payload, "Country"),
        "studios": _list(payload, "Production"),
        "certification": _certification(_text(payload, "Rated")),
        "awards": _text(payload, "Awards"),
        "people": {
            "directors": _list(payload, "Director"),
            "writers": _list(payload, "Writer"),
            "cast": [{"name": name} for name in _list(payload, "Actors")],
        },
        "ratings": _ratings(payload),
        "box_office": {"domestic": _dollars(_text(payload, "BoxOffice"))},
    }
    if kind == "movies":
        return Movie.model_validate(data)
    return Show.model_validate({**data, "first_air_date": released, "seasons": _whole(_text(payload, "totalSeasons"))})


def _text(payload: dict[str, Any], name: str) -> str | None:
    """The value in readable form; None for "N/A". Bare ampersands stay: only what ends in ";" is an entity."""
    value = payload.get(name)
    if not isinstance(value, str):
        return None
    value = fields.text(_ENTITY.sub(lambda entity: html.unescape(entity[0]), value))
    return None if value == "N/A" else value


def _shown(value: Any) -> str:
    """Anything of theirs, short and on one line, for our own message."""
    return " ".join((fields.text(value) or repr(value)).split())[:100]


def _list(payload: dict[str, Any], field: str) -> list[str]:
    """Names between commas, each once, without notes such as "(screenplay)", which may hold commas themselves."""
    text = _text(payload, field) or ""
    for _ in range(3):  # a note may hold another one
        text = _NOTE.sub("", text)
    names = (" ".join(part.split()) for part in _COMMA.split(text))
    return list(dict.fromkeys(_AS_TMDB_SAYS.get(name, name) for name in names if name not in ("", "N/A")))


def _year(text: str | None) -> int | None:
    """The first year of "1999", "2004–2011", "2011–"."""
    found = _YEAR.fullmatch(text or "")
    return int(found[1]) if found else None


def _day(text: str | None) -> str | None:
    """The ISO date of "31 Mar 1999", if there is such a day. Not by strptime: its months are in the user's language."""
    found = _DAY.fullmatch(text or "")
    if not found or found[2] not in _MONTHS:
        return None
    try:
        return date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])).isoformat()
    except ValueError:
        return None


def _minutes(text: str | None) -> int | None:
    """The minutes of "142 min", "1 h 32 min", "2 h"."""
    found = _RUNTIME.fullmatch(text or "")
    if not found:
        return None
    return int(found[1] or 0) * 60 + int((found[2] or "0").replace(",", "")) or None


def _whole(text: str | None) -> int | None:
    """The number in "3,120,594"; 0 is unknown."""
    return int(text.replace(",", "")) or None if text and _WHOLE.fullmatch(text) else None


def _dollars(text: str | None) -> int | None:
    """The whole dollars of "$28,767,189", and of "$39.2M" in older answers; another currency is None."""
    found = _MONEY.fullmatch(text or "")
    if not found:
        return None
    amount = float(found[1].replace(",", "") + (found[2] or ""))
    return fields.count(round(amount * {"": 1, "k": 1_000, "m": 1_000_000}[found[3].lower()]))


def _certification(text: str | None) -> str | None:
    return None if text is None or text.lower() in _UNRATED else text


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
            ratings["imdb"]["votes"] = _whole(_text(payload, "imdbVotes"))
    return ratings


def _score(text: str | None, end: str, scale: float) -> float | None:
    found = _SCORE.fullmatch((text or "").removesuffix(end))
    return score if found and (score := float(found[0])) <= scale else None
