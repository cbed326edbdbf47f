"""Times a spider's callback, source parsers included: from the answer to items and requests."""

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from moviecrawler.policy.timing import NoTiming, Timing
from moviecrawler.runtime import Runtime


class TimedCallbacksMiddleware:
    """Spider middleware, the innermost one. Time in which others use an output does not count."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        timing = Runtime.of(crawler).timing
        if isinstance(timing, NoTiming):
            raise NotConfigured
        return cls(timing)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        clock, worked = self._timing.clock, 0.0
        started = clock()
        async for output in result:
            worked += clock() - started
            yield output
            started = clock()
        self._timing.record(_stage(response), worked + clock() - started)


def _stage(response: Response) -> str:
    """``parse/title`` for ``parse_title``; listing pages and pictures must not be mixed with titles."""
    callback = response.request and response.request.callback
    name: str = getattr(callback, "__name__", "")
    return f"parse/{name.removeprefix('parse_')}" if name else "parse"
