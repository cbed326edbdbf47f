"""Decode picture bytes into an upright sRGB image. Every defect of the bytes becomes a ``PictureError``."""

import logging
from io import BytesIO
from typing import Final

from PIL import AvifImagePlugin, Image, ImageCms, UnidentifiedImageError

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.sanitise import MAX_PIXELS, MAX_PROFILE_BYTES, SanitisedPicture, orientation_of, sanitise

logger = logging.getLogger(__name__)

# What transparent pixels are laid on: JPEG has no transparency.
BACKGROUND: Final = (255, 255, 255)

# EXIF 2.32, tag 0x0112: what turns the stored rows upright; from 5 on, width and height are swapped.
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

# Pillow's default blocks of 16 MB come from the heap of the allocator, which large pictures fragment; blocks of more
# than 32 MB are mapped by the system and returned to it.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the callers decode pictures in parallel


def decode(body: bytes, target: tuple[int, int] | None = None, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The upright sRGB image in JPEG, PNG, WebP or AVIF bytes: loaded, of mode RGB, without metadata.

    ``target``: the minimum (width, height) in pixels of the upright picture. A larger JPEG is then
    decoded at 1/2, 1/4 or 1/8 of its size (never below the target), which is three times as fast.

    Raises ``PictureError`` for other formats, for truncated or damaged files, and for more than ``max_pixels`` or
    another limit of ``rendering.sanitise``.
    """
    return decode_sanitised(sanitise(body, max_pixels), target)


def decode_sanitised(
    picture: SanitisedPicture, target: tuple[int, int] | None = None, *, transparent: bool = False
) -> Image.Image:
    """Like ``decode``, for a picture that has been sanitised; ``transparent``: of mode RGBA, on no background."""
    pixels = picture.width * picture.height
    try:
        with Image.open(BytesIO(picture.body), formats=(picture.format.upper(),)) as image:
            if image.width * image.height > pixels:  # decoding_memory() would be wrong
                raise PictureError(
                    f"{image.width}x{image.height} in a file that declares {pixels / 1e6:.1f} megapixels"
                )
            turned = picture.orientation
            if turned == 1:
                turned = orientation_of(image.info.get("exif"))
            if target:
                image.draft("RGB", target if turned < 5 else target[::-1])
            image.load()
            turn = _UPRIGHT.get(turned)
            upright = image.transpose(turn) if turn is not None else image
            if transparent:
                return _to_rgba(upright)
            return _to_rgb(upright, picture.profile or image.info.get("icc_profile"))
    except (PictureError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"more than {MAX_PIXELS / 1e6:g} megapixels") from None
    except UnidentifiedImageError:  # its message contains a memory address
        raise PictureError(f"damaged {picture.format}: it cannot be read as one") from None
    except Exception as error:  # Pillow's plugins raise all kinds of errors for damaged files
        raise PictureError(f"damaged {picture.format}: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _to_rgba(image: Image.Image) -> Image.Image:
    """The same with its transparency; its colours are taken for sRGB, which those of logos are."""
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    rgba.info = {}
    return rgba


def _to_rgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey; convert("L") would not scale on every platform. +0.5: Pillow truncates.
        image = image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    elif image.has_transparency_data:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", image.size, BACKGROUND)
        image.paste(rgba, mask=rgba)
    elif image.mode == "P":
        image = image.convert("RGB")
    rgb = _convert_by_profile(image, profile) if profile and len(profile) <= MAX_PROFILE_BYTES else None
    if rgb is None:
        # Not for RGB: convert() would copy 8 MB.
        rgb = image if image.mode == "RGB" else image.convert("RGB")
    # Pillow would write what is in here (comments, resolution) into the files made from this picture.
    rgb.info = {}
    return rgb


def _convert_by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
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
