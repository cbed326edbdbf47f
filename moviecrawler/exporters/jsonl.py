"""JSON lines: rows as they are stored, or an object of the chosen columns."""

from collections.abc import Sequence
from typing import BinaryIO

from pydantic_core import to_json

from moviecrawler.exporters.columns import Column, Row
from moviecrawler.exporters.formats import Options
from moviecrawler.policy.printable import escaped_line


class Writer:
    """See :class:`moviecrawler.exporters.formats.Writer`."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column] | None, options: Options) -> None:
        self._stream, self._columns = stream, columns

    def write(self, rows: Sequence[Row]) -> None:
        if self._columns is not None:
            rows = [{column.name: column.read(row) for column in self._columns} for row in rows]
        self.write_lines([to_json(row) for row in rows])

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """JSON without line breaks. What a terminal would obey is escaped."""
        for line in lines:
            self._stream.write(escaped_line(line) + b"\n")

    def finish(self) -> str:
        return ""

    def abandon(self) -> None:
        pass
