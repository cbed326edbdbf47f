"""Stored documents made older, as if weeks had passed since they were fetched."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast

from moviecrawler import timestamps
from moviecrawler.documents import Document, SourceSlot
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Write
from tests.support.crawl import Home

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def age(home: Home, days: float, ids: Iterable[int] | None = None, kind: str = "movies") -> None:
    """Move all moments of the slots of these documents (None: of all) so many days into the past."""
    asyncio.run(_age(home, days, None if ids is None else set(ids), kind))


async def _age(home: Home, days: float, ids: set[int] | None, kind: str) -> None:
    store = open_store(f"sqlite:///{home.database}", data_dir=home.data, synchronous="NORMAL")
    await store.open()
    try:
        documents = [document async for document in store.documents.iterate(kind)]
        writes = [
            Write(kind, document["_id"], _aged(document, days), document["revision"])
            for document in documents
            if ids is None or document["_id"] in ids
        ]
        outcome = await store.documents.write(writes)
        assert not outcome.conflicts
    finally:
        await store.close()


def _aged(document: Document, days: float) -> Document:
    return {
        **document,
        "sources": {source: cast(SourceSlot, _shifted(slot, days)) for source, slot in document["sources"].items()},
        "revision": document["revision"] + 1,
    }


def _shifted(slot: Mapping[str, Any], days: float) -> dict[str, Any]:
    return {
        name: timestamps.iso(timestamps.parse(value) - timedelta(days=days))
        if isinstance(value, str) and _MOMENT.fullmatch(value)
        else value
        for name, value in slot.items()
    }
