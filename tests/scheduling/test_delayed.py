"""A delayed request: counted as pending, queued after its delay, and not lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from scrapy.utils.misc import build_from_crawler
from scrapy.utils.request import RequestFingerprinter

from moviecrawler.scheduling.delayed import Scheduler


class Engine:
    """The part of the engine that the scheduler calls."""

    def __init__(self) -> None:
        self.scheduler: Any = None
        self.received = asyncio.Event()

    def crawl(self, request: Request) -> None:
        self.scheduler.enqueue_request(request)
        self.received.set()


def make_scheduler(tmp_path: Path | None = None) -> tuple[Scheduler, Engine]:
    queue = {"SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue"}  # the default one needs a downloader
    crawler = Crawler(Spider, {**queue, "JOBDIR": str(tmp_path)} if tmp_path else queue)
    crawler.spider = Spider(name="tests")
    crawler.spider.crawler = crawler
    crawler.stats = StatsCollector(crawler)
    crawler.request_fingerprinter = RequestFingerprinter(crawler)
    crawler.engine = Engine()
    scheduler = build_from_crawler(Scheduler, crawler)
    crawler.engine.scheduler = scheduler
    scheduler.open(crawler.spider)
    return scheduler, crawler.engine


@pytest.fixture
async def scheduler() -> AsyncIterator[Scheduler]:
    scheduler, _ = make_scheduler()
    yield scheduler
    scheduler.close("finished")


async def test_a_delayed_request_is_pending_but_not_returned(scheduler: Scheduler) -> None:
    assert scheduler.enqueue_request(Request("https://a.org", meta={"delay": 60}))
    assert scheduler.has_pending_requests()
    assert scheduler.next_request() is None


async def test_a_request_is_queued_after_its_delay() -> None:
    scheduler, engine = make_scheduler()
    scheduler.enqueue_request(Request("https://a.org", meta={"delay": 0.01, "retry_times": 1}))
    await asyncio.wait_for(engine.received.wait(), 5)
    request = scheduler.next_request()
    assert request is not None
    assert request.meta["retry_times"] == 1
    assert not scheduler.has_pending_requests()
    scheduler.close("finished")


async def test_other_requests_do_not_wait_for_a_delayed_one(scheduler: Scheduler) -> None:
    scheduler.enqueue_request(Request("https://a.org", meta={"delay": 60}))
    scheduler.enqueue_request(Request("https://b.org"))
    request = scheduler.next_request()
    assert request is not None
    assert request.url == "https://b.org"


async def test_with_a_job_folder_the_next_run_continues_with_it(tmp_path: Path) -> None:
    first, _ = make_scheduler(tmp_path)
    first.enqueue_request(Request("https://a.org", meta={"delay": 60}, dont_filter=True))
    first.close("shutdown")
    second, _ = make_scheduler(tmp_path)
    request = second.next_request()
    assert request is not None
    assert request.url == "https://a.org"
    second.close("finished")
