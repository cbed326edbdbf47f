"""``scrapy runs``: the last runs, one of them, two side by side, or those that are on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import INTERRUPTED, aligned, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.documents.records import RunRecord
    from moviecrawler.policy.jobs.run_report import Figure, RunReport
    from moviecrawler.stores.base import Store

_LAST = "10"

_MOST = 10_000
"""Runs that can be listed; they are more than two years of a run every two hours."""

_OUTCOME_COLUMN = 11


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed or there is no such run, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [--live | <n> | <run> [<run>]]"

    def short_desc(self) -> str:
        return "Show the last runs and how they ended, compare two, or watch those that are on"

    def long_desc(self) -> str:
        return (
            f"The last N runs ({_LAST}): spider, start (UTC), how long, items, requests, whether they are complete. "
            "A run is named by its number in that list, 1 is the newest, or by the beginning of its start. Examples: "
            "scrapy runs; scrapy runs 50; scrapy runs 2 1; scrapy runs 2026-11-21T08:15; scrapy runs --live"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--live", action="store_true", help="what the running crawls do now; on a terminal until Ctrl-C"
        )
        parser.add_argument("--json", action="store_true", help="JSON lines; of one run or two, one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.live:
            self._watch(args, opts.json)
            return
        if len(args) > 2:
            usage_error(f"scrapy runs: takes a number, or one or two runs, got {' '.join(args)}")
        if any(not text.strip() for text in args):
            usage_error("scrapy runs: '': must be the number of a run, or the beginning of its start: 2026-11-21T08:15")
        numbers = [text for text in args if text.isdecimal() and not 1 <= int(text[:9]) < _MOST]
        if numbers:
            usage_error(f"scrapy runs: {numbers[0]!r}: must be a whole number from 1 to {_MOST - 1:,}")
        if len(args) == 2 or (args and not args[0].isdecimal()):
            self.exitcode = with_store("runs", self.settings, lambda store: _some(store, args, opts.json), "read")
        else:
            count = int([*args, _LAST][0])
            self.exitcode = with_store("runs", self.settings, lambda store: _list(store, count, opts.json), "read")

    def _watch(self, args: list[str], as_json: bool) -> None:
        from moviecrawler.commands._live import show_live

        if args:
            usage_error(f"scrapy runs: --live shows all that are on, and takes no run; got {' '.join(args)}")
        status = with_store("runs", self.settings, lambda store: show_live(store, as_json), "read")
        self.exitcode = 0 if status == INTERRUPTED else status


async def _list(store: Store, count: int, as_json: bool) -> int:
    import json

    from moviecrawler.documents.records import RUNS
    from moviecrawler.policy.jobs.run_report import run_report
    from moviecrawler.policy.printable import escaped
    from moviecrawler.stores.live import state_of

    now, reports = datetime.now(UTC), []
    async for row in store.records.newest(RUNS):
        reports.append(run_report(row, state_of(row, now)))
        if len(reports) == count:
            break
    if as_json:
        say(*(escaped(json.dumps(report._asdict(), ensure_ascii=False)) for report in reports))
        return 0
    if not reports:
        say(f"no run is recorded in {store.describe}")
        return 0
    say(*_list_lines(reports))
    return 0


def _list_lines(reports: Sequence[RunReport]) -> Iterator[str]:
    from moviecrawler.policy.jobs.run_report import duration
    from moviecrawler.policy.terminal import COLUMNS, cut, labelled, padded

    figures = aligned(
        [
            ["", "took", "items", "requests"],
            *(["", duration(one.seconds), _shown(one.items), _shown(one.requests)] for one in reports),
        ]
    )
    figures = [line.removeprefix("  ") for line in figures]
    number, taken = len(str(len(reports))), max(map(len, figures))
    room = COLUMNS - number - len("  2026-11-21 08:15    ") - taken - 2 - _OUTCOME_COLUMN
    spider = min(max(len("spider"), *(len(one.spider) for one in reports)), room)
    yield f"{'':{number}}  {'started (UTC)':16}  {'spider':{spider}}  {figures[0]:{taken}}  outcome"
    for index, (one, line) in enumerate(zip(reports, figures[1:], strict=True), 1):
        name = padded(cut(one.spider, spider), spider)
        yield f"{index:{number}}  {_minute(one.started_at)}  {name}  {line:{taken}}  {one.outcome}"
        for why in one.why:
            yield from labelled([("", why)], indent=" " * (number + 2))


async def _some(store: Store, names: Sequence[str], as_json: bool) -> int:
    import json

    from moviecrawler.policy.jobs.run_report import figures, run_report
    from moviecrawler.policy.printable import escaped
    from moviecrawler.stores.live import state_of

    rows = sorted([await _find(store, name) for name in names], key=lambda row: row["_id"])
    now = datetime.now(UTC)
    reports = [run_report(row, state_of(row, now)) for row in rows]
    found: dict[str, Any]
    if len(rows) == 1:
        more = ("expected", "versions", "settings", "coverage", "stats")
        found = {**reports[0]._asdict(), **{name: rows[0].get(name) for name in more}}
        lines = _one_line_each(reports[0], rows[0])
    else:
        compared = list(figures(rows[0], rows[1], reports))
        found = {
            "runs": [report._asdict() for report in reports],
            "figures": [{**one._asdict(), "difference": one.difference} for one in compared],
        }
        lines = _compared(reports, compared, list(_differences(rows)))
    say(*([escaped(json.dumps(found, ensure_ascii=False))] if as_json else lines))
    return 0


async def _find(store: Store, name: str) -> RunRecord:
    """StoreError, which says what there is instead, if no run, or more than one, is named like that."""
    from moviecrawler.documents.records import RUNS
    from moviecrawler.exceptions import StoreError

    if name.isdecimal():
        number = 0
        async for row in store.records.newest(RUNS):
            number += 1
            if number == int(name):
                return row
        raise StoreError(f"there is no run {name}: {number} are recorded")
    prefix = name.strip().replace(" ", "T")
    found = [row async for row in store.records.iterate(RUNS, prefix)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"no run begins with {name}; scrapy runs lists them")
    which = ", ".join(row["_id"] for row in found[:3])
    raise StoreError(f"{len(found)} runs begin with {name}: name one of {which}{' ...' if len(found) > 3 else ''}")


def _one_line_each(report: RunReport, row: RunRecord) -> Iterator[str]:
    from moviecrawler.policy.jobs.run_report import duration, figures
    from moviecrawler.policy.terminal import labelled

    arguments = [f"{name}={value}" for name, value in report.arguments.items() if value not in (None, "")]
    where = f"{row.get('host') or 'unknown'}, process {row.get('pid') or 'unknown'}"
    yield report.id
    yield from labelled(
        [
            ("spider", report.spider),
            ("arguments", " ".join(arguments) or "none"),
            ("started", _second(report.started_at)),
            ("ended", _second(report.finished_at) if report.finished_at else "no end is recorded"),
            ("took", duration(report.seconds)),
            ("on", where),
            *([("expected", f"{expected:,} titles")] if (expected := row.get("expected")) is not None else []),
            ("outcome", report.outcome),
            *(("", line) for line in report.why),
            ("settings", _pairs(row.get("settings") or {}, "=")),
            ("versions", _pairs(row.get("versions") or {}, " ") if row.get("versions") else "unknown"),
        ]
    )
    yield ""
    table = [[f"  {one.name}", _shown(one.second)] for one in figures(row, row, [report, report])][1:]
    yield from _fitting(table)
    for kind, coverage in (row.get("coverage") or {}).items():
        yield ""
        yield f"fields of {coverage['titles']:,} answers about {kind}"
        shares = ((name, count / coverage["titles"]) for name, count in coverage["fields"].items())
        yield from _fitting([[f"  {name}", f"{share:.0%}"] for name, share in shares])


def _pairs(values: Mapping[str, str], sign: str) -> str:
    return ", ".join(f"{name}{sign}{value}" for name, value in values.items()) or "as by default"


def _differences(rows: Sequence[RunRecord]) -> Iterator[tuple[str, Any, Any]]:
    """``argument limit``, ``setting TMDB_RATE`` or ``version python``, with both values."""
    from moviecrawler.policy.jobs.run_report import different

    first, second = rows
    for what, before, after in (
        ("argument", first.get("arguments"), second.get("arguments")),
        ("setting", first.get("settings"), second.get("settings")),
        ("version of", first.get("versions"), second.get("versions")),
    ):
        for name, *values in different(before or {}, after or {}):
            yield f"{what} {name}", *values


def _compared(
    reports: Sequence[RunReport], figures: Sequence[Figure], differences: Sequence[tuple[str, Any, Any]]
) -> Iterator[str]:
    from moviecrawler.policy.jobs.run_report import duration
    from moviecrawler.policy.terminal import labelled

    for name, report in zip(("first", "second"), reports, strict=True):
        yield f"{name}  {report.id}"
        yield from labelled([("", f"{report.spider}: {report.outcome}"), *(("", why) for why in report.why)])
    for name, before, after in differences:
        yield from labelled([("", f"{name}={_argument(before)}, then {_argument(after)}")], indent="")
    took = ["took", *(duration(report.seconds) for report in reports), _difference(figures[0])]
    rows = [[one.name, _shown(one.first), _shown(one.second), _difference(one)] for one in figures[1:]]
    yield from _fitting([["", "first", "second", "difference"], took, *rows])


def _fitting(table: Sequence[Sequence[str]]) -> list[str]:
    """The rows aligned, their names cut so that a line fits."""
    from moviecrawler.policy.terminal import COLUMNS, cut

    if not table:
        return []
    taken = sum(max(map(len, column)) + 2 for column in list(zip(*table, strict=True))[1:])
    names = [(name[: len(name) - len(name.lstrip())], name.lstrip()) for name, *_ in table]
    return aligned(
        [
            [f"{indent}{cut(name, COLUMNS - taken - len(indent))}", *values]
            for (indent, name), (_, *values) in zip(names, table, strict=True)
        ]
    )


def _difference(figure: Figure) -> str:
    if (difference := figure.difference) is None:
        return "-"
    share = f" ({difference / figure.first:+.0%})" if figure.first and difference else ""
    return f"{_shown(difference, '+') if difference else '0'}{share}"


def _shown(value: float | None, sign: str = "") -> str:
    if value is None:
        return "-"
    return f"{value:{sign},}" if isinstance(value, int) else f"{value:{sign},.1f}"


def _argument(value: Any) -> str:
    return "none" if value is None else str(value)


def _minute(timestamp: str) -> str:
    return timestamp[:16].replace("T", " ")


def _second(timestamp: str) -> str:
    return f"{timestamp[:19].replace('T', ' ')} UTC"
