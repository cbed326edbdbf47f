"""What a run reports as gone: stored at its end if plausible, else dropped."""

import gc
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet, ref

import pytest

from moviecrawler.items import Artwork, FailedLookup, Item
from moviecrawler.pipelines import gone as gone_pipeline
from moviecrawler.pipelines.gone import GoneReports
from moviecrawler.policy.documents.images import with_gone_note
from moviecrawler.policy.network.hosts import Hosts
from moviecrawler.stores.base import Store
from tests.support.crawler import commits_of
from tests.support.items import movie

API, CDN = "https://api.example/3", "https://cdn.example/t/p"
HOSTS = Hosts.build({"A": ("tmdb", "api", API), "C": ("tmdb", "cdn", CDN)})
DAY, NEXT_DAY = "2026-11-22T12:00:00.000Z", "2026-11-23T12:00:00.000Z"


class Run:
    """A run about stored films: what it is told, and what it has given up at its end."""

    def __init__(self, store: Any, listed: dict[int, bool] | None = None) -> None:
        self.commits, self.crawler = commits_of(store)
        self.crawler.policies.hosts = HOSTS
        self.crawler.spider = SimpleNamespace(name="tests", listed=lambda kind, id: (listed or {}).get(id))
        self.gone = GoneReports(self.crawler)

    async def of(self, *items: Item) -> list[str]:
        for item in items:
            if not self.gone.hold_back(item):
                await self.commits.add(item)
        (settle,) = self.crawler.run.on_close
        await settle()
        return list(self.crawler.run.given_up.values())


def lost(*ids: int, at: str = DAY) -> list[Item]:
    return [FailedLookup(source="tmdb", kind="movies", id=id, reason="gone", at=at) for id in ids]


def no_picture(id: int, at: str = DAY) -> Artwork:
    item = Artwork(kind="movies", id=id, role="poster", source_path=f"/{id}.jpg", url=f"{CDN}/w500/{id}.jpg", body=b"")
    item.context.images = {"poster": with_gone_note(None, item.url, at)}
    return item


async def slots(store: Store) -> dict[int, Any]:
    documents = await store.documents.get_many([("movies", id) for id in range(1, 41)])
    return {id: document["sources"]["tmdb"] for (_, id), document in documents.items()}


@pytest.fixture
async def films(store: Any) -> Any:
    assert await Run(store).of(*map(movie, range(1, 41))) == []
    return store


async def test_a_few_gone_titles_are_recorded_and_become_tombstones_on_the_next_day(films: Store) -> None:
    assert await Run(films).of(*lost(1, 2, 99)) == []
    noted = await slots(films)
    assert {id for id in noted if noted[id]["gone_noted_at"]} == {1, 2}
    assert await Run(films).of(*lost(1, 2, at=NEXT_DAY)) == []
    buried = await slots(films)
    assert {id for id in buried if buried[id]["gone_at"]} == {1, 2}


async def test_many_gone_titles_are_dropped_and_the_line_names_the_base_url(films: Store) -> None:
    before = await slots(films)
    (line,) = await Run(films).of(*lost(*range(1, 11)), *lost(*range(100, 200)))
    assert line.startswith(f"{API} reports 10 of 10 titles as gone"), "what is not stored counts not"
    assert await slots(films) == before


async def test_a_title_that_a_listing_has_just_shown_raises_doubts(films: Store) -> None:
    shown = [item.model_copy(update={"listed": True}) for item in lost(*range(100, 110))]
    (line,) = await Run(films).of(*map(movie, range(41, 60)), *shown)
    assert line.startswith(f"{API} reports 10 of 29 titles as gone")
    assert await Run(films).of(*map(movie, range(60, 80)), *shown[:2]) == [], "a few may have gone meanwhile"


async def test_a_title_called_gone_before_or_missing_from_the_export_raises_no_doubt(films: Store) -> None:
    lacking = dict.fromkeys(range(9, 30), False)
    assert await Run(films).of(*lost(1, 2, 3, 4)) == []
    assert await Run(films).of(*lost(5, 6, 7, 8)) == []
    assert await Run(films, lacking).of(*lost(*range(1, 30), at=NEXT_DAY)) == []
    after = await slots(films)
    assert {id for id in after if after[id]["gone_at"]} == set(range(1, 9))
    assert {id for id in after if after[id]["gone_noted_at"]} == set(lacking)


async def test_implausible_reports_also_drop_titles_called_gone_before(films: Store) -> None:
    await Run(films).of(*lost(1))
    before = await slots(films)
    assert len(await Run(films).of(*lost(*range(1, 20), at=NEXT_DAY))) == 1
    assert await slots(films) == before


async def test_a_title_that_the_export_lists_is_only_postponed(films: Store) -> None:
    assert await Run(films, {1: True}).of(*lost(1)) == []
    slot = (await slots(films))[1]
    assert (slot["failures"], slot["gone_noted_at"], slot["gone_at"]) == (1, None, None)


async def test_pictures_that_were_gone_before_raise_no_doubt(films: Store) -> None:
    for id in range(1, 13, 4):
        assert await Run(films).of(*map(no_picture, range(id, id + 4))) == []
    assert await Run(films).of(*(no_picture(id, NEXT_DAY) for id in range(1, 13))) == [], "a month later, say"
    (line,) = await Run(films).of(*map(no_picture, range(20, 32)))
    assert line.startswith(f"{CDN} reports 12 of 12 pictures as missing")
    documents = await films.documents.get_many([("movies", id) for id in range(1, 41)])
    assert {id for (_, id), document in documents.items() if document["images"]} == set(range(1, 13))


class Watched(dict[str, Any]):
    """A document of which is known whether somebody holds it."""

    __hash__ = object.__hash__  # type: ignore[assignment]


async def test_memory_does_not_grow_with_what_is_called_gone(films: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address calls the whole catalogue gone: neither its items nor its documents may be in memory."""
    monkeypatch.setattr(gone_pipeline, "_BATCH", 5)
    held: WeakSet[Watched] = WeakSet()
    most: list[int] = []
    read = films.documents.get_many

    async def get_many(keys: Any) -> dict[Any, Watched]:
        most.append(len(held))
        found = {key: Watched(document) for key, document in (await read(keys)).items()}
        held.update(found.values())
        return found

    monkeypatch.setattr(films.documents, "get_many", get_many)
    run = Run(films, dict.fromkeys(range(1, 41), False))
    items = [ref(item) for item in (*lost(*range(1, 41)), *map(no_picture, range(1, 4))) if run.gone.hold_back(item)]
    gc.collect()
    assert [item() for item in items if item() is not None] == []
    assert await run.of() == []
    assert max(most) <= 2 * 5, "what is read, and what is written"
    monkeypatch.undo()
    assert all(slot["gone_noted_at"] for slot in (await slots(films)).values())


async def test_a_picture_that_was_made_meanwhile_stays_when_it_is_noted_as_gone(films: Any) -> None:
    """By another run, say, from another CDN."""
    run = Run(films)
    assert run.gone.hold_back(no_picture(1))
    made = Artwork(kind="movies", id=1, role="poster", source_path="/1.jpg", url=f"{CDN}/w342/1.jpg", body=b"picture")
    poster = {"source_path": "/1.jpg", "source_sha256": "a", "files": {}, "file": "poster.jpg"}
    made.context.images = {"poster": poster}
    await Run(films).of(made)
    assert await run.of() == []
    poster = (await films.documents.get_many([("movies", 1)]))["movies", 1]["images"]["poster"]
    assert (poster["file"], poster["gone"]["url"]) == ("poster.jpg", f"{CDN}/w500/1.jpg")
