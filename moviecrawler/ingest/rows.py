"""Converts items to records with natural keys: charts, rejects, dropped and unmatched titles, changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from moviecrawler.documents import Document, Kind
from moviecrawler.documents.records import (
    CHARTS,
    DROPPED,
    REJECTS,
    UNMATCHED,
    BoxOfficeRow,
    ChangeRecord,
    ChartRecord,
    DroppedRecord,
    RecordKind,
    RejectRecord,
    Row,
    TrendingRow,
    UnmatchedRecord,
)
from moviecrawler.items import ChartPage, Dropped, Found, Item, Reject, TitleTable, Unmatched
from moviecrawler.stores.base import Key


@dataclass
class RecordWrites:
    """The changes of a batch to records, by kind and ``_id``: the last one per key counts."""

    puts: dict[RecordKind[Any], dict[str, Any]] = field(default_factory=dict)
    patches: dict[RecordKind[Any], dict[str, Any]] = field(default_factory=dict)
    deletes: dict[RecordKind[Any], list[str]] = field(default_factory=dict)

    def put(self, kind: RecordKind[Row], row: Row) -> None:
        self.puts.setdefault(kind, {})[row["_id"]] = row


def record_writes(items: Iterable[Item]) -> RecordWrites:
    """Pages of a trending chart are patches, each a part of its day's record; a table's chart is put whole."""
    rows = RecordWrites()
    for item in items:
        if isinstance(item, ChartPage):
            _add_page(rows.patches.setdefault(CHARTS, {}), item)
        elif isinstance(item, TitleTable):
            if item.chart:
                rows.put(CHARTS, _chart(item))
            for unmatched in item.context.unmatched:
                rows.put(UNMATCHED, _unmatched(unmatched))
            if item.context.found:
                rows.deletes.setdefault(UNMATCHED, []).extend(item.context.found)
        elif isinstance(item, Unmatched):
            rows.put(UNMATCHED, _unmatched(item))
        elif isinstance(item, Found):
            rows.deletes.setdefault(UNMATCHED, []).append(item.key)
        elif isinstance(item, Reject):
            rows.put(REJECTS, cast("RejectRecord", {"_id": item.url, **item.model_dump()}))
        elif isinstance(item, Dropped):
            rows.put(DROPPED, cast("DroppedRecord", {"_id": f"{item.kind}/{item.id}", **item.model_dump()}))
    return rows


def change_row(key: Key, document: Document) -> ChangeRecord:
    """The ``changes`` record of a document that has just changed: ``kind/id/revision``."""
    kind, id = key
    change = document["last_change"]
    assert change is not None
    return {
        "_id": f"{kind}/{id}/{document['revision']}",
        "kind": cast("Kind", kind),
        "id": id,
        "title": document["title"],
        "source": change["source"],
        "at": change["at"],
        "diff": change["diff"],
    }


def unmatched_key(source: str, source_id: str) -> str:
    """The ``_id`` of an ``unmatched`` record.

    >>> unmatched_key("the_numbers", "Avatar-(2009)")
    'the_numbers/Avatar-(2009)'
    """
    return f"{source}/{source_id}"


def _unmatched(item: Unmatched) -> UnmatchedRecord:
    said = item.model_dump(exclude=None if item.results else {"results"})
    row = {"_id": unmatched_key(item.source, item.source_id), **said, "settled": None}
    return cast("UnmatchedRecord", row)


def _chart(table: TitleTable) -> ChartRecord:
    assert table.chart is not None
    assert table.date is not None
    return {
        "_id": f"{table.chart}/{table.date}",
        "chart": table.chart,
        "date": table.date,
        "at": table.at,
        "url": table.url,
        "rows": [cast("BoxOfficeRow", row.model_dump()) for row in table.rows],
    }


def _add_page(charts: dict[str, ChartRecord], page: ChartPage) -> None:
    key = f"{page.chart}/{page.date}"
    chart = charts.setdefault(key, {"_id": key, "chart": page.chart, "date": page.date, "pages": {}})
    rows = [cast("TrendingRow", row.model_dump()) for row in page.rows]
    chart["pages"][str(page.page)] = {"at": page.at, "rows": rows}
