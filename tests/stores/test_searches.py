"""What every store promises of ``due`` and ``candidates``."""

import pytest

from moviecrawler.policy.identity import normalise
from moviecrawler.stores.base import Due, Store
from tests.stores.films import due_at, film, insert, update

EARLY, NOW, LATE = (f"2026-11-{day}T08:15:30.123Z" for day in (20, 21, 22))


async def test_the_longest_overdue_comes_first(store: Store) -> None:
    await store.documents.write(
        [
            insert(1, sources=due_at(NOW)),
            insert(2, sources=due_at(EARLY), imdb_id=None),
            insert(3, sources=due_at("2026-11-20T08:15:30.122Z"), imdb_id="tt0000003"),
            insert(4, sources=due_at(LATE)),
            insert(5, sources=due_at(None)),
            insert(6, sources=due_at(EARLY, "omdb")),
            insert(7, sources={}),
            insert(8, "shows", sources=due_at(EARLY)),
            insert(9, sources=due_at(NOW)),
        ]
    )
    found = await store.documents.due("movies", "tmdb", NOW, 10)
    assert found == [
        Due("movies", 3, "tt0000003", "2026-11-20T08:15:30.122Z"),
        Due("movies", 2, None, EARLY),
        Due("movies", 1, "tt0000001", NOW),
        Due("movies", 9, "tt0000009", NOW),
    ]
    assert await store.documents.due("movies", "tmdb", NOW, 2) == found[:2]
    assert await store.documents.due("movies", "tmdb", NOW, 0) == []
    assert [row.id for row in await store.documents.due("movies", "omdb", NOW, 10)] == [6]
    assert [row.id for row in await store.documents.due("shows", "tmdb", NOW, 10)] == [8]


async def test_a_refreshed_title_is_no_longer_due(store: Store) -> None:
    await store.documents.write([insert(i, sources=due_at(EARLY)) for i in (1, 2, 3)])
    await store.documents.write(
        [
            update(1, 1, sources=due_at(LATE)),
            update(2, 1, sources=due_at(None)),
            update(3, 1, sources=due_at(EARLY), imdb_id="tt7777777"),
        ]
    )
    assert await store.documents.due("movies", "tmdb", NOW, 10) == [Due("movies", 3, "tt7777777", EARLY)]
    assert [row.id for row in await store.documents.due("movies", "tmdb", LATE, 10)] == [3, 1]


@pytest.mark.parametrize("now", ["2026-11-21", "2026-11-21T08:15:30Z", "soon"])
async def test_due_takes_no_other_moments(store: Store, now: str) -> None:
    with pytest.raises(ValueError, match="is not a moment like"):
        await store.documents.due("movies", "tmdb", now, 10)


@pytest.mark.parametrize(
    "name",
    ["godfather", "il padrino", "o poderoso chefao", "mario puzos godfather", "教父", "\0" + "x" * 3000],
)
async def test_a_title_is_found_by_each_of_its_names(store: Store, name: str) -> None:
    names = {
        "title": "The Godfather",
        "original_title": "Il padrino",
        "titles": {"pt-BR": "O Poderoso Chefão", "zh-CN": "教父", "xx-XX": "\0" + "x" * 3000, "en-US": ""},
        "alternative_titles": [{"country": None, "title": "Mario Puzo's Godfather"}],
    }
    await store.documents.write([insert(238, **names), insert(239)])

    assert await store.documents.candidates("movies", [normalise(name), "nobody has this"]) == {
        normalise(name): [film(238, **names)]
    }
    assert await store.documents.candidates("shows", [normalise(name)]) == {}


async def test_candidates_of_one_name_come_by_id(store: Store) -> None:
    await store.documents.write([insert(i, title="Solaris") for i in (93, 2103, 5)])
    await store.documents.write([insert(6, title="Stalker"), insert(7, title="Nobody's")])
    found = await store.documents.candidates("movies", iter(["stalker", "solaris", "solaris", ""]))
    assert {name: [d["_id"] for d in documents] for name, documents in found.items()} == {
        "solaris": [5, 93, 2103],
        "stalker": [6],
    }


async def test_a_renamed_title_is_found_by_its_new_name_only(store: Store) -> None:
    names = {"original_title": None, "titles": {}, "alternative_titles": []}
    await store.documents.write([insert(1, title="Working Title", **names)])
    await store.documents.write([update(1, 1, title="Final Title", **names)])
    await store.documents.write([update(1, 2, title="Final Title", year=2031, **names)])
    found = await store.documents.candidates("movies", ["working title", "final title"])
    assert {name: [d["year"] for d in documents] for name, documents in found.items()} == {"final title": [2031]}
