"""Sizes as TMDB names them: "w500" is 500 pixels wide, "h632" 632 high, "original" as it is."""

import re

from PIL import Image

from moviecrawler.exceptions import ConfigurationError

_SIZE = re.compile(r"([wh])([1-9][0-9]{0,4})")


def parse_sizes(name: str, value: str) -> tuple[str, ...]:
    """The sizes in a comma list, each once; raises ``ConfigurationError`` that names the setting.

    >>> parse_sizes("IMAGES_POSTER_SIZES", "w500, original,w500")
    ('w500', 'original')
    """
    sizes = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",")))
    for size in sizes:
        if size != "original" and not _SIZE.fullmatch(size):
            raise ConfigurationError(f"{name}={value!r}: {size!r} is no size; use w500, h632 or original")
    return sizes


def bounds(size: str) -> tuple[int, int] | None:
    """The (width, height) that a picture must have at least to be made into ``size``; None for "original".

    Raises ``ValueError`` for what ``parse_sizes`` would not let through.

    >>> bounds("w500"), bounds("h632"), bounds("original")
    ((500, 1), (1, 632), None)
    """
    if size == "original":
        return None
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"no size: {size!r}")
    side, pixels = match.groups()
    return (int(pixels), 1) if side == "w" else (1, int(pixels))


def fitted(width: int, height: int, size: str) -> tuple[int, int]:
    """The (width, height) that a picture has at ``size``: its aspect kept, never larger than it is.

    >>> fitted(2000, 3000, "w500"), fitted(400, 600, "w500")
    ((500, 750), (400, 600))
    """
    least = bounds(size)
    if least is None:
        return width, height
    scale = least[0] / width if size.startswith("w") else least[1] / height
    return (width, height) if scale >= 1 else (max(1, round(width * scale)), max(1, round(height * scale)))


def fit(image: Image.Image, size: str) -> Image.Image:
    """The picture at ``size``; one that is not larger is returned as it is.

    >>> fit(Image.new("RGB", (2000, 3000)), "w500").size
    (500, 750)
    """
    smaller = fitted(*image.size, size)
    if smaller == image.size:
        return image
    # A reducing gap of 2 halves what the JPEG decoder could not (PNG, WebP) before LANCZOS runs.
    return image.resize(smaller, Image.Resampling.LANCZOS, reducing_gap=2.0)
