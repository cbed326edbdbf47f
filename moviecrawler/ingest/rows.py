"""Converts items to records with natural keys: charts, rejects, dropped and unmatched titles, changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moviecrawler.items import ChartPage, Dropped, Item, Reject, TitleTable, Unmatched
from moviecrawler.stores.base import Document, Key


@dataclass
class RecordWrites:
    """The changes of a batch to records, by kind and ``_id``: the last one per key counts."""

    puts: dict[str, dict[str, Document]] = field(default_factory=dict)
    patches: dict[str, dict[str, Document]] = field(default_factory=dict)
    deletes: dict[str, list[str]] = field(default_factory=dict)

    def put(self, kind: str, row: Document) -> None:
        self.puts.setdefault(kind, {})[row["_id"]] = row


def record_writes(items: Iterable[Item]) -> RecordWrites:
    """Pages of a trending chart are patches, each a part of its day's record; a table's chart is put whole."""
    rows = RecordWrites()
    for item in items:
        if isinstance(item, ChartPage):
            _add_page(rows.patches.setdefault("charts", {}), item)
        elif isinstance(item, TitleTable):
            if item.chart:
                rows.put("charts", _chart(item))
            for unmatched in item.unmatched:
                rows.put("unmatched", _unmatched(unmatched))
            if item.found:
                rows.deletes.setdefault("unmatched", []).extend(item.found)
        elif isinstance(item, Unmatched):
            rows.put("unmatched", _unmatched(item))
        elif isinstance(item, Reject):
            rows.put("rejects", {"_id": item.url, **item.model_dump()})
        elif isinstance(item, Dropped):
            rows.put("dropped", {"_id": f"{item.kind}/{item.id}", **item.model_dump()})
    return rows


def change_row(key: Key, document: Document) -> Document:
    """The ``changes`` record of a document that has just changed: ``kind/id/revision``."""
    kind, id = key
    change: dict[str, Any] = document["last_change"]
    return {
        "_id": f"{kind}/{id}/{change['revision']}",
        "kind": kind,
        "id": id,
        "title": document["title"],
        **{name: change[name] for name in ("source", "at", "diff")},
    }


def unmatched_key(source: str, source_id: str) -> str:
    """The ``_id`` of an ``unmatched`` record.

    >>> unmatched_key("the_numbers", "Avatar-(2009)")
    'the_numbers/Avatar-(2009)'
    """
    return f"{source}/{source_id}"


def _unmatched(item: Unmatched) -> Document:
    return {"_id": unmatched_key(item.source, item.source_id), **item.model_dump(), "settled": None}


def _chart(table: TitleTable) -> Document:
    return {
        "_id": f"{table.chart}/{table.date}",
        "chart": table.chart,
        "date": table.date,
        "at": table.at,
        "url": table.url,
        "rows": [row.model_dump() for row in table.rows],
    }


def _add_page(charts: dict[str, Document], page: ChartPage) -> None:
    key = f"{page.chart}/{page.date}"
    chart = charts.setdefault(key, {"_id": key, "chart": page.chart, "date": page.date, "pages": {}})
    chart["pages"][str(page.page)] = {"at": page.at, "rows": [row.model_dump() for row in page.rows]}
