"""What a hostile site could send: a few bytes each that ask for minutes or gigabytes, and what is right instead.

All of it is made here. ``PICTURES`` and ``ANSWERS`` hold inputs by name; a name begins with its kind.
"""

import gzip
import json
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, ImageCms


class Input(NamedTuple):
    """``make`` gives the body; ``right`` is a part of what the reject says, or None for what has to be read."""

    make: Callable[[], bytes]
    right: str | None
    headers: dict[str, str] = {}


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@cache
def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.effect_noise((128, 128), 60).resize((width, height)).convert(mode)


# --- JPEG -----------------------------------------------------------------------------------------------------------


def jpeg(width: int = 300, height: int = 450, **options: Any) -> bytes:
    return saved(noise(width, height, options.pop("mode", "RGB")), "JPEG", **options)


def segment(marker: int, content: bytes = b"") -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def with_segments(*segments: bytes, picture: bytes = b"") -> bytes:
    body = picture or jpeg()
    return body[:2] + b"".join(segments) + body[2:]


def scans(width: int, height: int, number: int) -> bytes:
    """A progressive JPEG whose last scan comes ``number`` times more."""
    body = jpeg(width, height, progressive=True)
    start = body.rfind(b"\xff\xda")
    end = start + 2 + int.from_bytes(body[start + 2 : start + 4], "big")
    return body[:-2] + body[start:end] * number + b"\xff\xd9"


def one_scan(width: int, height: int, *, progressive: bool) -> bytes:
    """A JPEG that promises several scans, all of whose coefficients a decoder gets ready for, and has one."""
    body = jpeg(width, height, progressive=progressive, subsampling=0)
    start = body.find(b"\xff\xda")
    if progressive:
        return body[: body.find(b"\xff\xc4", start)] + b"\xff\xd9"
    return body[:start] + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + body[start + 14 :]


def no_channels() -> bytes:
    body = jpeg()
    frame, scan = body.find(b"\xff\xc0"), body.find(b"\xff\xda")
    return body[:frame] + segment(0xC0, struct.pack(">BHHB", 8, 450, 300, 0)) + body[frame + 19 : -2] + body[scan:]


def exif(entries: int, order: str = "<") -> bytes:
    """Tags that each ask for 60 KB of the same bytes, and a directory that is its own next one."""
    tags = b"".join(struct.pack(f"{order}HHII", 0x8000 + tag, 7, 60_000, 8) for tag in range(entries))
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    body = head + struct.pack(f"{order}H", entries) + tags + struct.pack(f"{order}I", 8)
    return b"Exif\0\0" + body.ljust(60_100, b"\0")


# --- PNG ------------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes = b"", crc: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(*chunks: bytes, mode: str = "RGB") -> bytes:
    """A poster with these chunks after its header."""
    body = saved(noise(300, 450, mode), "PNG")
    return body[:33] + b"".join(chunks) + body[33:]


def png_of(width: int, height: int, colour: int = 2, depth: int = 8, *, interlaced: int = 0) -> bytes:
    """One that holds all its rows, all black."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + bytes((width * channels * depth + 7) // 8)
    packer = zlib.compressobj(1)
    data = b"".join([packer.compress(row) for _ in range(height)]) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", b"\0\0\0") + chunk(b"tRNS", b"\0") if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", data) + chunk(b"IEND")


@cache
def bomb(size: int, start: bytes = b"", *, wbits: int = 15) -> bytes:
    """``start`` and ``size`` blanks, packed into a thousandth of that; zlib's, or gzip's with ``wbits`` 31."""
    packer = zlib.compressobj(wbits=wbits)
    pieces = [packer.compress(start), *(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20))]
    return b"".join(pieces) + packer.flush()


# --- WebP, AVIF and others ------------------------------------------------------------------------------------------


def webp(width: int, height: int, **options: Any) -> bytes:
    return saved(Image.new("RGBA", (width, height), (9, 9, 9, 128)), "WEBP", lossless=True, method=0, **options)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(number: int) -> bytes:
    """A WebP of this many frames, all the same."""
    frame = saved(Image.new("RGB", (300, 450)), "WEBP", lossless=True)[12:]
    anmf = struct.pack("<3s3s3s3s3sB", *(n.to_bytes(3, "little") for n in (0, 0, 299, 449, 10)), 0) + frame
    head = b"\x02\0\0\0" + (299).to_bytes(3, "little") + (449).to_bytes(3, "little")
    return riff((b"VP8X", head), (b"ANIM", bytes(6)), *[(b"ANMF", anmf)] * number)


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def lying_avif() -> bytes:
    """50 megapixels in a file that says 300x450."""
    body = saved(Image.new("RGB", (7000, 7000)), "AVIF", speed=10)
    return body.replace(struct.pack(">II", 7000, 7000), struct.pack(">II", 300, 450))


def avif_of(meta: bytes) -> bytes:
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + kind + content

    return box(b"ftyp", b"avif\0\0\0\0avifmif1miaf") + box(b"meta", b"\0\0\0\0" + meta)


def empty_pieces(size: int) -> bytes:
    """10,000 items of 65,535 pieces each, which take no byte to list and begin behind ``size`` bytes of data."""
    items = b"".join(struct.pack(">HHHIH", number, 1, 0, 0xFFFFFFF0, 65_535) for number in range(10_000))
    return avif_of(b"iloc\1\0\0\0" + struct.pack(">HH", 0x0040, 10_000) + items + b"idat" + bytes(size))


def with_tags(format: str) -> bytes:
    """In place of a harmless block, since Pillow follows the tags when it writes, too."""
    tags = exif(4900)[6:]
    harmless = b"II*\0\x08\0\0\0\0\0\0\0\0\0".ljust(len(tags), b"\x01")
    return saved(noise(300, 450), format, exif=harmless).replace(harmless, tags)


PICTURES: dict[str, Input] = {
    "jpeg scans: 10,000": Input(lambda: scans(1000, 1500, 10_000), "scans"),
    "jpeg scans: 101": Input(lambda: scans(300, 450, 101), "more than 100 scans"),
    "jpeg scans: 40 of 49 megapixels": Input(lambda: scans(7000, 7000, 40), "scans"),
    "jpeg scans: 20": Input(lambda: scans(300, 450, 10), None),
    "jpeg one scan: of 49 megapixels, progressive": Input(
        lambda: one_scan(7000, 7000, progressive=True), "MB to decode"
    ),
    "jpeg one scan: of one colour of three": Input(lambda: one_scan(7000, 7000, progressive=False), "MB to decode"),
    "jpeg frame: no channels": Input(no_channels, "damaged"),
    "jpeg segments: 4 million marks": Input(lambda: with_segments(b"\xff\xd0" * 4_000_000), None),
    "jpeg segments: a million comments": Input(lambda: with_segments(segment(0xFE) * 1_000_000), "segments"),
    "jpeg segments: 15 MB of comments": Input(lambda: with_segments(segment(0xFE, bytes(65_000)) * 230), None),
    "jpeg segments: fill bytes": Input(lambda: with_segments(b"\xff" * 4_000_000), None),
    "jpeg segments: a length of 0": Input(lambda: with_segments(b"\xff\xfe\0\0"), "damaged"),
    "jpeg exif: tags of 60 KB": Input(lambda: with_segments(segment(0xE1, exif(4900))), None),
    "jpeg exif: big end first": Input(lambda: with_segments(segment(0xE1, exif(4900, ">"))), None),
    "jpeg exif: 250 blocks": Input(lambda: with_segments(segment(0xE1, exif(4900)) * 250), None),
    "jpeg profile: 10 MB": Input(
        lambda: with_segments(*(segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 160]) + bytes(65_000)) for n in range(160))),
        None,
    ),
    "jpeg profile: none": Input(lambda: jpeg(icc_profile=b"no profile"), None),
    "jpeg coding: restarts": Input(lambda: jpeg(restart_marker_blocks=1), None),
    "jpeg coding: arithmetic": Input(lambda: jpeg().replace(b"\xff\xc0\x00\x11", b"\xff\xc9\x00\x11"), None),
    "jpeg coding: lossless": Input(lambda: jpeg().replace(b"\xff\xc0\x00\x11", b"\xff\xc3\x00\x11"), "damaged"),
    "jpeg mpo: 200 pictures": Input(
        lambda: saved(noise(300, 450), "MPO", save_all=True, append_images=[noise(64, 64)] * 200), None
    ),
    "jpeg size: 65500x1": Input(lambda: jpeg(65_500, 1), "32 pixels"),
    "jpeg size: 65500x40": Input(lambda: jpeg(65_500, 40), "times as long"),
    "jpeg size: 49 megapixels, progressive": Input(lambda: jpeg(7000, 7000, progressive=True), "MB to decode"),
    "jpeg size: 49 megapixels": Input(lambda: jpeg(7000, 7000), None),
    "jpeg size: 49 megapixels of 4 colours": Input(lambda: jpeg(7000, 7000, mode="CMYK"), None),
    "jpeg size: says 60000x60000": Input(
        lambda: jpeg().replace(struct.pack(">HH", 450, 300), struct.pack(">HH", 60_000, 60_000)), "megapixels"
    ),
    "least size: 1x1 JPEG": Input(lambda: jpeg(1, 1), "32 pixels"),
    "least size: 1x1 PNG": Input(lambda: png_of(1, 1), "32 pixels"),
    "least size: 31x400": Input(lambda: jpeg(31, 400), "32 pixels"),
    "png text: bad checksum": Input(lambda: png(chunk(b"tEXt", b"Title\0bad", crc=7)), None),
    "png text: 1.6 MB in zTXt": Input(lambda: png(chunk(b"zTXt", b"XMP\0\0" + bomb(2 << 20))), None),
    "png text: 300 MB in iTXt": Input(lambda: png(chunk(b"iTXt", b"X\0\1\0\0\0" + bomb(300 << 20))), None),
    "png text: 9,000 bombs": Input(lambda: png(chunk(b"zTXt", b"X\0\0" + bomb(1 << 20)) * 9000), None),
    "png hints: short gAMA": Input(lambda: png(chunk(b"gAMA", b"\0\1")), None),
    "png hints: broken cHRM, pHYs, sRGB": Input(
        lambda: png(chunk(b"cHRM"), chunk(b"pHYs", b"\0"), chunk(b"sRGB")), None
    ),
    "png hints: a million empty chunks": Input(lambda: png(chunk(b"teXt") * 1_000_000), "chunks"),
    "png profile: 300 MB": Input(lambda: png(chunk(b"iCCP", b"p\0\0" + bomb(300 << 20))), None),
    "png profile: good": Input(lambda: png(chunk(b"iCCP", b"p\0\0" + zlib.compress(srgb()))), None),
    "png exif: tags of 60 KB": Input(lambda: png(chunk(b"eXIf", exif(4900)[6:])), None),
    "png size: 49 megapixels with transparency": Input(lambda: png_of(7000, 7000, 6), "MB to decode"),
    "png size: 49 megapixels of 16 bits": Input(lambda: png_of(7000, 7000, 0, 16), "MB to decode"),
    "png size: 49 megapixels": Input(lambda: png_of(7000, 7000, 2), "MB to decode"),
    "png size: 24 megapixels": Input(lambda: png_of(4000, 6000, 2), None),
    "png size: 6 megapixels, palette, interlaced": Input(lambda: png_of(2000, 3000, 3, interlaced=1), "damaged"),
    "png frames: 5,000": Input(
        lambda: png(chunk(b"acTL", struct.pack(">II", 5000, 0)), *[chunk(b"fdAT", bytes(100))] * 5000), None
    ),
    "webp canvas: 49 megapixels": Input(lambda: webp(7000, 7000), "MB to decode"),
    "webp canvas: 16383x16383": Input(lambda: riff((b"VP8X", b"\x10\0\0\0" + b"\xfe\x3f\0" * 2)), "megapixels"),
    "webp canvas: 8 megapixels": Input(lambda: webp(3840, 2160), None),
    "webp frames: 10,000": Input(lambda: animated(10_000), None),
    "webp chunks: 500,000": Input(
        lambda: riff((b"VP8X", bytes(4) + b"\x2b\1\0\xc1\1\0"), *[(b"XXXX", b"")] * 500_000), "damaged"
    ),
    "webp exif: tags of 60 KB": Input(lambda: with_tags("WEBP"), None),
    "avif: a poster": Input(lambda: saved(noise(300, 450), "AVIF", speed=10), None),
    "avif: 49 megapixels": Input(lambda: saved(Image.new("RGB", (7000, 7000)), "AVIF", speed=10), "MB to decode"),
    "avif: says less than it is": Input(lying_avif, "MB to decode"),
    "avif: 3.9 million sizes": Input(lambda: avif_of(b"ispe" * 3_900_000), "parts"),
    "avif: 655 million pieces": Input(lambda: empty_pieces(15_000_000), "parts"),
    "avif: frames": Input(
        lambda: saved(noise(300, 450), "AVIF", speed=10, save_all=True, append_images=[noise(300, 450)] * 20), None
    ),
    "avif: exif of 60 KB a tag": Input(lambda: with_tags("AVIF"), None),
    "other format: GIF of 65535x65535": Input(lambda: b"GIF89a\xff\xff\xff\xff" + bytes(100) + b";", "a GIF"),
    "other format: JPEG 2000": Input(lambda: saved(noise(300, 450), "JPEG2000"), "no_image"),
    "other format: TIFF": Input(lambda: saved(noise(300, 450), "TIFF"), "no_image"),
    "other format: SVG": Input(lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 100_000, "no_image"),
    "wrong name: JPEG as text/plain": Input(jpeg, None, {"Content-Type": "text/plain"}),
    "wrong name: packed JPEG": Input(lambda: gzip.compress(jpeg()), None),
    "packed: JPEG in 300 MB": Input(lambda: bomb(300 << 20, jpeg(), wbits=31), "too_large"),
}


# --- answers of the API -----------------------------------------------------------------------------------------------


def film(id: int, **fields: Any) -> bytes:
    return json.dumps({"id": id, "title": f"Film {id}", "runtime": 90, "vote_count": 500, **fields}).encode()


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def answers(id: int) -> dict[str, Input]:
    """All for the film of this id."""
    whole, encoding = film(id), "Content-Encoding"
    dice = random.Random(7).randbytes(100_000).hex()
    return {
        "packed answer: no header": Input(lambda: gzip.compress(whole), None),
        "packed answer: x-gzip": Input(lambda: gzip.compress(whole), None, {encoding: "x-gzip"}),
        "packed answer: twice": Input(lambda: gzip.compress(gzip.compress(whole)), None, {encoding: "gzip"}),
        "packed answer: says so, is not": Input(lambda: whole, None, {encoding: "gzip"}),
        "packed answer: says so twice": Input(lambda: gzip.compress(whole), None, {encoding: "gzip, gzip"}),
        "packed answer: deflate": Input(lambda: zlib.compress(whole), None, {encoding: "deflate"}),
        "packed answer: deflate without its header": Input(lambda: raw_deflate(whole), None, {encoding: "deflate"}),
        "packed answer: two members": Input(lambda: gzip.compress(whole[:9]) + gzip.compress(whole[9:]), None),
        "packed answer: cut": Input(lambda: gzip.compress(whole)[:-9], "truncated"),
        "packed answer: damaged": Input(lambda: b"\x1f\x8b\x08" + bytes(200), "truncated"),
        "packed answer: as text": Input(lambda: whole, None, {"Content-Type": "text/plain"}),
        "bomb: 63 MB of lists": Input(
            lambda: gzip.compress(b'{"x": [' + b"[]," * 21_000_000 + b"[]]}", 1), "too_large", {encoding: "gzip"}
        ),
        "bomb: 300 MB of blanks": Input(lambda: bomb(300 << 20, whole[:-1], wbits=31), "too_large", {encoding: "gzip"}),
        "bomb: in a bomb": Input(lambda: gzip.compress(bomb(300 << 20, wbits=31)), "too_large"),
        "bomb: a million members": Input(lambda: gzip.compress(whole) + gzip.compress(b"") * 100_000, None),
        "many values: 3.9 MB of lists": Input(
            lambda: b'{"id": %d, "title": "A", "x": [' % id + b"[]," * 1_300_000 + b"[]]}", "too_large"
        ),
        "many values: deep": Input(lambda: b'{"a":' * 50_000, "truncated"),
        "many values: deep and whole": Input(lambda: b'{"a":' * 90_000 + b"1" + b"}" * 90_000, "unparsable"),
        "many values: a number of 3 MB": Input(
            lambda: b'{"id": %d, "title": "A", "budget": ' % id + b"9" * 3_000_000 + b"}", "unparsable"
        ),
        "long text: overview of 3 MB": Input(lambda: film(id, overview=dice * 15), None),
        "long text: title that a pattern dreads": Input(lambda: film(id, title="a" * 1_000_000 + "!"), None),
    }


def export(what: str, megabytes: int) -> bytes:
    """A daily export, packed: films 7 and 11, and between them so much of something else."""
    packer = zlib.compressobj(1, wbits=31)
    row = b'{"adult": false, "id": %d, "original_title": "Film", "popularity": 5.5, "video": false}\n'
    between = {
        "newlines": b"\n" * (1 << 20),
        "one line": b"x" * (1 << 20),
        "long lines": (b'{"id": 10, "original_title": "%s"}\n' % (b"x" * 100_000)) * 10,
        "rows that cannot be": b"".join(
            b'{"id": %s, "popularity": %s}\n' % pair
            for pair in ((b"8", b"9e12"), (b"9", b"NaN"), (b"-7", b"1"), (b"9e99", b"1"), (b"4294967296", b"1"))
        ),
    }[what]
    pieces = [packer.compress(row % 7), *(packer.compress(between) for _ in range(megabytes))]
    return b"".join([*pieces, packer.compress(row % 11), packer.flush()])


def pages() -> dict[str, str]:
    """Pages of The Numbers that are too much work, or break off."""
    head = "<html><h1>Film (2026)</h1>"
    return {
        "attributes": f"{head}<table {' '.join(f'a{n}' for n in range(500_000))}></table></html>",
        "attributes in disguise": (
            f'{head}<!--<z "--><table {" ".join(f"""a{n}="<i>" """ for n in range(200_000))}></table></html>'
        ),
        "tags": f"{head}{'<br>' * 900_000}</html>",
        "tables in tables": f"{head}{'<table><tr><td>' * 250_000}</html>",
        "comments": f"{head}{'<!--' * 900_000}</html>",
    }
