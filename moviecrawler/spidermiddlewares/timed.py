"""How long a spider's callback works on an answer, sources included: from the answer to items and requests."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from moviecrawler.observability.timing import NoTiming, Timing


class TimedCallbacksMiddleware:
    """Spider middleware, the innermost one. What others do with an output, while the callback waits, counts not."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if isinstance(crawler.timing, NoTiming):
            raise NotConfigured
        return cls(crawler.timing)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        clock, worked = self._timing.clock, 0.0
        started = clock()
        async for output in result:
            worked += clock() - started
            yield output
            started = clock()
        self._timing.record(_stage(response), worked + clock() - started)


def _stage(response: Response) -> str:
    """``parse/title`` for ``parse_title``; a page of a listing and a picture have nothing in common with a title."""
    callback = response.request.callback
    return f"parse/{callback.__name__.removeprefix('parse_')}" if callback else "parse"
