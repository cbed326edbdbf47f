"""Documents and records as flat rows, for CSV: one column per fact, lists joined, deeper objects as JSON."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moviecrawler.policy.printable import defused

_NESTED = {
    "people": ("creators", "directors", "writers", "cast", "crew"),
    "external_ids": ("imdb", "tvdb", "wikidata", "facebook", "instagram", "twitter"),
    "box_office": ("budget", "domestic", "international", "worldwide", "opening_weekend"),
    "collection": ("id", "name", "poster_path"),
    "next_episode": ("season", "number", "name", "air_date"),
    "last_episode": ("season", "number", "name", "air_date"),
    "trending": ("window", "rank", "at"),
    "quality": ("score", "class", "recommended"),
}
_RATINGS = {
    "tmdb": ("score", "votes"),
    "imdb": ("score", "votes"),
    "rotten_tomatoes": ("score",),
    "metacritic": ("score",),
}
_IMAGES = ("poster", "backdrop", "title_backdrop")
_LEFT_OUT = frozenset({"sources", "provenance", "locks", "last_change", "logos", "posters", "backdrops"})
"""No facts about the title, or too many for a cell; the JSON lines have them."""


def flat(row: Mapping[str, Any], *, defuse: bool = False) -> dict[str, Any]:
    """One row of a table. The columns of titles are the same for every title, whatever it lacks.

    ``defuse``: escape cells that a spreadsheet would run as a formula.

    >>> row = flat({"title": "Heat", "genres": ["Crime", "Drama"], "ratings": {"tmdb": {"score": 7.9, "votes": 6900}}})
    >>> row["genres"], row["ratings.tmdb.score"], row["ratings.imdb.score"]
    ('Crime | Drama', 7.9, None)
    """
    columns = _columns(row)
    return {name: defused(cell) for name, cell in columns} if defuse else dict(columns)


def _columns(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name in _LEFT_OUT:
            continue
        if name == "ratings":
            for house, parts in _RATINGS.items():
                yield from _parts(f"ratings.{house}", (value or {}).get(house), parts)
        elif name == "images":
            for role in _IMAGES:
                yield from _parts(f"images.{role}", (value or {}).get(role), ("file",))
        elif name in _NESTED:
            yield from _parts(name, value, _NESTED[name])
        else:
            yield name, _cell(value)


def _parts(name: str, value: Mapping[str, Any] | None, parts: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for part in parts:
        yield f"{name}.{part}", _cell((value or {}).get(part))


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return " | ".join(map(str, value))
    if isinstance(value, list) and all(isinstance(one, Mapping) and "name" in one for one in value):
        return " | ".join(str(one["name"]) for one in value if one["name"])
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else value
