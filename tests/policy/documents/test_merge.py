"""Slots and locks make the document: precedence, what counts as a change, independence of the order of sources."""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.items import BoxOffice, Movie, People, Rating, Show, Title
from moviecrawler.policy.documents import merge
from tests.support.policies import composer, refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMPOSER = composer()
REFRESH = refresh()


def item(kind: type[Title] = Movie, *, source: str = "tmdb", at: datetime = NOW, **fields: Any) -> Title:
    made = kind(source=source, source_id="949", id=949, **fields)
    made.set_fetch(timestamps.iso(at))
    made.context.slot = merge.slot_of(made)
    return made


def merged(stored: Document | None, new: Title, now: datetime = NOW) -> merge.Merged:
    """Merged at ``now``, or at the moment of the answer where that is later."""
    now = max(now, timestamps.parse(new.context.fetched_at))
    return merge.merge(stored, new, composer=COMPOSER, refresh=REFRESH, now=now)


def document(**fields: Any) -> Document:
    return merged(None, item(**fields)).document


def of_sources(**sources: dict[str, Any]) -> Document:
    """The document of what several sources say, in the given order."""
    stored = None
    for source, fields in sources.items():
        stored = merged(stored, item(source=source, **fields)).document
    assert stored is not None
    return stored


# --- Precedence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "tmdb", "omdb", "the_numbers", "winner"),
    [
        ("runtime", 170, 169, 171, "tmdb"),
        ("runtime", None, 169, 171, "omdb"),
        ("runtime", 0, None, 171, "the_numbers"),
        ("certification", "R", "PG", "PG-13", "tmdb"),
        ("certification", None, "PG", "PG-13", "omdb"),
        ("certification", "N/A", None, "PG-13", "the_numbers"),
        ("genres", ["Crime"], ["Drama"], [], "tmdb"),
        ("genres", [], ["Drama"], [], "omdb"),
        ("awards", None, "Won 1 Oscar", None, "omdb"),
        ("distributor", None, None, "Warner Bros.", "the_numbers"),
        ("release_date", "1995-12-15", "1995-12-16", None, "tmdb"),
    ],
)
def test_the_first_source_with_a_value_wins(field: str, tmdb: Any, omdb: Any, the_numbers: Any, winner: str) -> None:
    said = {"tmdb": tmdb, "omdb": omdb, "the_numbers": the_numbers}
    made = of_sources(**{source: {field: value} for source, value in said.items()})
    assert made[field] == said[winner]
    assert made["provenance"][field] == winner


@pytest.mark.parametrize(
    ("part", "tmdb", "omdb", "the_numbers", "value", "winner"),
    [
        ("budget", 60_000_000, 1, 58_000_000, 58_000_000, "the_numbers"),
        ("budget", 60_000_000, None, None, 60_000_000, "tmdb"),
        ("budget", 999, None, None, None, None),
        ("budget", 1000, None, None, 1000, "tmdb"),
        ("worldwide", 187_436_818, None, None, 187_436_818, "tmdb"),
        ("domestic", None, 67_436_818, None, 67_436_818, "omdb"),
        ("domestic", None, 67_436_818, 67_400_000, 67_400_000, "the_numbers"),
        ("international", None, None, 5_000_000, 5_000_000, "the_numbers"),
        ("opening_weekend", None, None, 8_445_656, 8_445_656, "the_numbers"),
    ],
)
def test_box_office(part: str, tmdb: Any, omdb: Any, the_numbers: Any, value: int | None, winner: str | None) -> None:
    said = {"tmdb": tmdb, "omdb": omdb, "the_numbers": the_numbers}
    made = of_sources(
        **{source: {"box_office": BoxOffice(**{part: amount})} for source, amount in said.items() if amount}
    )
    assert made["box_office"][part] == value
    assert made["provenance"].get(f"box_office.{part}") == winner


def test_each_site_has_its_own_rating() -> None:
    made = of_sources(
        tmdb={"ratings": {"tmdb": Rating(score=7.9, votes=7000)}},
        omdb={"ratings": {"imdb": Rating(score=8.3, votes=700_000), "metacritic": Rating(score=76)}},
    )
    assert made["ratings"]["tmdb"]["score"] == 7.9
    assert made["ratings"]["imdb"] == {"score": 8.3, "votes": 700_000}
    assert made["provenance"]["ratings.metacritic"] == "omdb"


def test_people_fall_through_part_by_part() -> None:
    made = of_sources(
        tmdb={"people": People(directors=[{"name": "Michael Mann"}])},
        omdb={"people": People(directors=[{"name": "X"}], writers=[{"name": "Y"}])},
    )
    people = {
        "creators": [],
        "directors": [{"name": "Michael Mann"}],
        "writers": [{"name": "Y"}],
        "cast": [],
        "crew": [],
    }
    assert made["people"] == people
    assert (made["provenance"]["people.directors"], made["provenance"]["people.writers"]) == ("tmdb", "omdb")


def test_a_lock_overrides_all_sources() -> None:
    stored = document(runtime=170, box_office=BoxOffice(budget=60_000_000))
    stored["locks"] = {"runtime": 188, "box_office.budget": 61_000_000}
    made = merged(stored, item(runtime=171, at=NOW + timedelta(days=1))).document
    assert (made["runtime"], made["box_office"]["budget"]) == (188, 61_000_000)
    assert (made["provenance"]["runtime"], made["provenance"]["box_office.budget"]) == ("locked", "locked")
    assert made["sources"]["tmdb"]["data"]["runtime"] == 171


def test_a_lock_deep_inside_leaves_the_slot_alone() -> None:
    stored = document(ratings={"tmdb": Rating(score=7.9, votes=7000)})
    stored["locks"] = {"ratings.tmdb.score": 8.5}
    made = merged(stored, item(ratings={"tmdb": Rating(score=7.8, votes=7001)}, at=NOW + timedelta(days=1))).document
    assert made["ratings"]["tmdb"] == {"score": 8.5, "votes": 7001}
    assert made["sources"]["tmdb"]["data"]["ratings"]["tmdb"]["score"] == 7.8


def test_the_title_has_the_right_provenance() -> None:
    made = of_sources(tmdb={"runtime": 170}, omdb={"title": "Heat", "overview": "A film."})
    assert (made["title"], made["provenance"]["title"], made["provenance"]["overview"]) == ("Heat", "omdb", "omdb")


# --- A pure function of slots and locks -------------------------------------------------------------------------

_said = st.fixed_dictionaries(
    {},
    optional={
        "runtime": st.integers(0, 300),
        "title": st.sampled_from(["Heat", "", "Hitze"]),
        "overview": st.sampled_from(["A film.", ""]),
        "genres": st.lists(st.sampled_from(["Crime", "Drama"]), unique=True),
        "certification": st.sampled_from(["R", "N/A", ""]),
        "box_office": st.builds(BoxOffice, budget=st.one_of(st.none(), st.integers(0, 10**8))),
        "people": st.builds(
            People, directors=st.lists(st.sampled_from([{"name": "Mann"}, {"name": "Lumet"}]), max_size=2)
        ),
        "ratings": st.dictionaries(st.sampled_from(["tmdb", "imdb"]), st.builds(Rating, score=st.floats(0, 10))),
        "popularity": st.floats(0, 1000),
    },
)


@settings(max_examples=150, deadline=None)
@given(tmdb=_said, omdb=_said, the_numbers=_said)
def test_the_order_of_sources_does_not_matter(
    tmdb: dict[str, Any], omdb: dict[str, Any], the_numbers: dict[str, Any]
) -> None:
    said = {"tmdb": tmdb, "omdb": omdb, "the_numbers": the_numbers}
    tops = []
    for order in itertools.permutations(said):
        made = of_sources(**{source: said[source] for source in order})
        exempt = ("revision", "last_change", "updated_at", "created_at")
        tops.append({name: value for name, value in made.items() if name not in exempt})
    assert all(top == tops[0] for top in tops)


@given(fields=_said)
def test_merging_changes_nothing_that_it_was_given(fields: dict[str, Any]) -> None:
    stored = document(runtime=100)
    before = copy.deepcopy(stored)
    merged(stored, item(at=NOW + timedelta(days=1), **fields))
    assert stored == before


@pytest.mark.parametrize("kind", [Movie, Show])
def test_every_field_is_there_whatever_the_sources_lack(kind: type[Title]) -> None:
    empty = merged(None, item(kind)).document
    full = merged(
        None, item(kind, runtime=100, genres=["Crime"], title="Heat", people=People(writers=[{"name": "Y"}]))
    ).document
    assert list(empty) == list(full)
    assert (empty["genres"], empty["people"], empty["ratings"], empty["images"]) == (
        [],
        {"creators": [], "directors": [], "writers": [], "cast": [], "crew": []},
        {},
        {},
    )


# --- What a fetch does to a stored document ---------------------------------------------------------------------


def test_a_new_document() -> None:
    made = merged(None, item(runtime=170))
    assert made.outcome == "inserted"
    assert (made.document["_id"], made.document["revision"], made.document["last_change"]) == (949, 1, None)
    assert set(made.document["sources"]) == {"tmdb", "omdb", "the_numbers"}
    assert made.document["sources"]["omdb"]["next_refresh_at"] is None


def test_an_unchanged_answer_renews_the_slot_and_nothing_else() -> None:
    stored = document(runtime=170)
    again = merged(stored, item(runtime=170, at=NOW + timedelta(days=1)))
    assert again.outcome == "unchanged"
    assert again.document["last_change"] is None
    assert again.document["sources"]["tmdb"]["fetched_at"] == "2026-11-22T12:00:00.000Z"
    assert again.document["sources"]["tmdb"]["changed_at"] == stored["sources"]["tmdb"]["changed_at"]


def test_a_change_has_a_history_entry() -> None:
    later = NOW + timedelta(days=1)
    made = merged(document(runtime=170, genres=["Crime"]), item(runtime=171, genres=["Crime"], at=later), now=later)
    assert made.outcome == "updated"
    assert made.document["last_change"] == {
        "source": "tmdb",
        "at": timestamps.iso(later),
        "revision": 2,
        "diff": [{"path": "runtime", "old": 170, "new": 171}],
    }


def test_volatile_fields_are_no_change() -> None:
    stored = document(runtime=170, popularity=10.0, ratings={"tmdb": Rating(score=7.9, votes=100)})
    drifted = item(
        runtime=170, popularity=99.0, ratings={"tmdb": Rating(score=8.0, votes=120)}, at=NOW + timedelta(days=1)
    )
    made = merged(stored, drifted)
    assert made.outcome == "unchanged"
    assert (made.document["popularity"], made.document["ratings"]["tmdb"]["votes"]) == (99.0, 120)
    assert made.document["last_change"] is None


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(seconds=1)])
def test_an_answer_that_is_not_newer_does_nothing(at: datetime) -> None:
    stored = document(runtime=170)
    made = merged(stored, item(runtime=1, at=at))
    assert made.outcome == "older"
    assert made.document is stored


def test_the_rank_and_the_pictures_are_kept() -> None:
    rank = {"window": "day", "rank": 3, "at": ""}
    stored = merge.with_parts(
        document(runtime=170),
        NOW,
        images={"poster": {"file": "p.jpg"}},
        trending=rank,
    )
    made = merged(stored, item(runtime=171, at=NOW + timedelta(days=1))).document
    assert made["images"] == {"poster": {"file": "p.jpg"}}
    assert made["trending"]["rank"] == 3
    assert (stored["revision"], made["revision"]) == (2, 3)


def test_an_older_rank_does_not_replace_a_newer_one() -> None:
    newer, older = (
        {"window": "day", "rank": rank, "at": timestamps.iso(NOW + timedelta(hours=rank))} for rank in (2, 1)
    )
    stored = {**document(title="Heat"), "trending": newer}
    again = item(title="Heat", at=NOW + timedelta(days=1))
    again.set_fetch(again.context.fetched_at, trending=older)
    assert merged(stored, again).document["trending"] == newer


def test_a_document_needs_an_id() -> None:
    stray = Movie(source="omdb", source_id="tt0113277")
    stray.set_fetch(timestamps.iso(NOW))
    stray.context.slot = merge.slot_of(stray)
    with pytest.raises(ValueError, match="TMDB id"):
        merged(None, stray)


def test_the_slot_keeps_values_that_the_top_level_rejects() -> None:
    made = document(box_office=BoxOffice(budget=7))
    assert made["box_office"]["budget"] is None
    assert made["sources"]["tmdb"]["data"]["box_office"]["budget"] == 7


def test_the_class_does_not_depend_on_the_language_of_the_genres() -> None:
    made = document(genres=["纪录"], genre_ids=[99], runtime=90)
    assert made["quality"]["class"] == "documentary"
