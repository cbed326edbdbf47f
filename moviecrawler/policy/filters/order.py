"""The order of a list: by a field, titles without it last, ties by id. One rule for every command and backend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from moviecrawler.exceptions import FilterError
from moviecrawler.policy.filters.fields import Field, UnknownField, field_named
from moviecrawler.policy.filters.folding import folded
from moviecrawler.policy.filters.predicate import values_at

Place = tuple[bool, Any, str, Any]
"""What titles are sorted by: whether the value is absent, the value, the kind, the id."""


@dataclass(frozen=True)
class Order:
    """``--sort year`` or, ``descending``, ``--sort -year``."""

    field: Field
    descending: bool


def parse_order(text: str) -> Order:
    """The order that is meant; FilterError for a field that there is not, or that has no value of its own.

    >>> parse_order("-rating.imdb").field.paths, parse_order("title").descending
    ((('ratings', 'imdb', 'score'),), False)
    """
    name = text.strip()
    descending = name.startswith("-")
    try:
        field = field_named(name.removeprefix("-"))
    except UnknownField as error:
        raise FilterError(str(error), text, text.find(name) + descending) from None
    if field.type == "object":
        raise FilterError(f"{field.name!r} has no value of its own to sort by", text, text.find(name))
    return Order(field, descending)


def sort_key(order: Order) -> Callable[[str, Mapping[str, Any]], Place]:
    """Kind and document -> the place of a title. Of several values the first one counts.

    >>> place = sort_key(parse_order("-year"))
    >>> films = [{"_id": 1}, {"_id": 2, "year": 1999}, {"_id": 3, "year": 2003}, {"_id": 4, "year": 1999}]
    >>> [film["_id"] for film in sorted(films, key=lambda film: place("movies", film))]
    [3, 2, 4, 1]
    """

    def place(kind: str, document: Mapping[str, Any]) -> Place:
        value = sort_value(order, document)
        if value is None:
            return True, 0, kind, document["_id"]
        return False, _Descending(value) if order.descending else value, kind, document["_id"]

    return place


def sort_value(order: Order, document: Mapping[str, Any]) -> int | float | str | None:
    """What the title is sorted by: a number, or text as it is compared; None where it is absent.

    >>> sort_value(parse_order("title"), {"title": "Amélie"})
    'amelie'
    """
    wanted = str if order.field.type in ("text", "time") else int | float
    for path in order.field.paths:
        for value in values_at(document, path):
            if isinstance(value, wanted) and value != "":
                return folded(value) if order.field.type == "text" else value
    return None


@total_ordering
class _Descending:
    """A value that comes before smaller ones."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.value < self.value)
