"""``scrapy export KIND -o FILE``: everything of one kind, streamed to JSON lines or CSV."""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TextIO, cast

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import nothing_stored, say, stdout, usage_error
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.documents.records import Record, RecordKind
    from moviecrawler.stores.base import Store

TITLES = ("movies", "shows")
KINDS = (*TITLES, "charts", "changes", "runs", "rejects", "dropped", "unmatched", "raw", "samples")


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store or the file failed, 2 wrong usage."""

    requires_project = True
    requires_crawler_process = False

    _has_watch = False

    def syntax(self) -> str:
        return "[options] <kind>"

    def short_desc(self) -> str:
        return "Export films, shows or records to a .jsonl or .csv file"

    def long_desc(self) -> str:
        return (
            f"Export everything of one kind: {', '.join(KINDS)}. JSON lines have whole documents, dates in ISO 8601; "
            "CSV has one column per value, of samples one row for each. Examples: scrapy export movies -o films.jsonl; "
            "scrapy export samples -o curves.csv; scrapy export movies > films.jsonl"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help=".jsonl or .csv; JSON lines on stdout if omitted")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        import asyncio

        from moviecrawler.documents.rows import WATCH_CREDIT
        from moviecrawler.exceptions import ConfigurationError, MoviecrawlerError, StoreAbsent
        from moviecrawler.policy.did_you_mean import did_you_mean

        if len(args) != 1 or args[0] not in KINDS:
            usage_error(f"scrapy export: name one kind: {', '.join(KINDS)}{did_you_mean(' '.join(args), KINDS)}")
        if opts.output and Path(opts.output).suffix not in (".jsonl", ".csv"):
            usage_error(f"scrapy export: -o {opts.output}: must end in .jsonl or .csv")
        try:
            count = asyncio.run(self._export(args[0], Path(opts.output) if opts.output else None))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader closed the pipe: no error
        except ConfigurationError as error:
            usage_error(str(error))
        except StoreAbsent as error:
            say(f"export failed: {nothing_stored(error, self.settings)}", file=sys.stderr)
            self.exitcode = 1
        except MoviecrawlerError as error:
            say(f"export failed: {error}", file=sys.stderr)
            self.exitcode = 1
        except OSError as error:
            say(f"export failed: {opts.output or 'stdout'}: {error.strerror}", file=sys.stderr)
            self.exitcode = 1
        else:
            say(f"{count} {args[0]} in {opts.output or 'stdout'}", file=sys.stderr)
            if self._has_watch:
                say(WATCH_CREDIT, file=sys.stderr)

    async def _export(self, kind: str, path: Path | None) -> int:
        """Write all rows and return their number; the file gets its name only when it is complete."""
        from moviecrawler.addons import check
        from moviecrawler.places import store_of

        config = check(self.settings)
        defuse, store = config.store.defuse_csv, store_of(config, "read")
        store.on_damage = lambda line: say(f"scrapy export: {line}", file=sys.stderr)
        await store.open()
        try:
            rows = self._noting_watch(_rows(store, kind))
            if path is None:
                stdout().reconfigure(encoding="utf-8")  # JSON is, whatever the terminal's encoding
                return await _write_jsonl(rows, sys.stdout)
            partial = path.with_name(f".{path.name}.{token_hex(4)}.part")
            try:
                with partial.open("x", encoding="utf-8", newline="") as file:  # never through an existing link
                    is_table = path.suffix == ".csv"
                    if is_table:
                        count = await _write_csv(_flat_rows(rows, kind, defuse=defuse), file)
                    else:
                        count = await _write_jsonl(rows, file)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
            return count
        finally:
            self.exitcode = 1 if store.damaged else 0
            await store.close()

    async def _noting_watch(self, rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
        async for row in rows:
            self._has_watch = self._has_watch or bool(row.get("watch"))
            yield row


def _rows(store: "Store", kind: str) -> AsyncIterator[Mapping[str, Any]]:
    if kind in TITLES:
        return store.documents.iterate(kind)
    return store.records.iterate(cast("RecordKind[Record]", kind))


async def _write_jsonl(rows: AsyncIterator[Mapping[str, Any]], file: TextIO) -> int:
    import json

    from moviecrawler.policy.printable import escaped

    count = 0
    async for row in rows:
        file.write(f"{escaped(json.dumps(row, ensure_ascii=False))}\n")
        count += 1
    return count


async def _flat_rows(
    rows: AsyncIterator[Mapping[str, Any]], kind: str, *, defuse: bool
) -> AsyncIterator[dict[str, Any]]:
    """Of each document or record one row, of samples as many as there are.

    A document of an older version gets the columns that it lacks.
    """
    from moviecrawler.documents.records import SAMPLES, SampleRecord
    from moviecrawler.policy.documents.compose import FIELDS
    from moviecrawler.policy.documents.flatten import flat
    from moviecrawler.policy.documents.samples import table_rows

    unknown = dict.fromkeys(FIELDS.get(kind, ()))
    async for row in rows:
        for one in table_rows(cast("SampleRecord", row)) if kind == SAMPLES else [row]:
            yield flat({"_id": row["_id"], **unknown, **one}, defuse=defuse)


async def _write_csv(rows: AsyncIterator[dict[str, Any]], file: TextIO) -> int:
    """All rows of a kind have the same columns (``policy.documents.flatten``), so the first one names them."""
    import csv

    writer = None
    count = 0
    async for cells in rows:
        if writer is None:
            writer = csv.DictWriter(file, list(cells), extrasaction="ignore")
            writer.writeheader()
        writer.writerow(cells)
        count += 1
    return count
