"""``scrapy stats``: what is stored, how fresh it is, which fields have values, and what the filter dropped."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import aligned, say, unavailable_lines, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.stores.base import Coverage, Store

_MOST = 3  # genres shown per reason


class DroppedTitles(TypedDict):
    """How many titles the filter dropped for one reason, and how many of each genre."""

    titles: int
    genres: dict[str, int]


class KindStats(NamedTuple):
    """The figures of films, or of shows; ``dropped`` by reason, the most frequent first."""

    coverage: Coverage
    dropped: dict[str, DroppedTitles]


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show how many films and shows are stored, how fresh, and which fields they have"

    def long_desc(self) -> str:
        return (
            "Totals, per source (asked, frozen, gone, due), age classes, in how many titles each field has a "
            "value, and what the filter dropped, by reason and genre. Examples: scrapy stats; scrapy stats --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy stats: takes no arguments, got {' '.join(args)}")
        self.exitcode = with_store("stats", self.settings, lambda store: _show(store, self.settings, opts.json), "read")


async def _show(store: Store, settings: BaseSettings, as_json: bool) -> int:
    import json
    from datetime import UTC, datetime

    from moviecrawler import timestamps
    from moviecrawler.config import Config
    from moviecrawler.documents import SOURCES
    from moviecrawler.items import KINDS
    from moviecrawler.policy.prerequisites import unavailable_sources

    now, without = timestamps.iso(datetime.now(UTC)), unavailable_sources(Config.from_settings(settings))
    asked = [source for source in SOURCES if source not in without]
    found: dict[str, KindStats] = {
        kind: KindStats(await store.documents.stats(kind, now, asked), await _dropped(store, kind)) for kind in KINDS
    }
    if as_json:
        facts = {kind: {**coverage._asdict(), "dropped": dropped} for kind, (coverage, dropped) in found.items()}
        say(json.dumps(facts))
    else:
        say(*_lines(found), *unavailable_lines(without), f"in {store.describe}")
    return 0


async def _dropped(store: Store, kind: str) -> dict[str, DroppedTitles]:
    """By reason, what the filter dropped; the most frequent first.

    A title has several genres; of titles that older versions dropped none is known.
    """
    from moviecrawler.policy.documents.genres import genre_names

    reasons: Counter[str] = Counter()
    genres: dict[str, Counter[str]] = {}
    for (reason, genre_ids), count in await store.records.tally("dropped", f"{kind}/", ("reason", "genre_ids")):
        if not isinstance(reason, str):
            continue  # damaged
        reasons[reason] += count
        known = genres.setdefault(reason, Counter())
        if isinstance(genre_ids, list):
            known.update(dict.fromkeys(genre_names(id for id in genre_ids if isinstance(id, int)), count))
    return {
        reason: {"titles": count, "genres": dict(sorted(genres[reason].items(), key=lambda one: (-one[1], one[0])))}
        for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    }


def _lines(found: Mapping[str, KindStats]) -> Iterator[str]:
    for kind, (coverage, dropped) in found.items():
        total = coverage.total
        if not total:
            yield f"no {kind}"
            yield from _lines_of_dropped(dropped)
            continue
        yield f"{total:,} {kind if total > 1 else kind[:-1]}, {_share(coverage.complete, total)} fully refreshed"
        columns = ("asked", "due", "frozen", "gone")
        table = [["  source", *columns]]
        for source, counts in coverage.sources.items():
            table.append([f"  {source}", *(f"{counts[column]:,}" for column in columns)])
        yield from aligned(table)
        yield "  age: " + ", ".join(f"{count:,} {_readable(name)}" for name, count in coverage.ages.items() if count)
        fields = sorted(coverage.fields.items(), key=lambda field: (-field[1], field[0]))
        shares = [[f"  {name}", f"{count:,}", _share(count, total)] for name, count in fields]
        yield from aligned([["  field", "titles", ""], *shares])
        yield from _lines_of_dropped(dropped)


def _lines_of_dropped(dropped: Mapping[str, DroppedTitles]) -> Iterator[str]:
    for reason, facts in dropped.items():
        genres = ", ".join(f"{count:,} {genre}" for genre, count in [*facts["genres"].items()][:_MOST])
        line = f"  dropped for {reason.replace('_', ' ')}: {facts['titles']:,}"
        yield f"{line}, most of them {genres}" if genres else line


def _share(count: int, total: int) -> str:
    """``99.9 %``; never 100 while something is missing."""
    return f"{int(1000 * count / total) / 10:g} %"


def _readable(age: str) -> str:
    from moviecrawler.commands.due import AGES

    return AGES[age]
