"""Pictures of backups: each content once, in a pool beside the backups, named by its sha256; a list in each backup."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pydantic_core import from_json, to_json

from moviecrawler.backup.files import translated
from moviecrawler.backup.folder import backups
from moviecrawler.backup.manifest import Manifest, Pictures, read_manifest
from moviecrawler.backup.parts import PartWriter, check_part, read_lines
from moviecrawler.exceptions import BackupError

POOL = "pictures"

_LINES = 500


class Picture(NamedTuple):
    """``file``: path below IMAGES_STORE, with forward slashes; ``mtime_ns``: when it was written, since 1970."""

    file: str
    sha256: str
    bytes: int
    mtime_ns: int


def in_pool(folder: Path, sha256: str) -> Path:
    """Where this content is, in the folder of all backups."""
    return folder / POOL / sha256[:2] / sha256


class PictureList:
    """Writes the list of a backup; by file, ascending."""

    def __init__(self, path: Path) -> None:
        self._writer, self._lines = PartWriter(path, POOL), list[bytes]()
        self._bytes = self._files = 0

    def add(self, picture: Picture) -> None:
        self._lines.append(to_json(picture._asdict()) + b"\n")
        self._files, self._bytes = self._files + 1, self._bytes + picture.bytes
        if len(self._lines) >= _LINES:
            self._flush()

    def finish(self) -> Pictures:
        self._flush()
        return Pictures(files=self._files, bytes=self._bytes, parts=self._writer.finish())

    def _flush(self) -> None:
        self._writer.add(self._lines)
        self._lines = []


def read_pictures(path: Path, manifest: Manifest) -> Iterator[Picture]:
    """The list in the backup ``path``; BackupError, with the name of its file, for one that was altered."""
    for part in manifest.pictures.parts if manifest.pictures else ():
        check_part(path, part)
        for lines in read_lines(path, part):
            for line in lines:
                yield _picture(line, path / part.file)


def _picture(line: bytes, path: Path) -> Picture:
    try:
        picture = Picture(**from_json(line))
        whole = list(map(type, picture)) == [str, str, int, int] and len(bytes.fromhex(picture.sha256)) == 32
    except (ValueError, TypeError):
        whole = False
    if not whole or not is_below(picture.file):
        raise BackupError(f"{path}: a line of it is no picture")
    return picture


def is_below(file: str) -> bool:
    """Whether this path stays below the folder that it begins in.

    >>> is_below("poster/6d/6d3a-w500.jpg"), is_below("../x"), is_below("/x"), is_below("a//b"), is_below("")
    (True, False, False, False, False)
    """
    path = PurePosixPath(file)
    return bool(path.parts) and str(path) == file and "\0" not in file and not {"..", "/"}.intersection(path.parts)


def picture_problems(path: Path, manifest: Manifest, *, read: bool) -> Iterator[str]:
    """A line on each picture of the backup ``path`` that is missing or has another size; ``read``: or other bytes."""
    folder = path.parent
    try:
        for picture in read_pictures(path, manifest):
            if why := defect(folder, picture, read=read):
                yield f"{in_pool(folder, picture.sha256)} ({picture.file}): {why}"
    except BackupError as error:
        yield str(error)


def defect(folder: Path, picture: Picture, *, read: bool) -> str | None:
    """What is wrong with a picture in the pool, in a few words."""
    try:
        descriptor = os.open(in_pool(folder, picture.sha256), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return "it is not there"
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    with open(descriptor, "rb") as file:
        if (size := os.fstat(descriptor).st_size) != picture.bytes:
            return f"it has {size:,} bytes, {picture.bytes:,} were copied"
        try:
            if read and hashlib.file_digest(file, "sha256").hexdigest() != picture.sha256:
                return "it was altered: its sha256 is not its name"
        except OSError as error:
            return f"it cannot be read ({error.strerror})"
    return None


def remove_unused_pictures(folder: Path) -> int:
    """What no backup lists; returns how many. Must be alone in the folder. None at all while a list cannot be read."""
    pool = folder / POOL
    if not pool.is_dir():
        return 0
    used: set[bytes] = set()
    try:
        for one in backups(folder):
            used.update(bytes.fromhex(picture.sha256) for picture in read_pictures(one.path, read_manifest(one.path)))
    except BackupError:
        return 0
    removed = 0
    with translated(pool):
        for path in pool.glob("*/*"):
            if not _is_used(path.name, used):
                path.unlink()
                removed += 1
        for path in [path for path in pool.iterdir() if path.is_file() or not any(path.iterdir())]:
            path.unlink() if path.is_file() else path.rmdir()
        if not any(pool.iterdir()):
            pool.rmdir()
    return removed


def _is_used(name: str, used: set[bytes]) -> bool:
    try:
        return bytes.fromhex(name) in used
    except ValueError:
        return False


def newest_list(folder: Path) -> Iterator[Picture]:
    """The pictures of the newest backup in the folder that has any, up to the first line that cannot be read."""
    for one in backups(folder):
        try:
            manifest = read_manifest(one.path)
            if manifest.pictures:
                yield from read_pictures(one.path, manifest)
                return
        except BackupError:
            continue
