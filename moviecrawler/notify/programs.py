"""A program that gets a message on its standard input: no shell, no pipe that can fill up, and an end in time."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence

from moviecrawler.notify.failed import HookFailed


async def run_program(words: Sequence[str], stdin: bytes, seconds: float) -> str:
    """Run it to its end: how it failed, or empty. After ``seconds`` it is killed with all that it has started.
    HookFailed.

    Its output is not read, so nothing of it gets anywhere. It runs in a thread, since a process of asyncio's would need
    a child watcher beside Twisted's.
    """
    return await asyncio.to_thread(_run, words, stdin, seconds)


def _run(words: Sequence[str], stdin: bytes, seconds: float) -> str:
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603  (the owner of the settings says what is run, and no shell reads it)
                words, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise HookFailed(
                f"its program cannot be started: {getattr(error, 'strerror', None) or 'it is none'}"
            ) from None
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise HookFailed(f"its program took longer than {seconds:g} s (NOTIFY_SECONDS), and was ended") from None
    return "" if not status else f"status {status}" if status > 0 else f"signal {-status}"
