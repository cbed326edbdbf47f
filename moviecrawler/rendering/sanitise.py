"""Check picture bytes before a decoder sees them: what they will cost, and without the parts that no decoder needs.

A few kilobytes can demand minutes and gigabytes: thousands of scans, tags that point at each other, compressed text.
So the bytes are walked here in linear time: sizes and scans are read, what is not pixels (EXIF, profiles, comments,
further frames) is read or dropped, and whatever exceeds a limit is a ``PictureError``.
"""

import logging
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.av1 import MAX_UNITS, coded_sizes

logger = logging.getLogger(__name__)

MAX_PIXELS: Final = 50_000_000

MAX_SIDE: Final = 65_500
"""Pixels; the limit of libjpeg."""

MAX_SCANS: Final = 100
"""In a JPEG; encoders make about 10."""

MAX_SCANNED_PIXELS: Final = 1e9
"""Scans times pixels of a JPEG, each of which costs about a nanosecond: 20 scans of 50 megapixels."""

MAX_PARTS: Final = 10_000
"""Segments before a JPEG's pixels, or chunks of a PNG (encoders write 8 KB per chunk)."""

MAX_PROFILE_BYTES: Final = 4 << 20
"""Of an uncompressed ICC profile; the largest in use are those of printers, at 2 MB."""

# What tends to arrive instead of a picture, by its first bytes (in lower case, without leading whitespace).
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

_APPLICATION_MARKERS: Final = frozenset({0xFE, *range(0xE0, 0xF0)})
"""JPEG markers of comments and of application segments."""

_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers of a frame header, which holds the size."""

_PROGRESSIVE_MARKERS: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

_FILL: Final = re.compile(rb"(?:\xff++[\x01\xd0-\xd8])*+\xff+")
"""What may precede a marker: fill bytes, and markers without content."""

_MARKER: Final = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)

# Bytes per pixel that Pillow and our conversion to RGB hold at a time, by the colour type of a PNG.
_PNG_BYTES: Final = {0: 5, 2: 4, 3: 9, 4: 12, 6: 8}
_PNG_16_BIT_GREY: Final = 12
_WEBP_BYTES: Final = 17  # libwebp's canvas twice, a copy of it, the picture, and that without transparency
_AVIF_BYTES: Final = 17


class SanitisedPicture(NamedTuple):
    """A picture that is safe to decode. ``body`` holds only what the pixels need; sizes are in pixels."""

    format: str
    width: int
    height: int
    body: bytes
    fixed_bytes_per_pixel: float
    """Memory that decoding takes at the full size, whatever size is wanted."""
    scaled_bytes_per_pixel: float
    """Memory that decoding takes at the size at which the picture is decoded."""
    orientation: int = 1
    profile: bytes | None = None

    def decoding_memory(self, target: tuple[int, int] | None = None) -> int:
        """Peak memory of decoding in bytes; ``target``: the (width, height) that is wanted of the upright picture.

        Without a target, a file of the full size is made from it, whose encoder takes 3 bytes per pixel more.
        """
        pixels = self.width * self.height
        per_pixel = (
            self.scaled_bytes_per_pixel
            + (4 if self.profile else 0)
            + (4 if self.orientation > 1 else 0)
            + (0 if target else 3)
        )
        return int(pixels * (self.fixed_bytes_per_pixel + per_pixel / self.draft_scale(target) ** 2))

    def draft_scale(self, target: tuple[int, int] | None) -> int:
        """The divisor at which a JPEG can be decoded without falling below the target: 1, 2, 4 or 8."""
        if self.format != "jpeg" or not target:
            return 1
        width, height = target if self.orientation < 5 else target[::-1]
        ratio = min(self.width // max(width, 1), self.height // max(height, 1))
        return max(scale for scale in (1, 2, 4, 8) if scale <= max(ratio, 1))


def sniff(body: bytes) -> str | None:
    """The picture format by the magic bytes (the first 12), or None.

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


def sanitise(body: bytes, max_pixels: int = MAX_PIXELS) -> SanitisedPicture:
    """The picture in the bytes; PictureError if there is none, or if it exceeds a limit."""
    format = sniff(body)
    if format is None:
        raise PictureError(f"not a picture: {_looks_like(body)}")
    try:
        sanitised = _SANITISERS[format](body)
    except (struct.error, IndexError, ValueError) as error:
        raise PictureError(f"damaged {format}: {error}") from None
    require_size(sanitised.width, sanitised.height, max_pixels)
    return sanitised


def require_size(width: int, height: int, max_pixels: int) -> None:
    """Raise PictureError for a picture that is too large; sizes in pixels."""
    if width * height > max_pixels:
        raise PictureError(f"{width}x{height} is more than {max_pixels / 1e6:g} megapixels")
    if max(width, height) > MAX_SIDE:
        raise PictureError(f"{width}x{height} is longer than a JPEG may be ({MAX_SIDE} pixels)")


def _looks_like(body: bytes) -> str:
    if not body:
        return "empty"
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in _LOOKS_LIKE:
        if start.startswith(magic):
            return f"looks like {name}"
    return f"unknown bytes {body[:8].hex(' ')}"


def _jpeg(body: bytes) -> SanitisedPicture:
    """ITU-T T.81, annex B. Of the application segments, only those that say how colours are stored are kept."""
    kept: list[bytes | memoryview] = [body[:2]]
    pieces: dict[int, bytes] = {}
    exif, frame, tables, progressive = b"", b"", 2, False
    for number, (marker, start, end) in enumerate(_segments(body)):
        if number == MAX_PARTS:
            raise PictureError(f"a JPEG with more than {MAX_PARTS:,} segments before its pixels")
        content = body[start + 4 : end]
        tables = end
        if marker == 0xE1 and content.startswith(b"Exif\0\0"):
            exif = exif or content[6:]
        elif marker == 0xE2 and content.startswith(b"ICC_PROFILE\0"):
            pieces[content[12]] = content[14:]
        elif marker not in _APPLICATION_MARKERS or content.startswith((b"JFIF", b"Adobe")):
            kept.append(body[start:end])
        if marker in _FRAME_MARKERS:
            frame, progressive = content, marker in _PROGRESSIVE_MARKERS
    height, width, channels = struct.unpack_from(">HHB", frame, 1)
    factors = [(factor >> 4) * (factor & 15) for factor in frame[7 : 6 + 3 * channels : 3]]
    scans = _scans(body, tables)
    if scans > MAX_SCANS or (scans > 1 and scans * width * height > MAX_SCANNED_PIXELS):
        raise PictureError(f"{width}x{height} in {scans if scans <= MAX_SCANS else f'more than {MAX_SCANS}'} scans")
    # Where several scans are possible, libjpeg collects all coefficients (2 bytes each) before the first pixel, even if
    # there is only one scan in the end.
    several = progressive or scans > 1 or body[body.index(b"\xff\xda", tables) + 4] < channels
    coefficients = 2 * sum(factors) / max([*factors, 1]) if several else 0
    profile = b"".join(pieces[key] for key in sorted(pieces))
    return SanitisedPicture(
        "jpeg",
        width,
        height,
        b"".join([*kept, memoryview(body)[tables:]]),
        fixed_bytes_per_pixel=coefficients,
        scaled_bytes_per_pixel=8 if channels == 4 else 4,
        orientation=_orientation(exif),
        profile=profile if 0 < len(profile) <= MAX_PROFILE_BYTES else None,
    )


def _segments(body: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment before the first scan; ValueError for a broken file."""
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
    """The number of scans of the JPEG whose first one begins at ``at``; counting stops above ``MAX_SCANS``."""
    if (upper_bound := body.count(b"\xff\xda", at)) <= MAX_SCANS:
        return upper_bound
    scans = 0
    for found in _MARKER.finditer(body, at):
        scans += found[1] == b"\xda"
        if found[1] == b"\xd9" or scans > MAX_SCANS:
            break
    return scans


def _png(body: bytes) -> SanitisedPicture:
    """https://www.w3.org/TR/png-3/: only critical chunks and tRNS are kept; all others are hints that may be broken."""
    width, height, depth, colour = struct.unpack_from(">IIBB", body, 16)
    if body[12:16] != b"IHDR" or not width or not height:
        raise ValueError("no IHDR with a size")
    kept: list[memoryview] = [memoryview(body)[:8]]
    exif, profile = b"", b""
    at, number = 8, 0
    while at + 12 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, at)
        number += 1
        if number > MAX_PARTS:
            raise PictureError(f"a PNG of more than {MAX_PARTS:,} chunks")
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
    return SanitisedPicture(
        "png",
        width,
        height,
        b"".join(kept),
        fixed_bytes_per_pixel=_PNG_16_BIT_GREY if (colour, depth) == (0, 16) else _PNG_BYTES.get(colour, 12),
        scaled_bytes_per_pixel=0,
        orientation=_orientation(exif),
        profile=_unpacked(profile.partition(b"\0")[2][1:]) if profile else None,
    )


def _unpacked(packed: bytes) -> bytes | None:
    try:
        inflate = zlib.decompressobj()
        profile = inflate.decompress(packed, MAX_PROFILE_BYTES)
        return profile if inflate.eof else None
    except zlib.error as error:
        logger.debug("ICC profile ignored: %s", error)
        return None


def _webp(body: bytes) -> SanitisedPicture:
    """RFC 9649: the size in the first chunk is that of the canvas; no frame exceeds it."""
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
    return SanitisedPicture("webp", width, height, body, fixed_bytes_per_pixel=_WEBP_BYTES, scaled_bytes_per_pixel=0)


def _avif(body: bytes) -> SanitisedPicture:
    """The size is the largest of all items and frames. EXIF is renamed, since Pillow would follow all its tags."""
    start = body.find(b"meta")
    length = int.from_bytes(body[start - 4 : start], "big") if start >= 4 else 0
    meta = body[start : start + max(length - 4, 0)]
    if meta.count(b"ispe") > MAX_UNITS:
        raise PictureError(f"an AVIF of more than {MAX_UNITS:,} parts")
    sizes = [struct.unpack_from(">II", meta, found.end() + 4) for found in re.finditer(b"ispe", meta)]
    sizes += (coded := coded_sizes(body, meta))
    if not coded:
        raise ValueError("no size")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    rest = body[start + len(meta) :]
    return SanitisedPicture(
        "avif",
        width,
        height,
        # Of an image sequence, the still picture: its tracks have sizes of their own.
        b"".join([body[:start].replace(b"ftypavis", b"ftypavif", 1), meta.replace(b"Exif", b"skip"), rest]),
        fixed_bytes_per_pixel=_AVIF_BYTES,
        scaled_bytes_per_pixel=0,
    )


_SANITISERS: Final = {"jpeg": _jpeg, "png": _png, "webp": _webp, "avif": _avif}


def _orientation(exif: bytes) -> int:
    """The orientation (1-8; 1: upright) in the first directory of a TIFF header (EXIF 2.32, tag 0x0112)."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    try:
        if order is not None:
            (first,) = struct.unpack_from(f"{order}I", exif, 4)
            (count,) = struct.unpack_from(f"{order}H", exif, first)
            for number in range(count):
                tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * number)
                if tag == 0x0112 and kind == 3:
                    return value if value in range(1, 9) else 1
    except struct.error as error:  # broken EXIF is no reason to reject the picture
        logger.debug("EXIF ignored: %s", error)
    return 1


def orientation_of(exif: bytes | None) -> int:
    """The orientation (1-8; 1: upright) in an EXIF block that Pillow has found, with or without its marker."""
    return _orientation((exif or b"").removeprefix(b"Exif\0\0"))
