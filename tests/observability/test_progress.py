"""How far a run is, and how long it will take, where that can be known."""

import doctest
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.settings import Settings

from moviecrawler.addons import CrawlGroup
from moviecrawler.observability import progress
from moviecrawler.observability.progress import ProgressDisplay


@pytest.mark.parametrize(
    ("stats", "line"),
    [
        (
            {"titles/found": 20, "titles/expected": 100, "titles/inserted": 12, "refresh/skipped/not_due": 8},
            "titles 20/100, pictures 0/0, rejects 0, 0.0 requests/s, about 1 min left",
        ),
        ({"titles/found": 20, "titles/inserted": 8}, "titles 8/20, pictures 0/0, rejects 0, 0.0 requests/s"),
        (
            {
                "titles/found": 9,
                "titles/expected": 9,
                "titles/inserted": 9,
                "pictures/wanted": 36,
                "pictures/fetched": 9,
            }
            | {"rejects/gone": 1, "downloader/request_count": 75},
            "titles 9/9, pictures 9/36, rejects 1, 5.0 requests/s, about 22 s left",
        ),
    ],
    ids=["expected", "nobody knows", "pictures take longer"],
)
def test_the_line_of_a_log(
    stats: dict[str, int], line: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawler: Any = SimpleNamespace(
        stats=SimpleNamespace(get_stats=lambda: stats, get_value=stats.get),
        settings=Settings({"LOG_FILE": "x"}),
        config=SimpleNamespace(run=SimpleNamespace(progress_seconds=15.0)),
        signals=SimpleNamespace(connect=lambda call, signal: None),
    )
    crawler.group = CrawlGroup([crawler])
    shown = ProgressDisplay.from_crawler(crawler)
    shown._name, shown._started = "", 100.0
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: 115.0))
    with caplog.at_level(logging.INFO):
        shown._show()
    assert caplog.messages == [line]


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(progress)
    assert found.attempted
    assert not found.failed
