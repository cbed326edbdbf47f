"""CSV: a heading, and a line for each row. Lists are joined, deeper objects are JSON."""

import csv
from codecs import BOM_UTF8
from collections.abc import Sequence
from io import StringIO
from typing import BinaryIO

from moviecrawler.exporters.columns import Column, Row
from moviecrawler.exporters.formats import Options
from moviecrawler.policy.documents.flatten import cell
from moviecrawler.policy.printable import defused


class Writer:
    """See :class:`moviecrawler.exporters.formats.Writer`."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column] | None, options: Options) -> None:
        assert columns is not None
        self._stream, self._columns, self._defuse = stream, columns, options.defuse
        if options.bom:
            stream.write(BOM_UTF8)
        self._write([[column.name for column in columns]])

    def write(self, rows: Sequence[Row]) -> None:
        self._write([[cell(column.read(row)) for column in self._columns] for row in rows])

    def finish(self) -> str:
        return ""

    def abandon(self) -> None:
        pass

    def _write(self, table: list[list[object]]) -> None:
        text = StringIO(newline="")
        csv.writer(text).writerows([map(defused, cells) for cells in table] if self._defuse else table)
        self._stream.write(text.getvalue().encode())
