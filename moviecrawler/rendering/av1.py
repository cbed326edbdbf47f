"""The frame sizes coded in an AVIF file: decoders ignore the sizes that the boxes around the frames declare."""

import struct
from collections.abc import Iterator
from typing import Final

from moviecrawler.exceptions import PictureError

MAX_UNITS: Final = 10_000
"""Limit for the items of a file, for their extents, and for all their units (OBUs); a photograph has about five."""

_SEQUENCE_HEADER: Final = 1


def coded_sizes(body: bytes, meta: bytes) -> list[tuple[int, int]]:
    """(width, height) of each sequence header in the file: no frame is larger than its header says.

    ``meta`` is the content of the file's meta box. Raises PictureError for too many parts, and struct.error, IndexError
    or ValueError for a damaged file.
    """
    left, sizes = MAX_UNITS, []
    for item in _items(body, meta):
        at = 0
        while at < len(item):
            if not left:
                raise PictureError(f"an AVIF of more than {MAX_UNITS:,} parts")
            left -= 1
            # AV1, section 5.3: type in bits 3-6, an extension flag, a size flag; without a size, the rest of the item.
            head = item[at]
            at += 2 if head & 4 else 1
            size, at = _leb128(item, at) if head & 2 else (len(item) - at, at)
            if head >> 3 & 15 == _SEQUENCE_HEADER:
                sizes.append(_read_sequence_header(item[at : at + min(size, 400)]))
            at += size
    return sizes


def _items(body: bytes, meta: bytes) -> Iterator[bytes]:
    """The items of the location box (ISO 14496-12, section 8.11.3) that start like AV1 data."""
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

    sources = {0: memoryview(body), 1: memoryview(meta)[idat if idat > 4 else len(meta) :]}
    taken = parts = 0
    for _ in range(min(number(2 if version < 2 else 4), MAX_UNITS)):
        number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        base, count, extents = number(base_size), number(2), []
        parts += count
        if parts > MAX_UNITS:
            raise PictureError(f"an AVIF of more than {MAX_UNITS:,} parts")
        for _ in range(count):
            number(index_size if version else 0)
            offset, length = base + number(offset_size), number(length_size)
            source = sources.get(method, memoryview(b""))
            extent = source[offset : offset + length] if length else source[offset:]
            taken += len(extent) + 1
            if taken > 2 * len(body):
                raise PictureError("an AVIF whose items hold more than the file")
            extents.append(extent)
        item = b"".join(extents)
        if item and not item[0] & 0x81 and item[0] & 2:
            yield item


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """(value, offset of the byte after it)"""
    value = 0
    for shift in range(0, 56, 7):
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            break
    return value, at


def _read_sequence_header(data: bytes) -> tuple[int, int]:
    """(maximum frame width, maximum frame height) of a sequence header: AV1, section 5.5."""
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
            raise PictureError("an AVIF with the timing information of a video")
        delays = read(1)
        for _ in range(read(5) + 1):
            read(12)
            if read(5) > 7:
                read(1)
            if delays and read(1):
                read(4)
    width, height = read(4) + 1, read(4) + 1
    return read(width) + 1, read(height) + 1
