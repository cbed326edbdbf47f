"""A program that gets a message on its standard input: no shell, no pipe that can fill up, and an end in time."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence

from moviecrawler.notify.failed import HookFailed


async def run_program(words: Sequence[str], stdin: bytes, seconds: float) -> None:
    """Run it to its end; after ``seconds`` it is killed, and so is all that it has started. HookFailed.

    Its output is not read, so nothing of it gets anywhere.
    """
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        try:
            process = subprocess.Popen(  # not asyncio's: it would need a child watcher beside Twisted's
                words, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be started"
            raise HookFailed(f"its program cannot be started: {reason}") from None
    status = None
    try:
        status = await asyncio.to_thread(_wait, process, seconds)
    finally:
        if status is None:
            _kill(process)
    if status is None:
        raise HookFailed(f"its program took longer than {seconds:g} s (NOTIFY_SECONDS), and was ended")
    if status:
        raise HookFailed(f"its program ended with {f'status {status}' if status > 0 else f'signal {-status}'}")


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> int | None:
    """The exit status; None if it still runs. The thread lasts no longer than that."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    return None


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The whole process group of one that still runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
