"""robots.txt: read once, obeyed for pages; if it cannot be read, no requests are sent."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import TextResponse

from moviecrawler.downloadermiddlewares.robots import RobotsTxtMiddleware
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.hosts import Hosts
from tests.support.crawler import Lifecycle, stand_in

PAGE, FILM = "https://numbers.example/movie/budgets/all", "https://numbers.example/movie/Avatar"
CDN = "https://cdn.example/t/p/w500/a.jpg"
HOSTS = Hosts.build(
    {
        "THE_NUMBERS_BASE_URL": ("the_numbers", "page", "https://numbers.example"),
        "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", "https://cdn.example/t/p"),
    }
)


class Site:
    """A crawler whose engine answers one robots.txt."""

    def __init__(self, *, text: str = "", status: int = 200, error: Exception | None = None, obey: bool = True) -> None:
        self.asked: list[str] = []
        self._answer, self._error = TextResponse(PAGE, status, body=text.encode()), error
        lifecycle = Lifecycle()
        self.stopped = lifecycle.stopped
        self.crawler = stand_in(
            policies=SimpleNamespace(hosts=HOSTS),
            lifecycle=lifecycle,
            settings={
                "ROBOTSTXT_OBEY": obey,
                "ROBOTSTXT_PARSER": "scrapy.robotstxt.ProtegoRobotParser",
                "USER_AGENT": "moviecrawler (+https://example.org)",
            },
        )
        self.crawler.engine = SimpleNamespace(download_async=self._download)

    async def _download(self, request: Request) -> TextResponse:
        self.asked.append(request.url)
        await asyncio.sleep(0)
        if self._error:
            raise self._error
        return self._answer


def robots(site: Any) -> RobotsTxtMiddleware:
    return RobotsTxtMiddleware.from_crawler(site.crawler)


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("", False),
        ("User-agent: *\nDisallow: /search\n", False),
        ("User-agent: *\nDisallow: /movie/\n", True),
        ("User-agent: moviecrawler\nDisallow: /\n", True),
        ("User-agent: othercrawler\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /movie/budgets\n", False),
    ],
)
async def test_what_is_forbidden_ends_the_run_with_one_line(text: str, forbidden: bool) -> None:
    site = Site(text=text)
    if not forbidden:
        assert await robots(site).process_request(Request(PAGE)) is None
        assert site.stopped == []
        return
    with pytest.raises(IgnoreRequest):
        await robots(site).process_request(Request(PAGE))
    ((reason, line),) = site.stopped
    assert (reason, line.startswith(f"robots.txt forbids {PAGE};")) == ("robots", True)


async def test_it_is_read_once_and_requests_keep_their_order() -> None:
    site = Site()
    middleware, passed = robots(site), []

    async def ask(url: str) -> None:
        await middleware.process_request(Request(url))
        passed.append(url)

    urls = [f"https://numbers.example/movie/{n}" for n in range(5)]
    first = [asyncio.ensure_future(ask(url)) for url in urls[:4]]
    await asyncio.sleep(0)
    await asyncio.gather(*first, ask(urls[4]))
    assert site.asked == ["https://numbers.example/robots.txt"]
    assert passed == urls


async def test_a_site_without_one_forbids_nothing_whatever_its_404_says() -> None:
    site = Site(text="User-agent: *\nDisallow: /\n", status=404)
    assert await robots(site).process_request(Request(PAGE)) is None


async def test_one_that_cannot_be_read_forbids_everything() -> None:
    site = Site(error=AnswerError("failed", "failed/500"))
    with pytest.raises(IgnoreRequest):
        await robots(site).process_request(Request(PAGE))
    assert site.stopped == [
        (
            "robots",
            "https://numbers.example/robots.txt cannot be read (failed/500), so no requests are sent in this run.",
        )
    ]


async def test_pictures_are_not_checked() -> None:
    site = Site(text="User-agent: *\nDisallow: /\n")
    assert await robots(site).process_request(Request(CDN)) is None
    assert site.asked == []


def test_the_middleware_is_only_enabled_with_robotstxt_obey() -> None:
    with pytest.raises(NotConfigured):
        robots(Site(obey=False))
