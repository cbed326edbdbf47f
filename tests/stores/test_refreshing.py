"""What every store guarantees for ``due``, ``due_counts_by_age`` and ``stats``."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.freshness.refresh import AGE_CLASSES
from moviecrawler.stores.base import DueTitle, Store
from moviecrawler.stores.due_index import first_day_by_age
from moviecrawler.timestamps import parse
from tests.support.age_classes import age_class
from tests.support.films import due_at, film, insert, update

EARLY, NOW, LATE = (f"2026-11-{day}T08:15:30.123Z" for day in (20, 21, 22))
ORDER = ("tmdb", "omdb", "the_numbers")
TODAY = date(2026, 11, 21)


def ids(page: list[DueTitle]) -> list[int]:
    return [title.id for title in page]


def slot(next_refresh_at: str | None = None, fetched_at: str | None = EARLY, **fields: Any) -> dict[str, Any]:
    return {"next_refresh_at": next_refresh_at, "fetched_at": fetched_at, "source_id": "7", "data": {}, **fields}


def dated(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).isoformat()


async def test_due_excludes_later_dates_and_other_kinds(store: Store) -> None:
    old = {"release_date": "0001-01-02"}
    await store.documents.write(
        [
            insert(1, sources={"tmdb": slot(NOW)}, **old),
            insert(2, sources={"tmdb": slot(EARLY)}, imdb_id=None, **old),
            insert(3, sources={"tmdb": slot(LATE)}, **old),
            insert(4, sources={"tmdb": slot(None)}, **old),
            insert(5, sources={}),
            insert(6, sources={"omdb": slot(EARLY, None)}, popularity=61.4),
            insert(7, "shows", sources={"tmdb": slot(EARLY)}, release_date=None),
        ]
    )
    assert await store.documents.due("movies", "tmdb", NOW, 10) == [
        DueTitle("movies", 1, "tt0000001", NOW, False, 2.0),
        DueTitle("movies", 2, None, EARLY, False, 2.0),
    ]
    assert await store.documents.due("movies", "omdb", NOW, 10) == [
        DueTitle("movies", 6, "tt0000006", EARLY, True, 61.4)
    ]
    assert ids(await store.documents.due("shows", "tmdb", NOW, 10)) == [7]
    assert await store.documents.due("movies", "the_numbers", NOW, 10) == []
    assert ids(await store.documents.due("movies", "tmdb", NOW, 1)) == [1]
    assert await store.documents.due("movies", "tmdb", NOW, 0) == []


CATALOGUE = {
    # id: (release date, popularity, asked before)
    1: ("1999-03-31", 10.0, True),
    2: ("2026-11-01", 5.0, True),
    3: (None, 5.0, True),
    4: ("2010-07-16", 90.0, False),
    5: ("1972-03-20", None, False),
    6: ("1999-03-31", 90.0, True),
}


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("tmdb", [4, 5, 3, 2, 1, 6]),  # never asked, then newest; who has no date counts as newest
        ("omdb", [4, 5, 6, 1, 2, 3]),  # never asked, then popular
        ("the_numbers", [3, 2, 4, 1, 6, 5]),  # newest
    ],
)
@pytest.mark.parametrize("page", [1, 2, 4, 10])
async def test_every_source_has_its_order_whatever_the_size_of_a_page(
    store: Store, source: str, order: list[int], page: int
) -> None:
    await store.documents.write(
        [
            insert(
                id_,
                sources={name: slot(EARLY, EARLY if asked else None) for name in ORDER},
                release_date=day,
                popularity=popularity,
            )
            for id_, (day, popularity, asked) in CATALOGUE.items()
        ]
    )
    found: list[DueTitle] = []
    while rows := await store.documents.due("movies", source, NOW, page, found[-1] if found else None):
        assert len(rows) <= page
        found += rows
    assert ids(found) == order
    assert {title.id: title.never for title in found} == {id_: not asked for id_, (*_, asked) in CATALOGUE.items()}


async def test_a_page_continues_after_a_title_that_is_no_longer_due(store: Store) -> None:
    await store.documents.write([insert(i, sources=due_at(EARLY), release_date=f"2020-01-0{i}") for i in (1, 2, 3)])
    (last,) = await store.documents.due("movies", "tmdb", NOW, 1)
    await store.documents.write([update(last.id, 1, sources={"tmdb": slot(LATE)})])
    assert (last.id, ids(await store.documents.due("movies", "tmdb", NOW, 5, last))) == (3, [2, 1])


async def test_a_refreshed_title_is_no_longer_due(store: Store) -> None:
    await store.documents.write([insert(i, sources=due_at(EARLY)) for i in (1, 2, 3)])
    await store.documents.write(
        [
            update(1, 1, sources={"tmdb": slot(LATE)}),
            update(2, 1, sources=due_at(None)),
            update(3, 1, sources={"tmdb": slot(EARLY)}, imdb_id="tt7777777", release_date="0001-01-03"),
        ]
    )
    assert await store.documents.due("movies", "tmdb", NOW, 10) == [
        DueTitle("movies", 3, "tt7777777", EARLY, False, 3.0)
    ]
    assert ids(await store.documents.due("movies", "tmdb", LATE, 10)) == [1, 3]


@pytest.mark.parametrize("now", ["2026-11-21", "2026-11-21T08:15:30Z", "soon"])
async def test_now_must_have_the_stored_form(store: Store, now: str) -> None:
    calls = (
        lambda: store.documents.due("movies", "tmdb", now, 10),
        lambda: store.documents.due_counts_by_age("movies", "tmdb", now),
        lambda: store.documents.stats("movies", now),
    )
    for call in calls:
        with pytest.raises(ValueError, match="is not a timestamp like"):
            await call()


AGES = {"unreleased": (-400, -1), "to_60": (0, 60), "to_180": (61, 180), "to_365": (181, 365), "older": (366, 9999)}


async def test_due_titles_are_counted_by_age(store: Store) -> None:
    days = [edge for edges in AGES.values() for edge in edges]
    await store.documents.write(
        [
            *(insert(i, sources=due_at(EARLY), release_date=dated(day)) for i, day in enumerate(days)),
            insert(100, sources=due_at(NOW), release_date=None),
            insert(101, sources=due_at(LATE), release_date=None),
            insert(102, sources=due_at(None), release_date=dated(0)),
            insert(103, sources=due_at(EARLY, "omdb"), release_date=dated(366)),
            insert(104, "shows", sources=due_at(EARLY), status="Returning Series", last_air_date=dated(1)),
        ]
    )
    assert await store.documents.due_counts_by_age("movies", "tmdb", NOW) == dict.fromkeys(AGES, 2) | {"unknown": 1}
    assert await store.documents.due_counts_by_age("movies", "omdb", NOW) == {"older": 1}
    assert await store.documents.due_counts_by_age("movies", "the_numbers", NOW) == {}
    assert await store.documents.due_counts_by_age("shows", "tmdb", NOW) == {"to_60": 1}


@given(days=st.integers(-500, 500), today=st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_the_classes_are_those_of_the_policy(days: int, today: date) -> None:
    now, day = f"{today}T08:15:30.123Z", (today - timedelta(days=days)).isoformat()
    first = first_day_by_age(now)
    assert list(first) == list(AGE_CLASSES[:-1])
    assert next(name for name, start in first.items() if day >= start) == age_class({"release_date": day}, parse(now))


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
async def test_the_ends_of_the_calendar_are_days_like_others(store: Store, now: str) -> None:
    await store.documents.write([insert(1, release_date="2026-11-21", sources=due_at(EARLY))])
    due = now > EARLY
    assert await store.documents.due_counts_by_age("movies", "tmdb", now) == ({"older": 1} if due else {})
    assert (await store.documents.stats("movies", now)).ages == {"older" if due else "unreleased": 1}


NOBODY = {"asked": 0, "frozen": 0, "gone": 0, "due": 0}


async def test_an_empty_store_has_figures_too(store: Store) -> None:
    coverage = await store.documents.stats("movies", NOW)
    assert coverage == (0, 0, dict.fromkeys(ORDER, NOBODY), {}, {})


async def test_stats_count_titles_by_source_age_and_field(store: Store) -> None:
    bare: dict[str, Any] = dict.fromkeys(film(1)) | {"schema_version": 1, "locks": {"title": "x"}, "provenance": {}}

    def title(id_: int, **fields: Any) -> Any:
        return insert(id_, **(bare | {"_id": id_, "revision": 1} | fields))

    await store.documents.write(
        [
            title(
                1,
                title="Heat",
                release_date=dated(400),
                ratings={"tmdb": {"score": 7.9, "votes": 9}, "imdb": {"score": None, "votes": None}},
                box_office={"budget": 60_000_000, "domestic": None},
                people={"directors": ["M. Mann"], "writers": [], "cast": []},
                images={"poster": {"file": "poster/ab.jpg"}},
                sources={"tmdb": slot(LATE), "omdb": slot(LATE, frozen_at=EARLY), "the_numbers": slot(None, None)},
            ),
            title(
                2,
                title="Ronin",
                in_production=False,
                genres=[],
                titles={"en-US": ""},
                sources={"tmdb": slot(NOW), "omdb": slot(EARLY, None)},
            ),
            title(3, sources={"tmdb": slot(LATE), "omdb": slot(LATE, None)}),
            title(4, release_date=dated(0), sources={"tmdb": slot(None, gone_at=EARLY), "omdb": slot(None)}),
            insert(5, "shows", sources={"tmdb": slot(EARLY)}),
        ]
    )
    total, complete, sources, ages, fields = await store.documents.stats("movies", NOW)
    assert (total, complete) == (4, 2), "the first, and the one that cannot be asked any more"
    assert sources == {
        "tmdb": {"asked": 4, "frozen": 0, "gone": 1, "due": 1},
        "omdb": {"asked": 2, "frozen": 1, "gone": 0, "due": 1},
        "the_numbers": NOBODY,
    }
    assert ages == {"older": 1, "to_60": 1, "unknown": 2}
    assert fields == {
        "title": 2,
        "release_date": 2,
        "ratings.tmdb": 1,
        "box_office.budget": 1,
        "people.directors": 1,
        "images.poster": 1,
        "in_production": 1,
    }
    assert list(fields) == sorted(fields)
    assert (await store.documents.stats("movies", LATE)).complete == 1
    without_omdb = await store.documents.stats("movies", NOW, ["tmdb", "the_numbers"])
    assert (without_omdb.complete, without_omdb.sources["omdb"]["due"]) == (3, 0), "the third lacks only OMDB"
    assert without_omdb.sources["tmdb"] == sources["tmdb"]
    assert (await store.documents.stats("movies", NOW, [])).complete == 4
    assert (await store.documents.stats("shows", NOW)).total == 1


async def test_stats_follow_every_write_and_no_conflict(store: Store) -> None:
    await store.documents.write([insert(i, sources={"tmdb": slot(LATE)}, release_date=dated(1)) for i in (1, 2, 3)])
    before = await store.documents.stats("movies", NOW)
    assert (before.total, before.complete, before.ages, before.fields["title"]) == (3, 3, {"to_60": 3}, 3)
    outcome = await store.documents.write(
        [
            update(
                1, 1, sources={"tmdb": slot(EARLY, frozen_at=EARLY)}, release_date=None, title=None, awards="An award"
            ),
            update(2, 7, title=None),
            insert(3, title=None),
        ]
    )
    assert len(outcome.conflicts) == 2
    after = await store.documents.stats("movies", NOW)
    assert (after.total, after.complete, after.ages) == (3, 2, {"to_60": 2, "unknown": 1})
    assert after.sources["tmdb"] == {"asked": 3, "frozen": 1, "gone": 0, "due": 1}
    assert (after.fields["title"], after.fields["release_date"], after.fields["awards"]) == (2, 2, 1)
    await store.documents.write([update(1, 2, sources={"tmdb": slot(LATE)}, release_date=dated(1))])
    assert await store.documents.stats("movies", NOW) == before, "a field that nobody has is not listed"
