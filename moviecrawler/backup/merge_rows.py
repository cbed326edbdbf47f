"""Rows that were written while a backup was made, put among those that are in its parts already."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from moviecrawler.backup.lines import Sums
from moviecrawler.backup.manifest import Part
from moviecrawler.backup.parts import PartWriter, read_lines

_LINES = 500
"""In memory at a time."""


class MergedParts:
    """New parts of one kind: the lines of ``parts``, each replaced by a later one of the same ``_id``.

    ``sums`` must have nothing of this kind.
    """

    def __init__(self, path: Path, kind: str, parts: Sequence[Part], sums: Sums) -> None:
        self._path, self._kind, self._parts, self._sums = path, kind, parts, sums
        self._writer = PartWriter(path, kind)
        self._earlier = self._read()
        self._next = next(self._earlier, None)
        self._lines: list[bytes] = []

    def add(self, later: Sequence[tuple[Any, bytes | None]]) -> None:
        """Each an ``_id``, ascending over all calls, and its line; None: it cannot be read now, what was read stays."""
        for id_, line in later:
            while self._next and self._next[0] < id_:
                self._take_earlier()
            if line and self._next and self._next[0] == id_:
                self._next = next(self._earlier, None)
            if line:
                self._put(line)

    def finish(self) -> list[Part]:
        """The new parts; the files of those that are no longer needed are removed."""
        while self._next:
            self._take_earlier()
        self._flush()
        made = self._writer.finish()
        for unused in {part.file for part in self._parts} - {part.file for part in made}:
            (self._path / unused).unlink()
        return made

    def _read(self) -> Iterator[tuple[Any, bytes]]:
        for part in self._parts:
            for lines in read_lines(self._path, part):
                for line in lines:
                    yield from_json(line)["_id"], line

    def _take_earlier(self) -> None:
        assert self._next
        self._put(self._next[1])
        self._next = next(self._earlier, None)

    def _put(self, line: bytes) -> None:
        self._lines.append(line)
        if len(self._lines) >= _LINES:
            self._flush()

    def _flush(self) -> None:
        self._writer.add(self._lines)
        if self._lines:
            self._sums.add(self._kind, self._lines)
        self._lines = []
