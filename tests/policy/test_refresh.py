"""Young titles are asked for often, old ones seldom; what no longer changes is frozen, and thaws when it does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.moments import iso, parse
from moviecrawler.policy.refresh import Refresh, age, is_due, postponed

NOW = datetime(2026, 11, 21, 23, 59, 59, 999000, tzinfo=UTC)
OLD = {"release_date": "1999-03-31"}
REFRESH = Refresh()


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


def slot_after(fetches: list[tuple[int, bool, bool]], data: dict[str, Any] = OLD) -> dict[str, Any]:
    """A slot after its first fetch at NOW and then ``fetches``: (days later, changed, forced)."""
    slot: dict[str, Any] = {"fetched_at": None, "next_refresh_at": None}
    now = NOW
    for days, changed, forced in [(0, True, False), *fetches]:
        now += timedelta(days=days)
        after = REFRESH.after_fetch("tmdb", slot, data, changed=changed, now=now, forced=forced)
        slot = {"fetched_at": iso(now), **after}
    return slot


def test_the_first_fetch_is_a_change_and_starts_the_count() -> None:
    expected = {
        "changed_at": iso(NOW),
        "unchanged_cycles": 0,
        "frozen_at": None,
        "next_refresh_at": iso(NOW + timedelta(days=90)),
    }
    assert REFRESH.after_fetch("tmdb", None, OLD, changed=True, now=NOW) == expected
    empty = {"fetched_at": None, "changed_at": None, "unchanged_cycles": 0, "frozen_at": None, "next_refresh_at": None}
    assert REFRESH.after_fetch("tmdb", empty, OLD, changed=False, now=NOW) == expected


def test_three_cycles_without_a_change_freeze_an_old_film_for_half_a_year() -> None:
    two = slot_after([(90, False, False)] * 2)
    assert (two["unchanged_cycles"], two["frozen_at"]) == (2, None)
    three = slot_after([(90, False, False)] * 3)
    frozen = NOW + timedelta(days=270)
    assert (three["unchanged_cycles"], three["frozen_at"]) == (3, iso(frozen))
    assert three["next_refresh_at"] == iso(frozen + timedelta(days=180))
    assert three["changed_at"] == iso(NOW)


def test_a_frozen_film_that_did_not_change_stays_frozen_since_then() -> None:
    later = slot_after([(90, False, False)] * 3 + [(180, False, False)])
    assert later["frozen_at"] == iso(NOW + timedelta(days=270))
    assert later["next_refresh_at"] == iso(NOW + timedelta(days=270 + 360))


def test_a_forced_fetch_of_a_frozen_film_keeps_it_frozen_for_another_half_year() -> None:
    forced = slot_after([(90, False, False)] * 3 + [(10, False, True)])
    assert (forced["unchanged_cycles"], forced["frozen_at"]) == (3, iso(NOW + timedelta(days=270)))
    assert forced["next_refresh_at"] == iso(NOW + timedelta(days=280 + 180))


def test_a_change_thaws() -> None:
    thawed = slot_after([(90, False, False)] * 3 + [(180, True, False)])
    moment = NOW + timedelta(days=450)
    assert thawed["changed_at"] == iso(moment)
    assert (thawed["unchanged_cycles"], thawed["frozen_at"]) == (0, None)
    assert thawed["next_refresh_at"] == iso(moment + timedelta(days=90))


def test_a_change_in_between_starts_the_count_again() -> None:
    slot = slot_after([(90, False, False), (90, False, False), (90, True, False), (90, False, False)])
    assert (slot["unchanged_cycles"], slot["frozen_at"]) == (1, None)


@pytest.mark.parametrize("again", [(0, False, True), (0, False, False), (89, False, False), (90, False, True)])
def test_what_was_forced_or_not_due_is_no_cycle(again: tuple[int, bool, bool]) -> None:
    assert slot_after([again] * 5)["unchanged_cycles"] == 0
    assert slot_after([again] * 5)["frozen_at"] is None


@pytest.mark.parametrize("data", [released(0), {}, released(-1000)])
def test_a_young_film_or_one_without_a_date_is_never_frozen(data: dict[str, Any]) -> None:
    slot = slot_after([(5, False, False)] * 12, data)
    assert slot["frozen_at"] is None


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans(), st.booleans()), max_size=12))
def test_nothing_is_kept_longer_than_six_months_and_frozen_means_three_cycles(
    fetches: list[tuple[int, bool, bool]],
) -> None:
    slot = slot_after(fetches)
    pause = parse(slot["next_refresh_at"]) - parse(slot["fetched_at"])
    assert timedelta(0) < pause <= timedelta(days=180)
    assert (slot["frozen_at"] is not None) == (slot["unchanged_cycles"] >= 3)
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
    days = [(parse(postponed(failures, NOW)) - NOW).days for failures in (1, 2, 3, 4, 5, 6, 7, 10_000)]
    assert days == [1, 2, 4, 8, 16, 30, 30, 30]


def test_the_day_of_release_is_a_day_of_utc() -> None:
    assert age({"release_date": str(date(2026, 11, 21))}, NOW) == 0


@pytest.mark.parametrize("row", [(5, 15, 30), (15, 5, 30, 90), (0, 5, 5, 5), (5, 15, 30, 181)])
def test_a_wrong_row_is_one_line_that_names_its_setting(row: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"\AREFRESH_OMDB='.*'.*allowed: .*\Z"):
        Refresh(omdb=row)


def test_a_freeze_after_no_cycle_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\AREFRESH_FREEZE_AFTER=0 .*allowed: 1 or more"):
        Refresh(freeze_after=0)
