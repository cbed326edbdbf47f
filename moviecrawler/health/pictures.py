"""Whether the picture files that documents name are there, as they were made; and which files no document names."""

import asyncio
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import NamedTuple

from moviecrawler.documents import Document, Kind
from moviecrawler.health.findings import Findings

ROLES = ("poster", "backdrop", "title_backdrop", "logo")
"""Folders below IMAGES_STORE; portraits belong to people, whom no document names by file."""

SETTLED_SECONDS = 3600.0
"""A younger file may belong to a document that is about to be written."""

_OURS = re.compile(
    r"((poster|backdrop|logo)/([0-9a-f]{2})/\3[0-9a-f]*-(original|[wh]\d+)|title_backdrop/(movies|shows)/\d+)"
    r"\.(jpg|png|webp|avif)",
    re.ASCII,
)
"""``rendering/renderer.py`` names them."""

_BATCH = 2000

_FILTER_BITS = 1 << 26


class _Named(NamedTuple):
    title: str
    file: str
    sha256: str


class PictureNames:
    """The files that documents name, in 8 MB for all together.

    A file that is named by nobody is overlooked now and then (one of a hundred in a million), but none is called
    unnamed that is not.
    """

    def __init__(self) -> None:
        self._filter = bytearray(_FILTER_BITS // 8)

    def add(self, file: str) -> None:
        for bit in _bits(file):
            self._filter[bit >> 3] |= 1 << (bit & 7)

    def add_all(self, document: Document) -> None:
        """The files that the document names."""
        for part in document["images"].values():
            for size in part["files"].values():
                self.add(size["file"])

    def __contains__(self, file: str) -> bool:
        return all(self._filter[bit >> 3] & 1 << (bit & 7) for bit in _bits(file))


class PictureFile(NamedTuple):
    """``file``: its path below IMAGES_STORE; ``written_at``: seconds since the epoch."""

    file: str
    bytes: int
    written_at: float


def picture_files(root: Path) -> Iterator[PictureFile]:
    """The posters, backdrops, title backdrops and logos below IMAGES_STORE, by the names that we give them.

    What has another name was put there by somebody else. Symbolic links are neither followed nor found.
    """
    for role in ROLES:
        if (root / role).is_symlink():
            continue
        for folder, _, names in os.walk(root / role):
            for path in (Path(folder, name) for name in names):
                file = path.relative_to(root).as_posix()
                with suppress(OSError):  # it has just gone
                    if _OURS.fullmatch(file) and S_ISREG((found := path.lstat()).st_mode):
                        yield PictureFile(file, found.st_size, found.st_mtime)


class PictureChecks:
    """``look`` at each document once, then ``finish``. ``full``: also read the files, and find the unnamed ones."""

    def __init__(self, findings: Findings, folder: Path, *, full: bool) -> None:
        self._findings, self._folder, self._full = findings, folder, full
        self._pending: list[_Named] = []
        self._names = PictureNames() if full else None

    async def look(self, kind: Kind, document: Document) -> None:
        for part in document["images"].values():
            for size in part["files"].values():
                self._pending.append(_Named(f"{kind}/{document['_id']}", size["file"], size["sha256"]))
        if len(self._pending) >= _BATCH:
            await self._flush()

    async def finish(self, now: float, *, all_read: bool) -> None:
        """``now``: seconds since the epoch. Unless ``all_read``, a damaged document may name what no other does."""
        await self._flush()
        if self._names and all_read and "unnamed" in self._findings:
            await asyncio.to_thread(self._find_unnamed, self._names, now - SETTLED_SECONDS)

    async def _flush(self) -> None:
        batch, self._pending = self._pending, []
        await asyncio.to_thread(self._check, batch)

    def _check(self, batch: list[_Named]) -> None:
        self._findings.looked_at["files"] += len(batch)
        for named in batch:
            if self._names:
                self._names.add(named.file)
            path = self._path(named.file)
            if path is None or not path.is_file():
                self._findings.add("pictures", f"{named.title}: {named.file}")
            elif self._full and "sha256" in self._findings and _sha256(path) != named.sha256:
                self._findings.add("sha256", f"{named.title}: {named.file}")

    def _path(self, file: str) -> Path | None:
        """None for a name that leads out of the folder."""
        name = PurePosixPath(file)
        return None if name.is_absolute() or ".." in name.parts or "\0" in file else self._folder / name

    def _find_unnamed(self, names: PictureNames, before: float) -> None:
        for found in picture_files(self._folder):
            if found.written_at < before and found.file not in names:
                self._findings.add("unnamed", found.file)


def _bits(file: str) -> Iterator[int]:
    digest = hashlib.blake2b(file.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    return (int.from_bytes(digest[at : at + 4]) % _FILTER_BITS for at in range(0, 16, 4))


def _sha256(path: Path) -> str:
    """Empty if the file cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
