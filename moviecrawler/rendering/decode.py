"""Picture bytes -> a loaded, upright sRGB image. Whatever is wrong with the bytes becomes one ``PictureError``."""

import logging
from io import BytesIO
from typing import Final

from PIL import ExifTags, Image, ImageCms

from moviecrawler.exceptions import PictureError

logger = logging.getLogger(__name__)

# The background under transparent pixels: JPEG has none of its own.
BACKGROUND: Final = (255, 255, 255)

# What libjpeg can write.
LONGEST_SIDE: Final = 65_500

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
)

# EXIF 2.32, tag 0x0112: how the stored rows have to be turned to stand upright; from 5 on the sides are swapped.
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# The colour space that an ICC profile names -> the mode whose pixels it describes.
_ICC_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_SRGB: Final = ImageCms.createProfile("sRGB")


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
    return None


def decode(body: bytes, target: tuple[int, int] | None = None, *, max_pixels: int = 50_000_000) -> Image.Image:
    """JPEG, PNG or WebP bytes -> a loaded, upright sRGB image of mode RGB, without metadata.

    ``target``: the (width, height) in pixels that is wanted at least, of the upright picture. A larger JPEG is then
    decoded at 1/2, 1/4 or 1/8 of its size (never below the target), which is three times as fast.

    Raises ``PictureError`` for whatever cannot be such a picture: other formats, truncated or damaged files, more
    than ``max_pixels``, a side that no JPEG can have.
    """
    if sniff(body) is None:
        raise PictureError(f"not a picture: {_looks_like(body)}")
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise PictureError(f"{width}x{height} is more than {max_pixels / 1e6:g} megapixels")
            if max(width, height) > LONGEST_SIDE:
                raise PictureError(f"{width}x{height} is longer than a JPEG may be ({LONGEST_SIDE} pixels)")
            orientation = _orientation(image)
            if target:
                image.draft("RGB", target if orientation < 5 else target[::-1])
            image.load()
            turn = _UPRIGHT.get(orientation)
            upright = image.transpose(turn) if turn is not None else image
            return _to_rgb(upright, image.info.get("icc_profile"))
    except (PictureError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"more than {max_pixels / 1e6:g} megapixels") from None
    except Exception as error:
        raise PictureError(f"damaged {sniff(body)}: {_one_line(error)}") from error


def _looks_like(body: bytes) -> str:
    if not body:
        return "empty"
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in _LOOKS_LIKE:
        if start.startswith(magic):
            return f"looks like {name}"
    return f"unknown bytes {body[:8].hex(' ')}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception as error:  # noqa: BLE001 - a broken EXIF block is no reason to lose the picture
        logger.debug("EXIF ignored: %s", _one_line(error))
        return 1


def _to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey; convert("L") would not scale on every platform. +0.5: Pillow truncates.
        image = image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    elif image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.new("RGB", image.size, BACKGROUND)
        image.paste(seen, mask=seen)
    elif image.mode == "P":
        image = image.convert("RGB")
    rgb = _by_profile(image, profile) if profile else None
    if rgb is None:
        # Not for RGB: convert() would copy 8 MB.
        rgb = image if image.mode == "RGB" else image.convert("RGB")
    # Pillow would write what is left here (comments, resolution) into the files made from this picture.
    rgb.info = {}
    return rgb


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The picture in sRGB; None if it already is, or if the profile is unusable."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        mode = _ICC_MODES[source.profile.xcolor_space.strip()]
        if (mode == "CMYK") != (image.mode == "CMYK"):
            raise ValueError(f"a {mode} profile in a {image.mode} picture")
        pixels = image if image.mode == mode else image.convert(mode)
        return ImageCms.profileToProfile(pixels, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError, TypeError) as error:
        logger.debug("ICC profile ignored: %s", _one_line(error))
        return None
