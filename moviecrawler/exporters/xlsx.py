"""A workbook of one sheet, written row by row, without formulas and links. The same rows make the same bytes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from moviecrawler.exceptions import ExportError
from moviecrawler.exporters.columns import Column, Row
from moviecrawler.exporters.formats import Options
from moviecrawler.policy.documents.flatten import cell

MOST_CHARACTERS = 32_767
"""Of a cell, by Excel's specifications and limits."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_AS_THEY_ARE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Writer:
    """See :class:`moviecrawler.exporters.formats.Writer`. It goes to the stream at its end, from a temporary folder."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column] | None, options: Options) -> None:
        assert columns is not None
        self._stream, self._folder = stream, TemporaryDirectory()
        self._file = Path(self._folder.name) / "book.xlsx"
        self._book = xlsxwriter.Workbook(
            str(self._file), {"constant_memory": True, "tmpdir": self._folder.name, **_AS_THEY_ARE}
        )
        self._book.set_properties({"created": _LONG_AGO})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._columns, self._row, self._cut = columns, 0, 0
        self._write([column.name for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._write([cell(column.read(row)) for column in self._columns])

    def finish(self) -> str:
        try:
            self._book.close()
        except FileCreateError as error:
            raise ExportError(f"the folder for temporary files (TMPDIR): {error}") from None
        with self._file.open("rb") as made:
            copyfileobj(made, self._stream)
        self._folder.cleanup()
        return f"{self._cut:,} cells had more than {MOST_CHARACTERS:,} characters, and are cut" if self._cut else ""

    def abandon(self) -> None:
        self._folder.cleanup()

    def _write(self, cells: Sequence[object]) -> None:
        for place, value in enumerate(cells):
            if isinstance(value, str):
                self._cut += len(value) > MOST_CHARACTERS
                self._sheet.write_string(self._row, place, value[:MOST_CHARACTERS])
            elif isinstance(value, bool):
                self._sheet.write_boolean(self._row, place, value)
            elif isinstance(value, int | float):
                self._sheet.write_number(self._row, place, value)
        self._row += 1
