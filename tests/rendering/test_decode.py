"""Decoding gives an upright sRGB picture, or an error of one line with the reason, whatever a server sends."""

import logging
import struct
import tracemalloc
import warnings
import zlib
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageStat

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.decode import BACKGROUND, decode, decode_sanitised
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.sanitise import sanitise, sniff
from tests.rendering.conftest import Encode, photo
from tests.support import hostile as inputs


def jpeg(image: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


SAMPLE = jpeg(photo(320, 240), quality=85)
PROGRESSIVE = jpeg(photo(320, 240), quality=85, progressive=True)


def png_header(width: int, height: int) -> bytes:
    """A decompression bomb of 60 bytes: a PNG that declares a size and contains nothing."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def near(image: Image.Image, colour: tuple[int, ...], within: float = 3) -> bool:
    return all(abs(a - b) <= within for a, b in zip(ImageStat.Stat(image).mean, colour, strict=True))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_sniff_recognises_the_formats_that_decode_reads(encode: Encode, format: str) -> None:
    body = encode(photo(64, 48), format)
    assert sniff(body) == format.lower()
    assert decode(body).size == (64, 48)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\n <!DOCTYPE html><title>403</title>", "HTML"),
        (b"<HTML><body>", "HTML"),
        (b'{"status_code": 7}', "JSON"),
        (b"\xef\xbb\xbf[1]", "JSON"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'<?xml version="1.0"?><svg/>', "XML or SVG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9", "EPS"),
        (b"GIF89a\x01\x00\x01\x00", "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x01\x02", "unknown bytes 00 01 02"),
        (SAMPLE[: len(SAMPLE) // 2], "truncated"),
        (SAMPLE[:-1], "truncated"),
        (SAMPLE[:3], "damaged jpeg"),
        (b"\x89PNG\r\n\x1a\n", "damaged png"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged webp"),
        (png_header(8000, 7000), "8000x7000 is more than 50 megapixels"),
        (png_header(60_000, 60_000), "more than 50 megapixels"),
        (png_header(70_000, 10), "longer than a JPEG"),
    ],
    ids=lambda value: value[:12].hex() if isinstance(value, bytes) else value,
)
def test_bad_input_raises_a_one_line_error_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(PictureError) as raised:
        decode(body)
    assert reason in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [name for name in inputs.PICTURES if name.startswith(("jpeg one scan", "jpeg frame", "avif: 3.9", "avif: 655"))],
)
def test_expensive_pictures_are_rejected_before_memory_is_allocated(name: str) -> None:
    given = inputs.PICTURES[name]
    tracemalloc.start()
    try:
        body = given.make()
        tracemalloc.reset_peak()
        with pytest.raises(PictureError, match=given.right):
            _decode_in_bounds(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * len(body) + 1e6


def _decode_in_bounds(body: bytes) -> None:
    picture = sanitise(body)
    with MemoryBudget(145e6).reserve(picture.decoding_memory((92, 138)), "this"):
        decode_sanitised(picture)


def test_a_decompression_bomb_is_rejected_even_if_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PictureError, match="megapixels"):
            decode(png_header(10_000, 10_000))


def test_the_caller_can_lower_the_pixel_limit() -> None:
    with pytest.raises(PictureError, match=r"320x240 is more than 0\.07 megapixels"):
        decode(SAMPLE, max_pixels=70_000)
    assert decode(SAMPLE, max_pixels=320 * 240).size == (320, 240)


@pytest.mark.parametrize(
    ("target", "decoded"),
    [
        (None, (1600, 1200)),
        ((700, 1), (800, 600)),
        ((800, 600), (800, 600)),
        ((801, 1), (1600, 1200)),
        ((1, 90), (200, 150)),
    ],
)
def test_a_large_jpeg_is_decoded_no_larger_than_needed_and_never_below_the_target(
    encode: Encode, target: tuple[int, int] | None, decoded: tuple[int, int]
) -> None:
    assert decode(encode(photo(1600, 1200)), target).size == decoded


def corners(image: Image.Image) -> list[int]:
    """The quadrant colours, as 1-4, row by row."""
    points = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    return [round(image.getpixel((int(x * image.width), int(y * image.height)))[0] / 60) for x, y in points]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("target", [None, (100, 200)])
def test_a_rotated_photo_is_turned_upright(encode: Encode, orientation: int, target: tuple[int, int] | None) -> None:
    upright = Image.new("RGB", (400, 800))
    for index in range(4):
        upright.paste(
            (60 * (index + 1),) * 3, (index % 2 * 200, index // 2 * 400, index % 2 * 200 + 200, index // 2 * 400 + 400)
        )
    # What a camera would have stored: the inverse of what the reader has to do (EXIF 2.32, tag 0x0112).
    transposes = Image.Transpose
    inverse = {
        1: None, 2: transposes.FLIP_LEFT_RIGHT, 3: transposes.ROTATE_180, 4: transposes.FLIP_TOP_BOTTOM,
        5: transposes.TRANSPOSE, 6: transposes.ROTATE_90, 7: transposes.TRANSVERSE, 8: transposes.ROTATE_270,
    }[orientation]  # fmt: skip
    stored = upright if inverse is None else upright.transpose(inverse)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(encode(stored, quality=95, exif=exif.tobytes()), target)
    assert image.size == ((400, 800) if target is None else (100, 200))
    assert corners(image) == [1, 2, 3, 4]


def test_transparent_pixels_take_the_background_colour(encode: Encode) -> None:
    clear_red = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    half_grey = Image.new("LA", (32, 32), (0, 128))
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    for body in (
        encode(clear_red, "PNG"),
        encode(clear_red, "WEBP", lossless=True),
        encode(palette, "PNG", transparency=1),
    ):
        assert near(decode(body), BACKGROUND)
    assert near(decode(encode(half_grey, "PNG")), tuple(value // 2 for value in BACKGROUND))
    assert near(decode(encode(palette, "PNG")), (0, 255, 0))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16", "CMYK", "RGB"])
def test_every_mode_is_converted_to_plain_rgb(encode: Encode, mode: str) -> None:
    grey = Image.new("L", (32, 32), 255)
    image = Image.new("I;16", (32, 32), 65_535) if mode == "I;16" else grey.convert("RGB").convert(mode)
    decoded = decode(encode(image, "JPEG" if mode == "CMYK" else "PNG"))
    assert (decoded.mode, decoded.info) == ("RGB", {})
    assert near(decoded, (255, 255, 255))


def test_sixteen_bit_grey_is_scaled_not_clipped(encode: Encode) -> None:
    ramp = Image.new("I;16", (256, 1))
    for x in range(256):
        ramp.putpixel((x, 0), x * 257)
    decoded = decode(encode(ramp, "PNG"))
    assert [decoded.getpixel((x, 0)) for x in range(256)] == [(x, x, x) for x in range(256)]


def swapped_red_and_green() -> bytes:
    """An ICC profile whose red and green primaries are swapped, so that a conversion is visible."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = bytearray(profile.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ"))
    return bytes(swapped).replace("sRGB".encode("utf-16-be"), "sWAP".encode("utf-16-be"))


def test_colours_are_converted_by_the_embedded_profile(encode: Encode) -> None:
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    assert near(decode(encode(red, "PNG", icc_profile=swapped_red_and_green())), (0, 255, 0), 6)
    assert near(decode(encode(red, "JPEG", quality=95, icc_profile=swapped_red_and_green())), (0, 255, 0), 6)


def test_an_unusable_profile_is_ignored_and_logged(encode: Encode, caplog: pytest.LogCaptureFixture) -> None:
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with caplog.at_level(logging.DEBUG, "moviecrawler.rendering.decode"):
        assert near(decode(encode(red, "PNG", icc_profile=srgb)), (255, 0, 0))
        assert not caplog.messages
        assert near(decode(encode(red, "PNG", icc_profile=b"no profile")), (255, 0, 0))
        cmyk = decode(encode(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), icc_profile=swapped_red_and_green()))
        assert near(cmyk, (255, 0, 0), 6)
    assert len(caplog.messages) == 2
    assert all("ICC profile ignored" in message for message in caplog.messages)


def test_broken_exif_is_ignored() -> None:
    broken = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"
    body = SAMPLE[:2] + b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken + SAMPLE[2:]
    assert decode(body).size == (320, 240)


hostile = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decodes_or_says_why(body: bytes, target: tuple[int, int] | None) -> None:
    reason = "a picture"
    try:
        assert decode(body, target).mode == "RGB"
    except PictureError as error:
        reason = str(error)
    assert len(reason.splitlines()) == 1


@hostile
@given(
    start=st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WEBPVP8 ", b"%!PS"]),
    rest=st.binary(max_size=400),
)
def test_random_bytes_raise_only_picture_errors(start: bytes, rest: bytes) -> None:
    decodes_or_says_why(start + rest, None)


@hostile
@given(
    body=st.sampled_from([SAMPLE, PROGRESSIVE]),
    length=st.integers(0, len(SAMPLE) - 1),
    target=st.sampled_from([None, (40, 30)]),
)
def test_a_truncated_jpeg_is_rejected(body: bytes, length: int, target: tuple[int, int] | None) -> None:
    with pytest.raises(PictureError):
        decode(body[: min(length, len(body) - 1)], target)


@hostile
@given(
    body=st.sampled_from([SAMPLE, PROGRESSIVE]),
    changes=st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=30),
    target=st.sampled_from([None, (40, 30)]),
)
def test_a_mutated_jpeg_raises_only_picture_errors(
    body: bytes, changes: list[tuple[int, int]], target: tuple[int, int] | None
) -> None:
    mutated = bytearray(body)
    for position, value in changes:
        mutated[position % len(mutated)] = value
    decodes_or_says_why(bytes(mutated), target)
