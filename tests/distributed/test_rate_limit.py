"""The rate limit of several processes is shared by all of them and by the next run, in a file and in Redis."""

import asyncio
import time
from itertools import chain

import pytest

from moviecrawler.policy.network.rate_limit import RateLimit
from tests.support.rate_limit_backends import most_above, open_ledger, send, send_together

BUDGET = RateLimit(rate=100, burst=10, concurrency=10)


async def test_a_pause_holds_for_every_process_and_leaves_less_of_the_budget(where: str) -> None:
    async with open_ledger(where) as one, open_ledger(where) as other:
        assert await one.take("tmdb", BUDGET) <= 0
        start = time.monotonic()
        assert await one.pause("tmdb", BUDGET, 30, sent=start) == 0.85
        wait = await other.take("tmdb", BUDGET)
        assert 29.9 - (time.monotonic() - start) <= wait <= 30.1
        assert await other.pause("tmdb", BUDGET, 0.2, sent=start - 1) == 0.85, (
            "sent before the first pause, so it does not count again"
        )


async def test_the_reduced_rate_is_the_rate_at_which_requests_are_sent(where: str) -> None:
    async with open_ledger(where) as ledger:
        for _ in range(4):
            left = await ledger.pause("tmdb", BUDGET, 0, sent=time.monotonic())
            await asyncio.sleep(0.002)
    assert left == pytest.approx(0.85**4, abs=0.001)
    share = 100 * 0.85**4
    assert share / 2 < len(await send(where, BUDGET, 1.0)) <= 1.1 * share


async def test_a_restart_does_not_refill_the_burst(where: str) -> None:
    budget = RateLimit(rate=0.01, burst=5, concurrency=1)
    taken = 0
    async with open_ledger(where) as first:
        while await first.take("tmdb", budget) <= 0:
            taken += 1
    assert 4 <= taken <= 5
    async with open_ledger(where) as again:
        assert await again.take("tmdb", budget) > 0
        assert await again.take("omdb", budget) <= 0, "each source has its own limit"


async def test_a_pause_longer_than_the_longest_is_ignored(where: str) -> None:
    """It is left over from another boot, or from a Redis whose clock was wrong."""
    budget = RateLimit(rate=4, burst=40, concurrency=1)
    async with open_ledger(where) as ledger:
        await ledger.pause("tmdb", budget, 10 * 86_400, time.monotonic())
        assert await ledger.take("tmdb", budget) <= 1


@pytest.mark.parametrize("processes", [2, 8])
def test_processes_together_send_no_more_than_one(where: str, processes: int) -> None:
    each = send_together(processes, where, 100, 10, 1.5)
    taken = sorted(chain.from_iterable(each))
    assert most_above(taken, 100, 10) <= 1
    assert len(taken) >= 0.5 * 100 * (taken[-1].asked - taken[0].asked), "and the rate is used"
    assert all(each), "no process starves"
