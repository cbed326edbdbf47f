"""A kept answer, parsed again: which parser reads what a source once sent."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Title
from moviecrawler.sources import omdb, the_numbers, tmdb


def parse_again(source: str, kind: str, url: str, body: bytes) -> Title:
    """The title that ``body`` tells of, the answer to ``url``; ParseError where no parser of today can read it."""
    asked = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(asked.query).items()}
    if source == "the_numbers":
        return the_numbers.parse_film(body.decode("utf-8", "replace"), unquote(asked.path).rpartition("/")[2])
    if source == "omdb":
        return omdb.parse_title(_json(body), kind, query.get("i", ""))
    parse = tmdb.parse_movie if kind == "movies" else tmdb.parse_show
    return parse(_json(body), query.get("language", "en-US"))


def _json(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the kept answer is no JSON: {error}") from None
    if not isinstance(payload, dict):
        raise ParseError("the kept answer is no JSON object")
    return payload
