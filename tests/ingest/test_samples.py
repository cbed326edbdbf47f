"""Weekly samples in a store: written with the batch, and removed when they are too old, by and by."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.documents.records import SAMPLES, SampleRecord
from moviecrawler.ingest.samples import WALK, expire_samples, put_samples
from moviecrawler.ingest.upsert import Upserter
from moviecrawler.items import Movie, Rating
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.stores.base import Store
from moviecrawler.stores.checked import CheckedStore
from tests.support.answers import COMPOSER
from tests.support.items import film, row, table
from tests.support.policies import refresh

NOW = timestamps.parse("2026-11-21T12:00:00.000Z")
OLD, FRESH = "2026-05-01T12:00:00.000Z", "2026-11-20T12:00:00.000Z"


def answer(at: datetime, popularity: float, id: int = 603) -> Movie:
    made = Movie(source="tmdb", source_id=str(id), id=id, title="Heat", popularity=popularity)
    made.set_fetch(timestamps.iso(at))
    return made


def record(id: str, *times: str) -> SampleRecord:
    return {"_id": id, "curves": {"tmdb": {"at": list(times), "values": {"popularity": [1.0] * len(times)}}}}


async def curves(store: Store, id: str = "movies/603") -> Any:
    return (await store.records.get(SAMPLES, [id]))[id]["curves"]


async def left(store: Store) -> dict[str, list[str]]:
    return {row["_id"]: row["curves"]["tmdb"]["at"] async for row in store.records.iterate(SAMPLES)}


async def test_a_batch_leaves_a_sample_of_each_title_and_source(store: Store) -> None:
    writer = Upserter(store, composer=COMPOSER, refresh=refresh())
    now = datetime.now(UTC)
    tmdb = answer(now, 88.1)
    omdb = Movie(source="omdb", source_id="tt1", id=603, ratings={"imdb": Rating(score=8.7, votes=9)})
    omdb.set_fetch(timestamps.iso(now))
    written = await writer.write([tmdb, omdb, answer(now, 5, id=604)])
    assert written.records["samples"] == 2
    assert await curves(store) == {
        "tmdb": {"at": [timestamps.iso(now)], "values": {"popularity": [88.1]}},
        "omdb": {"at": [timestamps.iso(now)], "values": {"ratings.imdb.score": [8.7], "ratings.imdb.votes": [9]}},
    }
    assert (await curves(store, "movies/604"))["tmdb"]["values"] == {"popularity": [5]}


async def test_an_answer_that_comes_too_late_for_the_document_still_is_the_sample_of_its_week(store: Store) -> None:
    writer, now = Upserter(store, composer=COMPOSER, refresh=refresh()), datetime.now(UTC)
    weeks = [now - timedelta(weeks=number) for number in range(4)]
    for number in (0, 2, 3, 1):
        await writer.write([answer(weeks[number], number)])
        await writer.write([answer(weeks[number] - timedelta(days=200), 99)])
    assert await curves(store) == {
        "tmdb": {"at": [timestamps.iso(week) for week in reversed(weeks)], "values": {"popularity": [3, 2, 1, 0]}}
    }


async def test_what_drifts_in_no_way_and_what_is_not_stored_leaves_no_sample(store: Store) -> None:
    writer = Upserter(store, composer=COMPOSER, refresh=refresh())
    unmatched = row(None, "Heat", budget=60)
    unmatched.popularity = 5
    await writer.write([film(title="Heat"), table(row(949, "Heat-(1995)", budget=60), unmatched)])
    assert await left(store) == {}


async def test_none_are_kept_where_none_are_wanted(store: Store) -> None:
    writer = Upserter(store, composer=COMPOSER, refresh=refresh(), samples=Retention(0))
    await writer.write([answer(datetime.now(UTC), 88.1)])
    assert await left(store) == {}


async def test_many_writers_of_one_title_lose_no_week(store: Store) -> None:
    titles = [answer(NOW - timedelta(weeks=number), number) for number in range(20)]
    await asyncio.gather(*(put_samples(store, [title], Retention(), NOW) for title in titles))
    assert (await curves(store))["tmdb"]["values"]["popularity"] == list(range(19, -1, -1))


async def test_a_damaged_record_is_left_to_a_person_and_the_titles_beside_it_get_their_sample(store: Store) -> None:
    await store.records.put(SAMPLES, [{"_id": "movies/603", "curves": {"tmdb": []}}])
    checked = CheckedStore(store)
    written = await Upserter(checked, composer=COMPOSER, refresh=refresh()).write(
        [answer(NOW, 1), answer(datetime.now(UTC), 2, id=604)]
    )
    assert written.records["samples"] == 1
    assert await curves(store) == {"tmdb": []}
    assert (await curves(store, "movies/604"))["tmdb"]["values"] == {"popularity": [2]}
    assert list(checked.damaged) == ["samples/movies/603"]


# --- Too old ------------------------------------------------------------------------------------------------------


async def test_what_is_too_old_goes_also_of_titles_that_are_not_written_any_more(store: Store) -> None:
    rows = [record("movies/1", OLD), record("movies/2", OLD, FRESH), record("shows/1", FRESH)]
    await store.records.put(SAMPLES, rows)
    assert await expire_samples(store, Retention(), NOW) == 2
    assert await left(store) == {"movies/2": [FRESH], "shows/1": [FRESH]}


@pytest.mark.parametrize("most", [1, 7, 300, 301])
async def test_a_run_looks_at_some_and_the_next_one_goes_on_from_there(store: Store, most: int) -> None:
    await store.records.put(SAMPLES, [record(f"movies/{number}", OLD) for number in range(300)])
    assert await expire_samples(store, Retention(), NOW, most) == min(most, 300)
    assert len(await left(store)) == max(300 - most, 0)
    assert await expire_samples(store, Retention(), NOW, 300) == max(300 - most, 0)
    assert await left(store) == {}


async def test_it_rests_until_the_next_day_when_it_has_seen_all(store: Store) -> None:
    assert await expire_samples(store, Retention(), NOW) == 0
    await store.records.put(SAMPLES, [record("movies/1", OLD)])
    assert await expire_samples(store, Retention(), NOW) == 0
    assert await expire_samples(store, Retention(), NOW + timedelta(days=1)) == 1


async def test_it_begins_anew_when_they_are_to_be_kept_for_another_time(store: Store) -> None:
    await store.records.put(SAMPLES, [record(f"movies/{number}", FRESH) for number in range(3)])
    assert await expire_samples(store, Retention(), NOW, 2) == 0
    assert await expire_samples(store, Retention(0), NOW) == 3
    assert await left(store) == {}


@pytest.mark.parametrize("walk", [7, "movies/603", {}, {"day": [], "after": None}, {"day": "2029-01-01", "after": ""}])
async def test_a_state_of_another_form_or_of_a_clock_that_was_ahead_begins_anew(store: Store, walk: Any) -> None:
    await store.state.set(WALK, walk)
    await store.records.put(SAMPLES, [record("movies/1", OLD)])
    assert await expire_samples(store, Retention(), NOW) == 1
