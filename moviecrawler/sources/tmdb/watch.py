"""Where to watch a title, from ``watch/providers``: JustWatch's data, which has to be named where it is shown."""

from collections.abc import Iterable
from typing import Any

from moviecrawler.sources.fields import count, part, rows, web_address
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.pictures import path_of

_WAYS = {"stream": "flatrate", "rent": "rent", "buy": "buy", "free": "free", "ads": "ads"}
"""Our word -> TMDB's."""


def watch_options(providers: dict[str, Any], regions: Iterable[str]) -> dict[str, dict[str, Any]]:
    """``{region: {"link", "stream", "rent", ...}}`` of these regions, as far as anybody shows the title there."""
    results = part(providers, "results")
    found = {}
    for region in regions:
        said = part(results, region)
        if ways := {way: some for way, word in _WAYS.items() if (some := _providers(said.get(word)))}:
            link = web_address(said.get("link"))
            found[region] = {**({"link": link} if link else {}), **ways}
    return found


def _providers(values: Any) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows(values):
        number, name = count(row.get("provider_id")), text(row.get("provider_name"))
        if number and name:
            found.setdefault(number, {"id": number, "name": name, "logo_path": path_of(row.get("logo_path"))})
    return list(found.values())
