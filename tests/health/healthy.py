"""Fills a store with what a run leaves, so that a test can plant one fault in it."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from moviecrawler.documents import Document, Images
from moviecrawler.documents.records import (
    CHANGES,
    CHARTS,
    DROPPED,
    RAW,
    REJECTS,
    RUNS,
    SAMPLES,
    UNMATCHED,
    RawRecord,
    RecordKind,
)
from moviecrawler.items import Show, Title
from moviecrawler.policy.documents.merge import merge, slot_of
from moviecrawler.stores.base import Store, Write
from moviecrawler.timestamps import iso
from tests.support.items import movie
from tests.support.policies import composer, refresh

NOW = datetime.now(UTC) - timedelta(minutes=25)
"""What is stored is of this time. Not of now: the tests that read it may come long after this file was imported."""

TODAY = NOW.date().isoformat()
FILMS = 45


def days_ago(days: float) -> str:
    return iso(NOW - timedelta(days=days))


def picture(folder: Path, file: str) -> Images:
    """A file, and the part of a document that names it."""
    content = f"a picture: {file}".encode()
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (NOW.timestamp() - 86_400,) * 2)
    sha256 = hashlib.sha256(content).hexdigest()
    made = {"file": file, "sha256": sha256, "width": 500, "height": 750, "bytes": len(content)}
    part: Any = {"source_path": "/a.jpg", "source_sha256": sha256, "file": file, "files": {"w500": made}}
    return {"poster": part}


def document(item: Title) -> Document:
    at = datetime.fromisoformat(item.context.fetched_at)
    return merge(None, item, composer=composer(), refresh=refresh(), now=at).document


def film(id: int) -> Document:
    facts: dict[str, Any] = {
        "release_date": "1999-03-31",
        "year": 1999,
        "runtime": 100,
        "ratings": {"tmdb": {"score": 7.5}},
    }
    return document(movie(id, days_ago(1), title=f"Heat {id}", imdb_id=f"tt{id:07}", genres=["Drama"], **facts))


def show(id: int) -> Document:
    made = Show(source="tmdb", source_id=str(id), id=id, title=f"Lost {id}", first_air_date="2004-09-22")
    made.set_fetch(days_ago(1))
    made.context.slot = slot_of(made)
    return document(made)


def run(spider: str, days: float = 1, reason: str | None = "finished", **fields: Any) -> dict[str, Any]:
    started = days_ago(days)
    return {
        **{"_id": f"{started}/{spider}/host/7", "spider": spider, "arguments": {}, "job": None, "host": "elsewhere"},
        **{"pid": 7, "process_started": None, "started_at": started, "beat_at": started, "finished_at": started},
        **{"finish_reason": reason, "incomplete": [], "stats": {"item_scraped_count": 100, "rejects/gone": 90}},
    } | fields


RECORDS: dict[RecordKind[Any], list[Any]] = {
    CHANGES: [
        {
            **{"_id": "movies/1/2", "kind": "movies", "id": 1, "title": "Heat 1", "source": "tmdb"},
            **{"at": days_ago(2), "diff": [{"path": "runtime", "old": 1, "new": 2}]},
        }
    ],
    CHARTS: [
        {
            **{"_id": f"trending/movie/day/{TODAY}", "chart": "trending/movie/day", "date": TODAY},
            "pages": {
                page: {"at": days_ago(0), "rows": [{"rank": 1, "kind": "movies", "id": 70_000, "title": "Left out"}]}
                for page in ("1", "2", "3")
            },
        },
        {
            **{"_id": f"daily/{TODAY}", "chart": "daily", "date": TODAY, "at": days_ago(0), "url": "https://n"},
            "rows": [
                {"rank": rank, "title": "Heat", "source_id": f"Heat-{rank}", "id": id}
                | dict.fromkeys(("distributor", "gross", "theaters", "total_gross", "days"))
                for rank, id in ((1, 1), (2, None))
            ],
        },
    ],
    RUNS: [
        run("tmdb_trending", 9, "incomplete", incomplete=["a page was lost"]),
        run("tmdb_trending", 2),
        run("omdb", 5, None, finished_at=None, stats={}),
        run("omdb", 1, "quota"),
        run("pictures", 90, "incomplete", incomplete=["long ago"]),
        run("the_numbers", 0, None, finished_at=None, stats={}),
    ],
    REJECTS: [
        {"_id": "https://gone", "url": "https://gone", "reason": "gone", "spider": "omdb", "at": days_ago(1)},
        {"_id": "https://old", "url": "https://old", "reason": "failed", "spider": "omdb", "at": days_ago(90)},
    ],
    DROPPED: [
        {"_id": "movies/80000", "kind": "movies", "id": 80_000, "title": "Dull", "reason": "votes", "at": days_ago(1)}
    ],
    UNMATCHED: [
        {
            **{"_id": f"the_numbers/{name}", "source": "the_numbers", "source_id": name, "title": name, "year": 1999},
            **{"candidates": candidates, "presumed": None, "at": days_ago(days), "settled": settled},
            "said": {"source": "the_numbers", "source_id": name, "title": name},
        }
        for name, candidates, days, settled in (
            ("New", [1, 2], 3, None),
            ("Unknown", [], 90, None),
            ("Settled", [1, 2], 90, 2),
            ("Refused", [1, 2], 90, False),
        )
    ],
    RAW: [
        RawRecord(
            _id="tmdb/movies/1",
            source="tmdb",
            kind="movies",
            id=1,
            url="https://t",
            fetched_at=days_ago(1),
            body="eJyrrgUAAXUA+Q==",
        )
    ],
    SAMPLES: [{"_id": "movies/1", "curves": {"tmdb": {"at": [days_ago(1)], "values": {"popularity": [8.1]}}}}],
}


async def fill(store: Store, images: Path) -> None:
    documents = [film(id) for id in range(1, FILMS + 1)]
    documents[0]["images"] = picture(images, "poster/5f/5f1c-w500.jpg")
    await insert(store, "movies", *documents)
    await insert(store, "shows", show(1), show(2))
    for kind, rows in RECORDS.items():
        await store.records.put(kind, rows)
    # The last run goes on: its beat is of now, not of when this file was imported, which on a busy machine is long ago.
    await store.records.put(RUNS, [{**RECORDS[RUNS][-1], "beat_at": iso(datetime.now(UTC))}])


async def put(store: Store, kind: RecordKind[Any], row: Any) -> None:
    await store.records.put(kind, [row])


async def insert(store: Store, kind: str, *documents: Document) -> None:
    await store.documents.write([Write(kind, one["_id"], one, None) for one in documents])


async def change(store: Store, key: tuple[str, int], **fields: Any) -> None:
    """Another version of a stored document."""
    stored = (await store.documents.get_many([key]))[key]
    newer = cast("Document", {**stored, **fields, "revision": stored["revision"] + 1})
    await store.documents.write([Write(*key, newer, stored["revision"])])


async def change_slot(store: Store, id: int, source: str = "tmdb", **fields: Any) -> None:
    stored = (await store.documents.get_many([("movies", id)]))["movies", id]
    slots = {**stored["sources"], source: {**stored["sources"][source], **fields}}
    await change(store, ("movies", id), sources=slots)
