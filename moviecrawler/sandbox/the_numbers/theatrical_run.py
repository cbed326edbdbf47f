"""The daily grosses of a film in cinemas, from which charts, film pages and totals are derived, so that they agree."""

from __future__ import annotations

import datetime as dt
import functools
from itertools import accumulate, pairwise
from typing import NamedTuple

from moviecrawler.sandbox.catalogue import seeded

LONGEST_RUN = dt.timedelta(weeks=13)
_WEEKDAYS = (0.30, 0.36, 0.30, 0.28, 1.00, 1.25, 0.85)  # Monday first
_WEEKLY_FACTOR = 0.62
_FRIDAY = 4


class Day(NamedTuple):
    """One day of a run; ``number``: from 1; ``gross``: of this day, ``total``: including all days before (USD)."""

    date: dt.date
    number: int
    gross: int
    total: int
    theaters: int


@functools.lru_cache(maxsize=512)
def days(slug: str, release_day: dt.date, domestic: int) -> tuple[Day, ...]:
    """All days of a run, whose grosses add up to ``domestic``; empty for a film that earned nothing."""
    if not domestic:
        return ()
    weeks = 4 + seeded.bits("run", slug) % (LONGEST_RUN.days // 7 - 4)
    dates = [release_day + dt.timedelta(days=n) for n in range(7 * weeks)]
    weights = [_WEEKDAYS[date.weekday()] * _WEEKLY_FACTOR ** (n // 7) for n, date in enumerate(dates)]
    whole = sum(weights)
    totals = [0, *(round(domestic * share / whole) for share in accumulate(weights))]
    widest = 40 + min(4300, domestic // 40_000)
    return tuple(
        Day(date, n + 1, after - before, after, max(1, int(widest * 0.8 ** max(0, n // 7 - 1))))
        for n, (date, (before, after)) in enumerate(zip(dates, pairwise(totals), strict=True))
    )


def weekend_of(run: tuple[Day, ...], friday: dt.date) -> tuple[int, Day] | None:
    """(gross, last day in cinemas) of the weekend from ``friday`` to Sunday; None if the film was not in cinemas."""
    on = [day for day in run if friday <= day.date <= friday + dt.timedelta(days=2)]
    return (sum(day.gross for day in on), on[-1]) if on else None


def opening_weekend(run: tuple[Day, ...]) -> int:
    """The gross of the first weekend, from Friday to Sunday."""
    if not run:
        return 0
    first = run[0].date
    # A film that starts on a Saturday or Sunday opens in the rest of that weekend.
    back = (first.weekday() - _FRIDAY) % 7
    friday = first - dt.timedelta(days=back) if back <= 2 else first + dt.timedelta(days=7 - back)
    found = weekend_of(run, friday)
    return found[0] if found else 0
