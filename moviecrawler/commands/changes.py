"""``scrapy changes``: what has changed in the stored titles, the newest first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error, with_store
from moviecrawler.commands._titles import keys_of_imdb_id, read_id
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.documents.records import ChangeRecord
    from moviecrawler.stores.base import Key, Store

_FIRST = 50
"""Changes that are shown without ``--since``, ``--limit`` and a title."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [<id>]"

    def short_desc(self) -> str:
        return "Show what has changed in the stored titles, the newest first"

    def long_desc(self) -> str:
        return (
            f"The history: every change of a stored title, with the old and the new value, the newest first; the last "
            f"{_FIRST} of them, or those --since a time, or all of one title. Examples: scrapy changes; "
            "scrapy changes --since 7d; scrapy changes movies/603; scrapy changes --since 2026-11-20 --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="TIME", help="not older than this: 12h, 7d, 4w, 2026-11-20 (UTC)")
        parser.add_argument(
            "--limit", metavar="N", help=f"at most so many; 0: all ({_FIRST}, with a title or --since 0)"
        )
        parser.add_argument("--json", action="store_true", help="the records as JSON lines")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from datetime import UTC, datetime

        from moviecrawler.policy.since import ALLOWED, parse_since

        if len(args) > 1:
            usage_error(f"scrapy changes: takes one title, got {' '.join(args)}")
        asked = read_id("changes", args[0]) if args else None
        try:
            since = parse_since(opts.since, datetime.now(UTC)) if opts.since is not None else ""
        except ValueError:
            usage_error(f"scrapy changes: --since={opts.since!r}: must be {ALLOWED}")
        if opts.limit is not None and not (opts.limit.isdecimal() and opts.limit.isascii() and len(opts.limit) < 10):
            usage_error(f"scrapy changes: --limit={opts.limit!r}: must be a whole number, 0 or more")
        limit = int(opts.limit) if opts.limit is not None else 0 if asked or since else _FIRST
        self.exitcode = with_store(
            "changes", self.settings, lambda store: _show(store, asked, since, limit, as_json=opts.json), "read"
        )


async def _show(store: Store, asked: Key | str | None, since: str, limit: int, *, as_json: bool) -> int:
    import json

    from moviecrawler.policy.printable import escaped

    shown = 0
    async for row in _newest(store, asked, since):
        if limit and shown == limit:
            say("scrapy changes: there are older ones: --limit 0 shows all, --since 7d a week", file=sys.stderr)
            break
        say(*([escaped(json.dumps(row, ensure_ascii=False))] if as_json else _lines(row)))
        shown += 1
    if not shown and not as_json:
        of = f" of {asked if isinstance(asked, str) else f'{asked[0]}/{asked[1]}'}" if asked else ""
        say(f"no change{of} is recorded{f' since {since[:16]}' if since else ''}, in {store.describe}")
    return 0


async def _newest(store: Store, asked: Key | str | None, since: str) -> AsyncIterator[ChangeRecord]:
    """Of one title the history is short enough to be sorted; of all it is read page by page."""
    from moviecrawler.documents.records import CHANGES

    if asked is None:
        async for row in store.records.newest(CHANGES, since):
            yield row
        return
    keys = await keys_of_imdb_id(store, asked) if isinstance(asked, str) else [asked]
    rows = [
        row for kind, id in keys async for row in store.records.iterate(CHANGES, f"{kind}/{id}/") if row["at"] >= since
    ]
    for row in sorted(rows, key=lambda row: (row["at"], len(row["_id"]), row["_id"]), reverse=True):
        yield row


def _lines(row: ChangeRecord) -> Iterator[str]:
    from moviecrawler.policy.documents.readable import change_text
    from moviecrawler.policy.terminal import COLUMNS, cut, labelled

    head, by = f"{row['at'][:16].replace('T', ' ')}  {row['kind']}/{row['id']}  ", f", by {row['source']}"
    yield f"{head}{cut(row['title'] or 'without a title', COLUMNS - len(head) - len(by))}{by}"
    for change in row["diff"]:
        yield from labelled([("", change_text(change))], indent="    ")
