"""Stores in which there is little to clean up."""

from pathlib import Path

import pytest

from moviecrawler.documents.records import RAW, RUNS
from moviecrawler.stores.base import Store
from tests.commands.stored import Stored
from tests.health.conftest import healthy
from tests.health.healthy import RECORDS, fill

__all__ = ["healthy"]


@pytest.fixture
def sqlite_store(sqlite_uri: str, tmp_path: Path) -> Stored:
    """Without a running crawl, and with much free space."""
    stored = Stored(tmp_path / "data", sqlite_uri, {"IMAGES_STORE": str(tmp_path / "images")})

    async def filled(store: Store) -> None:
        await fill(store, tmp_path / "images")
        await store.records.delete(RUNS, [row["_id"] for row in RECORDS[RUNS] if row["spider"] == "the_numbers"])
        big = [
            {**RECORDS[RAW][0], "_id": f"omdb/movies/{n}", "source": "omdb", "body": "A" * 40_000} for n in range(50)
        ]
        await store.records.put(RAW, big)
        await store.records.delete(RAW, [row["_id"] for row in big])

    stored.fill(filled)
    return stored
