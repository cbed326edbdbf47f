"""Young titles are fetched often, old ones seldom; unchanged ones are frozen, and a change thaws them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.documents import SOURCES, age, age_date
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.items import FetchReason
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT
from moviecrawler.policy.freshness.refresh import (
    AGE_CLASSES,
    Refresh,
    is_due,
    postponed_until,
    rank,
)
from moviecrawler.sources.rules import refresh_of
from moviecrawler.stores.due_index import due_entries
from moviecrawler.timestamps import iso, parse
from tests.support.age_classes import age_class
from tests.support.policies import refresh

NOW = datetime(2026, 11, 21, 23, 59, 59, 999000, tzinfo=UTC)
OLD = {"release_date": "1999-03-31"}
REFRESH = refresh()


def released(days_ago: int) -> dict[str, Any]:
    return {"release_date": str(NOW.date() - timedelta(days=days_ago))}


@pytest.mark.parametrize(
    ("days_ago", "tmdb", "omdb", "box_office"),
    [
        (-400, 5, 5, 5), (-1, 5, 5, 5), (0, 5, 5, 5), (60, 5, 5, 5),
        (61, 15, 30, 30), (180, 15, 30, 30),
        (181, 30, 90, 90), (365, 30, 90, 90),
        (366, 90, 180, 180), (40_000, 90, 180, 180),
    ],
)  # fmt: skip
def test_the_age_decides_and_a_boundary_belongs_to_the_younger_row(
    days_ago: int, tmdb: int, omdb: int, box_office: int
) -> None:
    data = released(days_ago)
    days = [REFRESH.interval(source, data, NOW).days for source in ("tmdb", "omdb", "the_numbers")]
    assert days == [tmdb, omdb, box_office]


@pytest.mark.parametrize("data", [{}, {"release_date": None}, {"release_date": ""}, {"release_date": "2046-99-99"}])
def test_an_unknown_date_counts_as_new(data: dict[str, Any]) -> None:
    assert age(data, NOW) is None
    assert REFRESH.interval("tmdb", data, NOW).days == 5


@pytest.mark.parametrize(
    ("data", "days"),
    [
        ({"in_production": True, "last_air_date": "2026-11-20"}, 1),
        ({"status": "Returning Series", "last_air_date": "2026-11-20"}, 1),
        ({"in_production": True, "last_air_date": None}, 10),
        ({"in_production": False, "status": "Ended", "last_air_date": "2026-11-20"}, 10),
    ],
)
def test_a_show_on_the_air_is_as_old_as_its_last_episode(data: dict[str, Any], days: int) -> None:
    assert age({"release_date": "2026-11-11", **data}, NOW) == days
    assert age({"first_air_date": "2026-11-11", **data}, NOW) == days


def document(slot: dict[str, Any] | None = None, source: str = "tmdb", **top: Any) -> dict[str, Any]:
    """A stored title with the slots of all sources; ``slot`` is that of ``source``."""
    sources = {name: dict(EMPTY_SLOT) for name in SOURCES}
    sources[source] |= slot or {}
    return {"imdb_id": "tt0133093", **OLD, **top, "sources": sources}


def next_of(source: str, stored: dict[str, Any], kind: str = "movies", refresh: Refresh = REFRESH) -> str | None:
    now = max(iso(NOW), stored["sources"][source]["fetched_at"] or "")
    return refresh.next_refresh_at(source, kind, stored, now)


Fetch = tuple[int, bool, FetchReason]


def slot_after(fetches: list[Fetch], data: dict[str, Any] = OLD) -> dict[str, Any]:
    """A slot of TMDB after its first fetch at NOW and then ``fetches``: (days later, changed, fetch_reason)."""
    slot: dict[str, Any] = dict(EMPTY_SLOT)
    now = NOW
    for days, changed, reason in [(0, True, "due"), *fetches]:
        now += timedelta(days=days)
        slot |= {
            "fetched_at": iso(now),
            **REFRESH.after_fetch(slot, data, changed=changed, fetched_at=iso(now), reason=reason),
        }
        slot["next_refresh_at"] = next_of("tmdb", {**document(slot), **data})
    return slot


def test_the_first_fetch_is_a_change_and_starts_the_count() -> None:
    expected = {"changed_at": iso(NOW), "unchanged_cycles": 0, "frozen_at": None, "recheck_at": None}
    assert REFRESH.after_fetch(None, OLD, changed=True, fetched_at=iso(NOW)) == expected
    assert REFRESH.after_fetch(EMPTY_SLOT, OLD, changed=False, fetched_at=iso(NOW)) == expected


def test_three_cycles_without_a_change_freeze_an_old_film_for_half_a_year() -> None:
    two = slot_after([(90, False, "due")] * 2)
    assert (two["unchanged_cycles"], two["frozen_at"]) == (2, None)
    three = slot_after([(90, False, "due")] * 3)
    frozen = NOW + timedelta(days=270)
    assert (three["unchanged_cycles"], three["frozen_at"]) == (3, iso(frozen))
    assert three["next_refresh_at"] == iso(frozen + timedelta(days=180))
    assert three["changed_at"] == iso(NOW)


def test_a_frozen_film_that_did_not_change_stays_frozen_since_then() -> None:
    later = slot_after([(90, False, "due")] * 3 + [(180, False, "due")])
    assert later["frozen_at"] == iso(NOW + timedelta(days=270))
    assert later["next_refresh_at"] == iso(NOW + timedelta(days=270 + 360))


def test_a_manual_fetch_of_a_frozen_film_keeps_it_frozen_for_another_half_year() -> None:
    reason = slot_after([(90, False, "due")] * 3 + [(10, False, "manual")])
    assert (reason["unchanged_cycles"], reason["frozen_at"]) == (3, iso(NOW + timedelta(days=270)))
    assert reason["next_refresh_at"] == iso(NOW + timedelta(days=280 + 180))


@pytest.mark.parametrize("reason", ["due", "manual", "feed"])
def test_a_change_thaws_whatever_the_fetch_reason(reason: FetchReason) -> None:
    thawed = slot_after([(90, False, "due")] * 3 + [(180, True, reason)])
    moment = NOW + timedelta(days=450)
    assert thawed["changed_at"] == iso(moment)
    assert (thawed["unchanged_cycles"], thawed["frozen_at"]) == (0, None)
    assert thawed["next_refresh_at"] == iso(moment + timedelta(days=90))


def test_a_change_in_between_starts_the_count_again() -> None:
    slot = slot_after([(90, False, "due"), (90, False, "due"), (90, True, "due"), (90, False, "due")])
    assert (slot["unchanged_cycles"], slot["frozen_at"]) == (1, None)


@pytest.mark.parametrize(
    "again", [(0, False, "manual"), (0, False, "due"), (89, False, "due"), (90, False, "manual"), (90, False, "feed")]
)
def test_a_manual_or_early_fetch_is_no_cycle(again: Fetch) -> None:
    assert slot_after([again] * 5)["unchanged_cycles"] == 0
    assert slot_after([again] * 5)["frozen_at"] is None


@pytest.mark.parametrize("data", [released(0), {"release_date": None}, released(-1000)])
def test_a_young_film_or_one_without_a_date_is_never_frozen(data: dict[str, Any]) -> None:
    slot = slot_after([(5, False, "due")] * 12, data)
    assert slot["frozen_at"] is None


# --- The changes feed -------------------------------------------------------------------------------------------


def after_feed(slot: dict[str, Any], hours: float, reason: FetchReason, *, changed: bool = False) -> dict[str, Any]:
    now = parse(slot["fetched_at"]) + timedelta(hours=hours)
    slot = {
        **slot,
        **REFRESH.after_fetch(slot, OLD, changed=changed, fetched_at=iso(now), reason=reason),
        "fetched_at": iso(now),
    }
    return {**slot, "next_refresh_at": next_of("tmdb", document(slot))}


def test_an_unchanged_title_of_the_feed_is_fetched_once_more_after_eight_hours() -> None:
    named = after_feed(slot_after([]), 10, "feed")
    assert named["next_refresh_at"] == named["recheck_at"] == iso(NOW + timedelta(hours=18))
    again = after_feed(named, 8, "due")
    assert (again["recheck_at"], again["unchanged_cycles"]) == (None, 0)
    assert again["next_refresh_at"] == iso(NOW + timedelta(hours=18, days=90))


def test_a_change_needs_no_recheck() -> None:
    named = after_feed(slot_after([]), 10, "feed", changed=True)
    assert named["recheck_at"] is None
    found = after_feed(after_feed(slot_after([]), 10, "feed"), 8, "due", changed=True)
    assert (found["recheck_at"], found["unchanged_cycles"]) == (None, 0)


def test_a_fetch_before_its_time_does_not_stand_for_the_recheck() -> None:
    early = after_feed(after_feed(slot_after([]), 10, "feed"), 1, "manual")
    assert early["next_refresh_at"] == early["recheck_at"] == iso(NOW + timedelta(hours=18))


def test_the_recheck_follows_the_last_listing_in_the_feed() -> None:
    twice = after_feed(after_feed(slot_after([]), 10, "feed"), 1, "feed")
    assert twice["recheck_at"] == iso(NOW + timedelta(hours=19))


def test_the_feed_and_its_recheck_leave_a_frozen_film_frozen() -> None:
    frozen = slot_after([(90, False, "due")] * 3)
    named = after_feed(frozen, 24, "feed")
    assert (named["frozen_at"], named["next_refresh_at"]) == (frozen["frozen_at"], named["recheck_at"])
    again = after_feed(named, 9, "due")
    assert (again["frozen_at"], again["unchanged_cycles"]) == (frozen["frozen_at"], 3)
    assert parse(again["next_refresh_at"]) - parse(again["fetched_at"]) == timedelta(days=180)


# --- Who can be asked, and from when on -------------------------------------------------------------------------

WITH_THE_NUMBERS = refresh(THE_NUMBERS_ENABLED="1")


@pytest.mark.parametrize(
    ("source", "kind", "top", "refresh", "is_askable"),
    [
        ("tmdb", "movies", {"imdb_id": None}, REFRESH, True),
        ("omdb", "movies", {}, REFRESH, True),
        ("omdb", "shows", {}, REFRESH, True),
        ("omdb", "movies", {"imdb_id": None}, REFRESH, False),
        ("the_numbers", "movies", {}, REFRESH, False),
        ("the_numbers", "movies", {"imdb_id": None}, WITH_THE_NUMBERS, True),
        ("the_numbers", "shows", {}, WITH_THE_NUMBERS, False),
    ],
)
def test_a_source_that_was_never_asked_is_due_at_once_if_it_can_be_asked(
    source: str, kind: str, top: dict[str, Any], refresh: Refresh, is_askable: bool
) -> None:
    assert next_of(source, document(**top), kind, refresh) == (iso(NOW) if is_askable else None)
    waiting = document({"next_refresh_at": "2026-11-01T00:00:00.000Z"}, source, **top)
    assert next_of(source, waiting, kind, refresh) == ("2026-11-01T00:00:00.000Z" if is_askable else None)


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_is_asked_about_a_title_gone_from_tmdb(source: str) -> None:
    stored = document({"fetched_at": iso(NOW)}, source)
    stored["sources"]["tmdb"]["gone_at"] = iso(NOW)
    assert next_of(source, stored, "movies", WITH_THE_NUMBERS) is None


def test_the_age_is_that_of_the_document_at_the_fetch() -> None:
    """OMDB often knows no date; the film is as old as TMDB says."""
    fetched = NOW - timedelta(days=400)
    slot = {"fetched_at": iso(fetched), "data": {}}
    young = document(slot, "omdb", release_date=str(fetched.date() - timedelta(days=60)))
    assert next_of("omdb", young) == iso(fetched + timedelta(days=5))
    assert next_of("omdb", document(slot, "omdb")) == iso(fetched + timedelta(days=180))


def test_failures_count_from_the_last_one() -> None:
    slot = {"fetched_at": iso(NOW - timedelta(days=9)), "failures": 3, "failed_at": iso(NOW)}
    assert next_of("omdb", document(slot, "omdb")) == iso(NOW + timedelta(days=4))


# --- Order and age ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(-1, "unreleased"), (0, "to_60"), (60, "to_60"), (61, "to_180"), (180, "to_180"), (181, "to_365"),
     (365, "to_365"), (366, "older")],
)  # fmt: skip
def test_age_classes_have_the_boundaries_of_the_table(days_ago: int, expected: str) -> None:
    assert age_class(released(days_ago), NOW) == expected
    assert expected in AGE_CLASSES


def test_a_title_without_a_date_has_a_class_of_its_own_and_comes_first() -> None:
    assert age_class({}, NOW) == "unknown"
    assert rank({}) > rank(released(-3000)) > rank(released(0)) > rank(released(1))


def test_omdb_is_asked_about_what_is_popular() -> None:
    slots = {source: {"next_refresh_at": iso(NOW)} for source in SOURCES}
    found = due_entries({"popularity": 61.4, "release_date": "1999-03-31", "sources": slots})
    assert [entry.rank == 61.4 for entry in found.values()] == [False, True, False]
    assert rank({"popularity": None}, "popular") == 0.0


MATRIX = {"release_date": "1999-03-31", "popularity": 90.0}
FORGOTTEN = {"release_date": "1999-04-01", "popularity": 0.6}
NEW = {"release_date": "2026-11-01", "popularity": 0.6}
UNDATED = {"popularity": 0.6}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("order", "first"),
    [("popular", [MATRIX, FORGOTTEN]), ("score", [UNDATED, MATRIX, NEW, FORGOTTEN])],
)
def test_every_source_can_be_asked_about_the_popular_or_the_best_score_first(
    source: str, order: str, first: list[dict[str, Any]]
) -> None:
    slots = {source: {"next_refresh_at": iso(NOW)}}
    ranks = [due_entries({**document, "sources": slots}, order)[source].rank for document in first]
    assert ranks == sorted(set(ranks), reverse=True)


@pytest.mark.parametrize("popularity", [0, None, -1, 0.0])
def test_a_title_without_popularity_scores_by_its_release_date(popularity: float | None) -> None:
    document = {"release_date": "1999-03-31", "popularity": popularity}
    assert rank(document, "score") == rank(document, "newest")


@pytest.mark.parametrize("day", ["2046-99-99", "soon", "", None])
def test_an_invalid_date_gives_no_age(day: str | None) -> None:
    assert age_date({"release_date": day}) is None


@given(st.text())
def test_any_text_for_a_date_is_a_day_or_none(text: str) -> None:
    day = age_date({"release_date": text})
    assert day is None or str(date.fromisoformat(day)) == day


# --- Settings ---------------------------------------------------------------------------------------------------


def test_settings_arrive() -> None:
    given = {"REFRESH_OMDB": "1, 2,3 ,4", "REFRESH_FREEZE_AFTER": 5, "THE_NUMBERS_ENABLED": "1"}
    config = Config.from_settings(given)
    assert refresh_of(config).rules["omdb"].row == (1, 2, 3, 4)
    assert config.refresh.freeze_after == 5
    assert config.the_numbers.enabled


@pytest.mark.parametrize(
    ("name", "value"),
    [("REFRESH_TMDB", "5,15,x,90"), ("REFRESH_OMDB", ""), ("REFRESH_THE_NUMBERS", "5,5,5"),
     ("REFRESH_FREEZE_AFTER", "0"), ("REFRESH_ORDER", "oldest"), ("THE_NUMBERS_ENABLED", "perhaps"),
     *(("REFRESH_OMDB", row) for row in ("5,15,30", "15,5,30,90", "0,5,5,5", "5,15,30,181"))],
)  # fmt: skip
def test_a_setting_that_is_wrong_is_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"\A{name}=.*must be .*\Z"):
        Config.from_settings({name: value})


_fetch = st.tuples(st.integers(0, 400), st.booleans(), st.sampled_from(["due", "manual", "feed"]))


@given(st.lists(_fetch, max_size=12))
def test_nothing_is_kept_longer_than_six_months_and_frozen_means_three_cycles(fetches: list[Fetch]) -> None:
    slot = slot_after(fetches)
    pause = parse(slot["next_refresh_at"]) - parse(slot["fetched_at"])
    assert timedelta(0) < pause <= timedelta(days=180)
    assert (slot["frozen_at"] is not None) == (slot["unchanged_cycles"] >= 3)
    if slot["recheck_at"] is None:
        assert (pause == timedelta(days=180)) == (slot["frozen_at"] is not None)


@pytest.mark.parametrize(
    ("slot", "due"),
    [
        (None, True),
        ({"next_refresh_at": None}, False),
        ({}, False),
        ({"next_refresh_at": iso(NOW)}, True),
        ({"next_refresh_at": iso(NOW + timedelta(milliseconds=1))}, False),
        ({"next_refresh_at": iso(NOW - timedelta(days=1))}, True),
    ],
)
def test_due_is_what_was_never_asked_or_has_waited_long_enough(slot: dict[str, Any] | None, due: bool) -> None:
    assert is_due(slot, NOW) is due


def test_failures_postpone_by_a_day_doubling_to_thirty() -> None:
    days = [(parse(postponed_until(failures, NOW)) - NOW).days for failures in (1, 2, 3, 4, 5, 6, 7, 10_000)]
    assert days == [1, 2, 4, 8, 16, 30, 30, 30]


def test_the_day_of_release_is_a_day_of_utc() -> None:
    assert age({"release_date": str(date(2026, 11, 21))}, NOW) == 0
