"""Of several spiders in one process, each line says whose it is; once, and where it is not said already."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import signals

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.extensions.names import SpiderNames

OMDB = SimpleNamespace(name="omdb")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    said: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handlers = [Handler(), Handler()]
    for handler in handlers:
        logging.getLogger().addHandler(handler)
    yield said
    for handler in handlers:
        logging.getLogger().removeHandler(handler)
    for place in (logging.getLogger("scrapy.core.engine"), *logging.getLogger().handlers):
        place.filters = [other for other in place.filters if not isinstance(other, SpiderNames)]


def install(crawlers: int) -> None:
    connected = SimpleNamespace(connect=lambda call, signal: {signals.spider_opened: call}[signal])
    group: list[Any] = [SimpleNamespace(signals=connected) for _ in range(crawlers)]
    CrawlGroup.form(group)
    for crawler in group:
        SpiderNames.from_crawler(crawler)


@pytest.mark.parametrize(
    ("crawlers", "logger", "extra", "line"),
    [
        (2, "scrapy.core.engine", {"spider": OMDB}, "omdb: 100 % of it (closed)"),
        (2, "omdb", {"spider": OMDB}, "100 % of it (closed)"),
        (2, "scrapy.core.engine", {}, "100 % of it (closed)"),
        (2, "scrapy.core.engine", {"spider": None}, "100 % of it (closed)"),
        (1, "scrapy.core.engine", {"spider": OMDB}, "100 % of it (closed)"),
    ],
    ids=["of a spider", "by the spider itself", "of nobody", "before there is one", "alone"],
)
def test_log_lines_are_prefixed_with_their_spider(
    lines: list[str], crawlers: int, logger: str, extra: dict[str, Any], line: str
) -> None:
    install(crawlers)
    logging.getLogger(logger).warning("100 %% of it (%s)", "closed", extra=extra)
    assert lines == [line, line]
