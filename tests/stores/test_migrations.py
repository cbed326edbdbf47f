"""A store of an older moviecrawler is migrated; one of a newer version is left alone."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from moviecrawler.exceptions import StoreError
from moviecrawler.stores import open_store
from moviecrawler.stores.base import DueTitle, Store
from moviecrawler.stores.mongo import schema
from moviecrawler.stores.sqlite import migrations
from tests.stores import version_1
from tests.support.films import NOW, film, insert


async def fill(uri: str) -> None:
    store = open_store(uri, data_dir=Path())
    await store.open()
    await store.documents.write([insert(1), insert(2)])
    await store.close()


async def reopen(uri: str) -> dict[int, dict[str, object]]:
    store = open_store(uri, data_dir=Path())
    await store.open()
    documents = {document["_id"]: document async for document in store.documents.iterate("movies")}
    await store.close()
    return documents


def double_years(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE documents SET year = 2 * year")


async def test_sqlite_runs_the_missing_steps_once(
    tmp_path: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(sqlite_uri)
    steps = (*migrations.STEPS, ("CREATE TABLE genres (id, name)", "INSERT INTO genres VALUES (1, 'x')"), double_years)
    monkeypatch.setattr(migrations, "STEPS", steps)
    for _ in range(2):
        assert await reopen(sqlite_uri) == {1: film(1), 2: film(2)}
    with sqlite3.connect(tmp_path / "movies.db") as connection:
        assert connection.execute("SELECT count(*) FROM genres").fetchone() == (1,)
        assert connection.execute("SELECT year FROM documents WHERE id = 1").fetchone() == (2 * film(1)["year"],)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)


async def test_sqlite_migrates_wholly_or_not_at_all(
    tmp_path: Path, sqlite_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(sqlite_uri)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*migrations.STEPS, double_years, ("SELECT * FROM absent",)))
        with pytest.raises(StoreError, match="no such table: absent"):
            await reopen(sqlite_uri)
    assert await reopen(sqlite_uri) == {1: film(1), 2: film(2)}
    with sqlite3.connect(tmp_path / "movies.db") as connection:
        assert connection.execute("SELECT year FROM documents WHERE id = 1").fetchone() == (film(1)["year"],)


async def test_sqlite_leaves_a_newer_store_alone(tmp_path: Path, sqlite_uri: str) -> None:
    await fill(sqlite_uri)
    with sqlite3.connect(tmp_path / "movies.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"it has schema version 99, .* supports versions up to 4; use the newer"):
        await reopen(sqlite_uri)


async def test_mongo_runs_the_missing_steps_once(mongo_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(mongo_uri)
    runs = []

    async def add_genre(database: schema.Database) -> None:
        runs.append(1)
        await database["genres"].insert_one({"name": "x"})

    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, add_genre))
    for _ in range(2):
        assert await reopen(mongo_uri) == {1: film(1), 2: film(2)}
    assert runs == [1]
    with MongoClient(mongo_uri) as client:
        assert client.get_default_database()["schema"].find_one() == {"_id": "version", "number": len(schema.STEPS) + 1}


async def test_mongo_leaves_a_newer_store_alone(mongo_uri: str) -> None:
    await fill(mongo_uri)
    with MongoClient(mongo_uri) as client:
        client.get_default_database()["schema"].update_one({}, {"$set": {"number": 99}})
    with pytest.raises(StoreError, match=r"it has schema version 99, .* supports versions up to 4; use the newer"):
        await reopen(mongo_uri)


async def answers(store: Store) -> list[Any]:
    """What a store says to all questions that are not about ids of documents."""
    documents = store.documents
    said: list[Any] = [
        [document async for document in documents.iterate("movies")],
        await documents.stats("movies", NOW),
    ]
    for source in ("tmdb", "omdb", "the_numbers"):
        last: DueTitle | None = None
        while page := await documents.due("movies", source, "2027-01-01T00:00:00.000Z", 50, last):
            said.append(page)
            last = page[-1]
        said += [await documents.due_counts_by_age("movies", source, NOW), await documents.gone("movies", source)]
        said.append(await documents.by_source_id("movies", source, map(str, range(300))))
    said.append(await documents.by_imdb_id("movies", [f"tt{i:07}" for i in range(300)]))
    said.append(await documents.candidates("movies", ["of old", "lantern harbour 70", "winter orchid 1"]))
    return said


async def test_a_store_of_version_1_answers_like_a_new_one(uri: str, tmp_path: Path) -> None:
    if uri.startswith("sqlite"):
        version_1.write_sqlite(tmp_path / "movies.db")
    else:
        version_1.write_mongo(uri)
    old = open_store(uri, data_dir=tmp_path)
    await old.open()
    new = open_store(f"sqlite:///{tmp_path / 'new.db'}", data_dir=tmp_path)
    await new.open()
    await new.documents.write([insert(document["_id"], **document) for document in version_1.catalogue()])
    said = await answers(old)
    assert said == await answers(new)
    assert sum(map(bool, said)) > 12, "there was something to say"
    assert [row async for row in old.records.iterate("runs")] == [{"_id": "a"}]
    await old.close()
    await new.close()


async def test_mongo_migrates_again_after_a_kill_in_the_middle(mongo_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    version_1.write_mongo(mongo_uri)

    async def killed(database: schema.Database) -> None:
        await database["movies"].drop_index(version_1.INDEX)
        raise StoreError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (killed,))
        with pytest.raises(StoreError, match="killed"):
            await reopen(mongo_uri)
    assert len(await reopen(mongo_uri)) == len(version_1.catalogue())
    with MongoClient(mongo_uri) as client:
        database = client.get_default_database()
        assert database["schema"].find_one() == {"_id": "version", "number": len(schema.STEPS) + 1}
        assert database["movies"].count_documents({"_titles": "of old"}) == 0
        assert version_1.INDEX not in database["movies"].index_information()
