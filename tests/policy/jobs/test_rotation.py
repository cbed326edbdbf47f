"""Which backups stay."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.jobs.rotation import DEFAULT, DatedBackup, Rotation, kept_backups, parse_rotation


def backup(day: str, number: int = 1, *, verified: bool = True) -> DatedBackup:
    return DatedBackup(f"{day}#{number}", date.fromisoformat(day), verified)


def nightly(days: int) -> list[DatedBackup]:
    last = date(2026, 11, 22)  # a Sunday
    return [backup((last - timedelta(days=ago)).isoformat()) for ago in range(days)]


@pytest.mark.parametrize(
    ("rotation", "kept"),
    [
        (Rotation(1, 0, 0), ["11-22"]),
        (Rotation(3, 0, 0), ["11-20", "11-21", "11-22"]),
        (Rotation(1, 3, 0), ["11-08", "11-15", "11-22"]),
        (Rotation(1, 0, 3), ["09-30", "10-31", "11-22"]),
        (
            DEFAULT,
            [
                *("07-31", "08-31", "09-30", "10-31", "11-01", "11-08", "11-15"),
                *("11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22"),
            ],
        ),
    ],
)
def test_of_a_year_of_nights_those_of_the_last_periods_stay(rotation: Rotation, kept: list[str]) -> None:
    assert sorted(kept_backups(nightly(365), rotation)) == [f"2026-{day}#1" for day in kept]


def test_a_period_without_a_backup_does_not_count() -> None:
    found = [backup("2024-01-05"), backup("2025-01-05"), backup("2026-01-05"), backup("2026-11-22")]
    assert len(kept_backups(found, Rotation(3, 0, 0))) == 3


def test_of_a_day_the_newest_verified_one_stays() -> None:
    found = [
        backup("2026-11-21", 1),
        backup("2026-11-21", 2),
        backup("2026-11-21", 3, verified=False),
        backup("2026-11-22", 1),
    ]
    assert kept_backups(found, Rotation(2, 0, 0)) == {"2026-11-21#2", "2026-11-22#1"}


def test_the_last_verified_one_stays_however_old_it_is() -> None:
    old = backup("2020-01-01")
    found = [old, *(one._replace(verified=False) for one in nightly(30))]
    assert old.name in kept_backups(found, Rotation(1, 0, 0))


def test_the_newest_one_stays() -> None:
    found = [backup("2026-11-22", 1), backup("2026-11-22", 2, verified=False)]
    assert kept_backups(found, Rotation(1, 0, 0)) == {"2026-11-22#1", "2026-11-22#2"}


@pytest.mark.parametrize(
    "text", ["", "7", "7,4", "7,4,5,1", "0,4,5", "a,b,c", "-1,4,5", "7,4,5.0", "٧,4,5", "99999,1,1"]
)
def test_what_is_no_rotation_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_rotation(text)


BACKUPS = st.lists(
    st.builds(
        lambda ago, number, verified: backup(
            (date(2026, 11, 22) - timedelta(days=ago)).isoformat(), number, verified=verified
        ),
        st.integers(0, 900),
        st.integers(1, 3),
        st.booleans(),
    ),
    unique_by=lambda one: one.name,
)


@given(BACKUPS, st.builds(Rotation, st.integers(1, 9), st.integers(0, 9), st.integers(0, 9)))
def test_the_newest_verified_one_always_stays_and_again_nothing_goes(
    found: list[DatedBackup], rotation: Rotation
) -> None:
    kept = kept_backups(found, rotation)
    assert kept <= {one.name for one in found}
    if verified := [one.name for one in found if one.verified]:
        assert max(verified) in kept
    if found:
        assert max(one.name for one in found) in kept
    assert len(kept) <= sum(rotation) + 2
    left = [one for one in found if one.name in kept]
    assert kept_backups(left, rotation) == kept
