"""Picture sizes by TMDB's names: "w500" is 500 pixels wide, "h632" 632 high, "original" unchanged."""

import re

from PIL import Image

_SIZE = re.compile(r"([wh])([1-9][0-9]{0,4})")


def minimum_size(size: str) -> tuple[int, int] | None:
    """The (width, height) in pixels that a picture needs for ``size`` without being enlarged; None for "original".

    Raises ``ValueError`` for any other text.

    >>> minimum_size("w500"), minimum_size("h632"), minimum_size("original")
    ((500, 1), (1, 632), None)
    """
    if size == "original":
        return None
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"not a size: {size!r}")
    side, pixels = match.groups()
    return (int(pixels), 1) if side == "w" else (1, int(pixels))


def fitted_size(width: int, height: int, size: str) -> tuple[int, int]:
    """The (width, height) in pixels of a picture scaled to ``size``: the aspect ratio is kept, nothing is enlarged.

    >>> fitted_size(2000, 3000, "w500"), fitted_size(400, 600, "w500")
    ((500, 750), (400, 600))
    """
    minimum = minimum_size(size)
    if minimum is None:
        return width, height
    scale = minimum[0] / width if size.startswith("w") else minimum[1] / height
    return (width, height) if scale >= 1 else (max(1, round(width * scale)), max(1, round(height * scale)))


def resize(image: Image.Image, size: str) -> Image.Image:
    """The picture scaled down to ``size``; one that is not larger is returned unchanged.

    >>> resize(Image.new("RGB", (2000, 3000)), "w500").size
    (500, 750)
    """
    target = fitted_size(*image.size, size)
    if target == image.size:
        return image
    # A reducing gap of 2 halves what the JPEG decoder could not (PNG, WebP) before LANCZOS runs.
    return image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)
