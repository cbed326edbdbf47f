"""One export: the rows of a kind from the store, chosen and sorted, to a stream in one of the formats."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple, cast

from pydantic_core import from_json, to_json

from moviecrawler.documents.records import Record, RecordKind
from moviecrawler.exceptions import ExportError
from moviecrawler.exporters.columns import TITLES, Column, Row, facts
from moviecrawler.exporters.formats import Format, Options
from moviecrawler.exporters.jsonl import Writer as JsonLines
from moviecrawler.exporters.sorting import Sorter, SortKey
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.timestamps import iso

_PAGE = 200
"""Rows in memory at a time."""

Progress = Callable[[int, int | None], object]
"""Called with how many rows of the store are done, and how many there are; None: nobody knows."""


@dataclass(frozen=True)
class Export:
    """What is wanted. ``columns`` None: rows whole, as they are stored; else a row for each fact (``columns.facts``).

    ``where``: of titles only those.
    """

    kind: str
    format: Format
    columns: Sequence[Column] | None
    sort: Sequence[SortKey] = ()
    where: Filter | None = None
    options: Options = field(default_factory=Options)


class Written(NamedTuple):
    """``stored`` rows of the store have become so many ``rows``. ``has_watch``: where titles can be watched is said."""

    stored: int
    rows: int
    has_watch: bool
    remark: str


async def write_export(store: CheckedStore, export: Export, stream: BinaryIO, progress: Progress) -> Written:
    """Write everything to the stream, which stays open; memory does not grow with what is stored.

    ExportError where the format can hold no more, StoreError, OSError: then what was written is not complete.
    """
    writer = export.format.writer(stream, export.columns, export.options)
    try:
        running = _Running(export, progress, await _total(store, export))
        if isinstance(writer, JsonLines) and export.columns is None and not export.sort and export.where is None:
            async for lines in running.verbatim(store):
                writer.write_lines(lines)
        elif export.sort:
            with Sorter(export.sort) as sorter:
                async for rows in running.pages(store):
                    sorter.add([(row, to_json(running.projected(row))) for row in rows])
                for lines in sorter.pages():
                    writer.write([from_json(line) for line in lines])
        else:
            async for rows in running.pages(store):
                writer.write(rows)
        remark = writer.finish()
    except BaseException:
        writer.abandon()
        raise
    return Written(running.stored, running.rows, running.has_watch, remark)


async def _total(store: CheckedStore, export: Export) -> int | None:
    if export.kind not in TITLES or export.where is not None:
        return None
    return await store.documents.count(export.kind)


class _Running:
    """What has been read so far."""

    def __init__(self, export: Export, progress: Progress, total: int | None) -> None:
        self._export, self._progress, self._total = export, progress, total
        self.stored = self.rows = 0
        self._check_room(total or 0)
        self.has_watch = False
        names = None if export.columns is None else {column.name.partition(".")[0] for column in export.columns}
        self._may_have_watch = export.kind in TITLES and (names is None or "watch" in names)

    async def verbatim(self, store: CheckedStore) -> AsyncIterator[list[bytes]]:
        if (
            self._may_have_watch
        ):  # the store has counted it: to look for it in each line would take as long as to copy it
            found = await store.documents.stats(self._export.kind, iso(datetime.now(UTC)))
            self.has_watch = found.fields.get("watch", 0) > 0
        async for lines in store.lines(self._export.kind):
            self.stored += len(lines)
            self.rows += len(lines)
            self._progress(self.stored, self._total)
            yield lines

    async def pages(self, store: CheckedStore) -> AsyncIterator[list[Row]]:
        page: list[Row] = []
        async for row in self._rows(store):
            page.append(row)
            if len(page) >= _PAGE:
                yield page
                page = []
        if page:
            yield page

    async def _rows(self, store: CheckedStore) -> AsyncIterator[Row]:
        export, kind = self._export, self._export.kind
        stored: AsyncIterator[Row]
        if kind in TITLES:
            stored = store.documents.iterate(kind, where=export.where)
        else:
            stored = store.records.iterate(cast("RecordKind[Record]", kind))
        async for row in stored:
            self.stored += 1
            self.has_watch = self.has_watch or (self._may_have_watch and bool(row.get("watch")))
            for one in [row] if export.columns is None else facts(export.kind, row):
                self.rows += 1
                self._check_room(self.rows)
                yield one
            self._progress(self.stored, self._total)

    def _check_room(self, rows: int) -> None:
        format = self._export.format
        if format.most_rows is not None and rows > format.most_rows:
            raise ExportError(
                f"{format.title} holds {format.most_rows:,} rows, and there are more: take .csv or .parquet, or fewer "
                "rows with --where"
            )

    def projected(self, row: Row) -> Row:
        """What the columns read of it: they find the same in what this makes."""
        columns = self._export.columns
        return row if columns is None else {column.path: column.read(row) for column in columns}
