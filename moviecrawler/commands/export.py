"""``scrapy export KIND -o FILE``: what is stored, streamed to JSON lines, CSV, Parquet or a workbook."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import INTERRUPTED, numbered, say, stdout, usage_error, with_store
from moviecrawler.commands._progress import progress_bar
from moviecrawler.commands._usage import CheckedOptions
from moviecrawler.commands._where import (
    Selection,
    add_sort_option,
    add_where_options,
    check_where,
    filter_error,
    selected,
)

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.exporters.export import Export, Written
    from moviecrawler.exporters.formats import Target
    from moviecrawler.stores.checked import CheckedStore

TITLES = ("movies", "shows")
KINDS = (*TITLES, "charts", "changes", "runs", "rejects", "dropped", "unmatched", "raw", "samples")
_STDOUT = "-"
_ENDING = (signal.SIGTERM, signal.SIGHUP)
_NEXT = {
    "jsonl": "next: as a table: scrapy export {kind} -o {stem}.csv",
    "csv": "next: for a program rather than a person: the same with --plain, or -o {stem}.parquet",
    "parquet": "next: duckdb -c \"SELECT * FROM '{path}' LIMIT 5\"",
}


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store or the file failed, or rows could not be read, 2 wrong usage or setting,
    130 interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <kind>"

    def short_desc(self) -> str:
        return "Export films, shows or records: JSON lines, CSV, Parquet, a workbook"

    def long_desc(self) -> str:
        return (
            f"Export everything of one kind: {', '.join(KINDS)}. The end of the file's name says how: .jsonl (whole "
            "documents), .csv, .parquet, .xlsx, and .gz or .zst behind it. Examples: scrapy export movies -o "
            "films.jsonl.gz; scrapy export movies --columns title,year,rating.imdb --sort -year -o films.csv; "
            "scrapy export charts -o charts.parquet; scrapy export runs | tail -n 1"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("-o", "--output", metavar="FILE", help=".jsonl, .csv, .parquet, .xlsx, with .gz or .zst; - is stdout")
        add("--format", metavar="NAME", help="of what goes to stdout: jsonl (as without it), csv, csv.gz ...")
        add_where_options(parser)
        add("--columns", metavar="LIST", help="only these, in this order: title,year,rating.imdb")
        add_sort_option(parser, None, "by these columns, with commas between them; --sort -year: the highest first")
        add("--no-bom", action="store_true", help="CSV without the mark by which Excel knows UTF-8")
        add("--plain", action="store_true", help="CSV for programs: without that mark, and texts as they are")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.policy.did_you_mean import did_you_mean

        if len(args) != 1 or args[0] not in KINDS:
            usage_error(f"scrapy export: name one kind: {', '.join(KINDS)}{did_you_mean(' '.join(args), KINDS)}")
        path = None if opts.output in (None, _STDOUT) else Path(opts.output)
        if path and opts.format:
            usage_error(f"scrapy export: --format is for standard output; the name of {path} says its format")
        kind = args[0]
        if kind not in TITLES and (opts.where is not None or opts.view is not None):
            usage_error(f"scrapy export: --where and --view are for {' and '.join(TITLES)}, not for {kind}")
        target = _target(opts, path)
        check_where("export", opts)
        _planned(kind, opts, target, Selection(None, None))
        act = partial(_exported, settings=self.settings, kind=kind, opts=opts, target=target, path=path)
        self.exitcode = with_store("export", self.settings, act, "read")


def _target(opts: argparse.Namespace, path: Path | None) -> Target:
    from moviecrawler.exporters.formats import target_of

    try:
        return target_of(str(path) if path else f"stdout.{opts.format or 'jsonl'}")
    except ValueError as error:
        usage_error(f"scrapy export: {error}")


def _planned(
    kind: str, opts: argparse.Namespace, target: Target, selection: Selection, *, defuse: bool = True
) -> Export:
    """What is wanted, by the options and then by the view; wrong usage for a column that no row can have."""
    from moviecrawler.exceptions import FilterError
    from moviecrawler.exporters.columns import chosen
    from moviecrawler.exporters.export import Export
    from moviecrawler.exporters.formats import Options
    from moviecrawler.exporters.sorting import sort_keys

    view: Mapping[str, Any] = selection.view or {}
    try:
        names = view.get("columns") if opts.columns is None else _listed("--columns", opts.columns)
        columns = target.format.columns and target.format.columns(kind)
        if names is not None:
            columns = chosen(kind, names)
        order = opts.sort if opts.sort is not None else view.get("sort")
        sort = sort_keys(kind, [] if order is None else _listed("--sort", order), by_fact=columns is not None)
    except ValueError as error:
        usage_error(f"scrapy export: {error}")
    except FilterError as error:
        filter_error("scrapy export: --sort", error)
    options = Options(bom=not (opts.no_bom or opts.plain), defuse=defuse and not opts.plain)
    return Export(kind, target.format, columns, sort, selection.at(datetime.now(UTC)), options)


def _listed(option: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise ValueError(f"{option}={text!r}: must be names of columns with commas between them")
    return names


async def _exported(
    store: CheckedStore,
    *,
    settings: BaseSettings,
    kind: str,
    opts: argparse.Namespace,
    target: Target,
    path: Path | None,
) -> int:
    """The exit status. SIGTERM ends it as Ctrl-C does, so that nothing is left of the file."""
    from moviecrawler.addons import check
    from moviecrawler.documents.rows import WATCH_CREDIT

    selection = await selected("export", store, opts)
    export = _planned(kind, opts, target, selection, defuse=check(settings).store.defuse_csv)
    loop, writing = asyncio.get_running_loop(), asyncio.create_task(_write(store, export, target, path))
    for number in _ENDING:
        loop.add_signal_handler(number, writing.cancel)
    try:
        written = await writing
    except asyncio.CancelledError:
        return INTERRUPTED
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)
    say(*_closing_lines(export, path, written), file=sys.stderr)
    if written.has_watch:
        say(WATCH_CREDIT, file=sys.stderr)
    return 0


async def _write(store: CheckedStore, export: Export, target: Target, path: Path | None) -> Written:
    from moviecrawler.exporters.compression import compressed
    from moviecrawler.exporters.export import write_export
    from moviecrawler.exporters.whole_file import whole_file, written_to

    place = whole_file(path) if path else written_to("stdout", cast("BinaryIO", stdout().buffer))
    is_seen = path is not None or not sys.stdout.isatty()
    bar = progress_bar(" rows") if is_seen else nullcontext(lambda done, total: None)
    with place as file, compressed(file, target.compression) as stream, bar as progress:
        return await write_export(store, export, stream, progress)


def _closing_lines(export: Export, path: Path | None, written: Written) -> Iterator[str]:
    size = f", {_size(path.stat().st_size)}" if path else ""
    yield f"{written.stored:,} {export.kind} in {path or 'stdout'}: {numbered(written.rows, 'row')}{size}"
    if written.remark:
        yield written.remark
    if path and export.format.name in _NEXT:
        yield _NEXT[export.format.name].format(kind=export.kind, path=path, stem=path.name.partition(".")[0])


def _size(number: int) -> str:
    return f"{number:,} bytes" if number < 1e6 else f"{number / 1e6:,.1f} MB"
