"""Fixtures are directories of a source: ``input.json`` (the body), ``expected.json``, ``arguments.json`` if any."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moviecrawler.items import Movie, Show
from moviecrawler.sources import omdb, tmdb

FOLDER = Path(__file__).with_name("fixtures")
OMDB = {"movie": omdb.parse_title, "show": omdb.parse_title}
TMDB = {
    "movie": tmdb.parse_movie,
    "show": tmdb.parse_show,
    "trending": tmdb.parse_trending,
    "discover": tmdb.parse_listing,
    "find": tmdb.parse_find,
    "collection": tmdb.parse_collection,
    "changes": tmdb.parse_changes,
    "error": tmdb.parse_error,
}
PARSERS: dict[str, dict[str, Any]] = {"omdb": OMDB, "tmdb": TMDB}
MODELS = {"movie": Movie, "show": Show}


def names(*prefixes: str, source: str = "tmdb") -> list[str]:
    """Fixtures whose names begin so: the first word names the parser."""
    return sorted(path.name for path in (FOLDER / source).iterdir() if path.name.split("_")[0] in prefixes)


def read(name: str, part: str, source: str = "tmdb") -> Any:
    """``input``, ``expected`` or ``arguments``; {} for a fixture without arguments."""
    path = FOLDER / source / name / f"{part}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() or part != "arguments" else {}


def expected_title(name: str, source: str = "tmdb") -> Any:
    """Every field of the title in the fixture: what ``expected.json`` leaves out is unset."""
    unset = MODELS[name.split("_")[0]](source=source, source_id="").model_dump(mode="json")
    return {**unset, **read(name, "expected", source)}


def parsed(name: str, source: str = "tmdb") -> Any:
    """What the parser makes of the input, as plain JSON values."""
    value = PARSERS[source][name.split("_")[0]](read(name, "input", source), **read(name, "arguments", source))
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, tmdb.Listing | tmdb.ChangesPage):
        value = asdict(value)
    elif isinstance(value, list):
        value = [asdict(row) if isinstance(row, tmdb.ListingRow) else row for row in value]
    return json.loads(json.dumps(value))
