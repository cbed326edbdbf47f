"""Copies pictures into the pool, and back to where they are missing. Links of the file system are never followed."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from moviecrawler.backup.files import PARTIAL, translated
from moviecrawler.backup.manifest import Manifest, Pictures
from moviecrawler.backup.pictures import POOL, Picture, PictureList, defect, in_pool, newest_list, read_pictures

_TRIES = 3
"""How often a picture that changes while it is read is read."""

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS)
"""Errors of a file system that cannot have this hard link; the content is copied."""

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY
_CHUNK = 2**20

OnPicture = Callable[[], object]
"""Called after each picture; what it raises ends the copying."""


class Copied(NamedTuple):
    """``new``: how many contents the pool did not have. ``wrong``: a line on each file that is not in the backup."""

    pictures: Pictures
    new: int
    wrong: list[str]


def copy_pictures(images: Path, folder: Path, path: Path, on_picture: OnPicture) -> Copied:
    """All pictures below ``images``: what is new into the pool of ``folder``, and their list into the backup ``path``.

    Must be alone in the folder. What has the size and time that the last backup lists is not read again. Durable when
    it returns; OSError when the disk is full.
    """
    copying, pictures = _Copying(folder), PictureList(path)
    for picture in copying.all_of(images):
        pictures.add(picture)
        on_picture()
    made = pictures.finish()
    if copying.new:
        os.sync()  # once, instead of an fsync for each of many small files
    return Copied(made, copying.new, copying.wrong)


def put_pictures_back(path: Path, manifest: Manifest, images: Path, on_picture: OnPicture) -> tuple[int, list[str]]:
    """Where a file of the backup ``path`` is missing below ``images``, make it; (how many, a line on each that failed).

    What is there stays, whatever it is. BackupError when the disk is full or the list was altered.
    """
    made, wrong = 0, []
    for picture in read_pictures(path, manifest):
        with translated(images):
            images.mkdir(parents=True, exist_ok=True)
            try:
                made += _put_back(path.parent, picture, images)
            except _Wrong as error:
                wrong.append(f"{images / picture.file}: {error}")
        on_picture()
    return made, wrong


class _Wrong(Exception):
    """Why one picture is left out, in a few words."""


class _Copying:
    def __init__(self, folder: Path) -> None:
        self._folder, self._pool = folder, folder / POOL
        self._itself = _identity(os.stat(folder))
        self._listed = newest_list(folder)
        self._next = next(self._listed, None)
        self.new, self.wrong = 0, list[str]()

    def all_of(self, images: Path) -> Iterator[Picture]:
        if not images.is_dir():
            return
        self._pool.mkdir(exist_ok=True)
        for left in self._pool.glob(f".*{PARTIAL}"):
            left.unlink()
        with _opened(images, os.O_RDONLY | os.O_DIRECTORY, None) as top:
            for file, parent in self._files(top, ""):
                try:
                    if picture := self._picture(file, parent):
                        yield picture
                except _Wrong as error:
                    self.wrong.append(f"{POOL}/{file.encode(errors='backslashreplace').decode()}: {error}")

    def _files(self, folder: int, prefix: str) -> Iterator[tuple[str, int]]:
        """Paths below it in ascending order, each with the descriptor of its folder."""
        with os.scandir(folder) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
                for entry in entries
                if not entry.name.startswith(".")
            )
        for name in names:
            if not name.endswith("/"):
                yield prefix + name, folder
                continue
            with suppress(FileNotFoundError, NotADirectoryError), _opened(name[:-1], _FOLDER, folder) as inner:
                if _identity(os.fstat(inner)) != self._itself:
                    yield from self._files(inner, prefix + name)

    def _picture(self, file: str, parent: int) -> Picture | None:
        """None for one that has vanished."""
        try:
            file.encode()
        except UnicodeEncodeError:
            raise _Wrong("its name is not UTF-8") from None
        name = file.rpartition("/")[2]
        for _ in range(_TRIES):
            try:
                with _opened(name, _FILE, parent) as opened:
                    if not stat.S_ISREG(os.fstat(opened).st_mode):
                        raise _Wrong("it is no file")
                    if picture := self._known(file, opened) or self._taken(file, opened, parent):
                        return picture
            except FileNotFoundError:
                return None
            except OSError as error:
                if error.errno == errno.ELOOP:
                    raise _Wrong("it is a symbolic link, which is not followed") from None
                if error.errno in (errno.EACCES, errno.EIO):
                    raise _Wrong(f"it cannot be read ({error.strerror})") from None
                raise
        raise _Wrong("it changes while it is read")

    def _known(self, file: str, opened: int) -> Picture | None:
        """As the last backup lists it, if it has not changed since, and the pool has it."""
        while self._next and self._next.file < file:
            self._next = next(self._listed, None)
        listed, found = self._next, os.fstat(opened)
        if not listed or (listed.file, listed.bytes, listed.mtime_ns) != (file, found.st_size, found.st_mtime_ns):
            return None
        return None if defect(self._folder, listed, read=False) else listed

    def _taken(self, file: str, opened: int, parent: int) -> Picture | None:
        """None if it changed meanwhile."""
        before = os.fstat(opened)
        sha256 = _digest(opened)
        picture = Picture(file, sha256, before.st_size, before.st_mtime_ns)
        if not defect(self._folder, picture, read=True):
            return picture if _state(os.fstat(opened)) == _state(before) else None
        partial = self._pool / f".{token_hex(8)}{PARTIAL}"
        try:
            if not _linked(file.rpartition("/")[2], parent, partial, before):
                _copy(opened, partial, before)
            if _digest_of(partial) != sha256 or _state(os.fstat(opened)) != _state(before):
                return None
            place = in_pool(self._folder, sha256)
            place.parent.mkdir(exist_ok=True)
            partial.replace(place)
        finally:
            partial.unlink(missing_ok=True)  # after a rename onto another link of the same file it is still there
        self.new += 1
        return picture


def _put_back(folder: Path, picture: Picture, images: Path) -> bool:
    """Whether it was missing."""
    *folders, name = picture.file.split("/")
    with _opened(images, os.O_RDONLY | os.O_DIRECTORY, None) as top, _folder_below(top, folders) as parent:
        try:
            os.stat(name, dir_fd=parent, follow_symlinks=False)
            return False
        except FileNotFoundError:
            pass
        if why := defect(folder, picture, read=True):
            raise _Wrong(f"{in_pool(folder, picture.sha256)}: {why}")
        partial = f".{name[:200]}.{token_hex(4)}.part"
        try:
            with _opened(in_pool(folder, picture.sha256), _FILE, None) as opened:
                _write(opened, os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=parent))
            os.utime(partial, ns=(picture.mtime_ns, picture.mtime_ns), dir_fd=parent)
            os.rename(partial, name, src_dir_fd=parent, dst_dir_fd=parent)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(partial, dir_fd=parent)
    return True


@contextmanager
def _folder_below(top: int, names: list[str]) -> Iterator[int]:
    """The folder below, made if it is absent; _Wrong where a link or a file is in its place."""
    if not names:
        yield top
        return
    with suppress(FileExistsError):
        os.mkdir(names[0], dir_fd=top)
    try:
        descriptor = os.open(names[0], _FOLDER, dir_fd=top)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _Wrong(f"{names[0]} is no folder; links are not followed") from None
        raise
    try:
        with _folder_below(descriptor, names[1:]) as found:
            yield found
    finally:
        os.close(descriptor)


@contextmanager
def _opened(path: Path | str, flags: int, parent: int | None) -> Iterator[int]:
    descriptor = os.open(path, flags, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _linked(name: str, parent: int, partial: Path, wanted: os.stat_result) -> bool:
    """Whether ``partial`` now is a hard link of the file; False where the file system cannot, or it was replaced."""
    try:
        os.link(name, partial, src_dir_fd=parent, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    if _identity(partial.lstat()) == _identity(wanted):
        return True
    partial.unlink()
    return False


def _copy(opened: int, partial: Path, found: os.stat_result) -> None:
    os.lseek(opened, 0, os.SEEK_SET)
    _write(opened, os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    os.utime(partial, ns=(found.st_mtime_ns, found.st_mtime_ns))


def _write(source: int, target: int) -> None:
    """Closes ``target``."""
    with open(target, "wb") as file:
        while chunk := os.read(source, _CHUNK):
            file.write(chunk)


def _digest(opened: int) -> str:
    os.lseek(opened, 0, os.SEEK_SET)
    with open(opened, "rb", closefd=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(path: Path) -> str:
    with _opened(path, _FILE, None) as opened:
        return _digest(opened)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _state(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns
