"""``scrapy reparse``: parse the stored answers again, without a request."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import parse_source_option, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moviecrawler.documents.records import RawRecord
    from moviecrawler.items import Title
    from moviecrawler.stores.base import Store

_BATCH = 200


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, an answer is unreadable, 2 wrong usage or setting, 130 interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Parse all stored answers again, with the parsers of this version"

    def long_desc(self) -> str:
        return (
            "A new field, or a fixed parser, reaches every stored title without a request. No refresh date moves and "
            "nothing thaws. Examples: scrapy reparse; scrapy reparse --source omdb"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--source", metavar="NAME", help="only tmdb, omdb or the_numbers (default: all)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy reparse: takes no arguments, got {' '.join(args)}")
        parse_source_option("reparse", opts.source)
        prefix = f"{opts.source}/" if opts.source else ""
        self.exitcode = with_store("reparse", self.settings, lambda store: self._reparse(store, prefix))

    async def _reparse(self, store: Store, prefix: str) -> int:
        from collections import Counter

        from tqdm import tqdm

        from moviecrawler.addons import build_policies
        from moviecrawler.config import Config
        from moviecrawler.documents.records import RAW
        from moviecrawler.exceptions import ParseError, StoreError
        from moviecrawler.ingest.upsert import Upserter

        config = Config.from_settings(self.settings)
        policies, regions = build_policies(config), config.language.watch_regions
        writer = Upserter(store, composer=policies.composer, refresh=policies.refresh, samples=policies.samples)
        counts: Counter[str] = Counter()
        batch: list[Title] = []

        async def flush() -> None:
            written = await writer.write(batch)
            if written.conflicted:
                raise StoreError(
                    f"{len(written.conflicted)} titles not written: other writers kept changing them; try again"
                )
            counts.update(written.outcomes.values())
            batch.clear()

        bar = tqdm(unit=" answers", disable=None, leave=False)
        async for row in store.records.iterate(RAW, prefix):
            try:
                batch.append(parsed_again(row, policies.limits.answer, regions))
            except ParseError as error:
                counts["unreadable"] += 1
                say(f"{row['_id']}: {error}", file=sys.stderr)
            bar.update()
            if len(batch) == _BATCH:
                await flush()
        if batch:
            await flush()
        bar.close()
        say(
            f"{sum(counts.values()):,} answers parsed again: {counts['updated']:,} changed, "
            f"{counts['unchanged'] + counts['older']:,} unchanged, {counts['unreadable']:,} unreadable"
        )
        return 1 if counts["unreadable"] else 0


def parsed_again(row: RawRecord, most: int, regions: Iterable[str]) -> Title:
    """The title of a ``raw`` record of up to ``most`` bytes; storing it does not count as a refresh."""
    from moviecrawler.ingest.raw import raw_body
    from moviecrawler.sources import source_named
    from moviecrawler.sources.descriptor import KeptAnswer

    answer = KeptAnswer(row["kind"], row["url"], raw_body(row, most), tuple(regions))
    title = source_named(row["source"]).parse_kept(answer)
    title.id = row["id"]
    title.set_fetch(row["fetched_at"], reason="reparse")
    return title
