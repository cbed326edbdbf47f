"""Documents and records as flat rows, for CSV: one column per fact, lists joined, deeper objects as JSON."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
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
_IMAGES = ("poster", "backdrop", "title_backdrop", "logo")
LEFT_OUT = frozenset({"sources", "provenance", "locks", "last_change", "logos", "posters", "backdrops"})
"""No facts about the title, or too many for a cell; the JSON lines have them."""


def flat(row: Mapping[str, Any], *, defuse: bool = False) -> dict[str, Any]:
    """One row of a table. The columns of titles are the same for every title, whatever it lacks.

    ``defuse``: escape cells that a spreadsheet would run as a formula.

    >>> row = flat({"title": "Heat", "genres": ["Crime", "Drama"], "ratings": {"tmdb": {"score": 7.9, "votes": 6900}}})
    >>> row["genres"], row["ratings.tmdb.score"], row["ratings.imdb.score"]
    ('Crime | Drama', 7.9, None)
    """
    cells = {name: cell(reader(name)(row)) for name in flat_columns(row)}
    return {name: defused(value) for name, value in cells.items()} if defuse else cells


def flat_columns(fields: Iterable[str]) -> list[str]:
    """The columns of a table of rows with these fields: the paths of their facts.

    >>> flat_columns(["title", "quality", "sources"])
    ['title', 'quality.score', 'quality.class', 'quality.recommended']
    """
    return [path for name in fields if name not in LEFT_OUT for path in _paths(name)]


def _paths(name: str) -> Iterator[str]:
    if name == "ratings":
        yield from (f"ratings.{house}.{part}" for house, parts in _RATINGS.items() for part in parts)
    elif name == "images":
        yield from (f"images.{role}.file" for role in _IMAGES)
    elif name in _NESTED:
        yield from (f"{name}.{part}" for part in _NESTED[name])
    else:
        yield name


def reader(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """What takes the value at a path out of a row; None where there is none. A name may have dots in it.

    >>> reader("ratings.imdb.score")({"ratings": {"imdb": {"score": 8.3}}}), reader("a.b")({"a.b": 1}), reader("a.b")({})
    (8.3, 1, None)
    """  # noqa: E501
    if "." not in path:
        return lambda row: row.get(path)
    name, _, rest = path.partition(".")
    within = reader(rest)

    def read(row: Mapping[str, Any]) -> Any:
        if path in row:
            return row[path]
        inner = row.get(name)
        return within(inner) if isinstance(inner, Mapping) else None

    return read


def cell(value: Any) -> Any:
    """A value as what one cell of a table can hold: text, a number, true, false, or None."""
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return " | ".join(map(str, value))
    if isinstance(value, list) and all(isinstance(one, Mapping) and "name" in one for one in value):
        return " | ".join(str(one["name"]) for one in value if one["name"])
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | Mapping) else value
