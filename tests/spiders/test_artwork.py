"""Which pictures a spider asks for: each once, however many titles want it, and none that is there or was gone."""

import asyncio
import gc
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import scrapy
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.exceptions import AnswerError
from moviecrawler.items import Artwork, Reject
from moviecrawler.policy.documents.images import ImagePolicy
from moviecrawler.policy.network.hosts import Hosts
from tests.support.crawler import Lifecycle, stand_in

CDN = "https://image.example/t/p"


class Films(MovieSpider):
    name = "films"


@pytest.fixture
def spider(tmp_path: Path) -> Films:
    made = Films()
    made.crawler = stand_in(
        policies=SimpleNamespace(
            pictures=ImagePolicy(True, tmp_path, ("w500",), ("w1280",)),
            hosts=Hosts.build({"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", CDN)}),
        ),
        lifecycle=Lifecycle(),
    )
    return made


def film(id: int, path: str = "/p.jpg", **images: Any) -> dict[str, Any]:
    return {"_id": id, "sources": {"tmdb": {"data": {"poster_path": path}}}, "images": images}


def came(spider: Films, request: scrapy.Request) -> list[Artwork]:
    async def gather() -> list[Artwork]:
        answer = Response(request.url, body=b"picture")
        return [artwork async for artwork in spider.parse_artwork(answer, **request.cb_kwargs)]

    return asyncio.run(gather())


def failed(spider: Films, request: scrapy.Request, kind: str) -> list[Any]:
    failure = Failure(AnswerError(kind, f"{kind}/404", status=404))
    failure.request = request  # type: ignore[attr-defined]
    return list(spider.artwork_failed(failure))


def asked(spider: Films, *films: dict[str, Any]) -> list[scrapy.Request]:
    return [request for one in films for request in spider.artwork_requests("movies", one)]


def stats(spider: Films) -> dict[str, int]:
    return {name.removeprefix("pictures/"): count for name, count in spider.crawler.stats.get_stats().items()}


def test_two_films_that_share_a_picture_download_it_once(spider: Films) -> None:
    (request,) = asked(spider, film(1), film(2), film(3))
    artworks = came(spider, request.replace(meta={"retry_times": 1}))
    assert [(artwork.id, artwork.role, artwork.source_path) for artwork in artworks] == [
        (id, "poster", "/p.jpg") for id in (1, 2, 3)
    ]
    assert {artwork.body for artwork in artworks} == {b"picture"}
    assert stats(spider) == {"wanted": 3, "joined": 2}


def test_a_title_after_the_download_requests_the_picture_again(spider: Films) -> None:
    (request,) = asked(spider, film(1))
    came(spider, request)
    assert len(asked(spider, film(2))) == 1, "though the first request still lives"
    assert failed(spider, request, "failed")[0].reason == "failed"
    assert len(asked(spider, film(3))) == 1


def test_no_title_joins_a_request_that_went_to_another_process(spider: Films) -> None:
    (request,) = asked(spider, film(1))
    sent = json.dumps(request.cb_kwargs)
    del request
    gc.collect()
    (request,) = asked(spider, film(2))
    there = scrapy.Request(request.url, cb_kwargs=json.loads(sent))
    assert [artwork.id for artwork in came(spider, there)] == [1]


def test_a_picture_on_disk_is_a_hit(spider: Films, tmp_path: Path) -> None:
    poster = {"source_path": "/p.jpg", "files": {"w500": {"file": "p.jpg"}}, "file": "p.jpg"}
    (tmp_path / "p.jpg").touch()
    assert not asked(spider, film(1, poster=poster))
    assert stats(spider) == {"hit": 1}


@pytest.mark.parametrize("older", [None, {"source_path": "/old.jpg", "files": {"w500": {"file": "o"}}, "file": "o"}])
def test_a_picture_that_is_gone_is_noted_at_every_film_and_not_requested_again(
    spider: Films, older: dict[str, Any] | None
) -> None:
    before = {"poster": older} if older else {}
    (request,) = asked(spider, film(1, **before), film(2, **before))
    reject, *notes = failed(spider, request, "gone")
    assert isinstance(reject, Reject)
    assert [note.id for note in notes] == [1, 2]
    for note in notes:
        assert note.context.images["poster"]["gone"]["url"] == request.url
        assert note.context.images["poster"]["file"] == (older["file"] if older else None)
        assert not asked(spider, film(note.id, **note.context.images))
        assert len(asked(spider, film(note.id, "/another.jpg", **note.context.images))) == 1
    spider.force = True
    assert len(asked(spider, film(1, **notes[0].context.images))) == 1
    assert stats(spider)["gone"] == 2


@pytest.mark.parametrize("kind", ["failed", "garbage", "throttled", "blocked"])
def test_a_picture_of_a_failing_cdn_is_requested_again(spider: Films, kind: str) -> None:
    (request,) = asked(spider, film(1))
    (reject,) = failed(spider, request, kind)
    assert reject.reason == kind


# --- The logo of a title backdrop --------------------------------------------------------------------------------


def with_logo(spider: Films, answer: Any, **settings: Any) -> tuple[list[Artwork], list[str]]:
    """What comes of a backdrop whose title has a logo, which the image host answers so; and what was asked of it."""
    urls = []

    async def download(request: scrapy.Request) -> Response:
        urls.append(request.url)
        if isinstance(answer, Exception):
            raise answer
        return Response(request.url, body=answer)

    policies = spider.runtime.policies
    policies.pictures = replace(policies.pictures, overlay_logo=True, **settings)
    spider.crawler.engine = SimpleNamespace(download_async=download)  # type: ignore[assignment]
    document = film(1) | {"logos": [{"path": "/logo.png", "language": "en"}]}
    document["sources"]["tmdb"]["data"] = {"backdrop_path": "/b.jpg"}
    (request,) = asked(spider, document)
    return came(spider, request), urls


@pytest.mark.parametrize(
    ("answer", "path", "body"),
    [
        (b"logo", "/logo.png", b"logo"),
        (AnswerError("gone", "gone/404", status=404), "/logo.png", b""),
        (AnswerError("failed", "failed/503", status=503), None, b""),
        (IgnoreRequest("the run ends"), None, b""),
    ],
)
def test_a_backdrop_comes_with_its_logo_or_without(spider: Films, answer: Any, path: str | None, body: bytes) -> None:
    ((artwork,), urls) = with_logo(spider, answer)
    assert urls == [f"{CDN}/original/logo.png"]
    assert (artwork.role, artwork.body) == ("backdrop", b"picture")
    assert (artwork.logo_path, artwork.logo) == (path, body), "what failed is tried again, what is gone is not"


def test_one_download_of_a_logo_is_enough_for_its_files_and_the_title_backdrop(spider: Films) -> None:
    found, urls = with_logo(spider, b"logo", logo_sizes=("w92",))
    assert len(urls) == 1
    assert [(artwork.role, artwork.source_path, artwork.body) for artwork in found] == [
        ("logo", "/logo.png", b"logo"),
        ("backdrop", "/b.jpg", b"picture"),
    ]


def test_a_portrait_that_two_films_share_is_made_once(spider: Films) -> None:
    policies = spider.runtime.policies
    policies.pictures = replace(policies.pictures, profile_sizes=("w45",))
    people = {"people": {"cast": [{"name": "Al Pacino", "profile_path": "/al.jpg"}]}}
    requests = [one for one in asked(spider, film(1) | people, film(2) | people) if "/al.jpg" in one.url]
    assert [request.url for request in requests] == [f"{CDN}/w45/al.jpg"]
    assert [artwork.id for artwork in came(spider, requests[0])] == [1]
    assert [type(item) for item in failed(spider, requests[0], "gone")] == [Reject], "noted in no document"
