"""Parses a kept answer again: selects the parser for what a source once sent."""

from collections.abc import Callable, Iterable
from urllib.parse import parse_qs, unquote, urlsplit

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Title
from moviecrawler.sources import omdb, the_numbers, tmdb


def parse_again(
    source: str,
    kind: str,
    url: str,
    body: bytes,
    decode: Callable[[bytes, str], object],
    decode_text: Callable[[bytes], str],
    regions: Iterable[str] = (),
) -> Title:
    """The title in ``body``, the answer to ``url``; ParseError if the current parser cannot read it.

    ``decode`` parses the JSON of a source as when it was received (``policy.network.answers``), ``decode_text`` decodes
    a page. ``regions``: those to be watched in (``WATCH_REGIONS``).
    """
    try:
        address = urlsplit(url)
    except ValueError as error:
        raise ParseError(f"the kept answer has no address: {error}") from None
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    if source == "the_numbers":
        return the_numbers.parse_film(decode_text(body), unquote(address.path).rpartition("/")[2])
    payload = decode(body, source)
    if not isinstance(payload, dict):
        raise ParseError("the kept answer is not a JSON object")
    if source == "omdb":
        return omdb.parse_title(payload, kind, omdb.answered_id(payload) or query.get("i", ""))
    parse = tmdb.parse_movie if kind == "movies" else tmdb.parse_show
    return parse(payload, query.get("language", "en-US"), regions)
