"""What is unusual about a run, by the runs before it."""

from typing import Any

import pytest

from moviecrawler.health.history import Figures, figures_of, missed, unusual
from moviecrawler.policy.jobs.run_report import run_report

STEADY = [Figures(100, 600, 0.01)] * 9
WILD = [Figures(titles, 600, 0) for titles in (10, 900, 40, 2_000, 100, 5, 1_200)]


@pytest.mark.parametrize(
    ("last", "earlier", "words"),
    [
        (Figures(100, 600, 0.01), STEADY, []),
        (Figures(51, 899, 0.02), STEADY, []),
        (Figures(49, 600, 0.01), STEADY, ["49 titles, 100 are usual"]),
        (Figures(5_000, 600, 0.01), STEADY, []),
        (Figures(100, 901, 0.01), STEADY, ["took 15 m 01 s, 10 m 00 s is usual"]),
        (Figures(100, 6, 0.01), STEADY, []),
        (Figures(100, 600, 0.2), STEADY, ["20% could not be used, 1% is usual"]),
        (Figures(0, 901, 0.2), STEADY, ["0 titles", "took", "20%"]),
        (Figures(0, 600, 0), STEADY[:4], []),
        (Figures(0, 600, 0), WILD, []),
        (Figures(1, 60, 0), [Figures(1, 5, 0)] * 9, []),
    ],
)
def test_unusual(last: Figures, earlier: list[Figures], words: list[str]) -> None:
    found = list(unusual(last, earlier))
    assert len(found) == len(words)
    assert all(line.startswith(start) for line, start in zip(found, words, strict=True))


def covered(share: float, titles: int = 100, field: str = "runtime") -> Figures:
    return Figures(100, 600, 0, 0, {"movies": titles}, {("movies", field): share})


@pytest.mark.parametrize(
    ("last", "earlier", "words"),
    [
        (covered(0.5), [covered(0.9)] * 5, ["50% of the movies have runtime, 90% are usual"]),
        (covered(1, field="title"), [covered(0.9)] * 5, ["0% of the movies have runtime, 90% are usual"]),
        (covered(0.81), [covered(0.9)] * 5, []),
        (covered(0.5), [covered(0.9)] * 4 + [Figures(100, 600, 0)], []),
        (covered(0.5, 20), [covered(0.8, 20)] * 5, []),
        (covered(0.3), [covered(share) for share in (0.2, 0.9, 0.5, 0.7, 0.8)], []),
        (Figures(100, 600, 0, 0.3), [Figures(100, 600, 0, 0.02)] * 5, ["30% of the requests failed, 2% is usual"]),
        (Figures(100, 600, 0, 0.06), [Figures(100, 600, 0, 0.02)] * 5, []),
    ],
)
def test_fields_and_failures_that_are_unusual(last: Figures, earlier: list[Figures], words: list[str]) -> None:
    assert list(unusual(last, earlier)) == words


def test_the_figures_of_a_record() -> None:
    stats = {
        "titles/found": 40,
        "item_scraped_count": 40,
        "requests/https://t": 50,
        "retry/count": 4,
        "retry/failed": 4,
    }
    coverage = {"movies": {"titles": 40, "fields": {"runtime": 30}}, "shows": {"titles": 3, "fields": {"title": 3}}}
    row: Any = {"_id": "a", "spider": "omdb", "started_at": "2026-11-21T08:15:30.000Z", "finish_reason": "finished"}
    row |= {"finished_at": "2026-11-21T08:16:30.000Z", "stats": stats | {"retry/exhausted": 1}, "coverage": coverage}
    found = figures_of(row, run_report(row, "ended"), 2)
    assert found == Figures(40, 60, 0.05, 0.1, {"movies": 40}, {("movies", "runtime"): 0.75})


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        (None, 3, ""),
        (100, 100, ""),
        (100, 96, ""),
        (100, 95, "95 titles were found, of 100"),
        (4, 0, ""),
        (8, 0, "0 t"),
    ],
)
@pytest.mark.parametrize("reason", ["finished", "quota"])
def test_what_a_source_counts_and_a_run_has_not_found(expected: int, found: int, said: str, reason: str) -> None:
    row: Any = {"finish_reason": reason, "expected": expected, "stats": {"titles/found": found}}
    assert missed(row).startswith(said if reason == "finished" else "")
    assert bool(missed(row)) == (bool(said) and reason == "finished")
