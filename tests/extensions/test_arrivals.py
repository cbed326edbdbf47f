"""Whose film a row is does not depend on what came first: the row, the right film, its facts, or a namesake."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.documents.rows import AlternativeTitle
from moviecrawler.items import BoxOffice, Movie, People, Raw, TitleTable
from moviecrawler.pipelines.resolve import ResolvePipeline
from moviecrawler.pipelines.source_slot import SourceSlotPipeline
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from tests.extensions.test_reconcile import Run, gone
from tests.support.items import movie

SLUG, MONEY = "Flow-(2024)", 36_000_000
ROW = "the_numbers/Flow-(2024)"
SHORT = {"id": 1, "title": "Flow", "release_date": "2024-05-22", "year": 2024, "runtime": 9}
FEATURE = {"id": 2, "title": "Flow", "release_date": "2024-08-29", "year": 2024, "runtime": 84}
AT_HOME = {**FEATURE, "releases": [{"country": "US", "type": 3, "date": "2024-12-06"}]}


@pytest.fixture(scope="module", autouse=True)
def clocks_that_agree() -> Iterator[None]:
    """So a run settles what was written since the one before, and nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timestamps, "MAX_CLOCK_SKEW", timedelta(0))
        yield


def row(title: str = "Flow", date: str | None = "2024-12-06", hour: int = 12, part: Any = "budgets") -> TitleTable:
    said = Movie(
        source="the_numbers",
        source_id=SLUG,
        part=part,
        title=title,
        year=2024,
        release_date=date,
        box_office=BoxOffice(worldwide=MONEY),
    )
    at = f"2026-11-22T{hour:02}:00:00.000Z"
    said.set_fetch(at)
    return TitleTable(source="the_numbers", url="u", at=at, titles=[said])


async def arrive(store: Store, *things: dict[str, Any] | TitleTable, killed: bool = False) -> None:
    """Each thing in a run of its own, a millisecond or more after the one before."""
    for thing in things:
        before = timestamps.iso(datetime.now(UTC))
        while timestamps.iso(datetime.now(UTC)) == before:
            await asyncio.sleep(0)
        run = Run(store)
        end = run.killed_after if killed else run.of
        if isinstance(thing, TitleTable):
            table = await ResolvePipeline.from_crawler(run.crawler).process_item(thing.model_copy(deep=True))
            await end(SourceSlotPipeline.from_crawler(run.crawler).process_item(table))
        elif thing.get("gone"):
            await end(*gone(thing["id"]))
        else:
            await end(movie(**thing))


async def outcome(store: Store) -> tuple[list[int], list[int]]:
    """Whose money it is of the films that there are, and whose it may be."""
    films = [document async for document in store.documents.iterate("movies")]
    living = [film for film in films if film["sources"]["tmdb"]["gone_at"] is None]
    rich = [film["_id"] for film in living if film["box_office"]["worldwide"] == MONEY]
    waiting = await store.records.get("unmatched", [ROW])
    return rich, [id for one in waiting.values() for id in one["candidates"]]


async def film(store: Store, id: int) -> Document:
    return (await store.documents.get_many([("movies", id)]))["movies", id]


_DAYS = st.sampled_from(
    [None, "2023-06-01", "2024-02-01", "2024-05-22", "2024-08-29", "2024-11-20", "2024-12-06", "2025-03-01"]
)


@st.composite
def _arrivals(draw: st.DrawFn) -> list[list[tuple[Any, bool]]]:
    """Some namesakes, maybe several of the row's day or by one director, and the row, in two orders.

    Beside each whether its run is killed. A film may first come without the facts that tell it from others, and may
    vanish in the end.
    """
    days = draw(st.lists(st.one_of(st.just("2024-12-06"), _DAYS), min_size=1, max_size=4))
    films = [
        {
            "id": id,
            "title": draw(st.sampled_from(["Flow", "The Flow", "Flow 3D", "Latvia's The Flow"])),
            "release_date": day,
            "year": day and int(day[:4]),
            "runtime": draw(st.sampled_from([None, 9, 84])),
            "people": People(
                directors=draw(st.sampled_from([[{"name": "Gints Zilbalodis"}], [{"name": "Somebody Else"}], []]))
            ),
        }
        for id, day in enumerate(days, start=1)
    ]
    table = row(draw(st.sampled_from(["Flow", "Flow: The Movie"])), date=draw(st.sampled_from([None, "2024-12-06"])))
    table.titles[0].people = People(directors=draw(st.sampled_from([[], [{"name": "Gints Zilbalodis"}]])))
    lives = [_life(draw, film) for film in films] + [[table]]
    turns = [number for number, life in enumerate(lives) for _ in life]
    orders = []
    for _ in range(2):
        left = [iter(life) for life in lives]
        orders.append([(next(left[turn]), draw(st.booleans())) for turn in draw(st.permutations(turns))])
    return orders


def _life(draw: st.DrawFn, film: dict[str, Any]) -> list[dict[str, Any]]:
    """What TMDB says of a film, one thing after the other."""
    versions = [{**film, "at": "2026-11-21T08:00:00.000Z"}]
    if draw(st.booleans()):
        bare = {"id": film["id"], "title": film["title"], "at": "2026-11-20T08:00:00.000Z"}
        versions.insert(0, bare)
    if draw(st.integers(0, 5)) == 0:
        versions.append({"id": film["id"], "gone": True})
    return versions


@settings(max_examples=60, deadline=None)
@given(_arrivals())
async def test_the_result_does_not_depend_on_the_order_of_arrival(orders: list[list[tuple[Any, bool]]]) -> None:
    ends = []
    for order in orders:
        with TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{folder}/movies.db", data_dir=Path(folder))
            await store.open()
            for thing, killed in order:
                await arrive(store, thing, killed=killed)
            await Run(store).of()
            ends.append(await outcome(store))
            await store.close()
    assert ends[0] == ends[1]


async def test_a_short_does_not_keep_the_money_of_its_namesake(store: Store) -> None:
    """As an older version stored it: nothing says how sure it was."""
    given_away = row().titles[0]
    given_away.id = 1
    table = row().model_copy(update={"titles": [given_away]})
    await arrive(store, SHORT)
    run = Run(store)
    await run.killed_after(SourceSlotPipeline.from_crawler(run.crawler).process_item(table))
    assert await outcome(store) == ([1], [])
    await arrive(store, row(hour=13))
    assert await outcome(store) == ([], [1])
    await arrive(store, AT_HOME)
    assert await outcome(store) == ([2], [])


async def test_all_data_of_a_source_go_to_the_right_film(store: Store) -> None:
    first = {**FEATURE, "id": 1, "release_date": "2024-10-30"}
    await arrive(store, first, row())
    page = Movie(source="the_numbers", source_id=SLUG, id=1, title="Flow", runtime=84, distributor="Janus")
    page.set_fetch("2026-11-22T13:00:00.000Z", raw=Raw("https://numbers.test/movie/Flow", b"<html>"))
    run = Run(store)
    await run.of(SourceSlotPipeline.from_crawler(run.crawler).process_item(page))
    await arrive(store, AT_HOME)
    assert await outcome(store) == ([2], [])
    wrong, right = [(await film(store, id))["sources"]["the_numbers"] for id in (1, 2)]
    assert (wrong["source_id"], wrong["data"]) == (None, {})
    assert (right["source_id"], right["data"]["distributor"]) == (SLUG, "Janus")
    assert set(right["parts"]) == {"title", "budgets"}
    assert [one["_id"] async for one in store.records.iterate("raw")] == ["the_numbers/movies/2"]


async def test_a_row_with_fewer_data_removes_nothing(store: Store) -> None:
    await arrive(store, AT_HOME, {**FEATURE, "id": 3, "release_date": "2024-03-01"}, row())
    await arrive(store, row(date=None, hour=13, part="chart"))
    assert await outcome(store) == ([2], [])


async def test_a_film_that_is_one_rows_by_the_day_is_no_other_rows(store: Store) -> None:
    twin = row(date="2024-11-10", hour=13)
    twin.titles[0].source_id = "Flow-(2024)-(2)"
    for order in ([row(), twin], [twin, row(), twin]):
        await arrive(store, AT_HOME, *order)
        assert (await film(store, 2))["sources"]["the_numbers"]["source_id"] == SLUG
        (waiting,) = (await store.records.get("unmatched", ["the_numbers/Flow-(2024)-(2)"])).values()
        assert (waiting["candidates"], waiting["presumed"]) == ([2], None)
    both = row()
    both.titles.append(twin.titles[0])
    table = await ResolvePipeline.from_crawler(Run(store).crawler).process_item(both)
    assert [title.id for title in table.titles] == [2, None]


async def test_a_decision_of_a_person_is_never_matched_again(store: Store) -> None:
    await arrive(store, SHORT, row())
    (waiting,) = (await store.records.get("unmatched", [ROW])).values()
    await store.records.put("unmatched", [{**waiting, "settled": 1}])
    await arrive(store, row(hour=13), AT_HOME, row(hour=14))
    assert (await outcome(store))[0] == [1]


async def test_a_presumed_film_is_not_written_again_for_nothing(store: Store) -> None:
    await arrive(store, FEATURE, row("Flow", "2024-10-01"))
    revision = (await film(store, 2))["revision"]
    await arrive(store, {"id": 7, "title": "Another", "year": 2001})
    assert (await film(store, 2))["revision"] == revision


async def test_a_namesake_of_the_same_day_leaves_the_row_to_a_person(store: Store) -> None:
    twin = {**AT_HOME, "id": 3}
    await arrive(store, AT_HOME, row())
    assert await outcome(store) == ([2], [])
    await arrive(store, twin)
    assert await outcome(store) == ([], [2, 3])
    await arrive(store, row(hour=13))
    assert await outcome(store) == ([], [2, 3])


async def test_a_namesake_does_not_change_a_match_by_a_person_or_imdb_id(store: Store) -> None:
    await arrive(store, AT_HOME, {**AT_HOME, "id": 3, "imdb_id": "tt4772188"}, row())
    (waiting,) = (await store.records.get("unmatched", [ROW])).values()
    await store.records.put("unmatched", [{**waiting, "settled": 2}])
    by_id = row()
    by_id.titles[0].source_id, by_id.titles[0].imdb_id = "Flow-(2024)-(2)", "tt4772188"
    await arrive(store, row(hour=13), by_id)
    before = [await film(store, id) for id in (2, 3)]
    assert [one["sources"]["the_numbers"]["source_id"] for one in before] == [SLUG, "Flow-(2024)-(2)"]
    await arrive(store, {**AT_HOME, "id": 4})
    assert [await film(store, id) for id in (2, 3)] == before


async def test_a_namesake_of_another_day_changes_nothing(store: Store) -> None:
    await arrive(store, AT_HOME, row())
    before = await film(store, 2)
    await arrive(store, SHORT, {**FEATURE, "id": 3, "title": "The Flow"})
    assert await film(store, 2) == before
    assert await outcome(store) == ([2], [])


async def test_data_from_the_row_itself_do_not_confirm_its_match(store: Store) -> None:
    """A film without a date takes the row's; the one that has it from TMDB comes later."""
    bare = {"id": 2, "title": "Flow", "year": 2024}
    await arrive(store, bare, row(), row(hour=13))
    assert ((await film(store, 2))["release_date"], (await outcome(store))[0]) == ("2024-12-06", [2])
    await arrive(store, {**AT_HOME, "id": 3})
    assert await outcome(store) == ([3], [])


async def test_a_row_follows_the_facts_that_came_later(store: Store) -> None:
    wrong = {**FEATURE, "release_date": "2024-12-06", "at": "2026-11-20T12:00:00.000Z"}
    await arrive(store, wrong, {"id": 3, "title": "Flow", "release_date": "2024-12-05", "year": 2024}, row())
    assert await outcome(store) == ([2], [])
    await arrive(store, {**wrong, "release_date": "2019-01-01", "year": 2019, "at": "2026-11-22T12:00:00.000Z"})
    assert await outcome(store) == ([3], [])


async def test_a_row_without_another_candidate_stays_with_its_film(store: Store) -> None:
    await arrive(store, AT_HOME, row())
    moved = {**FEATURE, "release_date": "2019-01-01", "year": 2019, "at": "2026-11-22T12:00:00.000Z"}
    await arrive(store, moved, row(hour=13))
    assert await outcome(store) == ([2], [])


async def test_a_namesake_of_what_the_source_calls_a_film_is_found(store: Store) -> None:
    """The two films share no title, but each has one with the row."""
    table = row("Flow 3D")
    table.titles[0].people = People(directors=[{"name": "Gints Zilbalodis"}])
    other = {"id": 2, "title": "Straume", "alternative_titles": [AlternativeTitle(country="US", title="Flow 3D")]}
    await arrive(store, {**other, "release_date": "2024-12-06", "year": 2024}, table)
    assert await outcome(store) == ([2], [])
    await arrive(store, {**FEATURE, "id": 3, "people": People(directors=[{"name": "Gints Zilbalodis"}])})
    assert await outcome(store) == ([3], [])


async def test_a_presumed_film_that_turns_out_to_be_of_another_year_is_not_the_rows(store: Store) -> None:
    film = {**FEATURE, "at": "2026-11-20T12:00:00.000Z"}
    await arrive(store, film, row(date=None))
    assert await outcome(store) == ([2], [])
    await arrive(store, {**film, "release_date": "2010-01-01", "year": 2010, "at": "2026-11-22T12:00:00.000Z"})
    assert await outcome(store) == ([], [])


async def test_the_data_of_a_tombstone_go_to_the_remaining_film(store: Store) -> None:
    later = {"id": 3, "title": "Flow", "release_date": "2024-12-01", "year": 2024}
    await arrive(store, AT_HOME, later, row())
    assert await outcome(store) == ([2], [])
    await arrive(store, {"id": 2, "gone": True})
    assert await outcome(store) == ([3], [])
