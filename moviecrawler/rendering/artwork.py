"""One downloaded poster or backdrop -> the sizes that were asked for."""

from collections.abc import Iterable
from pathlib import Path

from moviecrawler.rendering.decode import decode
from moviecrawler.rendering.encode import Quality, Saved, save_jpeg
from moviecrawler.rendering.fit import bounds, fit


def make_sizes(
    body: bytes, sizes: Iterable[str], folder: Path, stem: str, quality: Quality, *, root: Path | None = None
) -> dict[str, Saved]:
    """Decode once and write ``folder/stem-SIZE.jpg`` for each of ``sizes``, in their order.

    ``root``: what ``Saved.file`` is relative to (default: ``folder``). Raises ``PictureError`` and ``OSError``
    as ``decode`` and ``save_jpeg`` do.
    """
    wanted = {size: bounds(size) for size in sizes}
    widths, heights = zip(*(least or (0, 0) for least in wanted.values()), strict=True)
    target = None if None in wanted.values() else (max(widths), max(heights))
    image = decode(body, target)
    return {
        size: save_jpeg(fit(image, size), folder / f"{stem}-{size}.jpg", quality, root=root or folder)
        for size in wanted
    }
