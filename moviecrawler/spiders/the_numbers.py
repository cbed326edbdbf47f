"""What the spiders of The Numbers share: politeness, and the text of a page."""

from collections.abc import Callable
from typing import Any

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.artwork import PICTURE
from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.policy.network.tolerant_json import decode_text
from moviecrawler.request_meta import meta_of


class TheNumbersSpider(MovieSpider):
    """Base of the spiders of The Numbers, which run only with THE_NUMBERS_ENABLED=1.

    Pages are requested THE_NUMBERS_DELAY seconds apart, however many runs there are (``downloader/throttle.py``);
    AutoThrottle waits longer while the site is slow, and the first page that robots.txt forbids ends the run.
    """

    required_sources = ("the_numbers",)
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    }

    @property
    def base(self) -> str:
        return self.runtime.policies.hosts.bases("the_numbers", "page")[0]

    def request(self, url: str, callback: Callable[..., Any], *, priority: int, **kwargs: Any) -> Request:
        request = super().request(url, callback, priority=priority, **kwargs)
        # Pictures come from a CDN, which serves many at once.
        meta_of(request)["autothrottle_dont_adjust_delay"] = priority == PICTURE
        return request


def html(response: Response) -> str:
    """The page as text: UTF-8, whatever headers or the page declare, except single bytes of Windows-1252."""
    return decode_text(response.body)
