"""The sizes of the frames that are coded in an AVIF: no decoder keeps to what the boxes around them say."""

import struct
from collections.abc import Iterator
from typing import Final

from moviecrawler.exceptions import PictureError

MOST_UNITS: Final = 10_000
"""Items of a file, their pieces, and units (OBUs) in all of them; a photograph has about five."""

_SEQUENCE_HEADER: Final = 1


def coded_sizes(body: bytes, meta: bytes) -> list[tuple[int, int]]:
    """(width, height) of each sequence header in the file, whose frames are no larger.

    ``meta`` is the content of the file's meta box. Raises struct.error, IndexError or ValueError for what is damaged.
    """
    left, sizes = MOST_UNITS, []
    for item in _items(body, meta):
        at = 0
        while at < len(item):
            if not left:
                raise PictureError(f"an AVIF of more than {MOST_UNITS:,} parts")
            left -= 1
            # AV1, section 5.3: type in bits 3-6, an extension, a size; without one it is all that follows.
            head = item[at]
            at += 2 if head & 4 else 1
            size, at = _leb128(item, at) if head & 2 else (len(item) - at, at)
            if head >> 3 & 15 == _SEQUENCE_HEADER:
                sizes.append(_sequence(item[at : at + min(size, 400)]))
            at += size
    return sizes


def _items(body: bytes, meta: bytes) -> Iterator[bytes]:
    """What begins as AV1 does, of the items that the location box (ISO 14496-12, section 8.11.3) lists."""
    at = meta.index(b"iloc") + 4
    version, sizes = meta[at], struct.unpack_from(">H", meta, at + 4)[0]
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    idat = meta.find(b"idat") + 4
    at += 6

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(meta):
            raise ValueError("its items break off")
        return int.from_bytes(meta[at - size : at], "big")

    places = {0: memoryview(body), 1: memoryview(meta)[idat if idat > 4 else len(meta) :]}
    taken = parts = 0
    for _ in range(min(number(2 if version < 2 else 4), MOST_UNITS)):
        number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        base, count, pieces = number(base_size), number(2), []
        parts += count
        if parts > MOST_UNITS:
            raise PictureError(f"an AVIF of more than {MOST_UNITS:,} parts")
        for _ in range(count):
            number(index_size if version else 0)
            offset, length = base + number(offset_size), number(length_size)
            inside = places.get(method, memoryview(b""))
            piece = inside[offset : offset + length] if length else inside[offset:]
            taken += len(piece) + 1
            if taken > 2 * len(body):
                raise PictureError("an AVIF whose items hold more than the file")
            pieces.append(piece)
        item = b"".join(pieces)
        if item and not item[0] & 0x81 and item[0] & 2:
            yield item


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """(the number, where it ends)"""
    value = 0
    for shift in range(0, 56, 7):
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            break
    return value, at


def _sequence(data: bytes) -> tuple[int, int]:
    """AV1, section 5.5: the largest width and height of a frame."""
    bits, left = int.from_bytes(data, "big"), 8 * len(data)

    def read(number: int) -> int:
        nonlocal left
        left -= number
        if left < 0:
            raise ValueError("its sequence header breaks off")
        return bits >> left & (1 << number) - 1

    read(4)  # profile, still picture
    if read(1):  # the short header of a still picture
        read(5)
    else:
        if read(1):
            raise PictureError("an AVIF with the clock of a film")
        delays = read(1)
        for _ in range(read(5) + 1):
            read(12)
            if read(5) > 7:
                read(1)
            if delays and read(1):
                read(4)
    width, height = read(4) + 1, read(4) + 1
    return read(width) + 1, read(height) + 1
