"""A file that bears its name only when it is complete, and that no link leads elsewhere."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from moviecrawler.exceptions import ExportError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """To be written until the block ends; then it is on the disk, and takes the place and the permissions of an older
    file. After an exception nothing is left of it, and the older file is as it was.

    ExportError when it cannot be written, or when ``path`` is a link, a folder or a device. Other names in its folder
    are not touched, whatever is renamed there meanwhile: the folder is opened first.
    """
    with written(path):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            mode = _mode_of_older(path, folder)
            partial = f".export-{token_hex(8)}.part"
            descriptor = os.open(partial, _FRESH, 0o666, dir_fd=folder)
            try:
                with open(descriptor, "wb") as file:
                    if mode is not None:
                        os.fchmod(descriptor, mode)
                    yield file
                    file.flush()
                    os.fsync(descriptor)
                _mode_of_older(path, folder)
                os.rename(partial, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(partial, dir_fd=folder)
                raise
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def written_to(name: str, stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream, which has everything when the block ends; ExportError when it cannot be written."""
    with written(name):
        yield stream
        stream.flush()


@contextmanager
def written(name: object) -> Iterator[None]:
    """An OSError of writing as an ExportError of one line. A reader that closes the pipe is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        advice = "; free some space and try again" if error.errno in _FULL else ""
        raise ExportError(f"{name}: {(error.strerror or str(error)).lower()}{advice}") from None


def _mode_of_older(path: Path, folder: int) -> int | None:
    """The permissions of the file that is there; None if there is none."""
    try:
        found = os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found):
        return stat.S_IMODE(found)
    what = "a link" if stat.S_ISLNK(found) else "a folder" if stat.S_ISDIR(found) else "no plain file"
    raise ExportError(f"{path}: it is {what}, and is left alone; name another file, or - for standard output")
