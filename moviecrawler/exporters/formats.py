"""The formats, and the name of a file that says which one is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, NamedTuple, Protocol

from moviecrawler.exporters import columns
from moviecrawler.exporters.columns import Column, Row


@dataclass(frozen=True)
class Options:
    """``bom``: begin with a byte order mark, by which Excel knows UTF-8. ``defuse``: text that a spreadsheet would run
    as a formula gets an apostrophe before it. Both are for CSV."""

    bom: bool = True
    defuse: bool = True


class Writer(Protocol):
    """Writes rows to a binary stream, which it leaves open."""

    def write(self, rows: Sequence[Row]) -> None:
        """Rows as they are stored; each column reads its value. ExportError when the format can hold no more."""

    def finish(self) -> str:
        """Write what is left. A remark for the person, or nothing."""

    def abandon(self) -> None:
        """Free what it holds in place of finishing; nothing more is written."""


@dataclass(frozen=True)
class Format:
    """``module`` has the class ``Writer``; ``package`` is what it needs beside the core, or nothing.

    ``columns``: those of a kind where nobody chooses; None: rows are written whole, as they are stored.
    """

    name: str
    title: str
    content_type: str
    module: str
    columns: Callable[[str], list[Column]] | None
    package: str = ""
    most_rows: int | None = None

    def writer(self, stream: BinaryIO, wanted: Sequence[Column] | None, options: Options) -> Writer:
        made: Writer = import_module(self.module).Writer(stream, wanted, options)
        return made


_HERE = __name__.rpartition(".")[0]

FORMATS = {
    one.name: one
    for one in (
        Format("jsonl", "JSON lines", "application/x-ndjson", f"{_HERE}.jsonl", None),
        Format("csv", "CSV", "text/csv; charset=utf-8", f"{_HERE}.csv", columns.flat),
        Format("parquet", "Parquet", "application/vnd.apache.parquet", f"{_HERE}.parquet", columns.nested, "pyarrow"),
        Format(
            "xlsx",
            "a workbook",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            f"{_HERE}.xlsx",
            columns.flat,
            "xlsxwriter",
            2**20 - 1,  # of a sheet, below the heading: Excel's specifications and limits
        ),
    )
}

COMPRESSIONS = {"": "", "gz": "", "zst": "zstandard"}
"""What may follow the format in a name, and the package that it needs."""


class Target(NamedTuple):
    format: Format
    compression: str


def target_of(name: str) -> Target:
    """What the end of a name asks for; ValueError, one line, if that is none of ours or needs what is not installed.

    >>> target_of("films.csv.gz").format.title, target_of("films.csv.gz").compression
    ('CSV', 'gz')
    >>> target_of("films.doc")
    Traceback (most recent call last):
    ValueError: films.doc: must end in .jsonl, .csv, .parquet or .xlsx, each with or without .gz or .zst behind it
    """
    words = name.lower().rsplit("/", 1)[-1].split(".")
    compression = words.pop() if words[-1] in COMPRESSIONS and words[-1] else ""
    if len(words) < 2 or words[-1] not in FORMATS:
        raise ValueError(
            f"{name}: must end in .jsonl, .csv, .parquet or .xlsx, each with or without .gz or .zst behind it"
        )
    format = FORMATS[words[-1]]
    for package in (format.package, COMPRESSIONS[compression]):
        try:
            if package:
                import_module(package)
        except ImportError:
            raise ValueError(f"{name}: {package} is not installed, which writes it: pip install {package}") from None
    return Target(format, compression)
