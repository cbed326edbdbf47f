"""Sets of titles as bits: bit n of a number is the title in slot n, so that to count is to and, and to count ones."""

import sqlite3
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

from moviecrawler.search.entries import FACETS, Facets


class FacetCount(NamedTuple):
    value: str
    titles: int


def bits_of(slots: Iterable[int]) -> int:
    """The set of these slots.

    >>> bits_of([0, 3]), bits_of([])
    (9, 0)
    """
    chosen = list(slots)
    bits = bytearray(max(chosen, default=-1) // 8 + 1)
    for slot in chosen:
        bits[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(bits, "little")


def counts(facets: Mapping[tuple[str, str], int], among: int) -> dict[str, list[FacetCount]]:
    """How many of the titles ``among`` have each value, by facet, the most frequent value first; none with 0.

    >>> counts({("genre", "Drama"): 0b110, ("genre", "War"): 0b001}, 0b110)["genre"]
    [FacetCount(value='Drama', titles=2)]
    """
    found: dict[str, list[FacetCount]] = {facet: [] for facet in FACETS}
    for (facet, value), bits in facets.items():
        if number := (bits & among).bit_count():
            found[facet].append(FacetCount(value, number))
    return {facet: sorted(values, key=lambda one: (-one.titles, one.value)) for facet, values in found.items()}


def load(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """All facets of the index."""
    rows = connection.execute("SELECT field, value, bits FROM facets")
    return {(field, value): int.from_bytes(bits, "little") for field, value, bits in rows}


def readable(facets: Mapping[tuple[str, str], int]) -> int:
    """All titles whose documents can be read, those that are gone as well."""
    return reduce(or_, (bits for (facet, _), bits in facets.items() if facet == "kind"), 0)


class FacetEdit:
    """Changes the facets of some titles: made within a transaction, written at its end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT field, value, bits FROM facets")
        self._bits = {(field, value): bytearray(bits) for field, value, bits in rows}
        self._changed: set[tuple[str, str]] = set()

    def clear(self, slot: int) -> None:
        byte, bit = slot >> 3, 1 << (slot & 7)
        for name, bits in self._bits.items():
            if byte < len(bits) and bits[byte] & bit:
                bits[byte] &= ~bit
                self._changed.add(name)

    def set(self, slot: int, facets: Facets) -> None:
        byte, bit = slot >> 3, 1 << (slot & 7)
        for name in facets:
            bits = self._bits.setdefault(name, bytearray())
            if byte >= len(bits):
                bits.extend(bytes(byte + 1 - len(bits)))
            bits[byte] |= bit
            self._changed.add(name)

    def write(self) -> None:
        rows = [(*name, bytes(self._bits[name])) for name in self._changed]
        self._connection.executemany("INSERT OR REPLACE INTO facets VALUES (?, ?, ?)", rows)
        self._changed.clear()
