"""Save a picture atomically, and never in a larger file than allowed."""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from PIL import Image

from moviecrawler.exceptions import PictureError
from moviecrawler.rendering.formats import JPEG, PNG, Format

PRESETS: Final = {"high": 95, "medium": 85, "low": 70}

# In JPEG quality, from which the other formats derive theirs (`Format.quality`). Below this a JPEG shows its blocks;
# a picture that needs less is rejected.
MIN_QUALITY: Final = 30
QUALITY_STEP: Final = 10

_END_MARKERS: Final = {JPEG.name: b"\xff\xd9", PNG.name: b"IEND\xaeB`\x82"}

PARTIAL_FILE_MAX_AGE: Final = 3600.0
"""Age in seconds after which no process is still writing a partial file: its writer was killed."""

_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.part")


@dataclass(frozen=True)
class Quality:
    """How well to save, and how large a file may get.

    ``preset``: high, medium or low; ``max_file_mb``: megabytes (10^6 bytes).
    """

    preset: str
    max_file_mb: float

    def steps(self) -> range:
        """The JPEG qualities to try, best first."""
        return range(PRESETS[self.preset], MIN_QUALITY - 1, -QUALITY_STEP)


@dataclass(frozen=True)
class SavedFile:
    """A written file. ``file``: its path relative to the root it was saved under, with forward slashes."""

    file: str
    sha256: str
    width: int
    height: int
    bytes: int


def save(
    image: Image.Image,
    path: Path,
    quality: Quality,
    formats: Sequence[Format] = (JPEG,),
    *,
    root: Path | None = None,
) -> SavedFile:
    """Write the smallest of ``formats`` to ``path``, with the format's suffix, atomically; missing folders are made.

    ``root``: what ``SavedFile.file`` is relative to (default: the folder of ``path``). While a file is over the
    limit, its quality is lowered. Raises ``PictureError`` if the lowest quality is still too large, ``OSError`` if the
    file cannot be written; then nothing is left behind, and an older file at ``path`` is unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as tried:
        sizes: dict[Path, tuple[int, Path]] = {}
        for format in formats:
            target = path.with_suffix(format.suffix)
            partial = tried.enter_context(_partial(target))
            sizes[partial] = (_write(image, partial, quality, format), target)
        partial, (size, target) = min(sizes.items(), key=lambda tried: tried[1][0])
        if size > quality.max_file_mb * 1e6:
            raise PictureError(
                f"{image.width}x{image.height} needs {size / 1e6:.1f} MB even at JPEG quality {quality.steps()[-1]}, "
                f"over IMAGES_MAX_FILE_MB={quality.max_file_mb:g}"
            )
        with partial.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        os.replace(partial, target)
    return SavedFile(target.relative_to(root or path.parent).as_posix(), sha256, image.width, image.height, size)


def _write(image: Image.Image, partial: Path, quality: Quality, format: Format) -> int:
    """Write in the best quality that is small enough, else in the lowest; returns the size in bytes."""
    for step in quality.steps():
        # To a real file: Pillow then encodes without the GIL, which it holds while it writes to a BytesIO.
        try:
            image.save(partial, format.name, quality=format.quality(step), **format.options)
        except (ValueError, RuntimeError) as error:  # the encoders of WebP and AVIF
            raise PictureError(f"{image.width}x{image.height} cannot be saved as {format.name}: {error}") from None
        if end := _END_MARKERS.get(format.name):
            _require_end_marker(partial, end)
        size = partial.stat().st_size
        if size <= quality.max_file_mb * 1e6 or format.is_lossless:
            break
    return size


def _require_end_marker(path: Path, marker: bytes) -> None:
    """OSError unless the file has its end marker: on a full disk Pillow takes a partial write for success."""
    with path.open("rb") as file:
        file.seek(-min(len(marker), path.stat().st_size), os.SEEK_END)
        if file.read() != marker:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``; a file that is still there at the end is removed."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


def remove_partial_files(root: Path, *, now: float, stop: Callable[[], bool]) -> int:
    """Remove the partial files that killed processes left anywhere under ``root``; returns their number.

    ``now``: seconds since the epoch. ``stop`` is asked before each folder, and ends the search when true.
    """
    removed = 0
    for path, _ in partial_files(root, now=now, stop=stop):
        with suppress(OSError):  # another process has removed it
            path.unlink()
            removed += 1
    return removed


def partial_files(root: Path, *, now: float, stop: Callable[[], bool] = lambda: False) -> Iterator[tuple[Path, int]]:
    """The same files, each with its bytes; symbolic links are neither followed nor found."""
    for folder, _, names in os.walk(root):
        if stop():
            break
        for path in (Path(folder, name) for name in names if _PARTIAL.fullmatch(name)):
            with suppress(OSError):
                found = path.lstat()
                if S_ISREG(found.st_mode) and now - found.st_mtime > PARTIAL_FILE_MAX_AGE:
                    yield path, found.st_size
