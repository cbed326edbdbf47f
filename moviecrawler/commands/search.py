"""``scrapy search``: stored titles by words in any language, names of people, keywords, ids."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import numbered, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions
from moviecrawler.commands._where import add_sort_option, add_where_options, check_where, filter_error, selected

if TYPE_CHECKING:
    from datetime import datetime

    from moviecrawler.policy.filters.expressions import Expression
    from moviecrawler.policy.filters.order import Order
    from moviecrawler.search.index import SearchIndex
    from moviecrawler.search.query import Found, Row, Sort
    from moviecrawler.stores.checked import CheckedStore

_OF_THE_INDEX: Mapping[str, Sort] = {
    **{"": "relevance", "relevance": "relevance", "title": "title"},
    **{"-popularity": "popularity", "-year": "year", "-updated_at": "updated"},
}
"""Orders that need no documents; of titles with equal values the popular ones come first."""

_FIRST = 20
"""Titles that are shown without ``--limit``."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, also when nothing was found, 1 the store failed, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <words>"

    def short_desc(self) -> str:
        return "Find stored titles by words in any language, people, keywords, collections, ids"

    def long_desc(self) -> str:
        return (
            "Finds titles that have all the words, in any of their titles, their people, keywords, collection or year; "
            "the last word may be the beginning of one, and a single Chinese character is enough. Those that are "
            "called so come first. If nothing has the words, the nearest that there are. Examples: scrapy search "
            "the matrix; scrapy search keanu reeves 1999; scrapy search 黑客; scrapy search tt0133093; "
            "scrapy search star wars --sort -year --limit 5 --json; scrapy search --where 'year>=2020 and rating>8'"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_where_options(parser)
        add_sort_option(parser, None, "relevance (default), or a field; --sort -year: the highest first")
        parser.add_argument("--limit", metavar="N", default=str(_FIRST), help=f"at most so many; 0: all ({_FIRST})")
        parser.add_argument("--json", action="store_true", help="one JSON object per title, a line each")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.search.text import MAX_QUERY

        text = " ".join(args).strip()
        if not text and opts.where is None and opts.view is None:
            usage_error(
                "scrapy search: say what to look for: words, a name, 603, shows/1396, tt0133093, an address, "
                "or --where FILTER, --view NAME"
            )
        if len(text) > MAX_QUERY:
            usage_error(
                f"scrapy search: {text[:40]!r}...: must be {MAX_QUERY} characters at most, it has {len(text):,}"
            )
        _order(opts.sort or "")
        if not (opts.limit.isdecimal() and opts.limit.isascii() and len(opts.limit) < 10):
            usage_error(f"scrapy search: --limit={opts.limit!r}: must be a whole number, 0 or more")
        check_where("search", opts)
        limit = int(opts.limit) or None
        self.exitcode = with_store(
            "search", self.settings, lambda store: self._search(store, text, opts, limit), "read"
        )

    async def _search(self, store: CheckedStore, text: str, opts: argparse.Namespace, limit: int | None) -> int:
        import sqlite3
        from datetime import UTC, datetime

        from moviecrawler.addons import check
        from moviecrawler.places import search_index_of
        from moviecrawler.search.query import rows

        selection = await selected("search", store, opts)
        of_view = selection.view["sort"] if selection.view and "sort" in selection.view else ""
        sort = of_view if opts.sort is None else opts.sort
        wanted = _Wanted(text, selection.expression, _order(sort))
        file, now = search_index_of(check(self.settings), _tell), datetime.now(UTC)
        try:
            index = await file.current(store, now)
            try:
                found = await _found(index, store, wanted, now)
            except sqlite3.DatabaseError:
                index = await file.anew(store, now)
                found = await _found(index, store, wanted, now)
            shown = rows(index, found.slots[:limit])
            is_empty = not any(index.count(kind) for kind in ("movies", "shows"))
        finally:
            file.close()
        if found.instead:
            _tell(f"nothing has {wanted.text!r}; did you mean {found.instead!r}?")
        if found.partly:
            _tell(f"nothing has all of {wanted.text!r}; this has some of the words")
        if not found.slots:
            _tell(_nothing(wanted, is_empty=is_empty))
        say(*(_json_lines(shown) if opts.json else _lines(shown, len(found.slots))))
        return 0


class _Wanted(NamedTuple):
    text: str
    expression: Expression | None
    order: Sort | Order


async def _found(index: SearchIndex, store: CheckedStore, wanted: _Wanted, now: datetime) -> Found:
    from moviecrawler.search.facets import bits_of
    from moviecrawler.search.filtering import asks_for_gone, matching, ordered
    from moviecrawler.search.query import Found, find, kept

    text, expression, order = wanted
    sort: Sort = order if isinstance(order, str) else "relevance"
    slots, instead, partly = find(index, text, sort=sort, gone=expression is not None and asks_for_gone(expression))
    if expression is not None:
        slots = kept(slots, await matching(index, store, expression, now, bits_of(slots)))
    if not isinstance(order, str):
        slots = await ordered(index, store, order, slots)
    return Found(slots, instead if slots else "", partly and bool(slots))


def _order(text: str) -> Sort | Order:
    """By the index, if it has that order, else by the documents; wrong usage for no field.

    >>> _order("-year"), _order("relevance"), _order("runtime").field.name
    ('year', 'relevance', 'runtime')
    """
    from moviecrawler.exceptions import FilterError
    from moviecrawler.policy.filters.order import parse_order

    if text in _OF_THE_INDEX:
        return _OF_THE_INDEX[text]
    try:
        return parse_order(text)
    except FilterError as error:
        filter_error("scrapy search: --sort", error)


def _nothing(wanted: _Wanted, *, is_empty: bool) -> str:
    from moviecrawler.policy.identity.references import parse_reference

    if is_empty:
        return "nothing is stored yet; scrapy crawl and scrapy collect fill it"
    if wanted.expression is not None:
        return "no stored title is meant by that"
    try:
        found = parse_reference(wanted.text)
    except ValueError:
        return f"nothing is stored that has {wanted.text!r}"
    name = found if isinstance(found, str) else f"{found[0]}/{found[1]}"
    return f"{name} is not stored; this asks for it: scrapy crawl tmdb_titles -a ids={name}"


def _json_lines(shown: Sequence[Row]) -> Iterator[str]:
    import json

    from moviecrawler.policy.printable import escaped

    for row in shown:
        title = {"kind": row.kind, "_id": row.id, "title": row.title, "year": row.year}
        yield escaped(json.dumps(title, ensure_ascii=False))


def _lines(shown: Sequence[Row], total: int) -> Iterator[str]:
    """A table in 80 columns, and how many there are if not all are shown."""
    from moviecrawler.policy.terminal import COLUMNS, cut

    names = [f"{row.kind}/{row.id}" for row in shown]
    column = max(map(len, names), default=0)
    for name, row in zip(names, shown, strict=True):
        start = f"{name:<{column}}  {row.year or '':>4}  "
        yield start + cut(row.title or "without a title", COLUMNS - len(start))
    if total > len(shown):
        yield f"the first {len(shown)} of {numbered(total, 'title')}; --limit 0 shows all"


def _tell(line: str) -> None:
    say(f"scrapy search: {line}", file=sys.stderr)
