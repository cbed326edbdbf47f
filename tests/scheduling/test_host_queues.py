"""Which host's request leaves the queue: those of a slow host do not fill the downloader."""

from types import SimpleNamespace
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.squeues import FifoMemoryQueue

from moviecrawler.scheduling.host_queues import SlotQueue

SETTINGS = {
    "DOWNLOAD_SLOTS": {"slow": {"concurrency": 2}, "fast": {"concurrency": 1}},
    "CONCURRENT_REQUESTS_PER_DOMAIN": 3,
}


class Downloader:
    """The part of the downloader that the queue reads: how many requests of a slot are in it."""

    def __init__(self) -> None:
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: Request) -> str:
        return str(request.meta["download_slot"])

    def take(self, request: Request) -> str:
        slot = self.get_slot_key(request)
        self.slots.setdefault(slot, SimpleNamespace(active=set())).active.add(request)
        return slot


def make_queue() -> tuple[SlotQueue, Downloader]:
    crawler: Any = Crawler(Spider, SETTINGS)
    crawler.engine = SimpleNamespace(downloader=Downloader())
    return SlotQueue.from_crawler(crawler, FifoMemoryQueue, ""), crawler.engine.downloader


def push(queue: SlotQueue, slot: str, times: int) -> None:
    for number in range(times):
        queue.push(Request(f"https://{slot}.example/{number}", meta={"download_slot": slot}))


def pop_all(queue: SlotQueue, downloader: Downloader) -> list[str]:
    """The slots of all requests that leave the queue now."""
    slots = []
    while (request := queue.pop()) is not None:
        slots.append(downloader.take(request))
    return slots


def test_a_slow_host_has_twice_its_concurrency_in_the_downloader_and_the_rest_stays_queued() -> None:
    queue, downloader = make_queue()
    push(queue, "slow", 100)
    assert pop_all(queue, downloader) == ["slow"] * 4
    assert len(queue) == 96
    downloader.slots["slow"].active.pop()
    assert pop_all(queue, downloader) == ["slow"]


def test_another_host_is_served_while_the_slow_one_is_busy() -> None:
    queue, downloader = make_queue()
    push(queue, "slow", 100)
    pop_all(queue, downloader)
    push(queue, "fast", 3)
    assert pop_all(queue, downloader) == ["fast"] * 2


def test_a_host_without_a_setting_has_the_default_concurrency() -> None:
    queue, downloader = make_queue()
    push(queue, "unknown", 100)
    assert pop_all(queue, downloader) == ["unknown"] * 6
