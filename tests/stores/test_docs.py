"""The queries that docs/stores.md shows are run."""

import re
import sqlite3
from pathlib import Path

import pytest

from moviecrawler.stores import open_store
from tests.support.films import NOW, due_at, insert

PAGE = (Path(__file__).parents[2] / "docs" / "stores.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"(?:^-- .*\n)([^;]+;)", "".join(re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)), re.MULTILINE)


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query_of_the_page_finds_something(query: str, sqlite_uri: str, tmp_path: Path) -> None:
    store = open_store(sqlite_uri, data_dir=tmp_path)
    await store.open()
    matrix = insert(603, title="The Matrix", year=1999, sources=due_at("2026-01-01T00:00:00.000Z"))
    gone = insert(605, sources={"tmdb": {"gone_at": NOW}})
    await store.documents.write([matrix, insert(604), gone])
    await store.records.put("changes", [{"_id": "movies/603/1", "source": "tmdb"}])
    reader = sqlite3.connect(f"file:{tmp_path / 'movies.db'}?mode=ro", uri=True)
    assert reader.execute(query).fetchall()
    reader.close()
    await store.close()


def test_the_page_shows_queries() -> None:
    assert len(QUERIES) == 9
