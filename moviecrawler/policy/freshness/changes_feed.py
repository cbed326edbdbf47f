"""Which windows of TMDB's changes feed to read, and which of its daily exports.

The feed works by whole UTC days, gives no time of day, and TMDB caches its pages for hours. So the days of the cursor
and of now are read completely, and the day before the cursor once more. A day that is not over is read by every run of
that day; a title fetched for it is not fetched again until the next day's run reads the day once more.
"""

from collections.abc import Set
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self, TypedDict

from moviecrawler import timestamps
from moviecrawler.policy.freshness.date_windows import Window

MAX_WINDOW_DAYS = 14
"""Days of one window, both ends included: https://developer.themoviedb.org/reference/changes-movie-list."""

MAX_GAP = timedelta(days=90)
"""Older gaps are left to the refresh table, which has fetched every title that is not frozen since then."""

EXPORT_READY = timedelta(hours=8)
"""After midnight UTC: https://developer.themoviedb.org/docs/daily-id-exports."""

_DAY = timedelta(days=1)


class FeedWindows(NamedTuple):
    """``windows`` to read, oldest first; ``cursor`` to store once everything listed in them is stored."""

    windows: list[Window]
    cursor: str


def feed_windows(cursor: str | None, now: datetime) -> FeedWindows:
    """The windows since the stored ``cursor``; without one, the last 24 hours. ``now``: before the first page.

    The day before the cursor is a window of its own, so that :func:`covers` can tell what was already fetched for it.
    Windows share their border day: TMDB does not document whether the last day of a window belongs to it.

    >>> now = datetime(2026, 11, 21, 6, tzinfo=UTC)
    >>> [(str(window.first), str(window.last)) for window in feed_windows("2026-11-20T06:00:00.000Z", now).windows]
    [('2026-11-19', '2026-11-19'), ('2026-11-20', '2026-11-21')]
    """
    today = now.astimezone(UTC).date()
    if cursor is None:
        since, windows = today - _DAY, []
    else:
        since = min(max(timestamps.parse(cursor), now - MAX_GAP), now).astimezone(UTC).date()
        windows = [Window(since - _DAY, since - _DAY)]
    while True:
        windows.append(Window(since, min(since + (MAX_WINDOW_DAYS - 1) * _DAY, today)))
        if (since := windows[-1].last) == today:
            return FeedWindows(windows, timestamps.iso(now))


def covers(fetched_at: str | None, window: Window) -> bool:
    """Whether TMDB's last answer is newer than the last day of ``window``, so nothing listed there is missed.


    >>> covers("2026-11-20T06:00:00.000Z", Window(date(2026, 11, 19), date(2026, 11, 19)))
    True
    """
    return fetched_at is not None and timestamps.parse(fetched_at).date() > window.last


class StoredFetchedForDay(TypedDict):
    """As :class:`FetchedForDay` stands in the state."""

    at: str
    ids: list[int]


class FetchedForDay(NamedTuple):
    """Stored titles that were listed for the day of the feed read at ``at``, and were fetched since that day began."""

    at: str
    ids: Set[int]

    @classmethod
    def parse(cls, stored: StoredFetchedForDay | None) -> Self:
        """From the state, where older versions stored none."""
        return cls(stored["at"], frozenset(stored["ids"])) if stored else cls("", frozenset())

    def today(self, now: datetime) -> Set[int]:
        """Titles that need not be fetched again for the day of ``now``, which is not over.

        >>> asked = FetchedForDay("2026-11-20T06:00:00.000Z", {603})
        >>> [sorted(asked.today(datetime(2026, 11, day, 23, tzinfo=UTC))) for day in (20, 21)]
        [[603], []]
        """
        return self.ids if timestamps.trusted(self.at, now)[:10] == timestamps.day(now) else frozenset()

    def after(self, named: Set[int], now: datetime) -> "FetchedForDay":
        """The value once all titles are stored that a read at ``now`` has ``named`` in a window that ends that day.

        Such a window may begin on an earlier day. A title that was fetched then may be listed for that earlier day
        only, and does not count for the new one.
        """
        today = self.today(now)
        return FetchedForDay(timestamps.iso(now), today | named if today else named - self.ids)

    def dump(self) -> StoredFetchedForDay:
        return {"at": self.at, "ids": sorted(self.ids)}


def export_days(now: datetime) -> tuple[date, date]:
    """The day of the newest export that is ready, and the day before: their difference is what is new or gone.


    >>> [str(day) for day in export_days(datetime(2026, 11, 21, 7, 59, tzinfo=UTC))]
    ['2026-11-20', '2026-11-19']
    """
    newest = (now.astimezone(UTC) - EXPORT_READY).date()
    return newest, newest - _DAY
