"""The binary format of a stored answer, the same in every tier.

``magic, version | crc32 of the rest | stored_at, latency, status, length of the headers | zlib(headers, body)``

It holds no URL and no request: nothing that could contain a key. It is read as data, never executed.
"""

import struct
from dataclasses import dataclass
from typing import Self

from isal import isal_zlib

from moviecrawler.exceptions import MoviecrawlerError

HEADERS = (b"ETag", b"Last-Modified", b"Date", b"Content-Type", b"Cache-Control")
"""The headers of an answer that are stored: for conditional requests, and to read the body."""

_MAGIC = b"mca\x01"
"""The last byte is the version of the format; an entry of another version counts as corrupt and is fetched again."""

_HEAD = struct.Struct(">4sI")
_FACTS = struct.Struct(">ddHH")
HEAD_SIZE = _HEAD.size + _FACTS.size
"""Bytes of an entry that hold when it was stored (:func:`stored_at`)."""

MAX_BYTES = 64 << 20
"""Of an entry's body, by default."""

_LEVEL = 1
"""Of ISA-L: as small as zlib's level 1 (a film's 32 KB become 7 KB), in a third of the time."""


class CorruptEntry(MoviecrawlerError):
    """Stored bytes that are not an entry of this version (:meth:`CacheEntry.unpack`). The answer is fetched again."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """``stored_at``: when the site sent or confirmed it (seconds since the epoch); ``latency``: seconds that it took.

    >>> entry = CacheEntry(1_795_000_000.0, 0.25, 200, ((b"ETag", b'"1f"'),), b'{"id": 603}')
    >>> CacheEntry.unpack(entry.pack()) == entry
    True
    """

    stored_at: float
    latency: float
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def pack(self) -> bytes:
        headers = b"\n".join(b"%s:%s" % header for header in self.headers)
        facts = _FACTS.pack(self.stored_at, self.latency, self.status, len(headers))
        rest = facts + isal_zlib.compress(headers + self.body, _LEVEL)
        return _HEAD.pack(_MAGIC, isal_zlib.crc32(rest)) + rest

    @classmethod
    def unpack(cls, packed: bytes, max_body_bytes: int = MAX_BYTES) -> Self:
        """The entry; CorruptEntry for bytes that are damaged, truncated, of another version, or whose body has more
        than ``max_body_bytes`` decompressed: whoever else writes to a shared cache may have other limits.
        """
        if len(packed) < HEAD_SIZE:
            raise CorruptEntry("truncated")
        magic, checksum = _HEAD.unpack_from(packed)
        if magic != _MAGIC:
            raise CorruptEntry("another format")
        if isal_zlib.crc32(memoryview(packed)[_HEAD.size :]) != checksum:
            raise CorruptEntry("damaged")
        stored_at, latency, status, size = _FACTS.unpack_from(packed, _HEAD.size)
        text = isal_zlib.decompressobj().decompress(memoryview(packed)[HEAD_SIZE:], size + max_body_bytes + 1)
        if len(text) > size + max_body_bytes:
            raise CorruptEntry("too large")
        lines = text[:size].split(b"\n") if size else []
        headers = tuple((name, value) for name, _, value in (line.partition(b":") for line in lines))
        return cls(stored_at, latency, status, headers, text[size:])


def stored_at(head: bytes) -> float:
    """When an entry was stored, from its first HEAD_SIZE bytes; 0.0 (long ago) if they are not an entry's."""
    if len(head) < HEAD_SIZE or not head.startswith(_MAGIC):
        return 0.0
    timestamp: float = _FACTS.unpack_from(head, _HEAD.size)[0]
    return timestamp
