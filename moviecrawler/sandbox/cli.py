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


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run; returns the exit status."""
    own, command = split(argv)
    parser = argparse.ArgumentParser(
        prog="python -m moviecrawler.sandbox",
        usage="%(prog)s [options] [-- COMMAND ARGS...]",
        description="An offline replica of TMDB and two image CDNs.",
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
    environment = {name: value for name, value in os.environ.items() if name != "TMDB_API_KEY"}
    try:
        child = await asyncio.create_subprocess_exec(*command, env=environment | sandbox.environment())
    except OSError as error:
        print(f"sandbox: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _pass_on, child, number)
    status = await child.wait()
    return status if status >= 0 else 128 - status


def _pass_on(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    # A Ctrl-C goes to the whole group in the foreground, the command included: a second one would make it drop its work.
    at_keyboard = number == signal.SIGINT and sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    if child.returncode is None and not at_keyboard:
        child.send_signal(number)
