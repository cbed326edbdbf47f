"""Which host's request leaves the queue next: the least busy one's, and none of a host that has enough."""

from collections.abc import Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

_AHEAD = 2
"""Of what travels at once, so many times as much is in the downloader: the next request waits there already."""


class SlotQueue(DownloaderAwarePriorityQueue):
    """Scrapy's queue, but what a slow host cannot take yet stays in it.

    In the downloader it would fill CONCURRENT_REQUESTS, and every other host would wait for the slow one.
    """

    def __init__(self, crawler: Crawler, *args: Any, **kwargs: Any) -> None:
        super().__init__(crawler, *args, **kwargs)
        self._downloader_interface = SlotsWithRoom(crawler)


class SlotsWithRoom(DownloaderInterface):
    """How much of each slot travels at once, and how much of it may be in the downloader."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._others = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._at_once = {slot: options["concurrency"] for slot, options in settings.getdict("DOWNLOAD_SLOTS").items()}

    def at_once(self, slot: str) -> int:
        return self._at_once.get(slot, self._others)

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        return [
            (active, slot) for active, slot in super().stats(possible_slots) if active < _AHEAD * self.at_once(slot)
        ]
