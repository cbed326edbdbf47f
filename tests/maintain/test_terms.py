"""What `scrapy maintain` takes away for TMDB's terms, and what it leaves."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from moviecrawler.documents import Document
from moviecrawler.documents.records import CHANGES, CHARTS, DROPPED, RAW, REJECTS, UNMATCHED, RecordKind
from moviecrawler.stores.base import Store, Write
from moviecrawler.stores.sqlite.documents import SqliteDocuments
from tests.commands.stored import Stored
from tests.health.healthy import RECORDS, change, change_slot, days_ago, film, insert, picture, put

OLD, YOUNG = days_ago(181), days_ago(179)
PAGE = {"rows": [{"rank": 1, "kind": "movies", "id": 1, "title": "Heat"}]}
SEARCH = {
    **RECORDS[UNMATCHED][0],
    **{
        "_id": "search/movies/heat/1995",
        "source": "search",
        "results": [{"id": 1, "title": "Heat", "release_date": None}],
    },
}


def both(kind: RecordKind[Any], old: dict[str, Any], *, time: str = "at") -> list[tuple[RecordKind[Any], Any]]:
    """A record of too long ago, and a young one of the same kind."""
    return [(kind, {**old, "_id": f"{old['_id']}/{name}", time: at}) for name, at in (("old", OLD), ("young", YOUNG))]


async def plant(store: Store, images: Path) -> None:
    change_row, kept = RECORDS[CHANGES][0], RECORDS[RAW][0]
    rows = [
        *both(RAW, kept, time="fetched_at"),
        *both(RAW, {**kept, "_id": "omdb/movies/1", "source": "omdb"}, time="fetched_at"),
        *both(CHANGES, change_row),
        *both(CHANGES, {**change_row, "_id": "movies/1/lock", "source": "lock"}),
        *both(REJECTS, RECORDS[REJECTS][0]),
        *both(DROPPED, RECORDS[DROPPED][0]),
        *both(UNMATCHED, SEARCH),
        *both(UNMATCHED, RECORDS[UNMATCHED][0]),
        *both(CHARTS, RECORDS[CHARTS][1]),
        (CHARTS, {"_id": "trending/old", "chart": "t", "date": OLD[:10], "pages": {"1": {"at": OLD, **PAGE}}}),
        (CHARTS, {"_id": "trending/young", "chart": "t", "date": YOUNG[:10], "pages": {"1": {"at": YOUNG, **PAGE}}}),
    ]
    for kind, row in rows:
        await put(store, kind, row)
    old_change = {"source": "tmdb", "at": OLD, "revision": 1, "diff": [{"path": "title", "old": "a", "new": "b"}]}
    rank = {"window": "day", "rank": 3, "at": OLD}
    await change(store, ("movies", 1), last_change=old_change, trending=rank)
    await insert(store, "movies", film(2) | {"_id": 201, "locks": {"tagline": "mine"}, "same_as": 2})
    await change(store, ("movies", 201), images=picture(images, "poster/9a/9a9a-w500.jpg"), last_change=old_change)
    for id, at in ((201, OLD), (202, YOUNG)):
        if id == 202:
            await insert(store, "movies", film(3) | {"_id": 202})
        await change_slot(store, id, fetched_at=at, gone_at=at, next_refresh_at=None)
    await change_slot(store, 4, fetched_at=OLD, next_refresh_at=OLD)


def read(stored: Stored, act: Callable[[Store], Awaitable[Any]]) -> Any:
    found: list[Any] = []

    async def acted(store: Store) -> None:
        found.append(await act(store))

    stored.fill(acted)
    return found[0]


def ids(stored: Stored, kind: RecordKind[Any]) -> set[str]:
    async def listed(store: Store) -> set[str]:
        return {row["_id"] async for row in store.records.iterate(kind)}

    found: set[str] = read(stored, listed)
    return found


def gained(stored: Stored, *words: str) -> dict[str, Any]:
    (found,) = stored.json("maintain", *words)
    return {one["step"]: one for one in found["steps"]}


def test_what_the_terms_forbid_goes_and_what_is_the_owners_own_stays(healthy: Stored, tmp_path: Path) -> None:
    images = tmp_path / "images"
    healthy.fill(lambda store: plant(store, images))
    would = gained(healthy, "--dry-run")
    assert "trending/old" in ids(healthy, CHARTS)
    did = gained(healthy)
    # Of documents: the last change of a film, a tombstone. Of records: kept answer, change, chart, results of a search.
    assert did["terms"]["rows"] == would["terms"]["rows"] == 2 + 4
    assert did["rejects"]["rows"] == would["rejects"]["rows"] == 2
    assert did["terms"]["notes"] == ["1 title must be asked for again: scrapy crawl tmdb_refresh"]
    assert did["pictures"]["files"] == 1, "that of the tombstone"
    assert would["pictures"]["files"] == 0, "since nothing was taken out of the tombstone"
    for kind, left in (
        (RAW, {"omdb/movies/1/old", "omdb/movies/1/young", "tmdb/movies/1", "tmdb/movies/1/young"}),
        (CHANGES, {"movies/1/2", "movies/1/2/young", "movies/1/lock/old", "movies/1/lock/young"}),
    ):
        assert ids(healthy, kind) == left
    charts = ids(healthy, CHARTS)
    assert "trending/old" not in charts
    assert len(charts) == 5
    documents = read(healthy, lambda store: store.documents.get_many([("movies", 201), ("movies", 1)]))
    document, film_1 = documents["movies", 201], documents["movies", 1]
    assert (document["title"], document["images"], document["last_change"]) == (None, {}, None)
    assert (document["tagline"], document["same_as"]) == ("mine", 2)
    slot = document["sources"]["tmdb"]
    assert (slot["data"], slot["hash"], slot["gone_at"]) == ({}, None, OLD)
    assert (film_1["last_change"], film_1["trending"], film_1["title"]) == (None, None, "Heat 1")
    again = gained(healthy)
    assert {name: (one["rows"], one["files"]) for name, one in again.items()} == dict.fromkeys(again, (0, 0))
    found = healthy.scrapy(
        "health", "--full", "--json", "--only", "terms", "--only", "required", "--only", "provenance"
    )
    assert '"count": 1' in found.stdout
    assert f"movies/4 was fetched on {OLD[:10]}" in found.stdout


def test_a_title_that_another_writer_changes_meanwhile_is_read_again(
    sqlite_store: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_store.fill(lambda store: change_slot(store, 5, fetched_at=OLD, gone_at=OLD, next_refresh_at=None))
    get_many, others = SqliteDocuments.get_many, [1]

    async def overtaken(self: SqliteDocuments, keys: Any) -> Any:
        keys = list(keys)
        stored = await get_many(self, keys)
        if others and keys == [("movies", 5)]:
            others.clear()
            newer = {**stored["movies", 5], "revision": stored["movies", 5]["revision"] + 1, "same_as": 6}
            await self.write([Write("movies", 5, cast("Document", newer), stored["movies", 5]["revision"])])
        return stored

    monkeypatch.setattr(SqliteDocuments, "get_many", overtaken)
    assert gained(sqlite_store, "--only", "terms")["terms"]["rows"] == 1
    document = read(sqlite_store, lambda store: store.documents.get_many([("movies", 5)]))["movies", 5]
    assert (document["title"], document["same_as"]) == (None, 6)
