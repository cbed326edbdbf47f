"""The last words of a run, line by line."""

from typing import Any

import pytest

from moviecrawler.observability.summary import summary

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
            ["  requests   9: 9 a.example", "             3 of them retried (2 failed/500, 1 throttled/429)"],
        ),
        ({"cache/miss": 9, "cache/stored": 9, "cache/bytes": 9000}, []),
        (
            {"cache/hit": 6, "cache/hit/sqlite": 4, "cache/hit/memory": 2, "cache/miss": 5, "cache/stale": 1}
            | {"cache/saved_requests": 6, "cache/saved_seconds": 1.25, "cache/revalidated": 1, "cache/stored": 6}
            | {"cache/bytes": 12_345, "cache/evicted": 3, "cache/corrupt": 2},
            [
                "  cache      6 hits of 12 (50 %), saved 6 requests, 1.2 s",
                "             2 from memory, 4 from sqlite, 1 revalidated, 6 stored (12.3 kB), 3 evicted from memory, "
                "2 damaged",
            ],
        ),
        ({"pictures/hit": 1}, ["  cache      1 picture already there"]),
        ({"pictures/hit": 38}, ["  cache      38 pictures already there"]),
    ],
)
def test_the_summary_has_only_sections_with_content(stats: dict[str, int], lines: list[str]) -> None:
    *said, _ = summary({"spider": "finished"}, {"spider": stats}, 0, {})
    assert said == [*NOTHING, *lines]


HOSTS = {"http://127.0.0.1:1": "TMDB", "http://127.0.0.1:2": "TMDB's pictures", "https://omdb.example": "OMDB"}


def lines_of(stats: dict[str, Any], spider: str = "tmdb_discover", reason: str = "finished", **more: Any) -> list[str]:
    return list(summary({spider: reason}, {spider: stats}, 3725, {"documents": "SQLite movies.db"}, **more))


def test_the_numbers_of_titles_add_up() -> None:
    stats = {
        "titles/found": 60,
        "titles/expected": 1204,
        "titles/inserted": 6,
        "titles/updated": 4,
        "titles/tmdb/inserted": 5,
        "titles/tmdb/updated": 4,
        "titles/tmdb/unchanged": 3,
        "titles/tmdb/older": 2,
        "titles/the_numbers/updated": 1,
        "titles/matched": 1,
        "reconcile/matched": 1,
        "titles/out_of_reach": 7,
        "refresh/skipped/not_due": 20,
        "refresh/skipped/frozen": 10,
        "filter/dropped/genre_talk": 2,
        "filter/genres/genre_talk/talk": 2,
        "filter/genres/genre_talk/comedy": 1,
        "misses/tmdb/gone": 3,
        "misses/tmdb/failed": 1,
    }
    assert lines_of(stats, reason="shutdown") == [
        "tmdb_discover: shutdown in 62 min 5 s",
        "  titles     60 found of 1204 expected",
        "             5 new, 4 changed, 3 unchanged, 2 older",
        "             30 skipped: 20 not due, 10 frozen",
        "             2 dropped: 2 genre talk",
        "             most of them talk (2 genre talk), comedy (1 genre talk)",
        "             4 without an answer: 3 gone, 1 failed",
        "             10 not requested, or not stored, before the end",
        "             1 of earlier tables matched",
        "             7 out of reach: TMDB shows 10,000 films per day",
        "  documents  SQLite movies.db",
        "  next       run again to continue: what is stored and not due is skipped",
    ]


@pytest.mark.parametrize(
    ("stats", "line"),
    [
        ({"titles/matched": 10, "titles/unmatched": 7, "titles/unsure": 0}, "10 matched, 7 unmatched"),
        ({"titles/matched": 10, "titles/unmatched": 7, "titles/unsure": 2}, "10 matched, 2 ambiguous, 5 unmatched"),
        ({"titles/unmatched": 2, "titles/unsure": 2}, "0 matched, 2 ambiguous"),
    ],
)
def test_match_is_advised_only_for_ambiguous_films(stats: dict[str, int], line: str) -> None:
    said = lines_of({"titles/found": 17, **stats}, "the_numbers_budgets")
    assert f"             {line}" in said
    assert ("scrapy match" in said[-1]) is ("ambiguous" in line)


def test_titles_of_another_worker_are_not_reported_as_missing() -> None:
    assert not [line for line in lines_of({"titles/found": 9, "queue/pushed": 9}) if "not asked for" in line]


def test_hosts_have_the_names_of_their_sources() -> None:
    stats: dict[str, Any] = {f"requests/{host}": number for number, host in enumerate(HOSTS, 1)}
    stats |= {"requests/https://relay.example": 9}
    for host, failures in (("http://127.0.0.1:1", 2), ("http://127.0.0.1:2", 0)):
        facts = {"requests": 40, "failures": failures, "opened": 1, "state": "open", "latency_p95": 4.8}
        stats |= {f"hosts/{host}/{name}": value for name, value in facts.items()}
    stats["hosts/http://127.0.0.1:1/failures/failed/500"] = 2
    said = lines_of(stats, hosts=HOSTS)
    assert "  requests   15: 9 relay.example, 3 OMDB, 2 TMDB's pictures, 1 TMDB" in said
    assert "  trouble    TMDB: 2 of 40 failed (2 failed/500), p95 4.80 s, paused 1 x and still is" in said
    assert "             TMDB's pictures: slow in 40 requests, p95 4.80 s, paused 1 x and still is" in said


def test_a_source_that_reports_its_limit_is_shown_as_exhausted() -> None:
    stats = {"quota/omdb/used": 6, "quota/omdb/left": 994}
    assert "  quota      OMDB: 6 requests, 994 left today" in lines_of(stats, "omdb")
    said = lines_of({**stats, "quota/omdb/refused": 1}, "omdb", "quota")
    assert "  quota      OMDB: 6 requests, and its own daily limit is reached" in said
    assert "tomorrow" in said[-1]


def test_titles_that_tmdb_does_not_have_are_named() -> None:
    stats = {"rejects/gone": 8, "misses/tmdb/gone": 8}
    said = lines_of(stats, "tmdb_titles", gone=["movies/999999999", "shows/5"])
    assert "             not at TMDB: movies/999999999, shows/5 and 6 more" in said


@pytest.mark.parametrize(
    ("reasons", "stats", "word"),
    [
        (["finished"], {}, "scrapy due"),
        (["finished"], {"titles/inserted": 1}, "scrapy export movies"),
        (["finished"], {"titles/inserted": 1, "rejects/parse": 1}, "scrapy export rejects"),
        (["finished"], {"titles/inserted": 1, "rejects/gone": 1}, "scrapy export movies"),
        (["finished"], {"titles/unsure": 1, "rejects/parse": 1}, "scrapy match"),
        (["finished"], {"titles/inserted": 1, "misses/tmdb/not_found": 1}, "scrapy match --all"),
        (["finished"], {"titles/unsure": 1, "misses/tmdb/not_found": 1}, "ambiguous films by hand: scrapy match"),
        (["finished", "quota"], {}, "tomorrow"),
        (["quota", "incomplete"], {}, "run again: "),
        (["incomplete", "wrong_key"], {}, "correct the key"),
        (["finished", "redis_failed"], {}, "fix the error above"),
    ],
)
def test_the_last_line_says_what_to_do_next(reasons: list[str], stats: dict[str, int], word: str) -> None:
    *_, last = summary(dict(zip("abc", reasons, strict=False)), {"a": stats}, 0, {})
    assert last.startswith("  next ")
    assert word in last


def test_the_next_command_finds_the_data_of_the_sandbox() -> None:
    lines = summary(
        {"tmdb_trending": "finished"}, {"tmdb_trending": {"titles/inserted": 1}}, 1.0, {}, options=" -s A='b c'"
    )
    assert [line for line in lines if "next" in line] == ["  next       scrapy export movies -s A='b c' -o films.jsonl"]
