"""What every store guarantees for searches: by name, by ids of other sources, by gone titles."""

import pytest

from moviecrawler.policy.identity import normalise
from moviecrawler.stores.base import Store
from tests.support.films import NOW, film, insert, update


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


async def test_a_title_is_found_by_its_imdb_id(store: Store) -> None:
    await store.documents.write(
        [
            insert(9, imdb_id="tt0000001"),
            insert(5, imdb_id="tt0000001"),
            insert(6, imdb_id="tt0000006"),
            insert(7, imdb_id=None),
            insert(8, "shows", imdb_id="tt0000008"),
        ]
    )
    wanted = ["tt0000001", "tt0000006", "tt0000008", "tt0000001", "\0", ""]
    found = await store.documents.by_imdb_id("movies", iter(wanted))
    assert found == {"tt0000001": [5, 9], "tt0000006": [6]}
    await store.documents.write([update(5, 1, imdb_id="tt0000006")])
    assert await store.documents.by_imdb_id("movies", wanted) == {"tt0000001": [9], "tt0000006": [5, 6]}


async def test_a_title_is_found_by_the_id_that_a_source_gave_it(store: Store) -> None:
    def known_as(source_id: str | None, source: str = "the_numbers") -> dict[str, object]:
        return {source: {"source_id": source_id}}

    await store.documents.write(
        [
            insert(9, sources=known_as("Solaris-(1972)")),
            insert(5, sources=known_as("Solaris-(1972)")),
            insert(6, sources=known_as("Solaris")),
            insert(7, sources=known_as(None)),
            insert(8, sources=known_as("Solaris", "tmdb")),
        ]
    )
    wanted = ["Solaris-(1972)", "Solaris", "nobody", "solaris"]
    found = await store.documents.by_source_id("movies", "the_numbers", iter(wanted))
    assert found == {"Solaris-(1972)": [5, 9], "Solaris": [6]}
    assert await store.documents.by_source_id("movies", "tmdb", wanted) == {"Solaris": [8]}
    assert await store.documents.by_source_id("shows", "the_numbers", wanted) == {}
    await store.documents.write([update(5, 1, sources=known_as("Solaris"))])
    found = await store.documents.by_source_id("movies", "the_numbers", wanted)
    assert found == {"Solaris-(1972)": [9], "Solaris": [5, 6]}


async def test_others_of_a_name_that_a_source_knows_are_found_by_the_new_one(store: Store) -> None:
    known, unknown = {"the_numbers": {"source_id": "a"}}, {"the_numbers": {"source_id": None}}
    await store.documents.write(
        [
            insert(9, title="Flow", sources=known),
            insert(3, title="Other", titles={"en-US": "The Flow"}, sources=known),
            insert(4, title="Flow", sources=unknown),
            insert(5, title="Stream", sources=known),
            insert(6, title="Flow", sources={"tmdb": {"source_id": "6"}}),
            insert(7, "shows", title="Flow", sources=known),
        ]
    )
    assert await store.documents.namesakes("movies", "the_numbers", iter([4, 99])) == [3, 9]
    assert await store.documents.namesakes("movies", "the_numbers", [9]) == [3, 9]
    assert await store.documents.namesakes("movies", "the_numbers", [5]) == [5]
    assert await store.documents.namesakes("movies", "the_numbers", []) == []


async def test_many_ids_are_one_call(store: Store) -> None:
    await store.documents.write([insert(i) for i in (1, 2, 3000)])
    assert await store.documents.known("movies", iter(range(-5, 3001))) == {1, 2, 3000}
    assert await store.documents.known("shows", [1, 2]) == set()
    imdb_ids = [f"tt{i:07}" for i in range(3001)]
    assert await store.documents.by_imdb_id("movies", imdb_ids) == {imdb_ids[i]: [i] for i in (1, 2, 3000)}
    source_ids = [str(i) for i in range(3001)]
    found = await store.documents.by_source_id("movies", "tmdb", source_ids)
    assert found == {str(i): [i] for i in (1, 2, 3000)}


async def test_versions_are_told_without_the_documents(store: Store) -> None:
    await store.documents.write([insert(1), insert(2, updated_at=None), insert(3, "shows")])
    await store.documents.write([update(1, 1)])
    assert await store.documents.versions("movies", iter(range(-5, 3001))) == {
        1: (2, "2026-11-21T08:15:30.002Z"),
        2: (1, None),
    }
    assert await store.documents.versions("movies", []) == {}


async def test_all_ids_come_in_order_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moviecrawler.stores.sqlite.searches.IDS", 3)
    monkeypatch.setattr("moviecrawler.stores.mongo.documents._IDS", 3)
    assert [page async for page in store.documents.ids("movies")] == []
    await store.documents.write([*(insert(id) for id in range(7, 0, -1)), insert(10**6, "shows")])
    assert [page async for page in store.documents.ids("movies")] == [[1, 2, 3], [4, 5, 6], [7]]


async def test_an_empty_list_of_ids_finds_nothing(store: Store) -> None:
    await store.documents.write([insert(1)])
    assert await store.documents.known("movies", []) == set()
    assert await store.documents.by_imdb_id("movies", []) == {}
    assert await store.documents.by_source_id("movies", "tmdb", []) == {}


async def test_gone_titles_are_listed_until_they_return(store: Store) -> None:
    gone, back = {"tmdb": {"gone_at": NOW}}, {"tmdb": {"gone_at": None}}
    await store.documents.write(
        [
            insert(7, sources=gone, imdb_id=None),
            insert(3, sources=gone),
            insert(5, sources=back),
            insert(6, sources={"omdb": {"gone_at": NOW}}),
            insert(8, "shows", sources=gone),
        ]
    )
    assert await store.documents.gone("movies", "tmdb") == [(3, "tt0000003"), (7, None)]
    assert await store.documents.gone("movies", "omdb") == [(6, "tt0000006")]
    assert await store.documents.gone("movies", "the_numbers") == []
    await store.documents.write([update(3, 1, sources=back), update(5, 1, sources=gone, imdb_id="tt5")])
    assert await store.documents.gone("movies", "tmdb") == [(5, "tt5"), (7, None)]
