"""A filter as a tree, the same for every backend: ``and``, ``or`` and ``not`` over a few kinds of questions.

Everything that the language offers is one of these: ``due:omdb`` asks whether a time is past, ``person`` looks in five
lists. So whoever compiles a filter needs no list of fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from moviecrawler.timestamps import iso

ROWS = "[]"
"""Step of a path: every element of a list."""

VALUES = "*"
"""Step of a path: every value of an object."""

Path = tuple[str, ...]
"""Where values stand in a document: names, ``ROWS`` and ``VALUES``, such as ``("people", "cast", "[]", "name")``."""


class Ago(NamedTuple):
    """A time that is so many hours before the present moment."""

    hours: int


Bound = int | float | str | Ago
"""Of numbers a number; of days and timestamps the beginning of their text (``2020-05``), or how long ago."""


@dataclass(frozen=True)
class Within:
    """A number, day or timestamp that is within these bounds, of which None is none."""

    low: Bound | None = None
    high: Bound | None = None
    includes_low: bool = True
    includes_high: bool = True


@dataclass(frozen=True)
class IsText:
    """The whole text, in the spelling of ``folding.folded``."""

    folded: str


@dataclass(frozen=True)
class HasWords:
    """These words one after the other, in the spelling of ``folding.words``: a blank before each, and at the end."""

    words: str


@dataclass(frozen=True)
class IsTrue:
    """True or false, as ``value`` says."""

    value: bool = True


@dataclass(frozen=True)
class IsPresent:
    """Neither null nor an empty text, list or object."""


@dataclass(frozen=True)
class HasKey:
    """An object with this name, or one below it (``box_office``: ``box_office.budget``); None: with any."""

    name: str | None


@dataclass(frozen=True)
class IsBelow:
    """A text that is this path of a field, or that of a part of it."""

    path: str


Test = Within | IsText | HasWords | IsTrue | IsPresent | HasKey | IsBelow


@dataclass(frozen=True)
class Match:
    """Some value at one of the paths passes the test; no value passes none. ``name``: as the filter calls the field."""

    name: str
    paths: tuple[Path, ...]
    test: Test


@dataclass(frozen=True)
class IsKind:
    """``movies`` or ``shows``."""

    kind: str


@dataclass(frozen=True)
class Disagree:
    """Two sources say something else of one of these fields (paths within a source's data)."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Not:
    part: "Expression"


@dataclass(frozen=True)
class And:
    """Of no parts: everything."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Expression", ...]


Expression = And | Or | Not | Match | IsKind | Disagree

EVERYTHING = And(())


@dataclass(frozen=True)
class Filter:
    """A filter and the present moment: what a store is asked for."""

    expression: Expression
    now: datetime


def bound_at(bound: Bound | None, now: datetime) -> int | float | str | None:
    """The bound as a number or text.

    >>> from datetime import UTC
    >>> bound_at(Ago(24), datetime(2026, 11, 21, tzinfo=UTC)), bound_at(7.5, datetime.now(UTC))
    ('2026-11-20T00:00:00.000Z', 7.5)
    """
    return iso(now - timedelta(hours=bound.hours)) if isinstance(bound, Ago) else bound


def leaves(expression: Expression) -> Iterator[Match | IsKind | Disagree]:
    """The questions of a filter, from left to right."""
    waiting: list[Expression] = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, And | Or):
            waiting.extend(reversed(one.parts))
        elif isinstance(one, Not):
            waiting.append(one.part)
        else:
            yield one
