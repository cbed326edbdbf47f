"""The last words of a run, line by line."""

import pytest

from moviecrawler.extensions.summary import summary

NOTHING = ["spider: finished in 0.0 s", "  titles     0 found", "             0 new, 0 changed, 0 unchanged"]


@pytest.mark.parametrize(
    ("stats", "lines"),
    [
        ({}, []),
        ({"pictures/made": 3}, ["  pictures   3 made"]),
        ({"pictures/made": 3, "pictures/shared": 1}, ["  pictures   3 made, 1 shared"]),
        (
            {"rejects/gone": 1, "rejects/failed": 3, "rejects/parse": 1},
            ["  rejected   5: 3 failed, 1 gone, 1 parse"],
        ),
        (
            {"requests/https://api.example": 40, "requests/http://127.0.0.1:8001": 2},
            ["  requests   42: 40 api.example, 2 127.0.0.1:8001"],
        ),
        (
            {"requests/https://a.example": 9, "retry/count": 3, "retry/failed/500": 2, "retry/exhausted": 1}
            | {"retry/throttled/429": 1},
            ["  requests   9: 9 a.example", "             3 of them tried again (2 failed/500, 1 throttled/429)"],
        ),
        ({"cache/miss": 9, "cache/stored": 9, "cache/bytes": 9000}, []),
        (
            {"cache/hit": 6, "cache/hit/sqlite": 4, "cache/hit/memory": 2, "cache/miss": 5, "cache/stale": 1}
            | {"cache/saved_requests": 6, "cache/saved_seconds": 1.25, "cache/revalidated": 1, "cache/stored": 6}
            | {"cache/bytes": 12_345, "cache/evicted": 3, "cache/corrupt": 2},
            [
                "  cache      6 hits of 12 (50 %), saved 6 requests, 1.2 s",
                "             2 from memory, 4 from sqlite, 1 still right, 6 stored (12.3 kB), 3 given up by memory, "
                "2 damaged",
            ],
        ),
        ({"pictures/hit": 1}, ["  cache      1 picture already there"]),
        ({"pictures/hit": 38}, ["  cache      38 pictures already there"]),
    ],
)
def test_what_there_is_to_say_and_nothing_else(stats: dict[str, int], lines: list[str]) -> None:
    assert list(summary("spider: finished", {"spider": stats}, 0, {})) == [*NOTHING, *lines]


def test_titles_in_all_their_fates() -> None:
    stats = {
        "titles/found": 1000,
        "titles/expected": 1204,
        "titles/inserted": 5,
        "titles/updated": 4,
        "titles/unchanged": 3,
        "titles/out_of_reach": 7,
        "refresh/skipped/not_due": 20,
        "refresh/skipped/frozen": 10,
        "filter/dropped/genre_talk": 2,
    }
    assert list(summary("spider: shutdown", {"spider": stats}, 3725, {"documents": "SQLite movies.db"})) == [
        "spider: shutdown in 62 min 5 s",
        "  titles     1000 found of 1204 expected",
        "             5 new, 4 changed, 3 unchanged",
        "             30 skipped: 20 not due, 10 frozen",
        "             2 dropped: 2 genre talk",
        "             7 out of reach: TMDB shows 10,000 films of a day",
        "  documents  SQLite movies.db",
    ]
