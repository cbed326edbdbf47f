"""Stores as version 1 left them, with title keys of an outdated normalisation."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from moviecrawler.stores.sqlite.header import APPLICATION_ID
from moviecrawler.stores.sqlite.schema import VERSION_1
from moviecrawler.stores.timestamps import map_timestamps
from moviecrawler.timestamps import parse
from tests.support.films import NOW, film

COLUMNS = ("revision", "imdb_id", "year", "popularity", "updated_at")
INDEX = "sources.tmdb.next_refresh_at_1__id_1"


def catalogue() -> list[dict[str, Any]]:
    """More than a page, with titles that are frozen, gone, never asked or without a date."""
    documents = [film(i) for i in range(230)]
    documents[3]["sources"]["tmdb"] |= {"gone_at": NOW, "next_refresh_at": None}
    documents[4]["sources"]["tmdb"] |= {"frozen_at": NOW}
    documents[5]["sources"]["omdb"] = documents[5]["sources"]["omdb"] | {"next_refresh_at": NOW}
    documents[6] |= {"release_date": None, "titles": {}}
    return documents


def write_sqlite(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    for statement in VERSION_1:
        connection.execute(statement)
    for document in catalogue():
        key = ("movies", document["_id"])
        slots = document["sources"].items()
        due = [(name, slot["next_refresh_at"]) for name, slot in slots if slot["next_refresh_at"]]
        source_ids = [(name, slot["source_id"]) for name, slot in slots if slot["source_id"]]
        side = {"titles": [["of old", document["year"]]], "due": due, "source_ids": source_ids}
        row = (*key, *(document[name] for name in COLUMNS), json.dumps(side), json.dumps(document))
        connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO titles VALUES ('movies', 'of old', ?, ?)", (key[1], document["year"]))
        connection.executemany("INSERT INTO due VALUES (?, ?, ?, ?)", [("movies", *one, key[1]) for one in due])
        rows = [("movies", *one, key[1]) for one in source_ids]
        connection.executemany("INSERT INTO source_ids VALUES (?, ?, ?, ?)", rows)
    connection.execute("INSERT INTO records VALUES ('runs', 'a', '{\"_id\":\"a\"}')")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("COMMIT")
    connection.close()


def write_mongo(uri: str) -> None:
    with MongoClient(uri) as client:
        database = client.get_default_database()
        database["schema"].insert_one({"_id": "version", "number": 1})
        for document in catalogue():
            stored = map_timestamps(document, parse) | {"_titles": ["of old"]}
            database["movies"].insert_one(stored)
        database["movies"].create_index([("sources.tmdb.next_refresh_at", 1), ("_id", 1)], name=INDEX)
        database["runs"].insert_one({"_id": "a"})
