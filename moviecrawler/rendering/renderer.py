"""Everything that is made from one downloaded picture: its sizes, and from a backdrop the title backdrop too.

Files are named by the sha256 of the downloaded bytes, so two titles with the same picture share its files:
``IMAGES_STORE/poster/6d/6d3a...-w500.jpg``; a title backdrop is its title's own:
``IMAGES_STORE/title_backdrop/movies/603.jpg``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image

from moviecrawler.exceptions import PictureError
from moviecrawler.items import Artwork
from moviecrawler.rendering.caption import Caption, caption
from moviecrawler.rendering.decode import develop
from moviecrawler.rendering.encode import Quality, Saved, save
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import JPEG, Format, holding
from moviecrawler.rendering.memory_budget import Memory
from moviecrawler.rendering.sanitise import Screened, screen
from moviecrawler.rendering.sizes import bounds, fit, fitted
from moviecrawler.rendering.title_backdrop import render_title_backdrop

TITLE_BACKDROP = (1920, 1080)
LEAST_SIDE = 32
"""Pixels; the smallest size of TMDB's is 45 wide, and what is smaller is a placeholder or a tracking pixel."""

MOST_TIMES = 10
"""By which one side may be longer; of a longer one nothing is left at the width of a poster."""
_REMEMBERED = 10_000
"""Pictures of this run whose files can be shared; some 5 MB."""


@dataclass
class Made:
    """``parts`` as the document holds them; ``notes`` are the stats to count."""

    parts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Renderer:
    """Makes pictures. :meth:`make` runs in several threads at once."""

    def __init__(
        self,
        folder: Path,
        sizes: Mapping[str, Sequence[str]],
        quality: Quality,
        fonts: Fonts,
        memory: Memory | None = None,
        *,
        language: str = "",
        formats: tuple[Format, ...] = (JPEG,),
    ) -> None:
        """``language``: a BCP 47 tag, of what all title backdrops say beside the titles; ``formats``: of the files, the
        smallest is kept."""
        self._folder, self._sizes, self._quality, self._fonts = folder, sizes, quality, fonts
        self._memory, self._language, self._formats = memory or Memory(), language, formats
        self._made: dict[tuple[str, str], dict[str, Saved]] = {}
        self._lock = Lock()

    def make(
        self,
        item: Artwork,
        document: Mapping[str, Any],
        says: Sequence[Any],
        second_line: tuple[str, str] | None = None,
    ) -> Made:
        """The files of one downloaded picture, and the parts of the document that name them.

        ``says`` is what a title backdrop will be remembered to say, ``second_line`` what stands below its title, with
        its language (``policy.documents.images``). Raises PictureError for a body that is no usable picture, OSError
        when a file cannot be written.
        """
        sha256 = hashlib.sha256(item.body).hexdigest()
        made, files = Made(), self._made.get((item.slot, sha256))
        if files is not None:
            made.notes.append("pictures/shared")
            made.parts[item.slot] = _part(item, sha256, files)
            if item.slot != "backdrop":
                return made
        screened, target = _shaped(screen(item.body)), self._target(item.slot)
        decoding, saved_pixels = screened.memory(target), self._saved_pixels(screened, item.slot)
        needed = {format.name: decoding + format.held * saved_pixels for format in self._formats}
        formats = [format for format in self._formats if self._memory.fits(needed[format.name])] or self._formats[:1]
        most = max(needed[format.name] for format in formats)
        with self._memory.of(most, f"{screened.width}x{screened.height} {screened.format}"):
            image = develop(screened, target)
            del screened
            if files is None:
                made.parts[item.slot] = _part(item, sha256, self._save_sizes(image, item.slot, sha256, formats))
            if item.slot == "backdrop":
                words = caption(document, second_line, self._language)
                title_backdrop = self._title_backdrop(image, words, made)
                path = self._folder / "title_backdrop" / item.kind / str(item.id)
                saved = {f"w{TITLE_BACKDROP[0]}": self._save(title_backdrop, path, formats)}
                made.parts["title_backdrop"] = {**_part(item, sha256, saved), "says": list(says)}
            return made

    def _save(self, image: Image.Image, path: Path, formats: Sequence[Format]) -> Saved:
        return save(image, path, self._quality, holding(formats, *image.size), root=self._folder)

    def _save_sizes(self, image: Image.Image, slot: str, sha256: str, formats: Sequence[Format]) -> dict[str, Saved]:
        folder = self._folder / slot / sha256[:2]
        files = {size: self._save(fit(image, size), folder / f"{sha256}-{size}", formats) for size in self._sizes[slot]}
        with self._lock:
            self._made[slot, sha256] = files
            if len(self._made) > _REMEMBERED:
                del self._made[next(iter(self._made))]
        return files

    def _title_backdrop(self, image: Image.Image, words: Caption, made: Made) -> Image.Image:
        rendered = render_title_backdrop(image, words, fonts=self._fonts, size=TITLE_BACKDROP)
        if rendered.missing_glyphs:
            made.notes.append("pictures/missing_glyphs")
        if rendered.used_fallback:
            made.notes.append("pictures/title_in_other_script")
        return rendered.image

    def _saved_pixels(self, screened: Screened, slot: str) -> int:
        """Of the largest file that is made from this picture."""
        sizes = [fitted(screened.width, screened.height, size) for size in self._sizes[slot]]
        return max(width * height for width, height in [*sizes, *([TITLE_BACKDROP] if slot == "backdrop" else [])])

    def _target(self, slot: str) -> tuple[int, int] | None:
        """The (width, height) that serves everything made from this picture; None: as large as it is."""
        least = [bounds(size) for size in self._sizes[slot]] + ([TITLE_BACKDROP] if slot == "backdrop" else [])
        known = [pair for pair in least if pair is not None]
        if len(known) < len(least):
            return None
        return max(width for width, _ in known), max(height for _, height in known)


def _shaped(screened: Screened) -> Screened:
    """PictureError for what has no shape of a poster or backdrop."""
    short, long = sorted((screened.width, screened.height))
    if short < LEAST_SIDE:
        raise PictureError(f"{screened.width}x{screened.height} is no picture: {LEAST_SIDE} pixels a side or more")
    if long > MOST_TIMES * short:
        raise PictureError(f"{screened.width}x{screened.height} is more than {MOST_TIMES} times as long as wide")
    return screened


def _part(item: Artwork, sha256: str, files: Mapping[str, Saved]) -> dict[str, Any]:
    """The document's part of one picture: all files by size, and the first one as the main one."""
    return {
        "source_path": item.source_path,
        "source_sha256": sha256,
        "files": {size: asdict(saved) for size, saved in files.items()},
        "file": next(iter(files.values())).file,
    }
