"""Run the sandbox from the command line, alone or for the duration of one command."""

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

# The replica need not be spared as the live site must be. Values that are set in the environment take precedence.
_IMPATIENT_SETTINGS = {"THE_NUMBERS_ENABLED": "1", "THE_NUMBERS_DELAY": "0.1"}


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run; returns the exit status."""
    own, command = split_command(argv)
    parser = argparse.ArgumentParser(
        prog="python -m moviecrawler.sandbox",
        usage="%(prog)s [options] [-- COMMAND ARGS...]",
        description="An offline replica of TMDB, two image CDNs, OMDB and The Numbers.",
        epilog=options.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_options(parser)
    return run(parser.parse_args(own), command)


def split_command(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sandbox's own arguments, and the command after ``--``.

    >>> split_command(["--quiet", "--", "scrapy", "list"])
    (['--quiet'], ['scrapy', 'list'])
    """
    own = list(argv)
    if "--" not in own:
        return own, []
    at = own.index("--")
    return own[:at], own[at + 1 :]


def run(opts: argparse.Namespace, command: Sequence[str]) -> int:
    """Serve until a signal arrives or the command has ended; returns the exit status (2: could not start)."""
    config = options.config_from_options(opts, port=0 if command else options.PORT)
    try:
        with open(opts.log, "a", encoding="utf-8", buffering=1) if opts.log else nullcontext() as log:
            return asyncio.run(_serve(Sandbox(config, log), command, quiet=opts.quiet))
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
            return await _run_command(command, sandbox, quiet=quiet)
        for name, value in sandbox.environment().items():
            print(f"{name}={value}")
        print(f"# sandbox ready: {sandbox.describe()}; stop with Ctrl-C", flush=True)
        await stop.wait()
        return 0
    finally:
        await sandbox.stop()
        if not quiet:
            print(f"sandbox: answered {sandbox.summary()}", file=sys.stderr)


async def _run_command(command: Sequence[str], sandbox: Sandbox, *, quiet: bool) -> int:
    """Run a command with the settings that point it to the sandbox; signals are passed on to it."""
    if not quiet:
        print(NOTICE, file=sys.stderr, flush=True)
    environment = _IMPATIENT_SETTINGS | {name: value for name, value in os.environ.items() if name != "TMDB_API_KEY"}
    child = _ChildProcess()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, child.send_signal, number)
    try:
        child.set_process(await asyncio.create_subprocess_exec(*command, env=environment | sandbox.environment()))
    except OSError as error:
        print(f"sandbox: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    return await child.wait()


class _ChildProcess:
    """The command, and the signals for it; a signal that arrives before it has started is sent afterwards."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._pending_signals: list[signal.Signals] = []

    def set_process(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        for number in self._pending_signals:
            process.send_signal(number)

    def send_signal(self, number: signal.Signals) -> None:
        if self._process is None:
            self._pending_signals.append(number)
        elif self._process.returncode is None and not (number == signal.SIGINT and _is_in_foreground()):
            self._process.send_signal(number)

    async def wait(self) -> int:
        """The exit status as a shell reports it: 128 + N if signal N ended it."""
        assert self._process is not None
        status = await self._process.wait()
        return status if status >= 0 else 128 - status


def _is_in_foreground() -> bool:
    # Ctrl-C reaches the whole foreground process group, including the command: a second SIGINT would make it abort.
    return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
