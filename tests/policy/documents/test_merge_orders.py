"""The order of answers, locks and reparsed answers does not matter: the document is a function of their content."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.documents import Document
from moviecrawler.items import BoxOffice, Movie, People, Rating, Title
from moviecrawler.policy.documents import merge
from moviecrawler.policy.documents.locks import lock
from tests.support.answers import COMPOSER, NOW, REFRESH, answer, later

_said = st.fixed_dictionaries(
    {},
    optional={
        "imdb_id": st.just("tt0113277"),
        "title": st.sampled_from(["Heat", "", "Hitze"]),
        "release_date": st.sampled_from(["1995-12-15", "2026-09-01", "soon"]),
        "runtime": st.integers(0, 300),
        "genres": st.lists(st.sampled_from(["Crime", "Drama"]), unique=True),
        "certification": st.sampled_from(["R", "N/A"]),
        "distributor": st.sampled_from(["Warner Bros.", "A24"]),
        "box_office": st.builds(
            BoxOffice, budget=st.sampled_from([None, 0, 60_000_000]), domestic=st.sampled_from([None, 1, 67_436_818])
        ),
        "people": st.builds(
            People, directors=st.lists(st.sampled_from([{"name": "Mann"}, {"name": "Lumet"}]), max_size=2)
        ),
        "ratings": st.dictionaries(st.sampled_from(["tmdb", "imdb"]), st.builds(Rating, score=st.floats(0, 10))),
        "popularity": st.floats(0, 1000),
    },
)
_PAGES = [("tmdb", "title"), ("omdb", "title"), *(("the_numbers", part) for part in ("title", "budgets", "chart"))]
_pages = st.sampled_from(_PAGES)
_locks = st.dictionaries(
    st.sampled_from(["title", "box_office", "box_office.budget", "release_date", "ratings.imdb.score"]), st.just(None)
)
_VALUES: dict[str, Any] = {
    "title": "Heat",
    "box_office": {"domestic": 1},
    "box_office.budget": 5,
    "release_date": "1996-01-01",
    "ratings.imdb.score": 8.3,
}
_HISTORY = frozenset({"revision", "created_at", "updated_at", "last_change"})
_CYCLES = frozenset({"changed_at", "unchanged_cycles"})

Event = Title | str
"""An answer, or the path of a lock."""


def grown(events: list[Event]) -> dict[str, Any]:
    """The document of these events in this order, without what is of history; a lock waits for the document."""
    document: Document | None = None
    locks: list[str] = []
    for event in events:
        if isinstance(event, str):
            locks.append(event)
        else:
            made = merge.merge(document, event, composer=COMPOSER, refresh=REFRESH, now=NOW)
            document = made.document if document or event.context.fetch_reason != "reparse" else None
        for path in locks if document else ():
            values = {path: _VALUES[path]}
            document = lock("movies", document, values=values, composer=COMPOSER, refresh=REFRESH, now=NOW)
        locks = [] if document else locks
    assert document is not None
    kept: dict[str, Any] = {name: value for name, value in document.items() if name not in _HISTORY}
    kept["sources"] = {
        source: {name: value for name, value in slot.items() if name not in _CYCLES}
        for source, slot in document["sources"].items()
    }
    return kept


def again(event: Title) -> Title:
    """The same answer, read from the kept one by the same parser."""
    copy = Movie(**event.model_dump())
    copy.set_fetch(event.context.fetched_at, reason="reparse")
    return copy


@settings(max_examples=200, deadline=None)
@given(
    said=st.lists(st.tuples(_pages, _said), min_size=1, max_size=9),
    locks=_locks,
    reparsed=st.sets(st.integers(0, 8)),
    seed=st.randoms(use_true_random=False),
)
def test_any_order_of_answers_locks_and_reparses_makes_the_same_document(
    said: list[tuple[tuple[str, Any], dict[str, Any]]], locks: dict[str, None], reparsed: set[int], seed: random.Random
) -> None:
    answers = [answer(source, later(hour), part=part, **fields) for hour, ((source, part), fields) in enumerate(said)]
    copies = [again(one) for index, one in enumerate(answers) if index in reparsed and one.part == "title"]
    events: list[Event] = [*answers, *copies, *locks]
    shuffled = events.copy()
    seed.shuffle(shuffled)
    assert grown(shuffled) == grown(events)


@settings(max_examples=100, deadline=None)
@given(said=st.lists(st.tuples(_pages, _said), min_size=1, max_size=5))
def test_merging_everything_twice_changes_nothing(said: list[tuple[tuple[str, Any], dict[str, Any]]]) -> None:
    answers = [answer(source, later(hour), part=part, **fields) for hour, ((source, part), fields) in enumerate(said)]
    assert grown([*answers, *answers]) == grown([*answers])
