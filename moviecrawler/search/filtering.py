"""A filter over the index: what its columns and sets answer is answered there; only the rest of the titles is read.

The index has the fields that are usually asked about. A filter is compiled into the set of titles that may be meant;
where it asks for anything else, their documents are read from the store, and the filter's own predicate decides. So the
answer is always that of the predicate.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import and_, or_
from typing import NamedTuple

from moviecrawler.policy.filters.expressions import (
    And,
    Expression,
    IsKind,
    IsPresent,
    Match,
    Not,
    Or,
    Path,
    Within,
    bound_at,
    leaves,
)
from moviecrawler.policy.filters.order import Order, Place, sort_key
from moviecrawler.policy.filters.predicate import predicate
from moviecrawler.search.catch_up import Source
from moviecrawler.search.entries import FACETS, NUMBERS
from moviecrawler.search.facets import bits_of, load, readable
from moviecrawler.search.index import SearchIndex

_PAGE = 200
"""Documents in memory at a time."""

_COLUMNS: dict[Path, str] = {path: column for column, path in NUMBERS.items()} | {
    ("_id",): "id",
    ("updated_at",): "updated_at",
}
_FACETS: dict[Path, str] = {path: facet for facet, path in FACETS.items() if path}


class Narrowed(NamedTuple):
    """A set of titles (``facets``): those that are meant, or if not ``exact`` also others."""

    bits: int
    exact: bool


async def matching(index: SearchIndex, store: Source, expression: Expression, now: datetime, among: int | None) -> int:
    """The titles that the filter means, of this set (None: of all), as bits; those that are gone as well."""
    found = narrowed(index, expression, now)
    bits = found.bits if among is None else found.bits & among
    if found.exact:
        return bits
    is_meant, meant = predicate(expression, now), list[int]()
    slots = index.keys_of(_slots(bits))
    while page := dict(islice(slots, _PAGE)):
        documents = await store.documents.get_many(page.values())
        meant += [
            slot for slot, key in page.items() if (one := documents.get(key)) is not None and is_meant(key[0], one)
        ]
    return bits_of(meant)


async def ordered(index: SearchIndex, store: Source, order: Order, slots: Iterable[int]) -> list[int]:
    """These titles in the order, by their documents; those that are not stored any more are left out."""
    place, places = sort_key(order), dict[int, Place]()
    keyed = index.keys_of(slots)
    while page := dict(islice(keyed, _PAGE)):
        documents = await store.documents.get_many(page.values())
        places |= {slot: place(key[0], documents[key]) for slot, key in page.items() if key in documents}
    return sorted(places, key=places.__getitem__)


def asks_for_gone(expression: Expression) -> bool:
    """Whether it asks about titles that are gone, which are left out otherwise."""
    return any("gone_at" in path for one in leaves(expression) if isinstance(one, Match) for path in one.paths)


def narrowed(index: SearchIndex, expression: Expression, now: datetime) -> Narrowed:
    """What the index alone can say of a filter."""
    facets = load(index.connection)
    everything = readable(facets)

    def narrow(one: Expression) -> Narrowed:
        if isinstance(one, And | Or):
            parts = [narrow(part) for part in one.parts]
            join, start = (and_, everything) if isinstance(one, And) else (or_, 0)
            return Narrowed(reduce(join, (part.bits for part in parts), start), all(part.exact for part in parts))
        if isinstance(one, Not):
            part = narrow(one.part)
            return Narrowed(everything & ~part.bits, True) if part.exact else Narrowed(everything, False)
        if isinstance(one, IsKind):
            return Narrowed(facets.get(("kind", one.kind), 0), True)
        if isinstance(one, Match) and all(path in _FACETS for path in one.paths):
            return Narrowed(reduce(or_, _by_facets(facets, one, now), 0), True)
        if isinstance(one, Match) and one.paths[0] in _COLUMNS and len(one.paths) == 1 and _is_range(one):
            return Narrowed(everything & _by_column(index, _COLUMNS[one.paths[0]], one, now), True)
        return Narrowed(everything, False)

    return narrow(expression)


def _by_facets(facets: dict[tuple[str, str], int], match: Match, now: datetime) -> Iterator[int]:
    """A value of a facet passes if a document with that value alone would."""
    passes = predicate(Match(match.name, (("value",),), match.test), now)
    wanted = {_FACETS[path] for path in match.paths}
    for (facet, value), bits in facets.items():
        if facet in wanted and passes("", {"value": value}):
            yield bits


def _is_range(match: Match) -> bool:
    return isinstance(match.test, Within | IsPresent)


def _by_column(index: SearchIndex, column: str, match: Match, now: datetime) -> int:
    test, conditions, values = match.test, [f"{column} IS NOT NULL AND {column} != ''"], list[object]()
    if isinstance(test, Within):
        for bound, inside, sign in ((test.low, test.includes_low, ">"), (test.high, test.includes_high, "<")):
            if bound is not None:
                conditions.append(f"{column} {sign}{'=' if inside else ''} ?")
                values.append(bound_at(bound, now))
    sql = f"SELECT slot FROM titles WHERE {' AND '.join(conditions)}"  # noqa: S608
    return bits_of(slot for (slot,) in index.connection.execute(sql, values))


def _slots(bits: int) -> Iterator[int]:
    for place, byte in enumerate(bits.to_bytes(bits.bit_length() // 8 + 1, "little")):
        if byte:
            yield from (place * 8 + bit for bit in range(8) if byte >> bit & 1)
