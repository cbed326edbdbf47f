"""How far apart the release dates of a record and a document are."""

import datetime as dt
from typing import NamedTuple

from moviecrawler.documents.facts import Facts

UNKNOWN_DAYS = 10**6
"""Days between two dates if one of them is unknown."""
MAX_YEARS_LATER = 3
"""A festival film reaches American cinemas up to this many years later."""
SEASON = 120
"""Days from the autumn festivals to the next year."""
YEAR_ALONE = {(1, 1), (12, 31)}
"""Month and day with which a table of a source writes a year without a day."""
SHORT_TITLE, LONG_TITLE = 8, 13
"""Many films share a title with fewer letters; two films within a few years rarely share one of ``LONG_TITLE``."""


def letter_count(key: str) -> int:
    """Letters of a normalised title; a single word never counts as long, since many films share one."""
    return len(key) if " " in key else min(len(key), LONG_TITLE - 1)


class Dates(NamedTuple):
    """``days`` between the nearest two dates; ``gap`` in years and ``lag`` in days by which the record is later.

    ``gap`` is None where a year is unknown, ``lag`` where a date is unknown, or only stands for its year.
    """

    days: int
    gap: int | None
    lag: int | None
    wait: int | None
    """Days by which the record is later at least, judged by its year; None where that or the other date is unknown."""
    has_us_release: bool
    """Whether the document has a release in the United States: a distant date then is not a later American release."""

    @property
    def years_apart(self) -> int:
        """Whole years between the dates, else between the years."""
        return abs(self.gap or 0) if self.lag is None else abs(self.lag) // 366

    def is_possible(self, *, exact: bool) -> bool:
        """False: too far apart for one film, whatever else supports the match."""
        if self.gap is None:
            return True
        return -1 <= self.gap <= (MAX_YEARS_LATER if exact else 1) and (self.lag is None or self.lag >= -365)

    def is_close(self, size: int, *, exact: bool) -> bool:
        """Whether a title of ``size`` letters, exact or in another spelling, is enough with these dates."""
        brief, long = size < SHORT_TITLE, size >= LONG_TITLE
        if self.gap is None:
            return False
        if self.lag is None and self.gap == 0:
            return exact or not brief
        if self.lag is None:
            soon = self.gap == 1 and self.wait is not None and self.wait <= SEASON and not brief
            return exact and (soon or (long and abs(self.gap) == 1))
        if self.has_us_release or not exact:
            before, after = (120, 365) if long else (60, 60)
        else:
            before, after = (60, 120) if brief else (365, 2 * 365) if long else (120, 365)
        return -before <= self.lag <= after


def compare_dates(record: Facts, document: Facts) -> Dates:
    """The dates of a record and a document; their first releases in the United States are compared as well."""
    theirs, ours = _dates(record), _dates(document)
    lags = [(one - other).days for one in theirs for other in ours]
    lag = min(lags, key=abs, default=None)
    gaps = [one - other for one in _years(record, theirs) for other in _years(document, ours)]
    vague = any((date.month, date.day) in YEAR_ALONE for date in theirs) or all(
        (date.month, date.day) == (1, 1) for date in ours
    )
    year = min(_years(record, theirs), default=None)
    return Dates(
        days=UNKNOWN_DAYS if lag is None else abs(lag),
        gap=min(gaps, key=abs, default=None),
        lag=None if vague else lag,
        wait=(dt.date(year, 1, 1) - max(ours)).days if year and ours else None,
        has_us_release=_first_at_home(document) is not None,
    )


def _dates(record: Facts) -> list[dt.date]:
    return [dt.date.fromisoformat(date[:10]) for date in (record.get("release_date"), _first_at_home(record)) if date]


def _first_at_home(record: Facts) -> str | None:
    return min(
        (
            day
            for release in record.get("releases") or ()
            if release.get("country") == "US" and release.get("type") != 1 and (day := release.get("date"))
        ),
        default=None,
    )


def _years(record: Facts, dates: list[dt.date]) -> set[int]:
    years = {date.year for date in dates}
    year = record.get("year")
    return years | {year} if year else years
