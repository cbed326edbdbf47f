"""One request at several hosts: which are tried, in which order, with what outcome and history."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import Response

from moviecrawler.config.groups import FailoverConfig
from moviecrawler.downloader.cdn_probe import CdnProbe
from moviecrawler.downloader.failover import Attempt, Failover
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.host_pool import HostPools
from moviecrawler.policy.network.hosts import Hosts
from tests.support.waiting import patient

A, B, C = "https://a.example", "https://b.example", "https://c.example"
API, ALTERNATE = "https://api.example", "https://alternate.example"
HOSTS = Hosts.build(
    {
        "TMDB_BASE_URL": ("tmdb", "api", f"{API}/3,{ALTERNATE}/3"),
        "TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", ",".join(f"{origin}/t/p" for origin in (A, B, C))),
    }
)
PICTURE = f"{A}/t/p/w92/a.jpg"
FILM = f"{API}/3/movie/603?language=en"

Outcome = str | AnswerError
"""``ok``, the reason of a failure such as ``failed/500``, or the whole error."""


class CountingThrottle:
    """Lets every request through and counts them."""

    def __init__(self) -> None:
        self.passed = 0

    @asynccontextmanager
    async def acquire(self, *, probe: bool = False) -> AsyncIterator[None]:
        self.passed += 1
        yield


class Net:
    """Hosts with given outcomes: ``{origin: [outcome of the first request, ...]}``; the last one is repeated."""

    def __init__(self, answers: dict[str, Sequence[Outcome]]) -> None:
        self._answers = {origin: list(outcomes) for origin, outcomes in answers.items()}
        self.pools = HostPools(HOSTS, FailoverConfig())
        self.throttle = CountingThrottle()
        self.attempts: list[Attempt] = []
        self._failover = Failover(HOSTS, self.pools, self._fetch, self._probe_host)

    async def _fetch(self, request: Request, attempt: Attempt, throttle: Any) -> Response:
        self.attempts.append(attempt)
        outcomes = self._answers[attempt.host.origin]
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if outcome == "ok":
            attempt.first_byte = 0.01
            return Response(request.url, body=attempt.host.origin.encode())
        if isinstance(outcome, str):
            outcome = AnswerError(outcome.partition("/")[0], outcome)
        raise outcome

    async def _probe_host(self, host: Any, url: str) -> bool:
        raise AssertionError("only CDN_PREFER probes hosts")

    async def get(self, url: str) -> Response:
        return await self.download(Request(url))

    async def download(self, request: Request) -> Response:
        host = HOSTS.match(request.url)
        assert host is not None
        return await self._failover.download(request, host, self.throttle)

    @property
    def asked(self) -> list[str]:
        return [attempt.host.origin for attempt in self.attempts]

    def facts(self, origin: str) -> dict[str, Any]:
        return dict(self.pools.report(time.monotonic()))[origin]


async def test_a_picture_comes_from_the_next_host_at_once_under_its_own_address() -> None:
    net = Net({A: ["failed/500"], B: ["ok"]})
    request = Request(PICTURE)
    response = await net.download(request)
    assert response.url == PICTURE
    assert response.body == B.encode()
    assert [attempt.url for attempt in net.attempts] == [PICTURE, f"{B}/t/p/w92/a.jpg"]
    assert request.url == PICTURE
    assert "download_slot" not in request.meta, "the scheduler counts all pictures of a source in one slot"
    assert request.meta["history"] == [f"failed/500 from {A}"]


@pytest.mark.parametrize(
    "reason", ["failed/500", "failed/timeout", "garbage/html", "garbage/truncated", "throttled/429", "blocked/403",
               "refused/400", "failed/302", "gone/404"]
)  # fmt: skip
async def test_whatever_goes_wrong_with_a_picture_another_host_may_have_it(reason: str) -> None:
    net = Net({A: [reason], B: ["ok"]})
    assert (await net.get(PICTURE)).body == B.encode()
    assert net.facts(A)["failures"] == 1
    assert net.facts(A)[f"failures/{reason}"] == 1


async def test_a_picture_that_is_too_large_is_that_everywhere() -> None:
    net = Net({A: ["refused/too_large"], B: ["ok"]})
    with pytest.raises(AnswerError, match="too_large"):
        await net.get(PICTURE)
    assert net.asked == [A]
    assert net.facts(A)["failures"] == 0


@pytest.mark.parametrize(
    ("outcomes", "reason", "asked"),
    [
        (["failed/500", "failed/timeout", "garbage/html"], "failed/500", [A, B, C]),
        (["gone/404", "gone/404", "ok"], "gone/404", [A, B]),
        (["gone/404", "failed/500", "gone/404"], "gone/404", [A, B, C]),
        (["failed/500", "gone/404", "blocked/403"], "failed/500", [A, B, C]),
        (["blocked/403", "throttled/429", "refused/400"], "throttled/429", [A, B, C]),
        (["throttled/429", "garbage/html", "gone/404"], "garbage/html", [A, B, C]),
        (["blocked/403", "refused/400", "refused/400"], "blocked/403", [A, B, C]),
    ],
)
async def test_when_all_hosts_fail_the_failure_that_a_retry_resolves_soonest_is_raised(
    outcomes: list[str], reason: str, asked: list[str]
) -> None:
    net = Net({origin: [outcome] for origin, outcome in zip((A, B, C), outcomes, strict=True)})
    request = Request(PICTURE)
    with pytest.raises(AnswerError) as error:
        await net.download(request)
    assert error.value.reason == reason
    assert net.asked == asked
    assert request.meta["history"] == [f"{one} from {origin}" for one, origin in zip(outcomes, asked, strict=False)]


async def test_a_404_counts_against_a_host_only_when_another_one_has_the_picture() -> None:
    net = Net({A: ["gone/404"], B: ["gone/404", "ok"], C: ["ok"]})
    with pytest.raises(AnswerError):
        await net.get(PICTURE)
    assert (net.facts(A)["failures"], net.facts(B)["failures"]) == (0, 0)
    await net.get(PICTURE)
    assert (net.facts(A)["failures"], net.facts(B)["failures"]) == (1, 0)


async def test_the_breaker_of_a_host_without_any_pictures_opens_soon() -> None:
    net = Net({A: ["gone/404"], B: ["ok"]})
    for _ in range(20):
        await net.get(PICTURE)
    assert net.asked.count(A) == 3
    assert net.facts(A)["state"] == "open"


async def test_a_dead_host_gets_three_requests_and_then_no_more() -> None:
    net = Net({A: ["failed/refused"], B: ["ok"]})
    for _ in range(50):
        await net.get(PICTURE)
    assert net.asked.count(A) == 3
    assert net.asked.count(B) == 50


async def test_a_pause_is_honoured_and_the_next_picture_comes_from_elsewhere() -> None:
    net = Net({A: [AnswerError("throttled", "throttled/503", retry_after=600.0)], B: ["ok"]})
    for _ in range(5):
        await net.get(PICTURE)
    assert net.asked == [A, B, B, B, B, B]


async def test_when_all_hosts_are_paused_nothing_is_sent_and_the_request_is_retried_afterwards() -> None:
    pause = AnswerError("throttled", "throttled/503", retry_after=60.0)
    net = Net({origin: [pause] for origin in (A, B, C)})
    with pytest.raises(AnswerError):
        await net.get(PICTURE)
    with pytest.raises(AnswerError) as error:
        await net.get(PICTURE)
    assert len(net.asked) == 3
    assert error.value.kind == "throttled"
    assert error.value.retry_after == pytest.approx(60, abs=1)


async def test_a_silent_host_gets_little_patience_while_another_one_is_left() -> None:
    net = Net({A: ["failed/timeout"], B: ["failed/timeout"], C: ["ok"]})
    await net.get(PICTURE)
    assert [attempt.patience for attempt in net.attempts] == [5.0, 5.0, None]


async def test_every_attempt_passes_the_throttle() -> None:
    net = Net({A: ["failed/500"], B: ["ok"]})
    await net.get(PICTURE)
    assert net.throttle.passed == 2


async def test_after_a_long_wait_the_host_that_is_healthy_now_is_chosen() -> None:
    net = Net({A: ["ok"], B: ["ok"]})
    opened = asyncio.Event()
    free = net.throttle.acquire

    @asynccontextmanager
    async def crowded(*, probe: bool = False) -> AsyncIterator[None]:
        async with free():
            await opened.wait()
            yield

    net.throttle.acquire = crowded  # type: ignore[method-assign]
    waiting = asyncio.ensure_future(net.get(PICTURE))
    await asyncio.sleep(0)
    host = HOSTS.match(PICTURE)
    assert host is not None
    for _ in range(3):
        now = time.monotonic()
        net.pools.of(host).record(host, False, sent=now, now=now, seconds=None, reason="failed/500")
    opened.set()
    await waiting
    assert net.asked == [B]


@pytest.mark.parametrize("reason", ["failed/500", "failed/dns", "failed/timeout", "failed/refused"])
async def test_an_api_that_fails_has_an_alternate(reason: str) -> None:
    net = Net({API: [reason], ALTERNATE: ["ok"]})
    response = await net.get(FILM)
    assert response.url == FILM
    assert [attempt.url for attempt in net.attempts] == [FILM, f"{ALTERNATE}/3/movie/603?language=en"]
    assert [attempt.patience for attempt in net.attempts] == [None, None]


@pytest.mark.parametrize("reason", ["auth/7", "gone/34", "refused/22", "blocked/403", "quota/limit", "throttled/429"])
async def test_answers_about_our_key_or_the_title_are_not_tried_at_the_alternates(reason: str) -> None:
    net = Net({API: [reason], ALTERNATE: ["ok"]})
    with pytest.raises(AnswerError) as error:
        await net.get(FILM)
    assert error.value.reason == reason
    assert net.asked == [API]
    assert net.facts(API)["failures"] == 0


async def test_after_a_failure_the_answer_of_the_alternate_counts() -> None:
    net = Net({API: ["failed/500"], ALTERNATE: ["auth/7"]})
    with pytest.raises(AnswerError) as error:
        await net.get(FILM)
    assert error.value.kind == "auth"


async def test_the_history_grows_from_try_to_try() -> None:
    net = Net({API: ["failed/500"], ALTERNATE: ["failed/dns"]})
    request = Request(FILM)
    for _ in range(2):
        with pytest.raises(AnswerError):
            await net.download(request)
        request = request.replace(meta={**request.meta, "retry_times": 1})
    assert request.meta["history"] == [f"failed/500 from {API}", f"failed/dns from {ALTERNATE}"] * 2


def preferred(times: dict[str, float | None]) -> Callable[[Any, str], Any]:
    """A probe of hosts that take this many seconds, or never send a picture."""

    async def probe_host(host: Any, url: str) -> bool:
        seconds = times[host.origin]
        await asyncio.sleep(seconds or 0)
        return seconds is not None

    return probe_host


async def test_image_hosts_that_answer_the_probe_come_first_the_fastest_in_front(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    host = HOSTS.match(PICTURE)
    assert host is not None
    pool = HostPools(HOSTS, FailoverConfig()).of(host)
    probe_host, together = preferred({A: None, B: 0.2, C: 0.01}), asyncio.Barrier(3)

    async def all_at_the_same_time(host: Any, url: str) -> bool:
        async with asyncio.timeout(patient(5)):
            await together.wait()
        return await probe_host(host, url)

    cdn_probe = CdnProbe(all_at_the_same_time)
    for _ in range(3):
        cdn_probe.begin(pool, lambda host: HOSTS.url_at(PICTURE, host))
    assert pool.choose(time.monotonic()) == host, "until then, the order of the setting"
    while not caplog.records:
        await asyncio.sleep(0.01)
    assert [one.origin for one in pool.hosts] == [C, B, A]
    (record,) = caplog.records
    assert C in record.getMessage().partition("no picture from")[0]
    assert record.getMessage().endswith(f"no picture from {A}")


async def test_a_host_that_says_nothing_for_three_seconds_has_not_answered(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moviecrawler.downloader.cdn_probe.PROBE_TIMEOUT", 0.05)
    caplog.set_level(logging.INFO)
    host = HOSTS.match(PICTURE)
    assert host is not None
    pool = HostPools(HOSTS, FailoverConfig()).of(host)
    CdnProbe(preferred({A: 30, B: 30, C: 30})).begin(pool, lambda host: HOSTS.url_at(PICTURE, host))
    while not caplog.records:
        await asyncio.sleep(0.01)
    assert [one.origin for one in pool.hosts] == [A, B, C]
    assert "come from nowhere" in caplog.text
