"""Long work in a thread, which ends soon after whoever waits for it is cancelled."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class _Stopped(Exception):
    pass


async def in_thread(job: Callable[[Callable[[], object]], T]) -> T:
    """``job(step)`` in a thread; ``step``, which it calls now and then, raises once this was cancelled.

    It has ended when this returns or raises, so the files that it writes can be removed.
    """
    stop = threading.Event()

    def step() -> None:
        if stop.is_set():
            raise _Stopped

    working = asyncio.create_task(asyncio.to_thread(job, step))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({working})
        working.exception()
        raise
