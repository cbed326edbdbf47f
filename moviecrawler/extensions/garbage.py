"""Keeps the garbage collector from scanning loaded modules again and again during a run."""

import gc
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

_THRESHOLD = 20_000
"""Container objects (created, not yet freed) that start a collection; Python's 700 are just two answers."""


class GarbageCollection:
    """Freezes all objects when the engine starts, and collects less often: it took 15 % of a crawl's CPU."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        collection = cls()
        crawler.signals.connect(collection._tune, signals.engine_started)
        return collection

    def _tune(self) -> None:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_THRESHOLD, *gc.get_threshold()[1:])
