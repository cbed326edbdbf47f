"""Ends the process at the latest 8 s after SIGTERM or the second SIGINT, whatever a picture, page or pattern does."""

import asyncio
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.runtime import Runtime

CUT_OFF_SECONDS = 4.0
"""Seconds after the signal until work in flight is cut off (``CrawlLifecycle.on_deadline``) and the run closes."""

EXIT_SECONDS = 8.0
"""Seconds after the signal until the process exits, whatever it is doing. Stored data are safe, as after a kill."""

INTERRUPTED = 130

_ENDING = frozenset({signal.SIGTERM, signal.SIGHUP})

_STORED = "everything stored is kept"


class Deadline:
    """Extension. One thread watches the signals for all crawlers of the process.

    A Python signal handler would not do: it runs in the main thread, which may be busy in C code. The interpreter
    writes the number of each signal to a file descriptor at once, and the thread reads that.
    """

    _watch: threading.Thread | None = None
    _lifecycles: list[CrawlLifecycle] = []

    def __init__(self, crawler: Crawler, lifecycle: CrawlLifecycle) -> None:
        self._crawler = crawler
        self._lifecycles.append(lifecycle)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        deadline = cls(crawler, Runtime.of(crawler).lifecycle)
        crawler.signals.connect(deadline._start, signals.engine_started)
        return deadline

    async def _start(self) -> None:
        if not self._crawler.crawling:  # Scrapy loses a signal that comes while it opens
            await self._crawler.engine.stop_async()
        if Deadline._watch is None and threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            ours, written = socket.socketpair()
            written.setblocking(False)
            before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
            work = (ours, written, before, lambda: loop.call_soon_threadsafe(self._cut_off), self._end)
            Deadline._watch = threading.Thread(target=_watch, args=work, name="deadline", daemon=True)
            Deadline._watch.start()

    def _cut_off(self) -> None:
        for lifecycle in self._lifecycles:
            for callback in lifecycle.on_deadline:
                callback()

    def _end(self) -> None:
        """Print the summary so far and exit at once, without anything that could block, such as logging."""
        try:
            lines = [
                *self._lifecycles[0].partial_summary(),
                f"the process was ended, {EXIT_SECONDS:g} s after the signal; {_STORED}",
            ]
            os.write(2, "".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))
        finally:
            os._exit(INTERRUPTED)


def _watch(
    ours: socket.socket, _written: socket.socket, before: int, cut_off: Callable[[], object], end: Callable[[], object]
) -> None:
    """Forward each signal to the file descriptor set ``before``; start the countdown at the deciding one.

    ``_written`` is what the interpreter writes to; the argument keeps it open.
    """
    stages: list[tuple[float, Callable[[], object]]] = []
    interrupted = False
    while True:
        wait = max(0.0, stages[0][0] - time.monotonic()) if stages else None
        if not select.select([ours], [], [], wait)[0]:
            with suppress(RuntimeError):  # the loop is closed: nothing is left to cut off
                stages.pop(0)[1]()
            continue
        for number in ours.recv(64):
            if before >= 0:
                with suppress(OSError):
                    os.write(before, bytes([number]))
            if not stages and (number in _ENDING or (number == signal.SIGINT and interrupted)):
                now = time.monotonic()
                stages = [(now + CUT_OFF_SECONDS, cut_off), (now + EXIT_SECONDS, end)]
            interrupted |= number == signal.SIGINT
