"""Which characters a font face has glyphs for. Pillow does not tell; this reads the font's own table.

Source: OpenType 1.9, "cmap - Character To Glyph Index Mapping Table", formats 4 and 12, and "TTC Header".
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

# (platform, encoding) of the Unicode subtables; the full repertoire before the Basic Multilingual Plane.
_UNICODE: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


class Coverage:
    """A set of characters, kept as sorted ranges of code points (a CJK face has 45,000 characters).

    >>> letters = Coverage([(0x41, 0x5A), (0x61, 0x7A)])
    >>> "Q" in letters, "4" in letters
    (True, False)
    """

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._ranges = sorted(ranges)

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        at = bisect_right(self._ranges, (code, 0x110000))
        return at > 0 and code <= self._ranges[at - 1][1]


def read_coverage(file: BinaryIO, index: int = 0) -> Coverage:
    """The coverage of face ``index`` of a TrueType or OpenType font or collection.

    Raises ``ValueError`` if the file is no such font or has no Unicode table.
    """
    try:
        table = _cmap_table(file, index)
        count = _unpack(table, "H", 2)[0]
        subtables = {
            (platform, encoding): offset
            for platform, encoding, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count])
        }
        offset = next(subtables[key] for key in _UNICODE if key in subtables)
        read = {4: _format_4, 12: _format_12}[_unpack(table, "H", offset)[0]]
        return Coverage(read(table, offset))
    except (struct.error, KeyError, StopIteration, IndexError) as error:
        raise ValueError("not a TrueType or OpenType font with a Unicode table") from error


def _unpack(data: bytes, fields: str, offset: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{fields}", data, offset)


def _cmap_table(file: BinaryIO, index: int) -> bytes:
    def read(offset: int, fields: str) -> tuple[int, ...]:
        file.seek(offset)
        return _unpack(file.read(struct.calcsize(f">{fields}")), fields, 0)

    start = 0
    file.seek(0)
    if file.read(4) == b"ttcf":
        start = read(12 + 4 * index, "I")[0]
    for number in range(read(start + 4, "H")[0]):
        tag, _, offset, length = read(start + 12 + 16 * number, "IIII")
        if tag == int.from_bytes(b"cmap"):
            file.seek(offset)
            return file.read(length)
    raise KeyError("cmap")


def _format_12(table: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Groups of (first character, last character, first glyph)."""
    groups = _unpack(table, "I", at + 12)[0]
    for first, last, glyph in struct.iter_unpack(">III", table[at + 16 : at + 16 + 12 * groups]):
        yield (first if glyph else first + 1), last


def _format_4(table: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Segments; some name their glyphs one by one, and glyph 0 there means: not in this font."""
    count = _unpack(table, "H", at + 6)[0] // 2
    shorts = f"{count}H"
    ends = _unpack(table, shorts, at + 14)
    starts = _unpack(table, shorts, at + 16 + 2 * count)
    deltas = _unpack(table, shorts, at + 16 + 4 * count)
    offsets_at = at + 16 + 6 * count
    offsets = _unpack(table, shorts, offsets_at)
    for number, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        if offset:
            glyphs = _unpack(table, f"{last - first + 1}H", offsets_at + 2 * number + offset)
            yield from ((first + nth, first + nth) for nth, glyph in enumerate(glyphs) if glyph)
        elif (last + delta) & 0xFFFF:
            yield first, last
