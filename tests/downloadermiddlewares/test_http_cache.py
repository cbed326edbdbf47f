"""A request's way through the cache: hit, miss, revalidation, failure; and requests that wait for an equal one."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response

from moviecrawler import timestamps
from moviecrawler.base_spiders.movie_spider import fetched_at
from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.http_cache import CachePolicy
from tests.support.caching_site import BASE, CDN, ETAG, Asked, age, answer, fails

HOUR, DAY = 3_600.0, 86_400.0


@pytest_asyncio.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    async with Asked(SqliteTier(tmp_path / "cache.db")) as asked:
        yield asked


def again(tmp_path: Path, policy: CachePolicy | None = None) -> Asked:
    """Another worker on the same tier, with an empty memory."""
    return Asked(SqliteTier(tmp_path / "cache.db"), policy)


async def test_a_fresh_answer_is_not_requested_again(asked: Asked, tmp_path: Path) -> None:
    first = await asked.get()
    second = await asked.get()
    async with again(tmp_path) as other:
        third = await other.get()
    assert len(asked.requests) == 1
    assert not other.requests
    assert [one.json() for one in (first, second, third)] == [{"id": 603}] * 3  # type: ignore[attr-defined]
    assert [one.flags for one in (first, second, third)] == [[], ["memory", "cached"], ["sqlite", "cached"]]
    assert third.url == f"{BASE}/movie/603"
    assert third.status == 200
    assert {name: asked.stats[name] for name in ("hit", "hit/memory", "miss", "stored", "saved_requests")} == {
        "hit": 1, "hit/memory": 1, "miss": 1, "stored": 1, "saved_requests": 1,
    }  # fmt: skip
    assert other.stats == {"hit": 1, "hit/sqlite": 1, "saved_requests": 1, "saved_seconds": 0.25}


async def test_only_five_headers_are_stored(asked: Asked) -> None:
    await asked.get()
    headers = (await asked.get()).headers
    assert {name.decode() for name in headers} == {"Etag", "Content-Type"}


async def test_a_cached_answer_keeps_its_timestamp(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    age(monkeypatch, -20 * 60)
    await asked.get()
    monkeypatch.undo()
    cached = await asked.get()
    assert len(asked.requests) == 1
    old = timestamps.parse(fetched_at(cached))
    new = timestamps.parse(fetched_at(Response(BASE, request=Request(BASE))))
    assert 19 * 60 < (new - old).total_seconds() < 21 * 60


async def test_a_stale_answer_is_fresh_again_after_a_304(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked.get()
    age(monkeypatch, 31 * 60)
    confirmed = await asked.get()
    assert asked.requests[1].headers["If-None-Match"] == ETAG.encode()
    assert confirmed.status == 200
    assert confirmed.json() == {"id": 603}  # type: ignore[attr-defined]
    assert confirmed.headers["Content-Type"] == b"application/json;charset=utf-8", "a 304 has no body to describe"
    assert confirmed.headers["Cache-Control"] == b"public, max-age=7"
    assert confirmed.meta["cache_timestamp"] == pytest.approx(time.time())
    assert (await asked.get()).flags == ["memory", "cached"]
    async with again(tmp_path) as other:
        assert (await other.get()).meta["cache_latency"] == 0.25
    assert len(asked.requests) == 2
    assert {name: asked.stats[name] for name in ("hit", "stale", "revalidated", "stored")} == {
        "hit": 1, "stale": 1, "revalidated": 1, "stored": 2,
    }  # fmt: skip


async def test_a_stale_answer_that_is_wrong_is_replaced(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked.get()
    age(monkeypatch, 31 * 60)
    asked.answer = answer(b'{"id": 604}', ETag='W/"20"')
    asked.answer = _ignoring_questions(asked.answer)
    replaced = await asked.get()
    assert replaced.json() == {"id": 604}  # type: ignore[attr-defined]
    assert replaced.meta["cache_timestamp"] == time.time()
    assert "If-None-Match" not in replaced.request.headers  # type: ignore[union-attr]
    assert (await asked.get()).json() == {"id": 604}  # type: ignore[attr-defined]
    assert "revalidated" not in asked.stats


def _ignoring_questions(of: Any) -> Any:
    return lambda request: of(Request(request.url))


async def test_cache_revalidate_never_returns_an_unconfirmed_answer(asked: Asked) -> None:
    await asked.get()
    assert (await asked.get(cache_revalidate=True)).json() == {"id": 603}  # type: ignore[attr-defined]
    assert len(asked.requests) == 2
    assert asked.stats["revalidated"] == 1
    asked.answer = fails("failed")
    with pytest.raises(AnswerError):
        await asked.get(cache_revalidate=True)


async def test_a_trending_list_lives_twice_as_long_as_a_film(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    film, listing = f"{BASE}/movie/603", f"{BASE}/trending/movie/day?page=1"
    await asked.get(film)
    await asked.get(listing)
    age(monkeypatch, 45 * 60)
    await asked.get(film)
    await asked.get(listing)
    assert [request.url for request in asked.requests] == [film, listing, film]


@pytest.mark.parametrize("kind", ["failed", "throttled", "garbage"])
async def test_a_stale_answer_replaces_the_answer_of_a_site_that_is_down(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    first = await asked.get()
    age(monkeypatch, 6 * DAY)
    asked.answer = fails(kind)
    with pytest.raises(AnswerError):
        await asked.get(last_try=False)
    assert "stale_if_error" not in asked.stats, "not while there are tries left"
    stale = await asked.get()
    assert stale.json() == first.json()  # type: ignore[attr-defined]
    assert stale.flags == ["sqlite", "cached", "stale"]
    assert asked.stats["stale_if_error"] == 1
    assert timestamps.parse(fetched_at(stale)).timestamp() < time.time() - 5 * DAY
    age(monkeypatch, 2 * DAY)
    with pytest.raises(AnswerError):
        await asked.get()


@pytest.mark.parametrize("kind", ["gone", "refused", "auth", "blocked", "quota", "ignored"])
async def test_a_stale_answer_does_not_replace_other_bad_answers(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await asked.get()
    age(monkeypatch, HOUR)
    asked.answer = fails(kind)
    with pytest.raises((AnswerError, IgnoreRequest)):
        await asked.get()
    assert "stale_if_error" not in asked.stats


async def test_after_a_failure_the_request_is_as_it_was(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry copies headers and meta; if the entry has gone by then, a conditional request would get a useless 304."""
    await asked.get()
    age(monkeypatch, HOUR)
    request = Request(f"{BASE}/movie/603", meta={"retry_times": 1})
    assert await asked.cache.process_request(request) is None
    assert "If-None-Match" in request.headers
    asked.cache.process_exception(request, AnswerError("failed", "failed/500"))
    assert not request.headers
    assert request.meta == {"retry_times": 1, "stale_usable": True}


async def test_what_a_site_forbids_to_store_is_not_stored(asked: Asked) -> None:
    asked.answer = answer(b"{}", **{"Cache-Control": "no-store"})
    await asked.get()
    await asked.get()
    assert len(asked.requests) == 2
    assert asked.stats == {"miss": 2}


@pytest.mark.parametrize(
    ("url", "meta"),
    [
        (f"{CDN}/w500/a.jpg", {}),
        ("https://stranger.example/3/movie/603", {}),
        (f"{BASE}/movie/603", {"dont_cache": True}),
    ],
)
async def test_pictures_unknown_hosts_and_dont_cache_bypass_the_cache(
    asked: Asked, url: str, meta: dict[str, Any]
) -> None:
    for _ in range(2):
        await asked.get(url, **meta)
    assert len(asked.requests) == 2
    assert asked.stats == {}


async def test_a_page_stays_a_page(asked: Asked) -> None:
    page = b"<html><h1>The Numbers</h1></html>"
    headers = {"Content-Type": "text/html; charset=utf-8"}
    asked.answer = lambda request: HtmlResponse(request.url, headers=headers, body=page)
    await asked.get()
    cached = await asked.get()
    assert isinstance(cached, HtmlResponse)
    assert cached.css("h1::text").get() == "The Numbers"


async def test_of_ten_equal_requests_at_once_the_site_sees_one(asked: Asked) -> None:
    answered = asyncio.Event()
    download = asked._download

    async def slow(request: Request) -> Response:
        await answered.wait()
        return await download(request)

    asked._download = slow  # type: ignore[method-assign]
    tasks = [asyncio.create_task(asked.get()) for _ in range(10)]
    other = asyncio.create_task(asked.get(f"{BASE}/movie/604"))
    for _ in range(20):
        await asyncio.sleep(0)
    answered.set()
    responses = await asyncio.gather(*tasks, other)
    assert len({response.body for response in responses}) == 1
    assert sorted(request.url for request in asked.requests) == [f"{BASE}/movie/603", f"{BASE}/movie/604"]
    assert (asked.stats["hit"], asked.stats["miss"]) == (9, 2)


async def test_a_waiting_request_is_sent_when_the_first_one_fails(asked: Asked) -> None:
    turns = iter([fails("failed"), fails("refused"), answer(b"{}")])
    asked.answer = lambda request: next(turns)(request)
    results = await asyncio.gather(*(asked.get() for _ in range(5)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AnswerError"] * 2 + ["JsonResponse"] * 3
    assert len(asked.requests) == 3
    assert not asked.cache._in_flight
    assert not asked.cache._stored


async def test_two_workers_share_their_answers(asked: Asked, tmp_path: Path) -> None:
    """Memory is not used beyond its lifetime: the other worker may have stored a newer answer since."""
    async with again(tmp_path) as other:
        await asked.get()
        with pytest.MonkeyPatch.context() as clock:
            age(clock, HOUR)
            await other.get()
            cached = await asked.get()
    assert (len(asked.requests), len(other.requests)) == (1, 1)
    assert cached.flags == ["sqlite", "cached"]


async def test_an_answer_from_the_future_is_revalidated(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    await asked.get()
    age(monkeypatch, -DAY)
    await asked.get()
    assert len(asked.requests) == 2
    assert asked.stats["revalidated"] == 1
    asked.answer = fails("failed")
    age(monkeypatch, -2 * DAY)
    with pytest.raises(AnswerError):
        await asked.get()
