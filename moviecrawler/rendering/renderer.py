"""Make all files of one downloaded picture: its sizes, and for a backdrop also the title backdrop.

Files are named by the sha256 of the downloaded bytes, so titles with the same picture share its files:
``IMAGES_STORE/poster/6d/6d3a...-w500.jpg``. A title backdrop belongs to one film or show:
``IMAGES_STORE/title_backdrop/movies/603.jpg``. Logos are PNG files with transparency. A portrait is named by its path
at TMDB (``documents.portrait_file``), so that whoever knows a person finds it, and stands in no document.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from PIL import Image

from moviecrawler.documents import CaptionFingerprint, ImageFile, ImagePart, Images, portrait_file
from moviecrawler.documents.facts import Facts
from moviecrawler.exceptions import PictureError
from moviecrawler.items import Artwork
from moviecrawler.rendering.caption import Caption, build_caption
from moviecrawler.rendering.decode import decode_sanitised
from moviecrawler.rendering.encode import Quality, SavedFile, save
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import JPEG, PNG, Format, formats_for_size
from moviecrawler.rendering.logo import read_logo
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.sanitise import SanitisedPicture, sanitise
from moviecrawler.rendering.sizes import fitted_size, minimum_size, resize
from moviecrawler.rendering.title_backdrop import render_title_backdrop

logger = logging.getLogger(__name__)

TITLE_BACKDROP = (1920, 1080)
MIN_SIDE = 32
"""Pixels; TMDB's smallest size is 45 wide, and what is smaller is a placeholder or a tracking pixel."""

MAX_ASPECT_RATIO = 10
"""Longer side by shorter side; a longer picture would have no height left at the width of a poster."""
_MAX_SHARED = 10_000
"""Pictures of this run whose files can be shared; they take some 5 MB."""


@dataclass
class RenderedImages:
    """``parts``: of the document's ``images``, by image role; ``stat_keys``: the stats to increment."""

    parts: Images = field(default_factory=dict)
    stat_keys: list[str] = field(default_factory=list)


class Renderer:
    """Makes the files of pictures. :meth:`make` may run in several threads at once."""

    def __init__(
        self,
        folder: Path,
        sizes: Mapping[str, Sequence[str]],
        quality: Quality,
        fonts: Fonts,
        memory: MemoryBudget | None = None,
        *,
        language: str = "",
        ratings: tuple[str, ...] = ("tmdb",),
        formats: tuple[Format, ...] = (JPEG,),
    ) -> None:
        """``sizes``: TMDB's names by image role; ``language``: a BCP 47 tag, for the text of title backdrops other than
        titles; ``ratings``: the houses whose ratings these show; ``formats``: of each file, the smallest is kept."""
        self._folder, self._sizes, self._quality, self._fonts = folder, sizes, quality, fonts
        self._memory, self._language, self._formats = memory or MemoryBudget(), language, formats
        self._ratings = ratings
        self._saved: dict[tuple[str, str], dict[str, SavedFile]] = {}
        self._lock = Lock()

    def make(
        self,
        item: Artwork,
        document: Facts,
        caption_fingerprint: CaptionFingerprint,
        second_line: tuple[str, str] | None = None,
    ) -> RenderedImages:
        """Write the files of one downloaded picture; returns the parts of the document that name them.

        ``caption_fingerprint``: what the document notes about the text of a title backdrop; ``second_line``: the line
        below the title, and its language (both: ``policy.documents.images``). Raises PictureError for an unusable
        picture, OSError when a file cannot be written.
        """
        sha256 = hashlib.sha256(item.body).hexdigest()
        made, files = RenderedImages(), self._saved.get((item.role, sha256))
        if files is not None:
            made.stat_keys.append("pictures/shared")
            made.parts[item.role] = _document_part(item, sha256, files)
            if item.role != "backdrop":
                return made
        picture, target = sanitise(item.body), self._target(item.role)
        _require_picture_shape(picture)
        of_role = (PNG,) if item.role == "logo" else self._formats
        decoding, saved_pixels = picture.decoding_memory(target), self._saved_pixels(picture, item.role)
        needed = {format.name: decoding + format.encoder_bytes_per_pixel * saved_pixels for format in of_role}
        formats = [format for format in of_role if self._memory.fits(needed[format.name])] or of_role[:1]
        logo = self._read_logo(item, made)
        peak = max(needed[format.name] for format in formats)
        with self._memory.reserve(peak, f"{picture.width}x{picture.height} {picture.format}"):
            image = decode_sanitised(picture, target, transparent=item.role == "logo")
            del picture
            if files is None:
                files = self._save_all_sizes(image, item, sha256, formats)
                if item.role != "profile":
                    made.parts[item.role] = _document_part(item, sha256, files)
            if item.role == "backdrop":
                caption = build_caption(document, second_line, self._language, self._ratings)
                title_backdrop = self._draw_title_backdrop(image, caption, logo, made)
                path = self._folder / "title_backdrop" / item.kind / str(item.id)
                saved = {f"w{TITLE_BACKDROP[0]}": self._save(title_backdrop, path, formats)}
                made.parts["title_backdrop"] = {
                    **_document_part(item, sha256, saved),
                    "says": caption_fingerprint,
                }
            return made

    def _save(self, image: Image.Image, path: Path, formats: Sequence[Format]) -> SavedFile:
        return save(image, path, self._quality, formats_for_size(formats, *image.size), root=self._folder)

    def _save_all_sizes(
        self, image: Image.Image, item: Artwork, sha256: str, formats: Sequence[Format]
    ) -> dict[str, SavedFile]:
        role = item.role
        is_portrait = role == "profile"
        names = {
            size: portrait_file(item.source_path, size) if is_portrait else f"{role}/{sha256[:2]}/{sha256}-{size}"
            for size in self._sizes[role]
        }
        files = {size: self._save(resize(image, size), self._folder / name, formats) for size, name in names.items()}
        if is_portrait:
            return files
        with self._lock:
            self._saved[role, sha256] = files
            if len(self._saved) > _MAX_SHARED:
                del self._saved[next(iter(self._saved))]
        return files

    def _read_logo(self, item: Artwork, made: RenderedImages) -> Image.Image | None:
        """The logo for the title backdrop; None if there is none that can be used."""
        if not item.logo:
            return None
        try:
            return read_logo(item.logo, TITLE_BACKDROP, self._memory)
        except PictureError as error:
            logger.debug("%s/%s: the title is shown in letters: %s", item.kind, item.id, error)
            made.stat_keys.append("pictures/logo_refused")
            return None

    def _draw_title_backdrop(
        self, image: Image.Image, caption: Caption, logo: Image.Image | None, made: RenderedImages
    ) -> Image.Image:
        rendered = render_title_backdrop(image, caption, fonts=self._fonts, size=TITLE_BACKDROP, logo=logo)
        if logo:
            made.stat_keys.append("pictures/logo_shown" if rendered.shows_logo else "pictures/logo_refused")
        if rendered.missing_glyphs:
            made.stat_keys.append("pictures/missing_glyphs")
        if rendered.used_fallback:
            made.stat_keys.append("pictures/title_in_other_script")
        return rendered.image

    def _saved_pixels(self, picture: SanitisedPicture, role: str) -> int:
        """The pixels of the largest file that is made from this picture."""
        sizes = [fitted_size(picture.width, picture.height, size) for size in self._sizes[role]]
        return max(width * height for width, height in [*sizes, *([TITLE_BACKDROP] if role == "backdrop" else [])])

    def _target(self, role: str) -> tuple[int, int] | None:
        """The minimum (width, height) in pixels for all files of this role; None: the full size."""
        minimums = [minimum_size(size) for size in self._sizes[role]] + ([TITLE_BACKDROP] if role == "backdrop" else [])
        known = [pair for pair in minimums if pair is not None]
        if len(known) < len(minimums):
            return None
        return max(width for width, _ in known), max(height for _, height in known)


def _require_picture_shape(picture: SanitisedPicture) -> None:
    """Raise PictureError for a picture that is too small or too narrow to be a poster or backdrop."""
    short, long = sorted((picture.width, picture.height))
    if short < MIN_SIDE:
        raise PictureError(f"{picture.width}x{picture.height} must have {MIN_SIDE} pixels or more on each side")
    if long > MAX_ASPECT_RATIO * short:
        raise PictureError(f"{picture.width}x{picture.height} is more than {MAX_ASPECT_RATIO} times as long as wide")


def _document_part(item: Artwork, sha256: str, files: Mapping[str, SavedFile]) -> ImagePart:
    """The part of the document about one picture: all files by size, and the first one as the main file."""
    return {
        "source_path": item.source_path,
        "source_sha256": sha256,
        "files": {size: _file(saved) for size, saved in files.items()},
        "file": next(iter(files.values())).file,
    }


def _file(saved: SavedFile) -> ImageFile:
    return {
        "file": saved.file,
        "sha256": saved.sha256,
        "width": saved.width,
        "height": saved.height,
        "bytes": saved.bytes,
    }
