"""``scrapy stats``: what the store holds, how fresh it is, and what its documents say."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import aligned, on_store, refuse, say, uncounted
from moviecrawler.commands._options import Options


class Command(Options, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show how many films and shows there are, how fresh, and what they say"

    def long_desc(self) -> str:
        return (
            "Totals, per source (asked, frozen, gone, due), age classes, and in how many titles each field says "
            "something. Examples: scrapy stats; scrapy stats --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            refuse(f"scrapy stats: takes no arguments, got {' '.join(args)}")
        self.exitcode = on_store("stats", self.settings, lambda store: _show(store, self.settings, opts.json), "read")


async def _show(store: Any, settings: Any, as_json: bool) -> int:
    import json
    from datetime import UTC, datetime

    from moviecrawler.items import KINDS
    from moviecrawler.policy import moments
    from moviecrawler.policy.needs import not_asked
    from moviecrawler.policy.refresh import SOURCES

    now, without = moments.iso(datetime.now(UTC)), not_asked(settings)
    asked = [source for source in SOURCES if source not in without]
    found = {kind: (await store.documents.stats(kind, now, asked))._asdict() for kind in KINDS}
    if as_json:
        say(json.dumps(found))
    else:
        say(*_lines(found), *uncounted(without), f"in {store.describe}")
    return 0


def _lines(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for kind, facts in found.items():
        total = facts["total"]
        if not total:
            yield f"no {kind}"
            continue
        yield f"{total:,} {kind if total > 1 else kind[:-1]}, {_share(facts['complete'], total)} fully refreshed"
        columns = ("asked", "due", "frozen", "gone")
        table = [["  source", *columns]]
        for source, counts in facts["sources"].items():
            table.append([f"  {source}", *(f"{counts[column]:,}" for column in columns)])
        yield from aligned(table)
        yield "  age: " + ", ".join(f"{count:,} {_readable(name)}" for name, count in facts["ages"].items() if count)
        fields = sorted(facts["fields"].items(), key=lambda field: (-field[1], field[0]))
        shares = [[f"  {name}", f"{count:,}", _share(count, total)] for name, count in fields]
        yield from aligned([["  field", "titles", ""], *shares])


def _share(count: int, total: int) -> str:
    """``99.9 %``; never 100 while something is missing."""
    return f"{int(1000 * count / total) / 10:g} %"


def _readable(age: str) -> str:
    from moviecrawler.commands.due import AGES

    return AGES[age]
