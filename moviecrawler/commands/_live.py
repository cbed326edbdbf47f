"""``scrapy runs --live``: the runs in progress, again and again on a terminal, else once."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moviecrawler.commands import say

if TYPE_CHECKING:
    from moviecrawler.stores.base import Store
    from moviecrawler.stores.live import Look

REFRESH_SECONDS = 2.0

_ENDED_SHOWN = 5
"""Runs that have ended meanwhile, of which the newest are shown."""


async def show_live(store: Store, as_json: bool) -> int:
    """Show the runs in progress; on a terminal until the command is interrupted. The exit status."""
    from moviecrawler.exceptions import StoreUnavailable
    from moviecrawler.stores.live import RunWatch

    watch = RunWatch(store)
    look = await watch.look(datetime.now(UTC))
    if as_json:
        say(*_json_lines(look))
        return 0
    lines = list(_lines(look, store))
    if not sys.stdout.isatty():
        say(*lines)
        return 0
    screen = Screen()
    while True:
        screen.show([*lines, "", f"refreshed every {REFRESH_SECONDS:g} s; Ctrl-C ends this, not the runs"])
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            lines = list(_lines(await watch.look(datetime.now(UTC)), store))
        except StoreUnavailable as error:
            lines = [f"{error}; what was there before is no longer shown"]


class Screen:
    """Lines on a terminal, each time in place of those before."""

    def __init__(self) -> None:
        self._rows = 0

    def show(self, lines: Sequence[str]) -> None:
        """As many lines as the terminal has room for; a line that is too long for it takes several of its rows."""
        from moviecrawler.policy.terminal import width

        size = shutil.get_terminal_size()
        shown, rows = [], 0
        for line in lines:
            needed = max(1, -(-width(line) // size.columns))
            if rows + needed >= size.lines:
                break
            shown.append(line)
            rows += needed
        sys.stdout.write(f"\x1b[{self._rows}F\x1b[J" if self._rows else "")
        say(*shown)
        self._rows = rows


def _lines(look: Look, store: Store) -> Iterator[str]:
    from moviecrawler.policy.jobs.live_page import live_lines
    from moviecrawler.policy.jobs.run_report import run_report

    now = datetime.now(UTC)
    running = [one for one in look.runs if one[1] == "running"]
    ended = [one for one in look.runs if one[1] != "running"][-_ENDED_SHOWN:]
    if not running:
        yield f"no crawl is running in {store.describe}"
    for number, (row, state) in enumerate([*running, *ended]):
        if number or not running:
            yield ""
        yield from live_lines(row, run_report(row, state), now)
    if look.lost:
        yield ""
        were = "1 was" if look.lost == 1 else f"{look.lost:,} were"
        yield f"of the runs of the last day {were} lost: scrapy runs"


def _json_lines(look: Look) -> Iterator[str]:
    from moviecrawler.policy.jobs.run_report import run_report
    from moviecrawler.policy.printable import escaped

    for row, state in look.runs:
        live = {name: row.get(name) for name in ("host", "pid", "beat_at", "live")}
        yield escaped(json.dumps({**run_report(row, state)._asdict(), **live}, ensure_ascii=False))
