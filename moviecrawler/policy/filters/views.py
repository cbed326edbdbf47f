"""Filters with a name. They are kept in the store's state, so a backup has them; who does not know them leaves them."""

import re
from collections.abc import Iterable
from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.filters.fields import field_named
from moviecrawler.policy.filters.grammar import parse
from moviecrawler.policy.filters.order import parse_order

STATE = "views"
"""Name in the store's state of all views by name."""

NAMES = "letters, digits, - and _, 64 at most, with a letter or digit in front"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class View(TypedDict):
    """``filter``, ``sort`` and ``columns`` as they were typed; ``saved_at`` is a timestamp."""

    filter: str
    sort: NotRequired[str]
    columns: NotRequired[list[str]]
    saved_at: str


def view(text: str, sort: str | None, columns: str | None, saved_at: str) -> View:
    """The view; FilterError or UnknownField if a part of it is wrong.

    >>> view("year>=2020", "-rating.imdb", "title, year", "2026-11-21T08:15:30.123Z")["columns"]
    ['title', 'year']
    """
    parse(text)
    made = View(filter=text, saved_at=saved_at)
    if sort is not None:
        parse_order(sort)
        made["sort"] = sort
    if columns is not None:
        made["columns"] = [name.strip() for name in columns.split(",")]
        for name in made["columns"]:
            field_named(name)
    return made


def is_name(text: str) -> bool:
    """Whether a view can be called so: it is typed in a shell, and part of an address."""
    return _NAME.fullmatch(text) is not None


def views_of(state: Any) -> dict[str, View]:
    """All views by name, in that order, of what the state holds; what is no view is left out.

    >>> views_of({"new": {"filter": "year>2020", "saved_at": "2026-11-21T08:15:30.123Z"}, "odd": 7}).keys()
    dict_keys(['new'])
    """
    held: dict[str, Any] = state if isinstance(state, dict) else {}
    return {name: cast("View", one) for name, one in sorted(held.items()) if isinstance(one, dict) and "filter" in one}


def no_view(name: str, names: Iterable[str]) -> str:
    """The end of a line about a view that there is not."""
    known = list(names)
    there = f"there are {', '.join(known)}" if known else "scrapy views save makes one"
    return f"no view {name!r}; {there}{did_you_mean(name, known)}"
