"""``scrapy due``: how many titles are due, by source and age, and which are next."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, TypedDict

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import aligned, parse_source_option, say, unavailable_lines, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions
from moviecrawler.commands._where import add_where_options, check_where, selected

if TYPE_CHECKING:
    from datetime import datetime

    from moviecrawler.config import Config
    from moviecrawler.documents import Document
    from moviecrawler.policy.filters.expressions import Expression, Filter
    from moviecrawler.stores.base import Access, DueTitle, Store

AGES = {
    "unreleased": "unreleased",
    "to_60": "up to 60 days",
    "to_180": "up to 180",
    "to_365": "up to 365",
    "older": "older",
    "unknown": "without a date",
}
"""``policy.freshness.refresh.AGE_CLASSES``, as people read them."""

_BATCH = 200


class NextTitle(TypedDict):
    """A title that is due; ``never``: the source was never asked about it."""

    id: int
    title: str | None
    year: int | None
    due_since: str
    never: bool


class Due(TypedDict):
    """What is due at a source: how many titles by age class, and which are next."""

    ages: dict[str, int]
    next: list[NextTitle]


DueByKind = dict[str, dict[str, Due]]
"""Kind -> source -> what is due there."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show how many titles are due for a refresh, and which are next"

    def long_desc(self) -> str:
        return (
            "A table of what is due, by source and age of the title, and the next titles of each source in the order "
            "in which they will be requested. --recompute applies changed REFRESH_* settings, or THE_NUMBERS_ENABLED, "
            "to all stored titles. Examples: scrapy due; scrapy due --source omdb --next 20; scrapy due --recompute; "
            'scrapy due --where "year>=2020"'
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--source", metavar="NAME", help="only tmdb, omdb or the_numbers (default: all)")
        parser.add_argument("--next", metavar="N", default="5", help="how many of the next titles (5)")
        add_where_options(parser)
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")
        parser.add_argument(
            "--recompute",
            action="store_true",
            help="first set dates and order of all stored titles by the present settings",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy due: takes no arguments, got {' '.join(args)}")
        sources = parse_source_option("due", opts.source)
        if not (opts.next.isdecimal() and opts.next.isascii() and len(opts.next) < 10):
            usage_error(f"scrapy due: --next={opts.next!r}: must be a whole number, 0 or more")
        check_where("due", opts)
        access: Access = "write" if opts.recompute else "read"
        self.exitcode = with_store("due", self.settings, lambda store: self._show(store, sources, opts), access)

    async def _show(self, store: Store, sources: list[str], opts: argparse.Namespace) -> int:
        import json

        from moviecrawler.config import Config
        from moviecrawler.policy.prerequisites import unavailable_sources
        from moviecrawler.stores.ordering import reorder, stored_order

        config = Config.from_settings(self.settings)
        order = config.refresh.order
        without = {source: why for source, why in unavailable_sources(config).items() if source in sources}
        if opts.recompute:
            changed = await _recompute(store, config)
            await reorder(store, order)
            if not opts.json:
                say(f"{changed:,} titles have a new date")
        elif (stored := await stored_order(store)) != order:
            advice = "the next crawl, or --recompute, changes that"
            say(
                f"scrapy due: REFRESH_ORDER={order}, but titles are stored in the order {stored}; {advice}",
                file=sys.stderr,
            )
        selection = await selected("due", store, opts)
        found = await _due(store, sources, without, int(opts.next), selection.expression)
        say(*([json.dumps(found)] if opts.json else [*_lines(found), *unavailable_lines(without)]))
        return 0


async def _due(
    store: Store, sources: list[str], without: Container[str], count: int, where: Expression | None
) -> DueByKind:
    """What is due, with the next ``count`` titles of each source; nothing of those that it must do ``without``."""
    from datetime import UTC, datetime

    from moviecrawler.items import KINDS
    from moviecrawler.policy.filters.expressions import Filter

    now = datetime.now(UTC)
    found: DueByKind = {}
    for kind in KINDS:
        for source in sources:
            due = Due(ages={}, next=[])
            if source not in without:
                due = await _due_at(store, kind, source, now, count, None if where is None else Filter(where, now))
            found.setdefault(kind, {})[source] = due
    return found


async def _due_at(store: Store, kind: str, source: str, now: datetime, count: int, where: Filter | None) -> Due:
    """The index counts what is due; with a filter, titles are read in the order in which they will be requested."""
    from moviecrawler.policy.filters.predicate import predicate
    from moviecrawler.policy.freshness.refresh import age_class
    from moviecrawler.timestamps import iso

    if where is None:
        rows = await store.documents.due(kind, source, iso(now), count)
        documents = await store.documents.get_many((kind, row.id) for row in rows)
        ages = await store.documents.due_counts_by_age(kind, source, iso(now))
        return Due(
            ages=ages, next=[_next(row, document) for row in rows if (document := documents.get((kind, row.id)))]
        )
    is_meant, due, last = predicate(where.expression, now), Due(ages={}, next=[]), None
    while rows := await store.documents.due(kind, source, iso(now), _BATCH, last):
        last = rows[-1]
        documents = await store.documents.get_many((kind, row.id) for row in rows)
        for row in rows:
            if (document := documents.get((kind, row.id))) and is_meant(kind, document):
                age = age_class(document, now)
                due["ages"][age] = due["ages"].get(age, 0) + 1
                if len(due["next"]) < count:
                    due["next"].append(_next(row, document))
    return due


def _next(row: DueTitle, document: Document) -> NextTitle:
    return NextTitle(
        id=row.id, title=document["title"], year=document["year"], due_since=row.next_refresh_at, never=row.never
    )


async def _recompute(store: Store, config: Config) -> int:
    """How many titles got a new date. One that another writer changes meanwhile gets its date from that writer."""
    from datetime import UTC, datetime

    from moviecrawler.items import KINDS
    from moviecrawler.policy.documents.merge import with_refresh_dates
    from moviecrawler.sources.rules import refresh_of
    from moviecrawler.stores.base import Write

    refresh, now = refresh_of(config), datetime.now(UTC)
    changed = 0
    for kind in KINDS:
        writes: list[Write] = []
        async for document in store.documents.iterate(kind):
            if (newer := with_refresh_dates(kind, document, refresh, now)) is not document:
                writes.append(Write(kind, document["_id"], newer, document["revision"]))
            if len(writes) == _BATCH:
                changed += len((await store.documents.write(writes)).updated)
                writes.clear()
        changed += len((await store.documents.write(writes)).updated) if writes else 0
    return changed


def _lines(found: DueByKind) -> Iterator[str]:
    table = [["due now", *AGES.values(), "all"]]
    for kind, sources in found.items():
        for source, due in sources.items():
            counts = [due["ages"].get(age, 0) for age in AGES]
            table.append([f"{kind} {source}", *(f"{count:,}" for count in (*counts, sum(counts)))])
    yield from aligned(table)
    for kind, sources in found.items():
        for source, due in sources.items():
            if due["next"]:
                yield f"next {kind} of {source}:"
            for title in due["next"]:
                since = "never requested" if title["never"] else f"due since {title['due_since'][:10]}"
                yield f"  {kind}/{title['id']}  {title['title']} ({title['year'] or 'no year'}), {since}"
