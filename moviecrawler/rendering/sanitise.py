"""What a picture will cost, read from its bytes before a decoder sees them, and without what no decoder needs to see.

A few kilobytes can ask for minutes and gigabytes: thousands of scans, tags that point at each other, texts that unfold.
So the bytes are walked here, in time that grows with their number only: sizes, scans and what stands beside the pixels
(EXIF, profiles, comments, further frames) are read or left out, and what is too much is a ``PictureError``.
"""

import logging
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.av1 import MOST_UNITS, coded_sizes

logger = logging.getLogger(__name__)

MAX_PIXELS: Final = 50_000_000

LONGEST_SIDE: Final = 65_500
"""What libjpeg can write."""

MOST_SCANS: Final = 100
"""Scans of a JPEG; encoders make about 10."""

MOST_WORK: Final = 1e9
"""Scans times pixels of a JPEG, each of which costs about a nanosecond: 20 scans of 50 megapixels."""

MOST_PARTS: Final = 10_000
"""Segments before a JPEG's pixels, or chunks of a PNG, whose encoders write 8 KB a chunk."""

MOST_PROFILE: Final = 4 << 20
"""Bytes of an ICC profile, unpacked; the largest in use are those of printers, at 2 MB."""

# What tends to arrive in place of a picture, by its first bytes (lower case, leading blanks removed).
_LOOKS_LIKE: Final = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML or SVG document"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"gif8", "a GIF"),
    (b"%!ps", "an EPS or PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (b"%pdf", "a PDF"),
    (b"bm", "a BMP"),
    (b"ii*\x00", "a TIFF"),
    (b"mm\x00*", "a TIFF"),
    (b"\x00\x00\x00\x0cjp", "a JPEG 2000"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000"),
)

_BESIDE: Final = frozenset({0xFE, *range(0xE0, 0xF0)})
"""JPEG markers of comments and of what applications add."""

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of a header with the size."""

_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

_FILL: Final = re.compile(rb"(?:\xff++[\x01\xd0-\xd8])*+\xff+")
"""What may stand before a marker: fill bytes, and markers that stand alone."""

_MARKER: Final = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)

# Bytes a pixel that Pillow and our own steps to RGB hold at a time, by (colour type, 16 bits a channel) of a PNG.
_PNG_BYTES: Final = {0: 5, 2: 4, 3: 9, 4: 12, 6: 8}
_PNG_16_BIT_GREY: Final = 12
_WEBP_BYTES: Final = 17  # libwebp's canvas twice, a copy of it, the picture, and that without transparency
_AVIF_BYTES: Final = 17


class Screened(NamedTuple):
    """A picture that may be decoded. ``body`` has only what the pixels need; ``held`` and ``drawn``: see ``memory``."""

    format: str
    width: int
    height: int
    body: bytes
    held: float
    """Bytes a pixel that are needed at the picture's full size, whatever size is wanted of it."""
    drawn: float
    """Bytes a pixel of the size at which it is decoded."""
    orientation: int = 1
    profile: bytes | None = None

    def memory(self, target: tuple[int, int] | None = None) -> int:
        """Bytes that decoding takes at its worst moment, for a (width, height) that is wanted of the upright picture.

        Without a target, the file that is made of it is as large, and its encoder holds 3 bytes a pixel more.
        """
        pixels = self.width * self.height
        drawn = self.drawn + (4 if self.profile else 0) + (4 if self.orientation > 1 else 0) + (0 if target else 3)
        return int(pixels * (self.held + drawn / self.scale(target) ** 2))

    def scale(self, target: tuple[int, int] | None) -> int:
        """By how much a JPEG can be decoded smaller: 1, 2, 4 or 8. Never below the target."""
        if self.format != "jpeg" or not target:
            return 1
        width, height = target if self.orientation < 5 else target[::-1]
        ratio = min(self.width // max(width, 1), self.height // max(height, 1))
        return max(scale for scale in (1, 2, 4, 8) if scale <= max(ratio, 1))


def sniff(body: bytes) -> str | None:
    """The picture format that the magic bytes promise, or None. Reads 12 bytes.

    >>> sniff(bytes.fromhex("ffd8ffe0")), sniff(b"RIFF....WEBPVP8 "), sniff(b"<html>")
    ('jpeg', 'webp', None)
    """
    if body.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    if body[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    return None


def screen(body: bytes, max_pixels: int = MAX_PIXELS) -> Screened:
    """What is in the bytes; PictureError for what is no picture, or more than a decoder is to be given."""
    format = sniff(body)
    if format is None:
        raise PictureError(f"not a picture: {_looks_like(body)}")
    try:
        screened = _SCREENS[format](body)
    except (struct.error, IndexError, ValueError) as error:
        raise PictureError(f"damaged {format}: {error}") from None
    require_size(screened.width, screened.height, max_pixels)
    return screened


def require_size(width: int, height: int, max_pixels: int) -> None:
    """PictureError for a picture that is too large."""
    if width * height > max_pixels:
        raise PictureError(f"{width}x{height} is more than {max_pixels / 1e6:g} megapixels")
    if max(width, height) > LONGEST_SIDE:
        raise PictureError(f"{width}x{height} is longer than a JPEG may be ({LONGEST_SIDE} pixels)")


def _looks_like(body: bytes) -> str:
    if not body:
        return "empty"
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in _LOOKS_LIKE:
        if start.startswith(magic):
            return f"looks like {name}"
    return f"unknown bytes {body[:8].hex(' ')}"


def _jpeg(body: bytes) -> Screened:
    """ITU-T T.81, annex B. Of the application's segments only those stay that say how colours are stored."""
    kept: list[bytes | memoryview] = [body[:2]]
    pieces: dict[int, bytes] = {}
    exif, frame, tables, progressive = b"", b"", 2, False
    for number, (marker, start, end) in enumerate(_segments(body)):
        if number == MOST_PARTS:
            raise PictureError(f"a JPEG with more than {MOST_PARTS:,} segments before its pixels")
        content = body[start + 4 : end]
        tables = end
        if marker == 0xE1 and content.startswith(b"Exif\0\0"):
            exif = exif or content[6:]
        elif marker == 0xE2 and content.startswith(b"ICC_PROFILE\0"):
            pieces[content[12]] = content[14:]
        elif marker not in _BESIDE or content.startswith((b"JFIF", b"Adobe")):
            kept.append(body[start:end])
        if marker in _FRAMES:
            frame, progressive = content, marker in _PROGRESSIVE
    height, width, channels = struct.unpack_from(">HHB", frame, 1)
    factors = [(factor >> 4) * (factor & 15) for factor in frame[7 : 6 + 3 * channels : 3]]
    scans = _scans(body, tables)
    if scans > MOST_SCANS or (scans > 1 and scans * width * height > MOST_WORK):
        raise PictureError(f"{width}x{height} in {scans if scans <= MOST_SCANS else f'more than {MOST_SCANS}'} scans")
    # What may come in several scans is put together as coefficients of 2 bytes before the first pixel is there, be it
    # one scan in the end.
    several = progressive or scans > 1 or body[body.index(b"\xff\xda", tables) + 4] < channels
    coefficients = 2 * sum(factors) / max([*factors, 1]) if several else 0
    profile = b"".join(pieces[key] for key in sorted(pieces))
    return Screened(
        "jpeg",
        width,
        height,
        b"".join([*kept, memoryview(body)[tables:]]),
        held=coefficients,
        drawn=8 if channels == 4 else 4,
        orientation=_orientation(exif),
        profile=profile if 0 < len(profile) <= MOST_PROFILE else None,
    )


def _segments(body: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of what stands before the first scan."""
    at = 2
    while fill := _FILL.match(body, at):
        start = fill.end() - 1
        marker = body[start + 1]
        if marker in (0xDA, 0xD9):
            return
        (length,) = struct.unpack_from(">H", body, start + 2)
        at = start + 2 + length
        if length < 2 or at > len(body):
            break
        yield marker, start, at
    raise ValueError("truncated, or no marker where one should be")


def _scans(body: bytes, at: int) -> int:
    """Scans of the JPEG whose first one begins at ``at``, as far as they are worth counting."""
    if (most := body.count(b"\xff\xda", at)) <= MOST_SCANS:
        return most
    scans = 0
    for found in _MARKER.finditer(body, at):
        scans += found[1] == b"\xda"
        if found[1] == b"\xd9" or scans > MOST_SCANS:
            break
    return scans


def _png(body: bytes) -> Screened:
    """https://www.w3.org/TR/png-3/: critical chunks and tRNS stay, all others are hints that may be broken."""
    width, height, depth, colour = struct.unpack_from(">IIBB", body, 16)
    if body[12:16] != b"IHDR" or not width or not height:
        raise ValueError("no IHDR with a size")
    kept: list[memoryview] = [memoryview(body)[:8]]
    exif, profile = b"", b""
    at, number = 8, 0
    while at + 12 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        number += 1
        if number > MOST_PARTS:
            raise PictureError(f"a PNG of more than {MOST_PARTS:,} chunks")
        end = at + 12 + length
        if not kind[0] & 0x20 or kind == b"tRNS":
            kept.append(memoryview(body)[at:end])
        elif kind == b"eXIf":
            exif = body[at + 8 : end - 4]
        elif kind == b"iCCP":
            profile = body[at + 8 : end - 4]
        at = end
        if kind == b"IEND":
            break
    return Screened(
        "png",
        width,
        height,
        b"".join(kept),
        held=_PNG_16_BIT_GREY if (colour, depth) == (0, 16) else _PNG_BYTES.get(colour, 12),
        drawn=0,
        orientation=_orientation(exif),
        profile=_unpacked(profile.partition(b"\0")[2][1:]) if profile else None,
    )


def _unpacked(packed: bytes) -> bytes | None:
    try:
        inflate = zlib.decompressobj()
        profile = inflate.decompress(packed, MOST_PROFILE)
        return profile if inflate.eof else None
    except zlib.error as error:
        logger.debug("ICC profile ignored: %s", error)
        return None


def _webp(body: bytes) -> Screened:
    """RFC 9649: the size in the first chunk is that of the canvas, which no frame exceeds."""
    kind, head = body[12:16], body[20:30]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 " and len(head) == 10:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise ValueError("no size")
    return Screened("webp", width, height, body, held=_WEBP_BYTES, drawn=0)


def _avif(body: bytes) -> Screened:
    """The largest size that anything in it has; its EXIF is renamed, since Pillow would follow all its tags."""
    start = body.find(b"meta")
    length = int.from_bytes(body[start - 4 : start], "big") if start >= 4 else 0
    meta = body[start : start + max(length - 4, 0)]
    if meta.count(b"ispe") > MOST_UNITS:
        raise PictureError(f"an AVIF of more than {MOST_UNITS:,} parts")
    sizes = [struct.unpack_from(">II", meta, found.end() + 4) for found in re.finditer(b"ispe", meta)]
    sizes += (coded := coded_sizes(body, meta))
    if not coded:
        raise ValueError("no size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    rest = body[start + len(meta) :]
    return Screened(
        "avif",
        width,
        height,
        # Of a film, the still picture: the tracks have sizes of their own.
        b"".join([body[:start].replace(b"ftypavis", b"ftypavif", 1), meta.replace(b"Exif", b"skip"), rest]),
        held=_AVIF_BYTES,
        drawn=0,
    )


_SCREENS: Final = {"jpeg": _jpeg, "png": _png, "webp": _webp, "avif": _avif}


def _orientation(exif: bytes) -> int:
    """How the rows have to be turned, from the first directory of a TIFF header (EXIF 2.32, tag 0x0112); 1: not."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    try:
        if order is not None:
            (first,) = struct.unpack_from(f"{order}I", exif, 4)
            (count,) = struct.unpack_from(f"{order}H", exif, first)
            for number in range(count):
                tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * number)
                if tag == 0x0112 and kind == 3:
                    return value if value in range(1, 9) else 1
    except struct.error as error:  # a broken EXIF block is no reason to lose the picture
        logger.debug("EXIF ignored: %s", error)
    return 1


def orientation(exif: bytes | None) -> int:
    """The same of a block that Pillow has found, with or without its marker."""
    return _orientation((exif or b"").removeprefix(b"Exif\0\0"))
