"""What every store guarantees for films and shows."""

import tracemalloc

import pytest

from moviecrawler.stores.base import Store, Write, WriteOutcome
from tests.support.films import film, insert, update


async def test_a_document_comes_back_as_it_was_given(store: Store) -> None:
    document = film(603)
    outcome = await store.documents.write([Write("movies", 603, document, None)])
    assert outcome == WriteOutcome(inserted={("movies", 603)})
    assert await store.documents.get_many([("movies", 603)]) == {("movies", 603): film(603)}
    assert document == film(603), "the caller's document is left alone"


async def test_films_and_shows_have_separate_ids(store: Store) -> None:
    await store.documents.write([insert(603, title="Film"), insert(603, "shows", title="Show"), insert(7, "shows")])
    found = await store.documents.get_many([("movies", 603), ("shows", 603), ("movies", 7)])
    assert {key: document["title"] for key, document in found.items()} == {
        ("movies", 603): "Film",
        ("shows", 603): "Show",
    }
    assert [await store.documents.count(kind) for kind in ("movies", "shows")] == [1, 2]


async def test_a_batch_separates_writes_from_conflicts(store: Store) -> None:
    await store.documents.write([insert(1), insert(2), insert(3)])
    await store.documents.write([update(2, 1, title="By the faster writer")])
    outcome = await store.documents.write(
        [
            update(1, 1, title="In time"),
            update(2, 1, title="Too late"),
            insert(3, title="Not first"),
            insert(4, title="First"),
            update(5, 6, title="Of nothing"),
            update(1, 1, "shows", title="Of the wrong kind"),
        ]
    )
    assert outcome == WriteOutcome(
        inserted={("movies", 4)},
        updated={("movies", 1)},
        conflicts={("movies", 2), ("movies", 3), ("movies", 5), ("shows", 1)},
    )
    found = [(d["_id"], d["revision"], d["title"]) async for d in store.documents.iterate("movies")]
    assert found == [
        (1, 2, "In time"),
        (2, 2, "By the faster writer"),
        (3, 1, film(3)["title"]),
        (4, 1, "First"),
    ]
    assert await store.documents.count("shows") == 0


async def test_a_conflict_does_not_change_the_indexes(store: Store) -> None:
    await store.documents.write([insert(1, title="Stays")])
    await store.documents.write([insert(1, title="Loses"), update(9, 4, title="Loses")])
    found = await store.documents.candidates("movies", ["stays", "loses"])
    assert {title: [d["_id"] for d in documents] for title, documents in found.items()} == {"stays": [1]}


async def test_an_update_replaces_the_whole_document(store: Store) -> None:
    await store.documents.write([insert(1)])
    small = {"_id": 1, "revision": 2}
    await store.documents.write([Write("movies", 1, small, 1)])
    assert await store.documents.get_many([("movies", 1)]) == {("movies", 1): small}
    assert await store.documents.candidates("movies", ["the " + film(1)["title"].lower()]) == {}
    assert await store.documents.due("movies", "tmdb", "2030-01-01T00:00:00.000Z", 10) == []


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (Write("movies", 1, film(2), None), "movies/1: the document has _id 2 and revision 1"),
        (Write("movies", 1, film(1, 2), None), "the write is for 1 and revision 1"),
        (Write("movies", 1, film(1, 2), 2), "the write is for 1 and revision 3"),
        (Write("films", 1, film(1), None), "kind='films'"),
        (Write("movies", 7, film(7), None), "occurs twice"),
        (Write("movies", 1, film(1, **{"$set": 1}), None), "movies/1 cannot be stored.*'\\$set'"),
        (Write("movies", 1, film(1, _titles=[]), None), "movies/1 cannot be stored.*'_titles'"),
        (Write("movies", 1, film(1, updated_at="2026-11-21"), None), "movies/1 cannot be stored: '2026-11-21'"),
        (Write("movies", 1, film(1, created_at="2026-02-30T08:15:30.123Z"), None), "movies/1 .* is not a timestamp"),
        (Write("movies", 1, film(1, trending={"at": "2026-11-21T08:15:30.123+01:00"}), None), "is not a timestamp"),
        (Write("movies", 1, film(1, sources={"tmdb": {"fetched_at": 1_795_000_000}}), None), "is not a timestamp"),
    ],
)
async def test_a_wrong_write_is_refused_with_its_batch(store: Store, write: Write, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        await store.documents.write([insert(7), write])
    assert await store.documents.count("movies") == 0


async def test_empty_calls_do_nothing(store: Store) -> None:
    assert await store.documents.write([]) == WriteOutcome()
    assert await store.documents.get_many([]) == {}
    assert await store.documents.get_many([("movies", 1), ("shows", 2**40)]) == {}
    assert await store.documents.candidates("movies", []) == {}
    assert [document async for document in store.documents.iterate("shows")] == []


async def test_a_huge_batch_is_one_call(store: Store) -> None:
    ids = range(1, 1_101)
    outcome = await store.documents.write(
        [Write("movies", i, {"_id": i, "revision": 1, "title": f"{i}"}, None) for i in ids]
    )
    assert len(outcome.inserted) == len(ids)
    assert len(await store.documents.get_many([("movies", i) for i in range(1_100, 2_200)])) == 1
    assert len(await store.documents.get_many([("movies", i) for i in ids])) == len(ids)
    assert len(await store.documents.candidates("movies", [f"{i}" for i in ids])) == len(ids)


async def test_iterate_goes_by_id_and_lets_others_write(store: Store) -> None:
    ids = [7 * i % 1201 + 1 for i in range(1, 1201)]
    await store.documents.write([Write("movies", i, {"_id": i, "revision": 1}, None) for i in ids])
    seen = []
    async for document in store.documents.iterate("movies"):
        seen.append((document["_id"], document["revision"]))
        if len(seen) == 10:
            outcome = await store.documents.write(
                [Write("movies", i, {"_id": i, "revision": 2}, 1) for i in (min(ids), max(ids))]
                + [Write("movies", 5000, {"_id": 5000, "revision": 1}, None)]
            )
            assert not outcome.conflicts
    assert [id_ for id_, _ in seen] == [*sorted(ids), 5000]
    assert (max(ids), 2) in seen, "what lies ahead is read when its turn comes"


async def test_iterate_reads_some_fields_alone(store: Store) -> None:
    document = film(7)
    await store.documents.write([Write("movies", 7, document, None)])
    wanted = ("title", "sources", "updated_at", "tagline")
    found = [one async for one in store.documents.iterate("movies", wanted)]
    assert found == [{name: document[name] for name in ("_id", "title", "sources", "updated_at")}]  # type: ignore[literal-required]


async def test_iterate_needs_no_more_memory_for_more_documents(store: Store) -> None:
    async def peak() -> int:
        tracemalloc.start()
        async for _ in store.documents.iterate("movies"):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    await store.documents.write([insert(i) for i in range(600)])
    few = await peak()
    await store.documents.write([insert(i) for i in range(600, 2000)])
    assert await peak() < 1.3 * few
