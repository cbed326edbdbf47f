"""Which host's request leaves the queue: no host's requests fill the downloader while it is slow."""

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
    """As far as the queue knows the downloader: how many requests of a slot are in it."""

    def __init__(self) -> None:
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: Request) -> str:
        return str(request.meta["download_slot"])

    def take(self, request: Request) -> str:
        slot = self.get_slot_key(request)
        self.slots.setdefault(slot, SimpleNamespace(active=set())).active.add(request)
        return slot


def made() -> tuple[SlotQueue, Downloader]:
    crawler: Any = Crawler(Spider, SETTINGS)
    crawler.engine = SimpleNamespace(downloader=Downloader())
    return SlotQueue.from_crawler(crawler, FifoMemoryQueue, ""), crawler.engine.downloader


def push(queue: SlotQueue, slot: str, times: int) -> None:
    for number in range(times):
        queue.push(Request(f"https://{slot}.example/{number}", meta={"download_slot": slot}))


def taken(queue: SlotQueue, downloader: Downloader) -> list[str]:
    """The slots of all requests that leave the queue now."""
    slots = []
    while (request := queue.pop()) is not None:
        slots.append(downloader.take(request))
    return slots


def test_a_slow_host_has_twice_what_travels_in_the_downloader_and_the_rest_stays_queued() -> None:
    queue, downloader = made()
    push(queue, "slow", 100)
    assert taken(queue, downloader) == ["slow"] * 4
    assert len(queue) == 96
    downloader.slots["slow"].active.pop()
    assert taken(queue, downloader) == ["slow"]


def test_another_host_is_served_while_the_slow_one_has_enough() -> None:
    queue, downloader = made()
    push(queue, "slow", 100)
    taken(queue, downloader)
    push(queue, "fast", 3)
    assert taken(queue, downloader) == ["fast"] * 2


def test_a_host_without_a_setting_has_the_limit_of_all_hosts() -> None:
    queue, downloader = made()
    push(queue, "unknown", 100)
    assert taken(queue, downloader) == ["unknown"] * 6
