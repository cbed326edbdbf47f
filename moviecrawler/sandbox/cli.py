"""Run the sandbox at the keyboard, alone or for the time of one command."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from moviecrawler.sandbox import options
from moviecrawler.sandbox.server import Sandbox

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
NOTICE = (
    "sandbox: this runs against the bundled sandbox, not the live site: its sentences are invented, its pictures drawn."
)

# Our own replica needs no manners, the live site does: who sets these keeps what was set.
_NO_MANNERS = {"THE_NUMBERS_ENABLED": "1", "THE_NUMBERS_DELAY": "0.1"}


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run; returns the exit status."""
    own, command = split(argv)
    parser = argparse.ArgumentParser(
        prog="python -m moviecrawler.sandbox",
        usage="%(prog)s [options] [-- COMMAND ARGS...]",
        description="An offline replica of TMDB, two image CDNs, OMDB and The Numbers.",
        epilog=options.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_options(parser)
    return run(parser.parse_args(own), command)


def split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sandbox's own arguments, and the command after ``--``.

    >>> split(["--quiet", "--", "scrapy", "list"])
    (['--quiet'], ['scrapy', 'list'])
    """
    own = list(argv)
    if "--" not in own:
        return own, []
    at = own.index("--")
    return own[:at], own[at + 1 :]


def run(opts: argparse.Namespace, command: Sequence[str]) -> int:
    """Serve until a signal comes or the command has ended; returns the exit status (2: could not start)."""
    plan = options.plan(opts, port=0 if command else options.PORT)
    try:
        with open(opts.log, "a", encoding="utf-8", buffering=1) if opts.log else nullcontext() as log:
            return asyncio.run(_serve(Sandbox(plan, log), command, quiet=opts.quiet))
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2


async def _serve(sandbox: Sandbox, command: Sequence[str], *, quiet: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    await sandbox.start()
    try:
        if command:
            return await _beside(command, sandbox, quiet=quiet)
        for name, value in sandbox.environment().items():
            print(f"{name}={value}")
        print(f"# sandbox ready: {sandbox.describe()}; stop with Ctrl-C", flush=True)
        await stop.wait()
        return 0
    finally:
        await sandbox.stop()
        if not quiet:
            print(f"sandbox: answered {sandbox.summary()}", file=sys.stderr)


async def _beside(command: Sequence[str], sandbox: Sandbox, *, quiet: bool) -> int:
    """Run a command with the settings that point it here; signals go on to it."""
    if not quiet:
        print(NOTICE, file=sys.stderr, flush=True)
    environment = _NO_MANNERS | {name: value for name, value in os.environ.items() if name != "TMDB_API_KEY"}
    child = _Child()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, child.signal, number)
    try:
        child.started(await asyncio.create_subprocess_exec(*command, env=environment | sandbox.environment()))
    except OSError as error:
        print(f"sandbox: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    return await child.ended()


class _Child:
    """The command, and the signals for it; one that comes while it is being started waits for it."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []

    def started(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def signal(self, number: signal.Signals) -> None:
        if self._process is None:
            self._early.append(number)
        elif self._process.returncode is None and not (number == signal.SIGINT and _in_the_foreground()):
            self._process.send_signal(number)

    async def ended(self) -> int:
        """The status as a shell gives it: 128 + N for one that signal N ended."""
        assert self._process is not None
        status = await self._process.wait()
        return status if status >= 0 else 128 - status


def _in_the_foreground() -> bool:
    # Ctrl-C reaches the whole group in the foreground, the command included: a second one would make it drop its work.
    return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
