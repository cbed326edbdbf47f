"""Matching the films of a table: settled matches, ids, known names, then titles; one look-up of each for all."""

from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.ingest.matching import match_titles
from moviecrawler.ingest.upsert import Upserter, rewrite
from moviecrawler.items import FailedLookup, Movie, People
from moviecrawler.policy.documents import merge
from moviecrawler.stores.base import Store
from tests.support.answers import COMPOSER, REFRESH, later
from tests.support.items import film, table

AT = timestamps.iso(later(5))


def named(slug: str, title: str, year: int | None = None, **fields: Any) -> Movie:
    return Movie(source="the_numbers", source_id=slug, part="budgets", title=title, year=year, **fields)


@pytest.fixture
async def films(store: Store) -> Store:
    """The Thing twice, Heat, and Avatar, which The Numbers calls by a name of its own."""
    stored = [
        film(1091, title="The Thing", year=1982, release_date="1982-06-25", imdb_id="tt0084787"),
        film(60935, title="The Thing", year=2011, release_date="2011-10-12", imdb_id="tt0905372"),
        film(
            949, title="Heat", year=1995, release_date="1995-12-15", people=People(directors=[{"name": "Michael Mann"}])
        ),
        film(
            77, title="Heat", year=1995, release_date="1995-05-01", people=People(directors=[{"name": "Somebody Else"}])
        ),
        film(19995, title="Avatar", year=2009, release_date="2009-12-16"),
    ]
    await Upserter(store, composer=COMPOSER, refresh=REFRESH).write(stored)
    known = named("Some-Name-of-Theirs", "Something else altogether")
    known.id = 19995
    await Upserter(store, composer=COMPOSER, refresh=REFRESH).write([table(known)])
    return store


async def settle(store: Store, slug: str, settled: int | bool) -> None:
    row = {"_id": f"the_numbers/{slug}", "source": "the_numbers", "candidates": [], "said": {}, "settled": settled}
    await store.records.put("unmatched", [row])


async def test_title_and_year_presume_a_match(films: Store) -> None:
    found = await match_titles(
        films, [named("Thing-The-(2011)", "Thing, The", 2011), named("A", "The Thing", 1982)], AT
    )
    assert found.ids == {"Thing-The-(2011)": 60935, "A": 1091}
    assert [(one.presumed, one.candidates) for one in found.unmatched] == [(60935, []), (1091, [])]
    assert (found.found, found.reassignments) == ([], [])


async def test_the_exact_release_day_makes_a_firm_match(films: Store) -> None:
    found = await match_titles(films, [named("A", "The Thing", 1982, release_date="1982-06-25")], AT)
    assert (found.ids, found.unmatched) == ({"A": 1091}, [])


async def test_a_source_id_that_a_document_has_is_enough(films: Store) -> None:
    assert (await match_titles(films, [named("Some-Name-of-Theirs", "?")], AT)).ids == {"Some-Name-of-Theirs": 19995}


async def test_an_imdb_id_counts_more_than_a_title(films: Store) -> None:
    assert (await match_titles(films, [named("X", "The Thing", 1982, imdb_id="tt0905372")], AT)).ids == {"X": 60935}


async def test_twins_are_left_to_a_person_and_an_unknown_film_stays_unmatched(films: Store) -> None:
    found = await match_titles(films, [named("Heat-(1995)", "Heat", 1995), named("Nobody", "Nobody's Film", 1999)], AT)
    assert found.ids == {}
    twins, unknown = found.unmatched
    assert (twins.source_id, twins.candidates, twins.at) == ("Heat-(1995)", [77, 949], AT)
    assert (unknown.source_id, unknown.candidates, unknown.year) == ("Nobody", [], 1999)
    assert Movie(**unknown.said) == named("Nobody", "Nobody's Film", 1999)


async def test_a_settled_match_is_permanent(films: Store) -> None:
    await settle(films, "Heat-(1995)", 949)
    await settle(films, "Thing-The-(2011)", False)
    found = await match_titles(
        films, [named("Heat-(1995)", "Heat", 1995), named("Thing-The-(2011)", "Thing, The", 2011)], AT
    )
    assert found.ids == {"Heat-(1995)": 949}
    assert (found.unmatched, found.found) == ([], []), "their records stay"


async def test_an_unmatched_film_is_found_later_and_an_unchanged_record_is_not_rewritten(films: Store) -> None:
    thing = named("Thing-The-(2011)", "Thing, The", 2011, release_date="2011-10-12")
    unmatched = named("Nobody", "Nobody's Film", 1999)
    before = await match_titles(films, [unmatched], AT)
    waiting = before.unmatched[0].model_copy(update={"source_id": "Thing-The-(2011)"})
    await Upserter(films, composer=COMPOSER, refresh=REFRESH).write([*before.unmatched, waiting])
    after = await match_titles(films, [thing, unmatched], AT)
    assert (after.ids, after.unmatched) == ({"Thing-The-(2011)": 60935}, [])
    assert after.found == ["the_numbers/Thing-The-(2011)"]


async def test_a_tombstone_matches_nothing_and_leads_to_its_successor(films: Store) -> None:
    days = (AT, timestamps.iso(later(5, days=1)))
    gone = [FailedLookup(source="tmdb", kind="movies", id=19995, reason="gone", at=at) for at in days]
    await Upserter(films, composer=COMPOSER, refresh=REFRESH).write([*gone, film(4, title="Avatar", year=2009)])
    avatar = [named("Avatar-(2009)", "Avatar", 2009), named("Some-Name-of-Theirs", "Avatar", 2009)]
    assert (await match_titles(films, avatar, AT)).ids == {"Avatar-(2009)": 4, "Some-Name-of-Theirs": 4}
    renamed = [named("Some-Name-of-Theirs", "?")]
    assert (await match_titles(films, renamed, AT)).ids == {}

    def link(document: Document, *, now: Any) -> Document:
        return merge.with_same_as(document, 4, now=now)

    await rewrite(films, ("movies", 19995), link)
    assert (await match_titles(films, renamed, AT)).ids == {"Some-Name-of-Theirs": 4}


async def test_two_documents_with_one_source_id_are_distinguished_by_title(films: Store) -> None:
    claims = [named("Thing", "The Thing", year) for year in (1982, 2011)]
    claims[0].id, claims[1].id = 1091, 60935
    for claim in claims:
        await Upserter(films, composer=COMPOSER, refresh=REFRESH).write([table(claim)])
    assert (await match_titles(films, [named("Thing", "Thing, The", 2011)], AT)).ids == {"Thing": 60935}


async def test_a_table_of_a_hundred_films_costs_one_look_up_of_each_kind(films: Store) -> None:
    calls: list[str] = []

    class Counted:
        def __init__(self, of: Any) -> None:
            self._of = of

        def __getattr__(self, name: str) -> Any:
            async def counted(*arguments: Any) -> Any:
                calls.append(name)
                return await getattr(self._of, name)(*arguments)

            return counted

    counted: Any = type("Store", (), {"documents": Counted(films.documents), "records": Counted(films.records)})()
    titles = [named(f"S{number}", f"The Thing {number}", 1900 + number) for number in range(99)]
    await match_titles(counted, [*titles, named("Some-Name-of-Theirs", "?")], AT)
    assert sorted(calls) == ["by_source_id", "candidates", "get", "get_many"]
    calls.clear()
    await match_titles(counted, [], AT)
    assert calls == []
