"""Which requests a crawler is working on, from the downloader to the last pipeline, and whether it takes more."""

from typing import Any

from scrapy import Request


def in_progress(engine: Any) -> set[Request]:
    """Requests that have left the scheduler and are not done; read from public attributes of the engine.

    Done: callback and pipelines have ended, so what it yielded is stored, or in the scheduler.
    """
    scraping = engine.scraper.slot
    if scraping is None:
        return set(engine.downloader.active)
    requests: set[Request] = engine.downloader.active | scraping.active
    return requests | {request for _, request, _ in scraping.queue}


def accepts_requests(engine: Any) -> bool:
    """Whether the engine would send another request now: the spider is open, and there is room."""
    return bool(engine.running and engine.scraper.slot is not None and not engine.needs_backout())
