"""``scrapy views``: filters with a name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions
from moviecrawler.commands._where import add_sort_option, filter_error

if TYPE_CHECKING:
    from moviecrawler.policy.filters.views import View
    from moviecrawler.stores.base import Store

_ARGUMENTS = {"save": ("NAME", "FILTER"), "list": (), "show": ("NAME",), "delete": ("NAME",)}


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, 2 wrong usage or setting, or no such view."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] save NAME FILTER | list | show NAME | delete NAME"

    def short_desc(self) -> str:
        return "Give filters a name, to be used wherever a filter is (--view NAME)"

    def long_desc(self) -> str:
        return (
            "A view is a filter with a name, and perhaps an order and columns; it is kept in the store. Examples: "
            'scrapy views save good "year>=2020 and rating.imdb>7.5" --sort -rating.imdb; scrapy views list; '
            "scrapy due --view good; scrapy views delete good"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_sort_option(parser, None, "of save: the order; --sort -year: the highest first")
        parser.add_argument("--columns", metavar="LIST", help="of save: the columns of tables: title,year,rating.imdb")
        parser.add_argument("--json", action="store_true", help="of list and show: as JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.config.fields import one_of
        from moviecrawler.policy.did_you_mean import did_you_mean

        action, rest = (args[0], args[1:]) if args else ("list", [])
        if action not in _ARGUMENTS:
            usage_error(f"scrapy views: {action!r}: must be {one_of(_ARGUMENTS)}{did_you_mean(action, _ARGUMENTS)}")
        if len(rest) != len(_ARGUMENTS[action]):
            usage = " ".join((action, *_ARGUMENTS[action]))
            advice = "; put the filter in quotes" if action == "save" and len(rest) > 1 else ""
            usage_error(f"scrapy views {usage}: got {len(rest)} arguments{advice}")
        if action == "save":
            name, view = rest[0], _checked(rest[0], rest[1], opts)
            self.exitcode = with_store("views", self.settings, lambda store: _save(store, name, view), "write")
        elif action == "delete":
            self.exitcode = with_store("views", self.settings, lambda store: _delete(store, rest[0]), "write")
        else:
            chosen = rest[0] if rest else None
            self.exitcode = with_store("views", self.settings, lambda store: _show(store, chosen, opts.json), "read")


def _checked(name: str, text: str, opts: argparse.Namespace) -> View:
    from datetime import UTC, datetime

    from moviecrawler import timestamps
    from moviecrawler.exceptions import FilterError
    from moviecrawler.policy.filters.fields import UnknownField
    from moviecrawler.policy.filters.views import NAMES, is_name, view

    if not is_name(name):
        usage_error(f"scrapy views: {name!r}: the name of a view has {NAMES}")
    try:
        return view(text, opts.sort, opts.columns, timestamps.iso(datetime.now(UTC)))
    except FilterError as error:
        filter_error("scrapy views", error)
    except UnknownField as error:
        usage_error(f"scrapy views: --columns={opts.columns!r}: {error}")


async def _save(store: Store, name: str, view: View) -> int:
    from moviecrawler.stores.views import save_view

    replaced = await save_view(store, name, view)
    say(f"view {name} is {'replaced' if replaced else 'saved'}; use it as --view {name}")
    return 0


async def _delete(store: Store, name: str) -> int:
    from moviecrawler.policy.filters.views import no_view
    from moviecrawler.stores.views import delete_view, stored_views

    if not await delete_view(store, name):
        usage_error(f"scrapy views: {no_view(name, await stored_views(store))}")
    say(f"view {name} is deleted")
    return 0


async def _show(store: Store, name: str | None, as_json: bool) -> int:
    import json

    from moviecrawler.policy.filters.views import no_view
    from moviecrawler.policy.printable import escaped
    from moviecrawler.stores.views import stored_views

    views = await stored_views(store)
    if name is not None and name not in views:
        usage_error(f"scrapy views: {no_view(name, views)}")
    shown = views if name is None else {name: views[name]}
    if as_json:
        say(escaped(json.dumps(shown if name is None else shown[name], ensure_ascii=False)))
    elif not shown:
        say('no view is saved yet: scrapy views save NAME "FILTER"')
    else:
        say(*(line for one, view in shown.items() for line in _lines(one, view)))
    return 0


def _lines(name: str, view: View) -> list[str]:
    more = [f"sorted by {view['sort']}"] if "sort" in view else []
    more += [f"columns {', '.join(view['columns'])}"] if "columns" in view else []
    return [f"{name}: {view['filter'] or 'all titles'}", *(f"  {one}" for one in more)]
