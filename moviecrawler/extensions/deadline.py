"""An end that always comes: 8 s after SIGTERM or the second SIGINT, whatever a picture, a page or a pattern does."""

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

HURRY = 4.0
"""Seconds after the signal in which what is in flight may finish; then it is cut off, and the run is closed."""

LAST = 8.0
"""Seconds after the signal; then the process ends where it stands. What was stored is stored, as after a kill."""

INTERRUPTED = 130

_ENDING = frozenset({signal.SIGTERM, signal.SIGHUP})

_STORED = "what was stored is stored"


class Deadline:
    """Extension. One watch for all crawlers of the process, by a thread of its own.

    A handler of Python's would not do: it waits for its turn in the main thread, which may be at work in C. The
    interpreter writes the number of each signal to a file descriptor at once, and that is what the thread reads.
    """

    _watch: threading.Thread | None = None
    _crawlers: list[Crawler] = []

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._crawlers.append(crawler)
        crawler.signals.connect(self._start, signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def _start(self) -> None:
        engine = self._crawler.engine
        if engine is not None and not self._crawler.crawling:  # Scrapy forgets a signal that came while it opened
            await engine.stop_async()
        if Deadline._watch is None and threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            ours, written = socket.socketpair()
            written.setblocking(False)
            before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
            work = (ours, written, before, lambda: loop.call_soon_threadsafe(self._hurry), self._end)
            Deadline._watch = threading.Thread(target=_watch, args=work, name="deadline", daemon=True)
            Deadline._watch.start()

    def _hurry(self) -> None:
        for crawler in self._crawlers:
            for cut in crawler.run.on_deadline:
                cut()

    def _end(self) -> None:
        """Past all that could wait for something, logging too."""
        try:
            said = [
                *self._crawlers[0].run.partial_summary(),
                f"ended where it stood, {LAST:g} s after the signal; {_STORED}",
            ]
            os.write(2, "".join(f"{line}\n" for line in said).encode(errors="backslashreplace"))
        finally:
            os._exit(INTERRUPTED)


def _watch(
    ours: socket.socket, _written: socket.socket, before: int, hurry: Callable[[], object], end: Callable[[], object]
) -> None:
    """Hand each signal on to who was told ``before``; from the one that means it, count the seconds.

    ``_written`` is what the interpreter writes to, for as long as this holds it.
    """
    stages: list[tuple[float, Callable[[], object]]] = []
    interrupted = False
    while True:
        wait = max(0.0, stages[0][0] - time.monotonic()) if stages else None
        if not select.select([ours], [], [], wait)[0]:
            with suppress(RuntimeError):  # the loop is closed: nothing is left to hurry
                stages.pop(0)[1]()
            continue
        for number in ours.recv(64):
            if before >= 0:
                with suppress(OSError):
                    os.write(before, bytes([number]))
            if not stages and (number in _ENDING or (number == signal.SIGINT and interrupted)):
                now = time.monotonic()
                stages = [(now + HURRY, hurry), (now + LAST, end)]
            interrupted |= number == signal.SIGINT
