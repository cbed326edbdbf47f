"""Stored documents as the pipelines make them, invented."""

from typing import Any, cast

from moviecrawler.documents import Document
from moviecrawler.stores.base import Write

NOW = "2026-11-21T08:15:30.123Z"
WORDS = ["lantern", "harbour", "winter", "orchid", "meridian", "copper", "sparrow", "velvet", "canyon", "ember"]


def words(seed: int, number: int) -> str:
    return " ".join(WORDS[(seed * 7 + i * 5 + seed // 11) % len(WORDS)] for i in range(number))


def film(id_: int, revision: int = 1, **changes: Any) -> Document:
    """A document of about 3 KB, the same for the same arguments."""
    name = f"The {words(id_, 2).title()} {id_}"
    people = [{"name": words(id_ + i, 2).title(), "character": words(id_ + i, 1).title()} for i in range(12)]
    slot = {
        "fetched_at": NOW,
        "changed_at": NOW,
        "hash": f"{id_:064x}",
        "unchanged_cycles": revision % 5,
        "frozen_at": None,
        "next_refresh_at": f"2026-{id_ % 12 + 1:02}-21T08:15:30.{revision % 1000:03}Z",
        "gone_at": None,
        "source_id": str(id_),
        "data": {"title": name, "runtime": 90 + id_ % 60, "overview": words(id_, 40)},
    }
    unasked = dict.fromkeys(slot) | {"unchanged_cycles": 0, "data": {}}
    document = {
        "_id": id_,
        "imdb_id": f"tt{id_:07}",
        "schema_version": 1,
        "title": name,
        "titles": {"en-US": name, "de-DE": f"Der {name}", "fr-FR": f"Le {name}"},
        "original_title": name,
        "original_language": "en",
        "alternative_titles": [{"country": "US", "title": f"{name}: {words(id_ + i, 3)}"} for i in range(4)],
        "overview": words(id_, 40),
        "overviews": {"en-US": words(id_, 40)},
        "release_date": f"{1950 + id_ % 76}-03-31",
        "year": 1950 + id_ % 76,
        "runtime": 90 + id_ % 60,
        "genres": ["Drama", "Thriller"],
        "people": {"directors": [{"name": words(id_, 2).title()}], "writers": [], "cast": people},
        "ratings": {"tmdb": {"score": 7.125, "votes": 12_345}},
        "box_office": {"budget": 63_000_000, "worldwide": 2_923_706_026},
        "popularity": 50 + id_ % 997 / 16,
        "trending": {"window": "day", "rank": id_ % 100, "at": NOW},
        "images": {},
        "quality": {"score": id_ % 100, "class": "feature", "recommended": True},
        "sources": {"tmdb": slot, "omdb": unasked, "the_numbers": unasked},
        "locks": {"box_office.budget": 1},
        "provenance": {"runtime": "tmdb", "box_office.domestic": "the_numbers"},
        "last_change": {"source": "tmdb", "at": NOW, "diff": [{"path": "runtime", "old": 1, "new": 2}]},
        "created_at": NOW,
        "updated_at": f"2026-11-21T08:15:30.{revision % 1000:03}Z",
        "revision": revision,
    }
    return cast(Document, document | changes)


def insert(id_: int, kind: str = "movies", **changes: Any) -> Write:
    return Write(kind, id_, film(id_, **changes), None)


def update(id_: int, expected: int, kind: str = "movies", **changes: Any) -> Write:
    return Write(kind, id_, film(id_, expected + 1, **changes), expected)


def due_at(moment: str | None, source: str = "tmdb") -> dict[str, Any]:
    """``sources`` with one slot that wants to be asked at that moment."""
    return {source: {"source_id": "7", "next_refresh_at": moment, "data": {}}}
