"""The columns of each kind, derived from the types of what is stored: their names, types, and how to read them.

Three kinds of records hold many facts each. A table has one row for each of these.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

from moviecrawler.documents import Document, Kind
from moviecrawler.documents.facts import Facts
from moviecrawler.documents.records import CHANGES, CHARTS, RECORDS, SAMPLES, Record
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.documents import samples
from moviecrawler.policy.documents.compose import FIELDS
from moviecrawler.policy.documents.flatten import LEFT_OUT, flat_columns, reader
from moviecrawler.policy.filters.fields import SHORT, UnknownField, field_named

TITLES = ("movies", "shows")

Row = Mapping[str, Any]


class Column(NamedTuple):
    """``type`` is the annotation of the value at the ``path``; None may stand in its place."""

    name: str
    type: Any
    path: str
    read: Callable[[Row], Any]


class ChartFact(Record):
    """A row of a chart. Trending charts have no money, box-office charts are of films."""

    chart: str
    date: str
    at: str | None
    rank: int
    kind: Kind
    id: int | None
    title: str | None
    source_id: str | None
    distributor: str | None
    gross: int | None
    theaters: int | None
    total_gross: int | None
    days: int | None


class ChangeFact(Record):
    """A field that changed, at one time."""

    kind: Kind
    id: int
    title: str | None
    source: str
    at: str
    path: str
    old: object
    new: object


_FACTS: dict[str, Mapping[str, Any]] = {
    CHARTS: get_type_hints(ChartFact),
    CHANGES: get_type_hints(ChangeFact),
    SAMPLES: {"_id": str, "source": str, "at": str, **dict.fromkeys(samples.FIELDS, float)},
}
"""Kinds whose records hold many facts each: name -> type of one of them."""


def facts(kind: str, row: Row) -> Iterable[Row]:
    """The rows of a table that a document or record makes."""
    if kind == CHARTS:
        return _chart_facts(row)
    if kind == CHANGES:
        about = {name: value for name, value in row.items() if name != "diff"}
        return [{**about, **change} for change in row["diff"]]
    if kind == SAMPLES:
        return samples.table_rows(row)  # type: ignore[arg-type]  # the kind says that it is one
    return [row]


def _chart_facts(row: Row) -> Iterator[Row]:
    about = {name: row[name] for name in ("_id", "chart", "date")}
    for fact in row.get("rows", ()):
        yield {**about, "at": row.get("at"), "kind": TITLES[0], **fact}
    pages = row.get("pages", {})
    for number in sorted(pages, key=lambda number: (len(number), number)):
        for fact in pages[number]["rows"]:
            yield {**about, "at": pages[number]["at"], **fact}


@cache
def fields(kind: str, *, by_fact: bool) -> Mapping[str, Any]:
    """Top-level name -> type, in order. ``by_fact``: of the rows of a table, else of what is stored."""
    if kind in TITLES:
        hints = get_type_hints(Document)
        own = [name for name in hints if name not in get_type_hints(Facts) and name != "_id"]
        return {name: hints[name] for name in ("_id", *FIELDS[kind], *own)}
    return _FACTS[kind] if by_fact and kind in _FACTS else get_type_hints(RECORDS[kind])


def flat(kind: str) -> list[Column]:
    """The columns of a table whose cells hold one value each."""
    names = flat_columns(fields(kind, by_fact=True))
    return [Column(name, type_at(fields(kind, by_fact=True), name), name, reader(name)) for name in names]


def nested(kind: str) -> list[Column]:
    """The columns of a table whose cells may hold lists and objects; what is no fact is left out."""
    left_out = LEFT_OUT - {"logos", "posters", "backdrops"}
    found = fields(kind, by_fact=True)
    return [Column(name, type_, name, reader(name)) for name, type_ in found.items() if name not in left_out]


def chosen(kind: str, names: Sequence[str], *, by_fact: bool = True) -> list[Column]:
    """The columns of these names, which are paths in a row; ValueError, one line, for one that no row can have.

    >>> [column.name for column in chosen("movies", ["title", "rating.imdb", "titles.de-DE"])]
    ['title', 'rating.imdb', 'titles.de-DE']
    >>> chosen("movies", ["titel"])
    Traceback (most recent call last):
    ValueError: movies have no column 'titel'; did you mean title?
    """
    found, columns = fields(kind, by_fact=by_fact), []
    for name in dict.fromkeys(names):
        path = _path(kind, found, name)
        type_ = type_at(found, path)
        if type_ is None:
            known = dict.fromkeys([*_known(found), *flat_columns(found), *(SHORT if kind in TITLES else ())])
            hint = did_you_mean(name, known) or f"; there are {', '.join(list(found)[:8])} ..."
            raise ValueError(f"{kind} have no column {name!r}{hint}")
        columns.append(Column(name, type_, path, reader(path)))
    return columns


def _path(kind: str, fields: Mapping[str, Any], name: str) -> str:
    """Of a title also by a short name of the filter language, where that means one field."""
    if kind not in TITLES or name in fields:
        return name
    try:
        own_names = field_named(name).own_names
    except UnknownField:
        return name
    return own_names[0] if len(own_names) == 1 else name


def type_at(fields: Mapping[str, Any], path: str) -> Any:
    """The type of what stands at a path; None where nothing can.

    >>> type_at({"titles": dict[str, str], "year": int | None}, "titles.de-DE")
    <class 'str'>
    """
    for name, type_ in fields.items():
        if path == name:
            return without_none(type_)
        if path.startswith(f"{name}.") and (found := _type_within(type_, path[len(name) + 1 :])) is not None:
            return found
    return None


def _type_within(type_: Any, path: str) -> Any:
    type_ = without_none(type_)
    if is_typeddict(type_):
        return type_at(get_type_hints(type_), path)
    if type_ in (Any, object):
        return Any
    if get_origin(type_) is not dict or not path:
        return None
    value = get_args(type_)[1]
    if not is_typeddict(value):
        return without_none(value)
    _, _, rest = path.partition(".")
    return _type_within(value, rest) if rest else value


def without_none(type_: Any) -> Any:
    """The other type of one that may be None.

    >>> without_none(int | None), without_none(str)
    (<class 'int'>, <class 'str'>)
    """
    if get_origin(type_) not in (Union, UnionType):
        return type_
    return Union[tuple(one for one in get_args(type_) if one is not NoneType)]  # noqa: UP007  # made at run time


def _known(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, type_ in fields.items():
        yield name
        if is_typeddict(inner := without_none(type_)):
            yield from (f"{name}.{below}" for below in _known(get_type_hints(inner)))
