"""The upserter: a batch is one read and one write, and no kill or race loses anything."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.documents.records import ChangeRecord
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.raw import raw_body
from moviecrawler.ingest.upsert import ROUNDS, Upserter, UpsertResult, rewrite
from moviecrawler.items import FailedLookup, TableRow, Unmatched
from moviecrawler.policy.documents import merge
from moviecrawler.policy.documents.locks import lock
from moviecrawler.stores.base import Key, Store, Write, WriteOutcome
from tests.support.answers import COMPOSER, later
from tests.support.items import film, row, table
from tests.support.policies import refresh

HEAT: Key = ("movies", 949)
REFRESH = refresh(THE_NUMBERS_ENABLED="1")


class Killed(Exception):
    """The process is no more."""


class Mortal:
    """A store that counts its writes and dies before, or right after, the ``die_at``-th."""

    def __init__(self, store: Store, die_at: int = 0, *, after: bool = False) -> None:
        self.calls: list[str] = []
        self._die_at, self._after = die_at, after
        self.documents = SimpleNamespace(get_many=store.documents.get_many, write=self._mortal(store.documents.write))
        self.records = SimpleNamespace(
            **{name: self._mortal(getattr(store.records, name)) for name in ("put", "patch", "revise", "delete")}
        )

    def _mortal(self, write: Any) -> Any:
        async def written(*arguments: Any) -> Any:
            self.calls.append(arguments[0] if isinstance(arguments[0], str) else "documents")
            dies = len(self.calls) == self._die_at
            if dies and not self._after:
                raise Killed
            result = await write(*arguments)
            if dies:
                raise Killed
            return result

        return written


def writer(store: Any) -> Upserter:
    return Upserter(store, composer=COMPOSER, refresh=REFRESH)


async def stored(store: Store, key: Key = HEAT) -> Document:
    return (await store.documents.get_many([key]))[key]


async def changes(store: Store, prefix: str = "") -> list[ChangeRecord]:
    return [one async for one in store.records.iterate("changes", prefix)]


# --- One read, one write ----------------------------------------------------------------------------------------


async def test_a_batch_is_one_read_and_one_write_of_each_kind_that_it_touches(store: Store) -> None:
    await writer(store).write([film(id, title="Heat") for id in range(1, 6)])
    mortal = Mortal(store)
    batch = [film(id, 1, title="Heat", runtime=170, popularity=7, raw=b"{}") for id in range(1, 6)]
    found = table(*(row(id, f"Slug-{id}", budget=id) for id in range(6, 9)))
    written = await writer(mortal).write([*batch, found])
    assert mortal.calls == ["documents", "raw", "samples", "changes"]
    assert (written.reads, written.writes, written.conflicts) == (1, 1, 0)
    assert written.records == {"raw": 5, "samples": 5, "changes": 5}


async def test_the_outcome_of_each_answer_is_reported(store: Store) -> None:
    first = await writer(store).write([film(title="Heat"), film(550, title="Fight Club")])
    assert first.outcomes == {("tmdb", "movies", 949): "inserted", ("tmdb", "movies", 550): "inserted"}
    items = [film(hour=1, title="Heat"), film(550, title="Fight Club"), film(hour=1, source="omdb", awards="Won")]
    second = await writer(store).write(items)
    assert second.outcomes == {
        ("tmdb", "movies", 949): "unchanged",
        ("tmdb", "movies", 550): "older",
        ("omdb", "movies", 949): "updated",
    }
    assert items[0].context.document == await stored(store)


async def test_a_table_and_its_chart_are_stored_together_and_the_chart_is_replaced_whole(store: Store) -> None:
    await writer(store).write([film(title="Heat")])
    for grosses in ((8, 5), (9,)):
        chart = table(row(949, "Heat-(1995)", budget=60), hour=len(grosses))
        chart.chart, chart.date = "daily", "1995-12-15"
        chart.rows = [
            TableRow(rank=rank, title="Heat", source_id="Heat-(1995)", id=949, gross=gross)
            for rank, gross in enumerate(grosses, 1)
        ]
        await writer(store).write([chart])
    (kept,) = (await store.records.get("charts", ["daily/1995-12-15"])).values()
    assert (kept["chart"], kept["date"], kept["url"]) == ("daily", "1995-12-15", "u")
    assert [(one["rank"], one["id"], one["gross"]) for one in kept["rows"]] == [(1, 949, 9)]
    assert (await stored(store))["box_office"]["budget"] == 60


async def test_unmatched_films_are_kept_and_deleted_when_matched(store: Store) -> None:
    unknown = Unmatched(source="the_numbers", source_id="Thing", said={"title": "Thing"}, at="now", candidates=[1, 2])
    await writer(store).write([table(unmatched=[unknown])])
    (kept,) = [one async for one in store.records.iterate("unmatched")]
    assert (kept["_id"], kept["candidates"], kept["settled"]) == ("the_numbers/Thing", [1, 2], None)
    await writer(store).write([table(found=["the_numbers/Thing"])])
    assert [one async for one in store.records.iterate("unmatched")] == []


async def test_the_last_answer_is_kept_as_it_came_and_an_older_one_does_not_take_its_place(store: Store) -> None:
    await writer(store).write([film(hour=1, raw=b'{"newer": 1}')])
    await writer(store).write([film(hour=0, raw=b'{"older": 1}'), film(hour=0, source="omdb", raw=b"{}")])
    kept = await store.records.get("raw", ["tmdb/movies/949", "omdb/movies/949"])
    assert raw_body(kept["tmdb/movies/949"]) == b'{"newer": 1}'
    assert kept.keys() == {"tmdb/movies/949", "omdb/movies/949"}


async def test_a_failed_lookup_postpones_and_creates_no_document(store: Store) -> None:
    await writer(store).write([film(title="Heat", imdb_id="tt0113277")])
    at = timestamps.iso(later(1))
    lookups = [FailedLookup(source="omdb", kind="movies", id=id, reason="failed", at=at) for id in (949, 1)]
    await writer(store).write(lookups)
    assert (await stored(store))["sources"]["omdb"]["failures"] == 1
    assert await store.documents.known("movies", [1]) == set()


# --- History ----------------------------------------------------------------------------------------------------


async def test_two_changes_in_one_batch_are_two_versions_with_a_record_each(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=170)])
    written = await writer(store).write(
        [
            film(hour=1, title="Heat", runtime=171),
            film(hour=1, source="omdb", awards="Won"),
            film(hour=1, source="omdb"),
        ]
    )
    kept = await changes(store)
    assert [(one["_id"], one["source"], one["diff"][0]["path"]) for one in kept] == [
        ("movies/949/2", "tmdb", "runtime"),
        ("movies/949/3", "omdb", "awards"),
    ]
    assert written.outcomes == {("tmdb", "movies", 949): "updated", ("omdb", "movies", 949): "older"}


async def test_a_killed_write_of_history_is_completed_by_the_next_one(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=170)])
    with pytest.raises(Killed):
        await writer(Mortal(store, die_at=2)).write([film(hour=1, title="Heat", runtime=171)])
    assert (await stored(store))["runtime"] == 171
    assert await changes(store) == []
    await writer(store).write([film(hour=2, title="Heat", runtime=172)])
    assert [(one["_id"], one["diff"][0]["new"]) for one in await changes(store)] == [
        ("movies/949/2", 171),
        ("movies/949/3", 172),
    ]


async def test_a_batch_that_is_tried_again_after_an_error_still_makes_its_history(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=170)])
    again = film(hour=1, title="Heat", runtime=171, raw=b"{}")
    for die_at in (2, 1, 2):  # at the raw answer, at the raw answer, at the history
        with pytest.raises(Killed):
            await writer(Mortal(store, die_at=die_at)).write([again])
    await writer(store).write([again])
    assert [one["_id"] for one in await changes(store)] == ["movies/949/2"]
    assert await store.records.get("raw", ["tmdb/movies/949"])


async def test_a_conflict_leaves_no_trace_in_the_history(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=170)])
    rival = film(hour=2, title="Heat", runtime=172)

    class Slow:
        records = store.records

        class documents:
            get_many = store.documents.get_many

            @staticmethod
            async def write(writes: Sequence[Write]) -> WriteOutcome:
                if (await stored(store))["runtime"] == 170:
                    await writer(store).write([rival])
                return await store.documents.write(writes)

    written = await writer(Slow).write([film(hour=1, title="Heat", runtime=171)])
    assert written.outcomes == {("tmdb", "movies", 949): "older"}
    assert written.conflicts == 1
    assert [one["diff"][0]["new"] for one in await changes(store)] == [172]


_step = st.tuples(st.integers(1, 5), st.integers(0, 6), st.booleans(), st.booleans())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_step, min_size=1, max_size=7), id=st.integers(1, 10**12))
async def test_no_kill_between_two_writes_loses_history(
    steps: list[tuple[int, int, bool, bool]], id: int, store: Store
) -> None:
    """Each step: a runtime, the write at which the process dies (0: it lives), before or after it, two answers."""
    key: Key = ("movies", id)
    if await store.documents.known("movies", [id]):
        return
    await writer(store).write([film(id, -1, title="Heat", runtime=9)])
    for hour, (runtime, die_at, after, two) in enumerate(steps):
        batch = [film(id, hour, title="Heat", runtime=runtime, raw=b"{}")]
        batch += [film(id, hour, source="omdb", awards=str(runtime))] if two else []
        try:
            await writer(Mortal(store, die_at, after=after)).write(batch)
        except Killed:
            continue
    await writer(store).write([film(id, 99, title="Heat", runtime=10)])
    runtime, awards = 9, None
    kept = sorted(await changes(store, f"movies/{id}/"), key=lambda one: int(one["_id"].rpartition("/")[2]))
    for one in kept:
        for step in one["diff"]:
            if step["path"] == "runtime":
                assert step["old"] == runtime, "a change is missing"
                runtime = step["new"]
            else:
                assert (step["path"], step["old"]) == ("awards", awards)
                awards = step["new"]
    document = await stored(store, key)
    assert (runtime, awards) == (document["runtime"], document["awards"])


# --- Those who are never fast enough, and commands --------------------------------------------------------------


class Hopeless:
    """Every write loses."""

    def __init__(self, store: Store) -> None:
        self.records = store.records
        self.documents = SimpleNamespace(get_many=store.documents.get_many, write=self._lose)
        self.tries = 0

    async def _lose(self, writes: Sequence[Write]) -> WriteOutcome:
        self.tries += 1
        return WriteOutcome(conflicts={(write.kind, write.id) for write in writes})


async def test_an_item_that_loses_every_round_is_reported_and_so_is_its_table(store: Store) -> None:
    hopeless = Hopeless(store)
    lone, found = film(title="Heat"), table(row(550, "Fight-Club-(1999)", budget=1))
    written = await writer(hopeless).write([lone, found, table()])
    assert [id(item) for item in written.conflicted] == [id(lone), id(found)]
    assert (hopeless.tries, written.outcomes, lone.context.document) == (ROUNDS, {}, None)


async def test_a_command_changes_a_document_as_a_crawl_does(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=170)])

    def settle(document: Document, *, now: Any) -> Document:
        return lock("movies", document, values={"runtime": 188}, composer=COMPOSER, refresh=REFRESH, now=now)

    made = await rewrite(store, HEAT, settle)
    assert made == await stored(store)
    assert [(one["source"], one["diff"][0]["new"]) for one in await changes(store)] == [("lock", 188)]
    assert await rewrite(store, HEAT, settle) == made
    with pytest.raises(StoreError, match=r"\Amovies/1 is not stored\Z"):
        await rewrite(store, ("movies", 1), settle)
    with pytest.raises(StoreError, match=r"\Amovies/949 cannot be written: other writers were always faster"):
        await rewrite(Hopeless(store), HEAT, lambda document, *, now: merge.with_parts(document, now, same_as=1))


async def test_commands_and_crawls_at_once_lose_nothing(store: Store) -> None:
    await writer(store).write([film(title="Heat", runtime=1)])

    def add(number: int) -> Any:
        return lambda document, *, now: lock(
            "movies",
            document,
            values={f"titles.x{number}": "X"},
            composer=COMPOSER,
            refresh=REFRESH,
            now=now,
        )

    crawls = [
        writer(store).write([film(hour=hour, title="Heat", runtime=hour)], UpsertResult()) for hour in range(2, 4)
    ]
    await asyncio.gather(*(rewrite(store, HEAT, add(number)) for number in range(2)), *crawls)
    document = await stored(store)
    assert (document["runtime"], sorted(document["locks"])) == (3, ["titles.x0", "titles.x1"])
