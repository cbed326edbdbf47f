"""When a source is asked again about a title, and when it is left in peace.

The younger a film, the more often its data changes. What did not change in three cycles is frozen: it is asked
again after 180 days, since TMDB's terms allow no content to be cached longer than six months.

All functions work on a source's *slot* of the stored document (``docs/data-model.md``); its moments are strings of
``policy.moments``. ``data`` is what the source said: a mapping with the fields of ``items.Movie`` or ``items.Show``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.moments import iso
from moviecrawler.policy.numbers import within

AGES = (60, 180, 365)
"""Days since release at which a row of the table ends; a boundary belongs to the younger row."""

SIX_MONTHS = 180
"""Days; the longest that TMDB's terms let its content be kept without asking again."""

LONGEST_POSTPONEMENT = 30

Row = tuple[int, int, int, int]


class Cycle(TypedDict):
    """The fields of a slot that a fetch renews."""

    changed_at: str | None
    unchanged_cycles: int
    frozen_at: str | None
    next_refresh_at: str


@dataclass(frozen=True)
class Refresh:
    """Days between two fetches per source: a title up to 60, 180, 365 days old, and older."""

    tmdb: Row = (5, 15, 30, 90)
    omdb: Row = (5, 30, 90, 180)
    the_numbers: Row = (5, 30, 90, 180)
    freeze_after: int = 3

    def __post_init__(self) -> None:
        for source in ("tmdb", "omdb", "the_numbers"):
            row = getattr(self, source)
            if len(row) != 4 or list(row) != sorted(row) or not 1 <= row[0] <= row[-1] <= SIX_MONTHS:
                raise ConfigurationError(
                    f"REFRESH_{source.upper()}={','.join(map(str, row))!r} is no row of the refresh table; "
                    f"allowed: four whole numbers of days, 1 to {SIX_MONTHS}, none smaller than the one before"
                )
        within("REFRESH_FREEZE_AFTER", self.freeze_after, 1, unit="cycles without a change")

    def interval(self, source: str, data: Mapping[str, Any], now: datetime) -> timedelta:
        """Time from one fetch to the next by the age of the title; a source without a row is an AttributeError.

        >>> from datetime import UTC
        >>> Refresh().interval("omdb", {"release_date": "2026-09-01"}, datetime(2026, 11, 21, tzinfo=UTC)).days
        30
        """
        days = age(data, now)
        row: Row = getattr(self, source)
        return timedelta(days=row[0] if days is None else row[sum(days > limit for limit in AGES)])

    def next_refresh_at(self, source: str, data: Mapping[str, Any], now: datetime) -> str:
        return iso(now + self.interval(source, data, now))

    def after_fetch(
        self,
        source: str,
        previous: Mapping[str, Any] | None,
        data: Mapping[str, Any],
        *,
        changed: bool,
        now: datetime,
        forced: bool = False,
    ) -> Cycle:
        """The slot's fields after a fetch at ``now``; ``previous`` is the slot before it, None or empty at the first.

        A *cycle* is a fetch that was due. One that was ``forced`` (asked for by id, with ``force=1``, by the changes
        feed or its recheck) is none: else five forced crawls in an hour would freeze everything.
        """
        before = previous if previous and previous.get("fetched_at") else None
        if before is None or changed:
            return Cycle(
                changed_at=iso(now),
                unchanged_cycles=0,
                frozen_at=None,
                next_refresh_at=self.next_refresh_at(source, data, now),
            )
        is_cycle = not forced and is_due(before, now)
        unchanged = (before.get("unchanged_cycles") or 0) + is_cycle
        days = age(data, now)
        frozen_at = before.get("frozen_at")
        if is_cycle and unchanged >= self.freeze_after and days is not None and days > AGES[-1]:
            frozen_at = frozen_at or iso(now)
        return Cycle(
            changed_at=before.get("changed_at"),
            unchanged_cycles=unchanged,
            frozen_at=frozen_at,
            next_refresh_at=(
                iso(now + timedelta(days=SIX_MONTHS)) if frozen_at else self.next_refresh_at(source, data, now)
            ),
        )


def age(data: Mapping[str, Any], now: datetime) -> int | None:
    """Whole days since release, negative before it; None where the date is unknown.

    A show on the air is as old as its last episode.

    >>> from datetime import UTC
    >>> age({"release_date": "2026-11-01"}, datetime(2026, 11, 21, tzinfo=UTC))
    20
    """
    on_air = data.get("in_production") or data.get("status") == "Returning Series"
    text = (on_air and data.get("last_air_date")) or data.get("release_date") or data.get("first_air_date")
    try:
        return (now.date() - date.fromisoformat(text or "")).days
    except ValueError:
        return None


def is_due(slot: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the source wants to be asked now. Without a slot it does; ``next_refresh_at`` None is "not askable"."""
    if slot is None:
        return True
    at = slot.get("next_refresh_at")
    return at is not None and at <= iso(now)


def postponed(failures: int, now: datetime) -> str:
    """``next_refresh_at`` after so many failures in a row: a day, doubling to 30, so that nothing starves behind it.

    >>> from datetime import UTC
    >>> [postponed(failures, datetime(2026, 11, 1, tzinfo=UTC))[:10] for failures in (1, 2, 9)]
    ['2026-11-02', '2026-11-03', '2026-12-01']
    """
    return iso(now + timedelta(days=min(2 ** min(failures - 1, 5), LONGEST_POSTPONEMENT)))
