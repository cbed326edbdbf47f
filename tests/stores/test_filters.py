"""A filter means the same titles as a function of a document, in SQLite, in MongoDB and in the search index."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from moviecrawler.documents import Document
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.policy.filters.grammar import parse
from moviecrawler.search.index_file import IndexFile
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Key, Store, Write
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.mongo.filters import query
from tests.support.filters import KINDS, NOW, Finder, by_index, by_predicate, by_store, differences, filter_text, varied

FILMS = 50
FILTERS = 40


def documents(count: int = FILMS) -> dict[Key, Document]:
    return {(KINDS[id_ % 2], id_): varied(id_) for id_ in range(1, count + 1)}


async def fill(store: Store, stored: dict[Key, Document]) -> None:
    await store.documents.write([Write(kind, id_, document, None) for (kind, id_), document in stored.items()])


@pytest_asyncio.fixture
async def finders(sqlite_uri: str, mongo_uri: str, tmp_path: Path) -> AsyncIterator[dict[str, Finder]]:
    stored = documents()
    today = {key: upgraded(key[0], document) for key, document in stored.items()}
    async with opened(open_store(sqlite_uri)) as sqlite, opened(open_store(mongo_uri)) as mongo:
        for store in (sqlite, mongo):
            await fill(store, stored)
        index = by_index(IndexFile(tmp_path / "search.db", "SQLite"), sqlite)
        finders = {"predicate": by_predicate(today), "SQLite": by_store(sqlite), "MongoDB": by_store(mongo)}
        yield finders | {"index": index}


def test_documents_of_this_test_are_whole() -> None:
    assert {key: why for key, row in documents().items() if (why := defect(key[0], upgraded(key[0], row)))} == {}


async def test_random_filters_mean_the_same_titles_everywhere(finders: dict[str, Finder]) -> None:
    dice = Random(27)
    texts = [filter_text(dice) for _ in range(FILTERS)]
    assert {text: found for text in texts if (found := await differences(finders, text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        *("year>=2020", "rating.imdb>7.5", "language:ko", "due:omdb", "changed<7d", '"harry potter"', "locked:title"),
        *("cast:eve", "has:tagline", "titles.zh-CN:月", "picture:poster", "releases.date:2020", "adult:yes"),
    ],
)
async def test_sqlite_transfers_no_document_that_is_not_meant(sqlite_store: Store, text: str) -> None:
    stored = {key: varied(key[1]) for key in documents() if key[1] % 7}
    await fill(sqlite_store, stored)
    for asked in (text, f"not ({text})"):
        where = Filter(parse(asked), NOW)
        found = {
            (kind, row["_id"]) for kind in KINDS async for row in sqlite_store.documents.iterate(kind, where=where)
        }
        assert found == await by_predicate(stored)(where.expression)


def test_mongodb_narrows_numbers_and_times_and_below_not_whatever_is_exact() -> None:
    def asked(text: str) -> object:
        return query(Filter(parse(text), NOW), "movies")["$or"][1]

    assert asked("year>=2020") == {"$or": [{"year": {"$gte": 2020}}]}
    assert asked("changed<7d") == {"$or": [{"last_change.at": {"$gt": NOW.replace(day=14)}}]}
    assert asked("releases.date>2020") == {"$or": [{"releases": {"$elemMatch": {"date": {"$gte": "2021-01-01"}}}}]}
    assert asked("genre:drama") == {"$or": [{"genres": {"$elemMatch": {"$type": "string"}}}]}
    assert asked("not genre:drama") == {"$nor": [{"$or": [{"_id": {"$in": []}}]}]}
    assert query(Filter(parse(""), NOW), "movies") == {}


async def test_documents_of_an_older_form_are_found_by_what_they_say_today(store: Store) -> None:
    await store.documents.write([Write("movies", 7, varied(7) | {"studios": ["Silver"]}, None)])
    for text, count in (("studio:silver", 1), ("not studio:silver", 0), ("studio:gold", 0)):
        where = Filter(parse(text), NOW)
        assert len([row async for row in CheckedStore(store).documents.iterate("movies", where=where)]) == count


async def test_row_that_cannot_be_read_is_reported_whatever_the_filter(sqlite_uri: str, sqlite_store: Store) -> None:
    await fill(sqlite_store, documents(5))
    with sqlite3.connect(sqlite_uri.removeprefix("sqlite:///")) as file:
        file.execute("UPDATE documents SET document = '{\"_id\": 1' WHERE id = 1")
        file.execute(
            "UPDATE documents SET document = CAST(x'7b225f6964223a332c227469746c65223a22ff227d' AS TEXT) WHERE id = 3"
        )
    file.close()
    checked = CheckedStore(sqlite_store)
    where = Filter(parse("title:x or not title:x"), NOW)
    assert [row["_id"] async for row in checked.documents.iterate("shows", where=where)] == [5]
    assert sorted(checked.damaged) == ["shows/1", "shows/3"]
