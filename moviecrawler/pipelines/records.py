"""From items to records with natural keys: charts, rejects, dropped titles, changes."""

from collections.abc import Iterable
from typing import Any

from moviecrawler.items import ChartPage, Dropped, Item, Reject
from moviecrawler.stores.base import Document, Key

Rows = dict[str, list[Document]]


def rows_of(items: Iterable[Item]) -> Rows:
    """The rows to put, by kind. Charts are patched: each page of a day is a part of that day's record."""
    rows: dict[str, dict[str, Document]] = {"charts": {}, "rejects": {}, "dropped": {}}
    for item in items:
        if isinstance(item, ChartPage):
            _add_page(rows["charts"], item)
        elif isinstance(item, Reject):
            rows["rejects"][item.url] = {"_id": item.url, **item.model_dump()}
        elif isinstance(item, Dropped):
            key = f"{item.kind}/{item.id}"
            rows["dropped"][key] = {"_id": key, **item.model_dump()}
    return {kind: list(by_id.values()) for kind, by_id in rows.items() if by_id}


def change_row(key: Key, document: Document) -> Document:
    """The ``changes`` record of a document that has just changed: ``kind/id/revision``."""
    kind, id = key
    change: dict[str, Any] = document["last_change"]
    return {
        "_id": f"{kind}/{id}/{document['revision']}",
        "kind": kind,
        "id": id,
        "title": document["title"],
        **change,
    }


def _add_page(charts: dict[str, Document], page: ChartPage) -> None:
    key = f"{page.chart}/{page.date}"
    chart = charts.setdefault(key, {"_id": key, "chart": page.chart, "date": page.date, "pages": {}})
    chart["pages"][str(page.page)] = {"at": page.at, "rows": [row.model_dump() for row in page.rows]}
