"""The first tier: what this process has used lately, decompressed."""

from collections import OrderedDict

from moviecrawler.caching.entry import CacheEntry
from moviecrawler.caching.tier import Key

MAX_ENTRIES = 1_000
MAX_BYTES = 64 * 2**20

_OVERHEAD = 1_024
"""Bytes of memory that an entry takes besides its body: objects, headers, key, place in the table."""


class Lru:
    """Evicts the least recently used entry, above ``max_entries`` or ``max_bytes``.

    An entry that is larger than ``max_bytes`` is not kept.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries, self._max_bytes = max_entries, max_bytes
        self._entries: OrderedDict[Key, CacheEntry] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> CacheEntry | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: CacheEntry) -> int:
        """Keep the entry as the latest; returns how many others were evicted for it."""
        self.drop(key)
        if size_of(entry) > self._max_bytes:
            return 0
        self._entries[key] = entry
        self.bytes += size_of(entry)
        evicted = 0
        while len(self._entries) > self._max_entries or self.bytes > self._max_bytes:
            self.drop(next(iter(self._entries)))
            evicted += 1
        return evicted

    def drop(self, key: Key) -> None:
        if (entry := self._entries.pop(key, None)) is not None:
            self.bytes -= size_of(entry)


def size_of(entry: CacheEntry) -> int:
    """Approximate bytes of memory that an entry takes."""
    return len(entry.body) + _OVERHEAD
