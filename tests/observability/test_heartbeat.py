"""The task behind the heartbeats of a run: nothing ends it but its end."""

import asyncio
import logging

import pytest

from moviecrawler.exceptions import StoreUnavailable
from moviecrawler.observability import heartbeat
from moviecrawler.observability.heartbeat import Heartbeat


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HEARTBEAT_SECONDS", 0.001)


class Beats:
    """Raises what it is given, one by one, and then nothing."""

    def __init__(self, *errors: Exception | None) -> None:
        self._errors = list(errors)
        self.count = 0
        self.all = asyncio.Event()

    async def __call__(self) -> None:
        self.count += 1
        if not self._errors:
            self.all.set()
        elif error := self._errors.pop(0):
            raise error


async def beaten(beats: Beats) -> None:
    beating = Heartbeat(beats)
    beating.start()
    await asyncio.wait_for(beats.all.wait(), 30)
    await beating.stop()


async def test_a_store_that_is_away_is_tried_again_and_not_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    beats = Beats(StoreUnavailable("away"), None, StoreUnavailable("away"))
    await beaten(beats)
    assert beats.count >= 4
    assert caplog.messages == []


async def test_a_bug_of_ours_is_logged_once_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await beaten(Beats(ZeroDivisionError("a"), None, ZeroDivisionError("b")))
    assert caplog.messages == ["the heartbeat of this run failed, and is tried again; the crawl goes on"]


async def test_the_end_waits_for_the_beat_that_is_being_written() -> None:
    begun, go_on, written = asyncio.Event(), asyncio.Event(), []

    async def beat() -> None:
        begun.set()
        await go_on.wait()
        written.append("beat")

    beating = Heartbeat(beat)
    beating.start()
    await begun.wait()
    asyncio.get_running_loop().call_later(0.01, go_on.set)
    await beating.stop()
    written.append("end")
    await asyncio.sleep(0.01)
    assert written == ["beat", "end"]


async def test_the_end_does_not_wait_for_a_store_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "STOP_SECONDS", 0.01)
    hangs = asyncio.Event()

    async def beat() -> None:
        await hangs.wait()

    beating = Heartbeat(beat)
    beating.start()
    await asyncio.sleep(0)
    await asyncio.wait_for(beating.stop(), 30)


async def test_a_run_that_ends_before_it_began_has_no_heartbeat() -> None:
    await Heartbeat(Beats()).stop()
