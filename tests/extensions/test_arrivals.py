"""Whose film a row is does not depend on what came first: the row, the right film, or a namesake."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.items import BoxOffice, Movie, People, Raw, TitleTable
from moviecrawler.pipelines.merge import Merge
from moviecrawler.pipelines.resolve import Resolve
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Document, Store
from tests.extensions.test_reconcile import Run
from tests.pipelines.test_commit import store
from tests.stores.test_versions import movie

__all__ = ["store"]

SLUG, MONEY = "Flow-(2024)", 36_000_000
ROW = "the_numbers/Flow-(2024)"
SHORT = {"id": 1, "title": "Flow", "release_date": "2024-05-22", "year": 2024, "runtime": 9}
FEATURE = {"id": 2, "title": "Flow", "release_date": "2024-08-29", "year": 2024, "runtime": 84}
AT_HOME = {**FEATURE, "releases": [{"country": "US", "type": 3, "date": "2024-12-06"}]}


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
    said.seen(at)
    return TitleTable(source="the_numbers", url="u", at=at, titles=[said])


async def arrive(store: Store, *things: dict[str, Any] | TitleTable) -> None:
    """Each thing in a run of its own."""
    for thing in things:
        run = Run(store)
        if isinstance(thing, TitleTable):
            table = await Resolve(run.crawler).process_item(thing.model_copy(deep=True))
            await run.of(Merge(run.crawler).process_item(table))
        else:
            await run.of(movie(**thing))


async def outcome(store: Store) -> tuple[list[int], list[int]]:
    """Whose money it is, and whose it may be."""
    films = [document async for document in store.documents.iterate("movies")]
    rich = [film["_id"] for film in films if film["box_office"]["worldwide"] == MONEY]
    waiting = await store.records.get("unmatched", [ROW])
    return rich, [id for one in waiting.values() for id in one["candidates"]]


async def film(store: Store, id: int) -> Document:
    return (await store.documents.get_many([("movies", id)]))["movies", id]


_DAYS = st.sampled_from(
    ["2023-06-01", "2024-02-01", "2024-05-22", "2024-08-29", "2024-11-20", "2024-12-06", "2025-03-01"]
)


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Some namesakes, maybe several of the row's day or by one director, and the row, in two orders."""
    days = draw(st.lists(st.one_of(st.just("2024-12-06"), _DAYS), min_size=1, max_size=4))
    films = [
        {
            "id": id,
            "title": draw(st.sampled_from(["Flow", "The Flow"])),
            "release_date": day,
            "year": int(day[:4]),
            "runtime": draw(st.sampled_from([None, 9, 84])),
            "people": People(directors=draw(st.sampled_from([["Gints Zilbalodis"], ["Somebody Else"]]))),
        }
        for id, day in enumerate(days, start=1)
    ]
    table = row(date=draw(st.sampled_from([None, "2024-12-06"])))
    table.titles[0].people = People(directors=draw(st.sampled_from([[], ["Gints Zilbalodis"]])))
    things = [*films, table]
    return draw(st.permutations(things)), draw(st.permutations(things))


@settings(max_examples=60, deadline=None)
@given(_arrivals())
async def test_every_order_of_arrival_ends_the_same(orders: tuple[list[Any], list[Any]]) -> None:
    ends = []
    for order in orders:
        with TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{folder}/movies.db", data_dir=Path(folder))
            await store.open()
            await arrive(store, *order)
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
    await run.of(Merge(run.crawler).process_item(table))
    assert await outcome(store) == ([1], [])
    await arrive(store, row(hour=13))
    assert await outcome(store) == ([], [1])
    await arrive(store, AT_HOME)
    assert await outcome(store) == ([2], [])


async def test_all_that_was_said_goes_to_the_right_film(store: Store) -> None:
    first = {**FEATURE, "id": 1, "release_date": "2024-10-30"}
    await arrive(store, first, row())
    page = Movie(source="the_numbers", source_id=SLUG, id=1, title="Flow", runtime=84, distributor="Janus")
    page.seen("2026-11-22T13:00:00.000Z", raw=Raw("https://numbers.test/movie/Flow", b"<html>"))
    run = Run(store)
    await run.of(Merge(run.crawler).process_item(page))
    await arrive(store, AT_HOME)
    assert await outcome(store) == ([2], [])
    wrong, right = [(await film(store, id))["sources"]["the_numbers"] for id in (1, 2)]
    assert (wrong["source_id"], wrong["data"]) == (None, {})
    assert (right["source_id"], right["data"]["distributor"]) == (SLUG, "Janus")
    assert set(right["parts"]) == {"title", "budgets"}
    assert [one["_id"] async for one in store.records.iterate("raw")] == ["the_numbers/movies/2"]


async def test_a_row_that_says_less_takes_nothing_away(store: Store) -> None:
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
    table = await Resolve(Run(store).crawler).process_item(both)
    assert [title.id for title in table.titles] == [2, None]


async def test_what_a_person_settled_is_never_weighed_again(store: Store) -> None:
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


async def test_what_a_person_settled_or_an_imdb_id_says_no_namesake_of_the_day_changes(store: Store) -> None:
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
