"""Fixtures are directories: ``input.json`` (the body), ``expected.json``, and ``arguments.json`` if there are any."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moviecrawler.sources import tmdb

FOLDER = Path(__file__).with_name("fixtures") / "tmdb"
PARSERS = {
    "movie": tmdb.parse_movie,
    "show": tmdb.parse_show,
    "trending": tmdb.parse_trending,
    "discover": tmdb.parse_discover,
    "genres": tmdb.parse_genres,
    "error": tmdb.parse_error,
}


def names(*prefixes: str) -> list[str]:
    """Fixtures whose names begin so: the first word names the parser."""
    return sorted(path.name for path in FOLDER.iterdir() if path.name.split("_")[0] in prefixes)


def read(name: str, part: str) -> Any:
    """``input``, ``expected`` or ``arguments``; {} for a fixture without arguments."""
    path = FOLDER / name / f"{part}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() or part != "arguments" else {}


def parsed(name: str) -> Any:
    """What the parser makes of the input, as plain JSON values."""
    value = PARSERS[name.split("_")[0]](read(name, "input"), **read(name, "arguments"))
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, tmdb.Listing):
        value = asdict(value)
    elif isinstance(value, list):
        value = [asdict(row) for row in value]
    return json.loads(json.dumps(value))
