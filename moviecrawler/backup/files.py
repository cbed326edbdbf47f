"""Files that are whole or absent after a kill or a power cut."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moviecrawler.exceptions import BackupError

PARTIAL = ".partial"
"""Ends the names of files that are not yet complete."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """An OSError as a BackupError of one line: what could not be written."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        advice = "; free some space and try again" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else ""
        raise BackupError(f"{where}: {(error.strerror or str(error)).lower()}{advice}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Under another name first; durable with its name when it returns."""
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in it durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Until the block ends no other process is in such a block with this folder, which is made if it is absent.

    BackupError if another process is.

    The system frees the lock of a process that is killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"{folder}: another process makes or removes backups there; wait for its end") from None
        yield
