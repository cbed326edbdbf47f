"""A record of each kind, and one of a wrong shape."""

from typing import Any

AT = "2026-11-21T12:00:00.000Z"

_ABOUT = {"kind": "movies", "id": 603}
RECORDS: dict[str, dict[str, Any]] = {
    "charts": {
        "_id": "daily/2026-11-21",
        "chart": "daily",
        "date": "2026-11-21",
        "at": AT,
        "url": "https://n",
        "rows": [],
    },
    "changes": {"_id": "movies/603/2", **_ABOUT, "title": "Heat", "source": "tmdb", "at": AT, "diff": []},
    "runs": {"_id": "a run", "spider": "omdb", "started_at": AT, "stats": {"titles/found": 1}},
    "rejects": {"_id": "https://t", "url": "https://t", "reason": "gone", "spider": "omdb", "at": AT},
    "dropped": {"_id": "movies/603", **_ABOUT, "title": None, "reason": "votes", "threshold": 10, "at": AT},
    "unmatched": {
        **{"_id": "the_numbers/Heat", "source": "the_numbers", "source_id": "Heat", "title": "Heat", "year": 1995},
        **{"candidates": [], "presumed": None, "at": AT, "settled": None},
        "said": {"source": "the_numbers", "source_id": "Heat", "title": "Heat"},
    },
    "raw": {"_id": "tmdb/movies/603", "source": "tmdb", **_ABOUT, "url": "https://t", "fetched_at": AT, "body": "eJw="},
    "samples": {"_id": "movies/603", "curves": {"tmdb": {"at": [AT], "values": {"popularity": [88.1]}}}},
}
"""One record of each kind, with the least that it must have."""

WRONG_RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "charts": ("its rows.0 is 7", {"rows": [7]}),
    "changes": ("its diff is None", {"diff": None}),
    "runs": ("its stats is 'none'", {"stats": "none"}),
    "rejects": ("its history.0 is 7", {"history": [7]}),
    "dropped": ("its genre_ids.0 is [7]", {"genre_ids": [[7]]}),
    "unmatched": ("its said.titles is []", {"said": {"titles": []}}),
    "raw": ("its kind is 'films'", {"kind": "films"}),
    "samples": ("its curves.tmdb.at is ['today']", {"curves": {"tmdb": {"at": ["today"], "values": {}}}}),
}
"""By kind: what is wrong, and the fields that make it so."""
