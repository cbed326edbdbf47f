"""Which backups are kept: one for each of the last days, weeks and months that have one."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from moviecrawler.config.fields import MAX_CACHE_DAYS


class DatedBackup(NamedTuple):
    """``name`` sorts by time."""

    name: str
    day: date
    verified: bool


class Rotation(NamedTuple):
    """How many days, ISO weeks and months keep a backup."""

    daily: int
    weekly: int
    monthly: int


DEFAULT = Rotation(7, 4, 5)


def parse_rotation(text: str) -> Rotation:
    """ValueError for anything but three whole numbers, the first of at least 1.

    >>> parse_rotation("7,4,5")
    Rotation(daily=7, weekly=4, monthly=5)
    """
    words = [word.strip() for word in text.split(",")]
    if len(words) != 3 or not all(word.isascii() and word.isdecimal() and len(word) < 5 for word in words):
        raise ValueError(text)
    rotation = Rotation(*map(int, words))
    if not rotation.daily:
        raise ValueError(text)
    return rotation


def is_beyond_terms(day: date, today: date) -> bool:
    """Whether what was backed up on this day must no longer hold anything of TMDB.

    >>> is_beyond_terms(date(2026, 1, 1), date(2026, 6, 30)), is_beyond_terms(date(2026, 1, 1), date(2026, 7, 1))
    (False, True)
    """
    return today - day > timedelta(days=MAX_CACHE_DAYS)


def kept_backups(backups: Iterable[DatedBackup], rotation: Rotation) -> set[str]:
    """The names of those that stay: of each period the newest verified one, or the newest where none is verified.

    A day, week or month without a backup does not count. The newest of all stays, and so does the newest verified one.

    >>> days = [DatedBackup(f"{day}", date(2026, 11, day), verified=day < 21) for day in range(10, 23)]
    >>> sorted(kept_backups(days, Rotation(2, 1, 0)))
    ['20', '21', '22']
    """
    newest_first = sorted(backups, reverse=True)
    verified = [one for one in newest_first if one.verified]
    kept = {one.name for one in (*newest_first[:1], *verified[:1])}
    periods: list[tuple[int, Callable[[date], Any]]] = [
        (rotation.daily, lambda day: day),
        (rotation.weekly, lambda day: day.isocalendar()[:2]),
        (rotation.monthly, lambda day: (day.year, day.month)),
    ]
    for number, period_of in periods:
        best: dict[Any, DatedBackup] = {}
        for one in newest_first:
            found = best.setdefault(period_of(one.day), one)
            if one.verified and not found.verified:
                best[period_of(one.day)] = one
        kept |= {best[period].name for period in sorted(best, reverse=True)[:number]}
    return kept
