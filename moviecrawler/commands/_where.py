"""``--where FILTER`` and ``--view NAME``, the same for every command that chooses titles."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from moviecrawler.commands import UsageError, say, usage_error, with_store

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from scrapy.settings import BaseSettings

    from moviecrawler.exceptions import FilterError
    from moviecrawler.policy.filters.expressions import Expression, Filter
    from moviecrawler.policy.filters.views import View
    from moviecrawler.stores.base import Store


_EVERYTHING = "kind in (movies, shows)"


class Selection(NamedTuple):
    """Which titles are meant: ``expression`` by both options, None without any; the ``view``, if one was named."""

    expression: Expression | None
    view: View | None

    def at(self, now: datetime) -> Filter | None:
        """What a store is asked for; None for all titles."""
        from moviecrawler.policy.filters.expressions import Filter

        return None if self.expression is None else Filter(self.expression, now)


def add_where_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--where", metavar="FILTER", help='only titles that are meant: "year>=2020 and rating.imdb>7"')
    parser.add_argument("--view", metavar="NAME", help="only titles of this view (scrapy views)")


def add_sort_option(parser: argparse.ArgumentParser, default: str | None, meaning: str) -> None:
    """``--sort FIELD``, or ``--sort -FIELD``, which argparse would take for an option."""
    parser.add_argument("--sort", metavar="FIELD", default=default, help=meaning)
    parse = parser.parse_known_args

    def parse_joined(args: list[str] | None = None, namespace: Any = None) -> Any:
        return parse(args and joined_sort(args), namespace)

    parser.parse_known_args = parse_joined  # type: ignore[method-assign, assignment]  # Scrapy makes the parser


def joined_sort(words: Sequence[str]) -> list[str]:
    """
    >>> joined_sort(["movies", "--sort", "-year", "--json"]), joined_sort(["--", "--sort", "-year"])
    (['movies', '--sort=-year', '--json'], ['--', '--sort', '-year'])
    """
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--sort" and "--" not in joined and re.match(r"-\w", word):
            joined[-1] = f"--sort={word}"
        else:
            joined.append(word)
    return joined


def check_where(command: str, opts: argparse.Namespace) -> Expression | None:
    """The filter of ``--where``, or None; a wrong one is wrong usage, found before anything is opened."""
    from moviecrawler.exceptions import FilterError
    from moviecrawler.policy.filters.grammar import parse

    if opts.where is None:
        return None
    try:
        return parse(opts.where)
    except FilterError as error:
        filter_error(f"scrapy {command}: --where", error)


async def selected(command: str, store: Store, opts: argparse.Namespace) -> Selection:
    """What ``--where`` and ``--view`` mean together; wrong usage for a view that there is not."""
    from moviecrawler.exceptions import FilterError
    from moviecrawler.policy.filters.expressions import And
    from moviecrawler.policy.filters.grammar import parse
    from moviecrawler.policy.filters.views import no_view
    from moviecrawler.stores.views import stored_views

    where = check_where(command, opts)
    if opts.view is None:
        return Selection(where, None)
    views = await stored_views(store)
    if opts.view not in views:
        usage_error(f"scrapy {command}: --view={opts.view!r}: {no_view(opts.view, views)}")
    view = views[opts.view]
    try:
        of_view = parse(view["filter"])
    except FilterError as error:
        filter_error(f"scrapy {command}: view {opts.view}", error)
    return Selection(of_view if where is None else And((of_view, where)), view)


def where_text(command: str, settings: BaseSettings, opts: argparse.Namespace) -> str | None:
    """What both options mean together, as the argument of a spider; ends the command where the store fails."""
    if opts.view is None:
        return cast("str | None", opts.where)
    found: list[str] = []

    async def read(store: Store) -> int:
        selection = await selected(command, store, opts)
        assert selection.view
        found.append(selection.view["filter"] or _EVERYTHING)
        return 0

    if status := with_store(command, settings, read, "read"):
        sys.exit(status)
    return found[0] if opts.where is None else f"({found[0]}) and ({opts.where.strip() or _EVERYTHING})"


def filter_error(what: str, error: FilterError) -> NoReturn:
    """Wrong usage: one line that says why, and below it the place in the filter."""
    from moviecrawler.policy.filters.pointing import pointed

    line = f"{what}: {error}"
    say(line, *pointed(error), file=sys.stderr)
    raise UsageError(line)
