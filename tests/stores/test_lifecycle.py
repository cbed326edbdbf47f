"""Opening and closing a store, and how it describes itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from moviecrawler.exceptions import ConfigurationError, StoreError
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Documents, Records, State, Store
from tests.support.films import NOW, film, insert


async def first(store: Store) -> None:
    async for _ in store.documents.iterate("movies"):
        return


async def first_ids(store: Store) -> None:
    async for _ in store.documents.ids("movies"):
        return


async def first_written(store: Store) -> None:
    async for _ in store.documents.written_after("movies", NOW):
        return


async def newest_record(store: Store) -> None:
    async for _ in store.records.newest("runs"):
        return


async def first_record(store: Store) -> None:
    async for _ in store.records.iterate("runs"):
        return


async def first_misindexed(store: Store) -> None:
    async for _ in store.documents.misindexed("movies"):
        return


async def first_texts(store: Store) -> None:
    async for _ in store.documents.texts("movies"):
        return


async def first_record_texts(store: Store) -> None:
    async for _ in store.records.texts("runs"):
        return


async def first_record_ids(store: Store) -> None:
    async for _ in store.records.ids("runs"):
        return


CALLS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "documents.get_many": lambda store: store.documents.get_many([("movies", 1)]),
    "documents.write": lambda store: store.documents.write([insert(1)]),
    "documents.iterate": first,
    "documents.texts": first_texts,
    "documents.due": lambda store: store.documents.due("movies", "tmdb", NOW, 1),
    "documents.rerank": lambda store: store.documents.rerank("movies"),
    "documents.due_counts_by_age": lambda store: store.documents.due_counts_by_age("movies", "tmdb", NOW),
    "documents.stats": lambda store: store.documents.stats("movies", NOW),
    "documents.ids": first_ids,
    "documents.written_after": first_written,
    "documents.known": lambda store: store.documents.known("movies", [1]),
    "documents.versions": lambda store: store.documents.versions("movies", [1]),
    "documents.by_imdb_id": lambda store: store.documents.by_imdb_id("movies", ["tt1"]),
    "documents.by_source_id": lambda store: store.documents.by_source_id("movies", "tmdb", ["1"]),
    "documents.gone": lambda store: store.documents.gone("movies", "tmdb"),
    "documents.candidates": lambda store: store.documents.candidates("movies", ["a"]),
    "documents.namesakes": lambda store: store.documents.namesakes("movies", "tmdb", [1]),
    "documents.count": lambda store: store.documents.count("movies"),
    "documents.misindexed": first_misindexed,
    "documents.reindex": lambda store: store.documents.reindex(),
    "records.put": lambda store: store.records.put("runs", [{"_id": "a"}]),
    "records.patch": lambda store: store.records.patch("runs", [{"_id": "a"}]),
    "records.revise": lambda store: store.records.revise("runs", ["a"], lambda id_, row: row),
    "records.get": lambda store: store.records.get("runs", ["a"]),
    "records.iterate": first_record,
    "records.ids": first_record_ids,
    "records.texts": first_record_texts,
    "records.newest": newest_record,
    "records.tally": lambda store: store.records.tally("runs", "", ["a"]),
    "records.delete": lambda store: store.records.delete("runs", ["a"]),
    "state.get": lambda store: store.state.get("a"),
    "state.set": lambda store: store.state.set("a", 1),
    "state.compare_and_set": lambda store: store.state.compare_and_set("a", None, 1),
    "state.reserve": lambda store: store.state.reserve("b", 1, 10),
}


def test_every_call_of_a_store_is_there() -> None:
    parts = {"documents": Documents, "records": Records, "state": State}
    methods = {f"{part}.{name}" for part, protocol in parts.items() for name in vars(protocol) if name[0] != "_"}
    assert methods == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
async def test_a_closed_store_says_so(store: Store, name: str) -> None:
    await CALLS[name](store)
    await store.close()
    with pytest.raises(StoreError, match="the store is closed"):
        await CALLS[name](store)


async def test_a_store_not_yet_open_says_so(uri: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the store is closed"):
        await open_store(uri, data_dir=tmp_path).documents.count("movies")


async def test_closing_twice_and_opening_again(store: Store) -> None:
    await store.open()
    await store.documents.write([insert(1)])
    await store.close()
    await store.close()
    await store.open()
    assert await store.documents.get_many([("movies", 1)]) == {("movies", 1): film(1)}


async def test_closing_waits_for_the_running_write(store: Store) -> None:
    writing = asyncio.create_task(store.documents.write([insert(i) for i in range(300)]))
    await asyncio.sleep(0)
    await store.close()
    assert writing.done()
    assert len((await writing).inserted) == 300
    await store.open()
    assert await store.documents.count("movies") == 300


async def test_stored_data_is_there_for_the_next_process(uri: str, tmp_path: Path) -> None:
    for expected in (0, 1):
        store = open_store(uri, data_dir=tmp_path)
        await store.open()
        assert await store.documents.count("movies") == expected
        await store.documents.write([insert(1)])
        await store.close()


def test_a_store_is_built_without_touching_anything(tmp_path: Path) -> None:
    assert open_store("", data_dir=tmp_path / "new").describe == f"SQLite {tmp_path}/new/movies.db"
    assert open_store("sqlite:///a/b.db", data_dir=tmp_path).describe == "SQLite a/b.db"
    assert open_store("sqlite:////a/b c.db", data_dir=tmp_path).describe == "SQLite /a/b c.db"
    assert open_store("mongodb://me:s3cret@a:1,b:2", data_dir=tmp_path).describe == "MongoDB a:1,b:2/moviecrawler"
    assert open_store("mongodb+srv://me:s3cret@c.example/db?w=0", data_dir=tmp_path).describe == "MongoDB c.example/db"
    assert not list(tmp_path.iterdir())


WRONG = [
    ("postgres://me:s3cret@db.example/films", r"'postgres://\*\*\*@db.example/films': the scheme is unknown"),
    ("/data/movies.db", "'/data/movies.db': the scheme is unknown"),
    ("movies.db", "the scheme is unknown"),
    ("sqlite:data/movies.db", "three slashes"),
    ("sqlite://data/movies.db", "three slashes"),
    ("sqlite:///", "the path of a file is missing"),
    ("sqlite:///:memory:", "the path of a file is missing"),
    ("sqlite:///a\0b", "the path of a file is missing"),
    ("sqlite:///movies.db?mode=ro", "takes no options"),
    ("mongodb://", "the host is missing"),
    ("mongodb:///films", "the host is missing"),
    ("mongodb:me:s3cret@db.example", "the host is missing"),
    ("mongodb://me:s3cret@db.example:x/films", "malformed"),
    ("mongodb://db.example:s3cret/films", r"'mongodb://db.example:\*\*\*/films': it is malformed"),
    ("mongodb://me:s3cret/x@db.example/films", "malformed"),
    ("mongodb://me:s3cr@s3cret@db.example/films", r"'mongodb://\*\*\*@db.example/films': it is malformed"),
    ("mongodb://me:s3cret@db.example/films.movies", "must not contain a dot"),
    ("mongodb://me:s3cret@db.example/a b", "malformed"),
    ("mongodb://me:s3cret@db.example/films?colour=red", "the option colour is unknown"),
    ("mongodb://db.example/films?authMechanismProperties=AWS_SESSION_TOKEN:s3cret&tls=x", "the option tls "),
    ("mongodb://db.example/films?tlsCertificateKeyFilePassword=s3cret&tls=x", "the option tls "),
    ("mongodb://me:pass?s3cret&x=1@db.example/films", "malformed"),
    ("mongodb://db.example/films?tls=true&tlsCAFile=/no/such/file", "a file that its options name cannot be read"),
    ("mongodb+srv://me:s3cret@/films", "the host is missing"),
    ("mongodb+srv://db.example:s3cret/films", "one host name without a port"),
    ("mongodb+srv://me:s3cret@a.example,b.example/films", "one host name without a port"),
]


@pytest.mark.parametrize(("uri", "message"), WRONG)
def test_a_wrong_uri_is_one_clear_line_without_the_password(uri: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        open_store(uri, data_dir=tmp_path)
    line = str(caught.value)
    assert line.startswith("STORE_URI=")
    assert line.endswith(
        "must be sqlite:///relative/file.db, sqlite:////absolute/file.db or mongodb://host:port/database"
    )
    assert "\n" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("level", ["", "fast", "EXTRA", "NORMAL; DROP TABLE documents"])
def test_a_wrong_synchronous_is_one_clear_line(level: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"STORE_SYNCHRONOUS=.*: must be one of OFF, NORMAL, FULL"):
        open_store("", data_dir=tmp_path, synchronous=level)
