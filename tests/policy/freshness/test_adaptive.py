"""A host that grants less than the budget is found out, used well, and asked for more again later."""

import heapq
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.network.rate_limit import GROWTH, MIN_FACTOR, Adaptive, RateLimit

BOOT = 1000.0
PAUSE = 900.0


def test_one_decrease_per_pause_however_many_answers_say_so() -> None:
    first = Adaptive().throttled(sent=BOOT, now=BOOT + 1, pause=2)
    assert first == (0.85, BOOT + 3)
    # Nine more were under way; the last answer comes after the pause.
    later = first
    for late in (1.0, 1.1, 4.0):
        later = later.throttled(sent=BOOT + 0.5, now=BOOT + late, pause=2)
        assert later.factor == 0.85
    again = first.throttled(sent=BOOT + 3.1, now=BOOT + 3.2, pause=2)
    assert again.factor == pytest.approx(0.85 * 0.85, abs=0.001)


def test_it_grows_back_by_a_tenth_of_the_budget_a_minute_and_no_further() -> None:
    half = Adaptive(0.5, BOOT)
    assert [half.at(BOOT + minutes * 60) for minutes in (0, 1, 3, 5, 6, 100)] == [0.5, 0.6, 0.8, 1.0, 1.0, 1.0]
    assert half.at(BOOT - 50) == 0.5


def test_it_never_comes_to_a_stop() -> None:
    adaptive = Adaptive()
    for second in range(1000):
        adaptive = adaptive.throttled(sent=BOOT + second, now=BOOT + second, pause=0)
    assert adaptive.factor == MIN_FACTOR


def test_a_clock_that_started_again_with_the_machine_keeps_the_share_and_grows_from_now_on() -> None:
    old = Adaptive(0.5, since=5_000_000.0)
    assert old.clamp(BOOT, PAUSE) == Adaptive(0.5, BOOT)
    assert Adaptive(0.5, BOOT + PAUSE).clamp(BOOT, PAUSE) == Adaptive(0.5, BOOT + PAUSE)


@given(
    rate=st.floats(0.1, 300),
    burst=st.integers(1, 60),
    factors=st.lists(st.floats(MIN_FACTOR, 1), min_size=1, max_size=8),
    gaps=st.lists(st.floats(0, 2), max_size=60),
)
def test_whatever_the_share_does_no_window_holds_more_than_the_whole_budget(
    rate: float, burst: int, factors: list[float], gaps: list[float]
) -> None:
    budget = RateLimit(rate, burst, 10)
    tat, now, sent = 0.0, BOOT, []
    for index, gap in enumerate(gaps):
        now += gap
        share = budget.share(factors[index % len(factors)])
        while share.wait(tat, now) <= 0:
            tat = share.after(tat, now)
            sent.append(now)
    for start in sent:
        for window in (0.0, 1.0, 30.0):
            count = sum(start <= moment <= start + window for moment in sent)
            assert count <= burst + rate * window + 1e-6


def simulate(rate: float, burst: int, allowed: float, servers_burst: int, latency: float) -> tuple[float, float]:
    """Four minutes after the first one: (share of 429 among the answers, used part of what the server allows).

    The server is a GCRA of its own that answers 429 with Retry-After; the way to it jitters by a fifth; the crawler
    has work all the time and, as ours, ten requests in flight, or as many as the budget needs.
    """
    budget, dice = RateLimit(rate, burst, 10), random.Random(1)
    flight: list[tuple[float, float, float]] = []  # arrival of the answer, sent, seconds to wait (0: it was fine)
    now, tat, server, adaptive = BOOT, 0.0, 0.0, Adaptive()
    fine = refused = 0
    while now < BOOT + 300:
        while flight and flight[0][0] <= now:
            _, sent, wait = heapq.heappop(flight)
            if wait:
                pause = math.ceil(wait)
                adaptive = adaptive.throttled(sent=sent, now=now, pause=pause)
                tat = budget.share(adaptive.factor).paused(tat, now, pause)
        share = budget.share(adaptive.at(now))
        if len(flight) >= max(10, 1.5 * rate * latency):
            now = flight[0][0]
            continue
        if (wait := share.wait(tat, now)) > 1e-9:
            now = min([now + min(wait, 0.25), *(answer[0] for answer in flight[:1])])
            continue
        tat = share.after(tat, now)
        arrival = now + latency / 2 * dice.uniform(0.8, 1.2)
        early = max(server, arrival) - (servers_burst - 1) / allowed - arrival
        if early <= 0:
            server = max(server, arrival) + 1 / allowed
        if now > BOOT + 60:
            fine, refused = fine + (early <= 0), refused + (early > 0)
        heapq.heappush(flight, (arrival + latency / 2, now, max(early, 0.0)))
    return refused / (fine + refused), fine / (240 * allowed)


@pytest.mark.parametrize("latency", [0.02, 0.2, 0.8])
@pytest.mark.parametrize(("rate", "burst"), [(4, 40), (10, 10), (40, 40)])
@pytest.mark.parametrize("servers_burst", [10, 40])
def test_half_of_the_budget_is_used_to_nine_tenths_with_two_refusals_in_a_hundred(
    rate: float, burst: int, servers_burst: int, latency: float
) -> None:
    refused, used = simulate(rate, burst, rate / 2, servers_burst, latency)
    assert refused < 0.02
    assert used >= 0.9


def test_a_server_that_grants_the_whole_budget_again_gets_it_within_minutes() -> None:
    adaptive = Adaptive(0.5, BOOT)
    assert adaptive.at(BOOT + 0.5 / GROWTH) == 1.0
