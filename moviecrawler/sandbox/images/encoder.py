"""Encode the pictures behind the paths: from a small pool of drawings, with different bytes for each path."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.edge_cases import picture_owner
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS
from moviecrawler.sandbox.images import painting
from moviecrawler.sandbox.images.paths import ORIGINAL_SIZES, PictureKey, decode_path

# The widths of TMDB's sizes.
_WIDTHS = {
    "poster": {"w92": 92, "w154": 154, "w185": 185, "w342": 342, "w500": 500, "w780": 780, "original": 2000},
    "backdrop": {"w300": 300, "w780": 780, "w1280": 1280, "original": 3840},
    "logo": {"w45": 45, "w92": 92, "w154": 154, "w185": 185, "w300": 300, "w500": 500, "original": 1000},
    "profile": {"w45": 45, "w185": 185, "h632": 421, "original": 1000},
    "still": {"w92": 92, "w185": 185, "w300": 300, "original": 1920},
}
_WIDTHS["icon"] = _WIDTHS["logo"] | {"original": 500}
_QUALITY = 86
_PNG_HEAD = 33  # bytes of signature and IHDR, which must come first


class PictureEncoder:
    """Encodes each drawing of the pool once per size, in a thread, when it is first requested: many works share it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._real_pictures = {
            path: PictureKey(work.kind, shape, 0, work.id) for path, work, shape in catalogue.real_picture_paths()
        }
        self._threads = ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="encoder")
        self._drawings: dict[tuple[str, int], _Drawing] = {}
        self._encoded: dict[tuple[str, int, str], asyncio.Future[bytes]] = {}

    async def encode(self, path: str, size: str) -> bytes | None:
        """The bytes of a picture in one of TMDB's sizes for its shape; None if there is no such picture or size.

        An SVG is there in its original size only (developer.themoviedb.org, "Image basics").
        """
        picture = self._find(path)
        if picture is None or size not in _WIDTHS[picture.shape]:
            return None
        if path.endswith(".svg"):
            return painting.svg_logo(picture.owner) if size == "original" else None
        if picture.number == 0 and picture.kind in KINDS:
            picture = picture._replace(owner=picture_owner(picture.owner))
        number = seeded.bits("picture", *picture) % painting.POOL
        drawing = self._drawings.setdefault((picture.shape, number), _Drawing(picture.shape, number))
        key = picture.shape, number, size
        if key not in self._encoded:
            self._encoded[key] = asyncio.get_running_loop().run_in_executor(self._threads, drawing.encode, size)
        plain = await asyncio.shield(self._encoded[key])
        name = ":".join(map(str, picture)).encode()
        if picture.shape == "logo":
            return plain[:_PNG_HEAD] + _png_text(name) + plain[_PNG_HEAD:]
        return plain[:2] + _jpeg_comment(name) + plain[2:]

    def close(self) -> None:
        """Stop encoding, and drop what is queued."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _find(self, path: str) -> PictureKey | None:
        picture = self._real_pictures.get(path) or decode_path(path)
        if picture is None:
            shape = self._catalogue.shape_of_patched_picture(path)
            return PictureKey("movie", shape, 15, seeded.identifier(path)) if shape else None
        if picture.kind == "movie" or picture.kind == "tv":
            return picture if self._catalogue.has_pictures_of(picture.kind, picture.owner) else None
        return picture


class _Drawing:
    """A drawing of the pool. The thread that encodes it first loads it, so that no answer waits for other drawings."""

    def __init__(self, shape: str, number: int) -> None:
        self._shape = shape
        self._number = number
        self._lock = threading.Lock()
        self._drawn: Image.Image | None = None

    def encode(self, size: str) -> bytes:
        """The drawing in one size, as JPEG (a logo as PNG)."""
        with self._lock:
            if self._drawn is None:
                self._drawn = painting.load_drawing(self._shape, self._number)
        width, original = _WIDTHS[self._shape][size], ORIGINAL_SIZES[self._shape]
        sized = self._drawn.resize((width, round(width * original[1] / original[0])), Image.Resampling.LANCZOS)
        if self._shape == "logo":
            return _save(sized, "PNG")
        return _save(painting.with_grain(sized, self._number), "JPEG", quality=_QUALITY, subsampling="4:2:0")


def _save(picture: Image.Image, form: str, **options: int | str) -> bytes:
    # To a real file: Pillow holds the GIL while it encodes into memory.
    with tempfile.TemporaryFile() as file:
        picture.save(file, form, **options)
        file.seek(0)
        return file.read()


def _jpeg_comment(content: bytes) -> bytes:
    """A comment segment, to be inserted after the start marker."""
    return b"\xff\xfe" + (len(content) + 2).to_bytes(2, "big") + content


def _png_text(content: bytes) -> bytes:
    """A text chunk, to be inserted after IHDR."""
    chunk = b"tEXtComment\0" + content
    return (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
