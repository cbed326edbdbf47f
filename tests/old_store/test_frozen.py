"""A thousand frozen films of an older version, upgraded and fetched again: none thaws, no change is recorded.

Each is one of the frozen films of ``cb62d87.sql`` under an id of its own, with the answer that was kept of it; the site
now also sends what only today's version asks for.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from moviecrawler.documents.records import CHANGES
from moviecrawler.ingest.raw import raw_body
from moviecrawler.ingest.upsert import Upserter
from moviecrawler.sources import omdb, tmdb
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Write
from moviecrawler.stores.checked import CheckedStore
from tests.old_store.make import load
from tests.support.crawl import Home
from tests.support.policies import composer, refresh

FROZEN = (550, 603, 27205)
COUNT = 1_000
NEW_PARTS: dict[str, Any] = {
    "softcore": False,
    "watch/providers": {
        "results": {"US": {"flatrate": [{"provider_id": 8, "provider_name": "S", "logo_path": "/s.jpg"}]}}
    },
    "recommendations": {"results": [{"id": 604}, {"id": 605}]},
}


def kept(home: Home) -> dict[int, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Document, TMDB's answer and OMDB's of each frozen film, as the old version stored them."""
    with closing(sqlite3.connect(home.database)) as store:
        rows = store.execute("SELECT id, document FROM documents WHERE kind = 'movies'")
        documents = {id_: json.loads(text) for id_, text in rows if id_ in FROZEN}
    raw = home.records("raw")
    return {
        id_: (
            document,
            json.loads(raw_body(raw[f"tmdb/movies/{id_}"])),
            json.loads(raw_body(raw[f"omdb/movies/{id_}"])),
        )
        for id_, document in documents.items()
    }


async def test_a_thousand_frozen_films_stay_frozen_and_have_no_new_history(tmp_path: Path) -> None:
    home = Home(tmp_path / "old")
    load(home.database)
    films = list(kept(home).values())
    store = CheckedStore(open_store(f"sqlite:///{tmp_path / 'movies.db'}"))
    await store.open()
    try:
        writes, first, second = [], [], []
        for n in range(COUNT):
            id_, (document, answer, omdb_answer) = 1_000_000 + n, films[n % len(films)]
            writes.append(Write("movies", id_, {**document, "_id": id_, "revision": 1}, None))
            assert document["sources"]["tmdb"]["frozen_at"]
            other = omdb.parse_title(omdb_answer, "movies", document["imdb_id"])
            other.id = id_
            other.set_fetch("2026-11-20T12:00:00.000Z")
            film = tmdb.parse_movie({**answer, **NEW_PARTS, "id": id_}, "en-US", ("US",))
            film.set_fetch("2026-11-21T12:00:00.000Z")
            first.append(other)
            second.append(film)
        await store.documents.write(writes)  # type: ignore[arg-type]  # as an older version wrote them
        before = await store.documents.get_many([("movies", write.id) for write in writes])
        writer = Upserter(store, composer=composer(), refresh=refresh())
        for items in (first, second):  # a source that said nothing new of it before TMDB is asked again
            written = await writer.write(items)
            assert set(written.outcomes.values()) == {"unchanged"}
        after = await store.documents.get_many(before)
        assert len(after) == COUNT
        for key, document in after.items():
            slot = document["sources"]["tmdb"]
            assert slot["frozen_at"] == before[key]["sources"]["tmdb"]["frozen_at"]
            assert slot["fetched_at"] == "2026-11-21T12:00:00.000Z"
            assert document["last_change"] == before[key]["last_change"]
            assert document["watch"]["US"]["stream"][0]["name"] == "S"
            assert document["schema_version"] == 2
        assert [row async for row in store.records.iterate(CHANGES)] == []
    finally:
        await store.close()
