"""New films and tombstones: what the end of a run settles, also what a run before it has left."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.extensions.reconcile import RECONCILED_UNTIL, Reconcile
from moviecrawler.items import FailedLookup, Item, Movie, Unmatched
from moviecrawler.stores.base import Store
from tests.support.crawler import commits_of
from tests.support.items import movie

LATER = "2026-11-22T12:00:00.000Z"
NEXT_DAY = "2026-11-23T12:00:00.000Z"


class Run:
    """A run that stores items and then ends."""

    def __init__(self, store: Any) -> None:
        self.commits, self.crawler = commits_of(store)
        self.reconcile = Reconcile.from_crawler(self.crawler)

    async def killed_after(self, *items: Item) -> None:
        for item in items:
            await self.commits.add(item)

    async def of(self, *items: Item) -> dict[str, Any]:
        await self.killed_after(*items)
        (reconcile,) = self.crawler.run.on_close
        await reconcile()
        return dict(self.crawler.stats)


def waiting(slug: str, title: str, year: int, candidates: tuple[int, ...] = ()) -> Unmatched:
    said = Movie(source="the_numbers", source_id=slug, part="budgets", title=title, year=year)
    return Unmatched(
        source="the_numbers",
        source_id=slug,
        title=title,
        year=year,
        candidates=list(candidates),
        said=said.model_dump(exclude_defaults=True),
        at=LATER,
    )


def gone(id: int) -> list[FailedLookup]:
    """TMDB's word of two days."""
    return [FailedLookup(source="tmdb", kind="movies", id=id, reason="gone", at=at) for at in (LATER, NEXT_DAY)]


async def film(store: Store, id: int) -> Document:
    return (await store.documents.get_many([("movies", id)]))["movies", id]


async def test_an_unmatched_film_is_matched_when_its_document_arrives(store: Store) -> None:
    await Run(store).of(*(waiting(f"Nobody-{number}", f"Nobody's Film {number}", 1999) for number in range(250)))
    stats = await Run(store).of(waiting("Heat-(1995)", "Heat", 1995), movie(949, title="Heat", year=1995))
    assert stats["reconcile/matched"] == 1
    slot = (await film(store, 949))["sources"]["the_numbers"]
    assert (slot["source_id"], slot["parts"]["budgets"]["fetched_at"]) == ("Heat-(1995)", LATER)
    rows = [row async for row in store.records.iterate("unmatched")]
    assert [row["source_id"] for row in rows if row["presumed"]] == ["Heat-(1995)"]
    assert len(rows) == 251


async def test_a_film_that_becomes_ambiguous_is_left_to_a_person(store: Store) -> None:
    twins = [movie(id, title="Heat", year=1995) for id in (949, 950)]
    await Run(store).of(waiting("Heat", "Heat", 1995), *twins)
    (row,) = (await store.records.get("unmatched", ["the_numbers/Heat"])).values()
    assert row["candidates"] == [949, 950]


async def test_ambiguous_films_are_matched_again_and_decided_ones_are_not(store: Store) -> None:
    await Run(store).of(waiting("Heat", "Heat", 1995, (1, 2)), waiting("Never", "Heat", 1995))
    (never,) = (await store.records.get("unmatched", ["the_numbers/Never"])).values()
    await store.records.put("unmatched", [{**never, "settled": False}])
    await Run(store).of(movie(949, title="Heat", year=1995))
    assert (await film(store, 949))["sources"]["the_numbers"]["source_id"] == "Heat"
    rows = [row async for row in store.records.iterate("unmatched")]
    assert [(row["source_id"], row["candidates"], row["presumed"], row["settled"]) for row in rows] == [
        ("Heat", [], 949, None),
        ("Never", [], None, False),
    ]


async def test_a_film_that_moved_to_another_id_is_linked_both_ways_once(store: Store) -> None:
    await Run(store).of(movie(1, title="Heat", imdb_id="tt0113277"), movie(2, title="Heat", imdb_id="tt0113277"))
    stats = await Run(store).of(*gone(1))
    assert stats["reconcile/linked"] == 1
    assert ((await film(store, 1))["same_as"], (await film(store, 2))["same_as"]) == (2, 1)
    revision = (await film(store, 2))["revision"]
    assert "reconcile/linked" not in await Run(store).of(movie(3, title="Another"))
    assert (await film(store, 2))["revision"] == revision


async def test_a_tombstone_whose_other_id_comes_later_is_linked_then(store: Store) -> None:
    assert "reconcile/linked" not in await Run(store).of(movie(1, imdb_id="tt0113277"), *gone(1))
    assert (await Run(store).of(movie(2, imdb_id="tt0113277")))["reconcile/linked"] == 1
    assert (await film(store, 1))["same_as"] == 2


async def test_a_tombstone_without_an_imdb_id_or_with_several_successors_is_not_linked(store: Store) -> None:
    heirs = [movie(id, imdb_id="tt0113277") for id in (1, 2, 3)]
    stats = await Run(store).of(*heirs, movie(4), *gone(1), *gone(4))
    assert "reconcile/linked" not in stats
    assert [(await film(store, id))["same_as"] for id in (1, 2, 3, 4)] == [None] * 4


async def test_the_next_run_reconciles_what_a_killed_run_stored(store: Store) -> None:
    await Run(store).of(waiting("Heat-(1995)", "Heat", 1995))
    await Run(store).killed_after(movie(949, title="Heat", year=1995))
    stats = await Run(store).of()
    assert stats["reconcile/matched"] == 1
    assert (await film(store, 949))["sources"]["the_numbers"]["source_id"] == "Heat-(1995)"


async def test_reconciled_titles_are_not_looked_up_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await Run(store).of(waiting("Heat-(1995)", "Heat", 1995), movie(1, title="Another"))
    await store.state.set(RECONCILED_UNTIL, timestamps.iso(datetime.now(UTC) + timedelta(seconds=1)))  # the future
    looked: list[str] = []
    monkeypatch.setattr(store.records, "iterate", lambda kind: looked.append(kind))
    await Run(store).of()
    assert looked == []


@pytest.mark.parametrize("mark", ["2999-01-01T00:00:00.000Z", None])
async def test_a_clock_that_was_ahead_does_not_stop_later_reconciliation(store: Store, mark: str | None) -> None:
    await Run(store).of(waiting("Heat-(1995)", "Heat", 1995))
    await Run(store).killed_after(movie(949, title="Heat", year=1995))
    await store.state.set(RECONCILED_UNTIL, mark)
    assert (await Run(store).of())["reconcile/matched"] == 1
    settled = await store.state.get(RECONCILED_UNTIL)
    assert settled < timestamps.iso(datetime.now(UTC))


async def test_a_store_that_fails_at_the_end_is_one_line_and_the_run_incomplete(store: Store) -> None:
    run = Run(store)
    await run.killed_after(movie(1, title="Heat"))
    await store.close()
    await run.reconcile.reconcile()
    (line,) = run.crawler.run.given_up.values()
    assert "could not be reconciled" in line
