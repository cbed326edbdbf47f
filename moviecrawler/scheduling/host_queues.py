"""Which host's request leaves the queue next: that of the least busy host, and none of a host that is busy enough."""

from collections.abc import Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

_IN_DOWNLOADER = 2
"""Requests of a slot in the downloader, as a multiple of its concurrency: the next one is ready when one is done."""


class SlotQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue, but requests stay in it while their host is busy.

    In the downloader they would fill CONCURRENT_REQUESTS, and every other host would wait for the slow one.
    """

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any) -> None:
        super().__init__(crawler, *args, **kwargs)
        self._downloader_interface = SlotsWithRoom(crawler)


class SlotsWithRoom(DownloaderInterface):
    """The slots that may have another request in the downloader, for Scrapy's queue."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._default = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._concurrency: dict[str, int] = {
            slot: options["concurrency"] for slot, options in settings.getdict("DOWNLOAD_SLOTS").items()
        }

    def concurrency(self, slot: str) -> int:
        """How many requests of this slot may be under way at a time."""
        return self._concurrency.get(slot, self._default)

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        return [
            (active, slot)
            for active, slot in super().stats(possible_slots)
            if active < _IN_DOWNLOADER * self.concurrency(slot)
        ]
