"""Parquet: one schema for each kind, whatever the rows have; all columns may be null.

Days and timestamps are those types, objects with free names are lists of ``key`` and ``value``, and what may be of any
type is JSON text.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO, Literal, get_args, get_origin, get_type_hints

import pyarrow
from pyarrow.parquet import ParquetWriter
from pydantic_core import to_json
from typing_extensions import is_typeddict

from moviecrawler.exporters.columns import Column, Row, without_none
from moviecrawler.exporters.formats import Options

GROUP_ROWS = 10_000
_GROUP_BYTES = 64 * 2**20
"""A row group has so many rows, or fewer where they are larger than this: it is what has to be in memory."""

Convert = Callable[[Any], Any]


class Writer:
    """See :class:`moviecrawler.exporters.formats.Writer`."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column] | None, options: Options) -> None:
        assert columns is not None
        found = [(column, *arrow_type(column.type, column.name.rpartition(".")[2])) for column in columns]
        self._schema = pyarrow.schema([(column.name, type_) for column, type_, _ in found])
        self._readers = [(column.name, column.read, convert) for column, _, convert in found]
        self._file = ParquetWriter(stream, self._schema, compression="zstd")
        self._batches: list[Any] = []

    def write(self, rows: Sequence[Row]) -> None:
        made = [{name: nullable(convert)(read(row)) for name, read, convert in self._readers} for row in rows]
        self._batches.append(pyarrow.RecordBatch.from_pylist(made, schema=self._schema))
        waiting = sum(batch.num_rows for batch in self._batches)
        if waiting >= GROUP_ROWS:
            table = pyarrow.Table.from_batches(self._batches)
            self._file.write_table(table.slice(0, GROUP_ROWS), GROUP_ROWS)
            self._batches = table.slice(GROUP_ROWS).to_batches()
        elif sum(batch.nbytes for batch in self._batches) > _GROUP_BYTES:
            self._write_all()

    def finish(self) -> str:
        self._write_all()
        self._file.close()
        return ""

    def abandon(self) -> None:
        self._file.is_open = False  # else it writes its end when it is deleted

    def _write_all(self) -> None:
        if self._batches:
            self._file.write_table(pyarrow.Table.from_batches(self._batches), GROUP_ROWS)
        self._batches = []


def arrow_type(annotation: Any, name: str = "") -> tuple[Any, Convert]:
    """The type of a column of this annotation, and what makes its values of ours, which are not None.

    Text is a day or timestamp where its ``name`` says so, as in ``policy.documents.shape``.

    >>> type_, convert = arrow_type(dict[str, int])
    >>> str(type_.value_type), convert({"tmdb": 7})
    ('struct<key: string, value: int64>', [{'key': 'tmdb', 'value': 7}])
    """
    annotation = without_none(annotation)
    if annotation is str or get_origin(annotation) is Literal:
        return _text(name)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if is_typeddict(annotation):
        return _struct(get_type_hints(annotation))
    if get_origin(annotation) is list:
        inner, convert = arrow_type(get_args(annotation)[0], name)
        convert = nullable(convert)
        return pyarrow.list_(inner), lambda values: [convert(value) for value in values]
    if get_origin(annotation) is dict:
        inner, convert = _struct({"key": str, "value": get_args(annotation)[1]})
        return pyarrow.list_(inner), lambda values: [convert({"key": key, "value": values[key]}) for key in values]
    return pyarrow.string(), lambda value: to_json(value).decode()


_PLAIN: dict[Any, tuple[Any, Convert]] = {
    bool: (pyarrow.bool_(), bool),
    int: (pyarrow.int64(), int),
    float: (pyarrow.float64(), float),
}


def nullable(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _text(name: str) -> tuple[Any, Convert]:
    if name == "at" or name.endswith("_at"):
        return pyarrow.timestamp("ms", "UTC"), datetime.fromisoformat
    if name == "date" or name.endswith("_date"):
        return pyarrow.date32(), lambda text: date.fromisoformat(text[:10])
    return pyarrow.string(), str


def _struct(hints: Mapping[str, Any]) -> tuple[Any, Convert]:
    found = {name: arrow_type(annotation, name) for name, annotation in hints.items()}
    converts = {name: nullable(convert) for name, (_, convert) in found.items()}
    type_ = pyarrow.struct([(name, inner) for name, (inner, _) in found.items()])
    return type_, lambda value: {name: convert(value.get(name)) for name, convert in converts.items()}
