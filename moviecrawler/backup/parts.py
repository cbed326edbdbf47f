"""The files of a backup: JSON lines, compressed, each named by the sha256 of its bytes."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from gzip import BadGzipFile
from io import BufferedWriter
from pathlib import Path

from isal import igzip, isal_zlib

from moviecrawler.backup.files import PARTIAL, translated
from moviecrawler.backup.manifest import Part
from moviecrawler.exceptions import BackupError

PART_SIZE = 64 * 2**20
"""Bytes of lines from which on a part is closed and the next one begun: about 15 MB of documents, compressed."""

_LEVEL = 2
_GZIP = 16 + isal_zlib.MAX_WBITS
_BATCH_BYTES = 2**18
"""Bytes of lines that are read at a time."""


class PartWriter:
    """Writes the lines of one kind into as many parts as they fill; ``finish`` returns them."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = folder, kind
        self._partial = folder / f"part{PARTIAL}"
        self._parts: list[Part] = []
        self._file: BufferedWriter | None = None

    def add(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        if self._file is None:
            self._begin()
        text = b"".join(lines)
        self._write(self._gzip.compress(text))
        self._size += len(text)
        self._rows += len(lines)
        if self._size >= PART_SIZE:
            self._end()

    def finish(self) -> list[Part]:
        if self._file is not None:
            self._end()
        return self._parts

    def _begin(self) -> None:
        self._file = self._partial.open("wb")
        self._gzip = isal_zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._hash = hashlib.sha256()
        self._bytes = self._size = self._rows = 0

    def _write(self, data: bytes) -> None:
        assert self._file
        if data:
            self._file.write(data)
            self._hash.update(data)
            self._bytes += len(data)

    def _end(self) -> None:
        self._write(self._gzip.flush())
        assert self._file
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())
        self._file = None
        part = Part(
            kind=self._kind,
            sha256=self._hash.hexdigest(),
            bytes=self._bytes,
            size=self._size,
            rows=self._rows,
        )
        self._partial.replace(self._folder / part.file)
        self._parts.append(part)


def check_part(folder: Path, part: Part) -> None:
    """Read the file from the disk; BackupError, with its name, unless it has the bytes that were written."""
    path = folder / part.file
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno()).st_size
            if found != part.bytes:
                raise BackupError(f"{path} ({part.kind}): it has {found:,} bytes, {part.bytes:,} were written")
            if hashlib.file_digest(file, "sha256").hexdigest() != part.sha256:
                raise BackupError(f"{path} ({part.kind}): it was altered: its sha256 is not its name")
    except FileNotFoundError:
        raise BackupError(f"{path} ({part.kind}): it is not there") from None
    except OSError as error:
        raise BackupError(f"{path} ({part.kind}): it cannot be read ({error.strerror})") from None


def read_lines(folder: Path, part: Part) -> Iterator[list[bytes]]:
    """Its lines, some at a time; BackupError, with its name, unless there are as many as were written.

    No more is decompressed than was written.
    """
    path, rows, left = folder / part.file, 0, part.size
    wrong = BackupError(f"{path} ({part.kind}): its content is not what was written")
    try:
        with igzip.open(path, "rb") as file:  # type: ignore[no-untyped-call]  # the stub lacks it
            while lines := file.readlines(min(_BATCH_BYTES, left) or 1):
                rows, left = rows + len(lines), left - sum(map(len, lines))
                if left < 0 or rows > part.rows or not lines[-1].endswith(b"\n"):
                    raise wrong
                yield lines
    except (EOFError, isal_zlib.error, BadGzipFile):  # type: ignore[misc]  # a class, though its stub does not say so
        raise wrong from None
    except OSError as error:
        with translated(path):
            raise error
    if rows != part.rows or left:
        raise wrong
