"""A host gets at most burst + rate x t requests in any t seconds, and very nearly that many."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.rate_limit import Gcra, RateLimit, rate_limits

BOOT = 1000.0
"""Seconds on the simulated clock; a monotonic clock starts anywhere."""


def send(gcra: Gcra, moments: list[float], tat: float = 0.0) -> list[float]:
    """The times, of these, at which a request conforms."""
    sent = []
    for now in moments:
        if gcra.wait(tat, now) <= 0:
            tat = gcra.after(tat, now)
            sent.append(now)
    return sent


def send_as_soon_as_allowed(gcra: Gcra, seconds: float, latency: float = 0.0) -> list[float]:
    """The times of sending, for a sender that always has a request waiting and wakes up ``latency`` late."""
    sent, now, tat = [], BOOT, 0.0
    while now <= BOOT + seconds:
        if (wait := gcra.wait(tat, now)) <= 0:
            tat = gcra.after(tat, now)
            sent.append(now)
        else:
            now += wait + latency
    return sent


def count_in_fullest_window(moments: list[float], seconds: float) -> int:
    return max((sum(start <= moment <= start + seconds for moment in moments) for start in moments), default=0)


@given(
    rate=st.floats(0.05, 500),
    burst=st.integers(1, 50),
    gaps=st.lists(st.one_of(st.just(0.0), st.floats(0, 0.1), st.floats(0, 30)), max_size=200),
    window=st.floats(0, 60),
)
def test_no_window_ever_holds_more_than_burst_and_rate_allow(
    rate: float, burst: int, gaps: list[float], window: float
) -> None:
    moments, now = [], BOOT
    for gap in gaps:
        moments.append(now := now + gap)
    sent = send(Gcra(rate, burst), moments)
    assert count_in_fullest_window(sent, window) <= burst + rate * window + 1e-6


@pytest.mark.parametrize(("rate", "burst"), [(4, 40), (40, 40), (200, 40), (2, 5), (0.05, 1)])
def test_a_sender_that_always_has_work_uses_the_whole_rate_limit(rate: float, burst: int) -> None:
    assert len(send_as_soon_as_allowed(Gcra(rate, burst), 100)) == pytest.approx(burst + rate * 100, abs=1)


def test_a_rest_refills_the_burst_once() -> None:
    gcra = Gcra(rate=4, burst=40)
    tat = 0.0
    for now in (BOOT, BOOT + 3600):
        sent = send(gcra, [now] * 100, tat)
        assert len(sent) == 40
        for _ in sent:
            tat = gcra.after(tat, now)


def test_rate_0_is_no_limit_but_can_be_paused() -> None:
    gcra = RateLimit(0, 1, 16).gcra
    assert len(send(gcra, [BOOT] * 1000)) == 1000
    tat = gcra.paused(0.0, BOOT, 5)
    assert gcra.wait(tat, BOOT) == 5
    assert send(gcra, [BOOT + 4.9, BOOT + 5, BOOT + 5], tat) == [BOOT + 5, BOOT + 5]


@pytest.mark.parametrize("seconds", [0.5, 2, 30, 900])
def test_after_a_pause_requests_come_one_by_one_without_a_fresh_burst(seconds: float) -> None:
    gcra = Gcra(rate=4, burst=40)
    tat = gcra.paused(0.0, BOOT, seconds)
    end = BOOT + seconds
    assert send(gcra, [BOOT, end - 0.01], tat) == []
    moments = [end + step / 100 for step in range(101)]
    assert send(gcra, moments, tat) == pytest.approx([end, end + 0.25, end + 0.5, end + 0.75, end + 1])


def test_a_pause_makes_no_request_earlier() -> None:
    gcra = Gcra(rate=4, burst=2)
    long = gcra.paused(0.0, BOOT, 60)
    assert gcra.paused(long, BOOT, 1) == long


@given(rate=st.floats(0.1, 500), burst=st.integers(1, 50), sent=st.integers(0, 200), seconds=st.floats(0, 900))
def test_a_time_of_this_clock_is_kept(rate: float, burst: int, sent: int, seconds: float) -> None:
    gcra, tat = Gcra(rate, burst), 0.0
    for now in send(gcra, [BOOT] * sent):
        tat = gcra.after(tat, now)
    tat = gcra.paused(tat, BOOT, seconds)
    assert gcra.clamp(tat, BOOT, longest_pause=900) == tat


def test_a_time_left_over_from_another_boot_delays_no_request() -> None:
    gcra = Gcra(rate=4, burst=40)
    tat = gcra.clamp(BOOT + 1_000_000, BOOT, longest_pause=900)
    assert 0 < gcra.wait(tat, BOOT) <= gcra.interval
    assert len(send(gcra, [BOOT + 0.25] * 100, tat)) == 1


def on_the_way(moments: list[float], seed: int | None) -> list[float]:
    """When they arrive: up to 20 ms later, drawn by ``seed``; without it the worst case, a slow first burst."""
    if seed is None:
        return sorted(moment + (0.02 if moment < BOOT + 0.01 else 0.0) for moment in moments)
    draw = random.Random(seed)
    return sorted(moment + draw.uniform(0, 0.02) for moment in moments)


@pytest.mark.parametrize("rate", [4, 40, 200])
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_server_with_the_same_limit_refuses_nothing_although_the_network_jitters(rate: int, seed: int | None) -> None:
    sent = send_as_soon_as_allowed(RateLimit(rate, 40, 10).gcra, 30, latency=0.001)
    arrivals = on_the_way(sent, seed)
    assert send(Gcra(rate, 40), arrivals) == arrivals


@pytest.mark.parametrize("rate", [4, 40, 200])
def test_without_the_margin_the_same_server_would_refuse(rate: int) -> None:
    arrivals = on_the_way(send_as_soon_as_allowed(Gcra(rate, 40), 30), None)
    assert len(send(Gcra(rate, 40), arrivals)) < len(arrivals)


@pytest.mark.parametrize("rate", [4, 40, 200])
def test_the_margin_costs_less_than_a_fiftieth_of_ten_seconds(rate: int) -> None:
    sent = send_as_soon_as_allowed(RateLimit(rate, 40, 10).gcra, 10, latency=0.001)
    assert len(sent) >= 0.98 * (40 + rate * 10)


@given(st.floats(0.01, 1000), st.integers(1, 1000))
def test_every_rate_limit_lets_at_least_one_request_through_at_once(rate: float, burst: int) -> None:
    gcra = RateLimit(rate, burst, 5).gcra
    assert gcra.tolerance >= 0
    assert len(send(gcra, [BOOT] * 3)) >= 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("TMDB_RATE", value) for value in ("-1", "fast", "nan", "inf", "", None)),
        *(("TMDB_BURST", value) for value in ("0", "1.5")), *(("TMDB_CONCURRENCY", value) for value in ("0", "ten")),
    ],
)  # fmt: skip
def test_a_wrong_rate_limit_is_one_line_that_names_its_setting(setting: str, value: str | None) -> None:
    with pytest.raises(ConfigurationError, match=rf"\A{setting}=.*must be .*\Z"):
        Config.from_settings({setting: value})


def test_pages_of_the_numbers_come_one_by_one_with_its_delay_between_them() -> None:
    limit = rate_limits(Config.from_settings({}))["the_numbers"]
    gcra, tat = limit.gcra, 0.0
    assert (limit.concurrency, gcra.wait(tat, 1000.0) <= 0) == (1, True)
    tat = gcra.after(tat, 1000.0)
    assert gcra.wait(tat, 1000.0) == pytest.approx(20.0)
    assert rate_limits(Config.from_settings({"THE_NUMBERS_DELAY": "0"}))["the_numbers"].rate == 0, "no limit"


@pytest.mark.parametrize("delay", ["-1", "nan", "inf", "soon"])
def test_a_wrong_delay_is_named(delay: str) -> None:
    with pytest.raises(ConfigurationError, match="THE_NUMBERS_DELAY"):
        Config.from_settings({"THE_NUMBERS_DELAY": delay})
