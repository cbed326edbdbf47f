"""When a source is asked again about a title, and when it is left in peace.

The younger a film, the more often its data changes. What did not change in three cycles is frozen: it is asked
again after 180 days, since TMDB's terms allow no content to be cached longer than six months.

A *slot* is what a stored document keeps of one source (``docs/data-model.md``); its moments are strings of
``timestamps``. When a source is asked next follows from the slots and the top level alone, so it does not matter
in which order answers came; only a source never asked is due from the moment on at which it can be asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log10
from typing import Any, Self, TypedDict

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.items import Asked
from moviecrawler.policy.freshness.gone import second_look
from moviecrawler.policy.setting_values import switch, whole_number, within
from moviecrawler.timestamps import iso, parse, past

SOURCES = ("tmdb", "omdb", "the_numbers")

ORDERS = ("newest", "popular", "score")
"""REFRESH_ORDER: which titles a source is asked about first."""

TENFOLD = 20 * 365
"""Days of release that outweigh ten times the popularity, in the order ``score``."""

AGES = (60, 180, 365)
"""Days since release at which a row of the table ends; a boundary belongs to the younger row."""

AGE_CLASSES = ("unreleased", "to_60", "to_180", "to_365", "older", "unknown")

SIX_MONTHS = 180
"""Days; the longest that TMDB's terms let its content be kept without asking again."""

RECHECK = timedelta(hours=8)
"""TMDB serves cached bodies: what the changes feed named and came back unchanged is looked at once more."""

LONGEST_POSTPONEMENT = 30

Row = tuple[int, int, int, int]


class Cycle(TypedDict):
    """The fields of a slot that a fetch renews."""

    changed_at: str | None
    unchanged_cycles: int
    frozen_at: str | None
    recheck_at: str | None


@dataclass(frozen=True)
class Refresh:
    """Days between two fetches per source: a title up to 60, 180, 365 days old, and older."""

    tmdb: Row = (5, 15, 30, 90)
    omdb: Row = (5, 30, 90, 180)
    the_numbers: Row = (5, 30, 90, 180)
    freeze_after: int = 3
    order: str = ORDERS[0]
    the_numbers_enabled: bool = False

    def __post_init__(self) -> None:
        for source in SOURCES:
            row = getattr(self, source)
            if len(row) != 4 or list(row) != sorted(row) or not 1 <= row[0] <= row[-1] <= SIX_MONTHS:
                raise ConfigurationError(
                    f"REFRESH_{source.upper()}={','.join(map(str, row))!r} is no row of the refresh table; "
                    f"allowed: four whole numbers of days, 1 to {SIX_MONTHS}, none smaller than the one before"
                )
        if self.order not in ORDERS:
            raise ConfigurationError(f"REFRESH_ORDER={self.order!r} is no order; allowed: {', '.join(ORDERS)}")
        within("REFRESH_FREEZE_AFTER", self.freeze_after, 1, unit="cycles without a change")

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From ``REFRESH_TMDB=5,15,30,90`` and its like, the other ``REFRESH_...`` and ``THE_NUMBERS_ENABLED``."""
        rows: dict[str, Any] = {}
        for source in SOURCES:
            name = f"REFRESH_{source.upper()}"
            rows[source] = tuple(whole_number(name, days.strip()) for days in str(settings[name]).split(","))
        return cls(
            **rows,
            freeze_after=whole_number("REFRESH_FREEZE_AFTER", settings["REFRESH_FREEZE_AFTER"]),
            order=str(settings["REFRESH_ORDER"]).strip(),
            the_numbers_enabled=switch("THE_NUMBERS_ENABLED", settings["THE_NUMBERS_ENABLED"]),
        )

    def interval(self, source: str, document: Mapping[str, Any], now: datetime) -> timedelta:
        """Time from one fetch to the next by the age of the title; a source without a row is an AttributeError.

        >>> from datetime import UTC
        >>> Refresh().interval("omdb", {"release_date": "2026-09-01"}, datetime(2026, 11, 21, tzinfo=UTC)).days
        30
        """
        days = age(document, now)
        row: Row = getattr(self, source)
        return timedelta(days=row[0] if days is None else row[sum(days > limit for limit in AGES)])

    def askable(self, source: str, kind: str, document: Mapping[str, Any]) -> bool:
        """Whether the source can be asked at all: TMDB about what it has, OMDB by IMDb id, The Numbers about films."""
        if document["sources"]["tmdb"]["gone_at"]:
            return False
        if source == "omdb":
            return bool(document["imdb_id"])
        return source == "tmdb" or (self.the_numbers_enabled and kind == "movies")

    def next_refresh_at(self, source: str, kind: str, document: Mapping[str, Any], now: str) -> str | None:
        """From when on the source wants to be asked, by its slot and the top level; None: it cannot be asked."""
        slot = document["sources"][source]
        if not self.askable(source, kind, document):
            return None
        if _is_ahead(slot, now):
            return now
        if slot.get("failures"):
            failed = parse(slot["failed_at"])
            return second_look(failed) if slot.get("gone_noted_at") else postponed(slot["failures"], failed)
        if slot["fetched_at"] is None:
            return past(slot["next_refresh_at"], now) or now
        fetched = parse(slot["fetched_at"])
        pause = timedelta(days=SIX_MONTHS) if slot["frozen_at"] else self.interval(source, document, fetched)
        at = iso(fetched + pause)
        return min(at, slot.get("recheck_at") or at)

    def after_fetch(
        self,
        previous: Mapping[str, Any] | None,
        document: Mapping[str, Any],
        *,
        changed: bool,
        fetched_at: str,
        asked: Asked = "due",
    ) -> Cycle:
        """The slot's fields after a fetch; ``previous`` is the slot before it, None or empty at the first.

        A *cycle* is a fetch that was due by the table. One ``by_hand``, from the ``feed``, or the recheck that
        follows it, is none: else five forced crawls in an hour would freeze everything. ``document`` tells the age.
        """
        before = previous if previous and previous.get("fetched_at") else None
        if before is None or changed:
            return Cycle(changed_at=fetched_at, unchanged_cycles=0, frozen_at=None, recheck_at=None)
        now, ordered = parse(fetched_at), before.get("recheck_at")
        is_recheck = ordered is not None and past(ordered, now + RECHECK) <= fetched_at
        is_cycle = asked == "due" and is_due(before, now) and not is_recheck
        unchanged = (before.get("unchanged_cycles") or 0) + is_cycle
        days = age(document, now)
        frozen_at = past(before.get("frozen_at"), now) or None
        if is_cycle and unchanged >= self.freeze_after and days is not None and days > AGES[-1]:
            frozen_at = frozen_at or fetched_at
        return Cycle(
            changed_at=before.get("changed_at"),
            unchanged_cycles=unchanged,
            frozen_at=frozen_at,
            recheck_at=iso(now + RECHECK) if asked == "feed" else None if is_recheck else ordered,
        )


def counts_from(document: Mapping[str, Any]) -> str | None:
    """The day from which a title's age counts, in ISO 8601; None where it is unknown.

    A show on the air is as old as its last episode.

    >>> counts_from({"release_date": "2019-11-12", "status": "Returning Series", "last_air_date": "2026-11-01"})
    '2026-11-01'
    """
    on_air = document.get("in_production") or document.get("status") == "Returning Series"
    text = (on_air and document.get("last_air_date")) or document.get("release_date") or document.get("first_air_date")
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return None


def age(document: Mapping[str, Any], now: datetime) -> int | None:
    """Whole days since release, negative before it; None where the date is unknown.

    >>> from datetime import UTC
    >>> age({"release_date": "2026-11-01"}, datetime(2026, 11, 21, tzinfo=UTC))
    20
    """
    day = counts_from(document)
    return (now.date() - date.fromisoformat(day)).days if day else None


def age_class(document: Mapping[str, Any], now: datetime) -> str:
    """Which of ``AGE_CLASSES`` a title is in.

    >>> from datetime import UTC
    >>> [age_class({"release_date": day}, datetime(2026, 11, 21, tzinfo=UTC)) for day in ("2026-09-22", "2026-09-21")]
    ['to_60', 'to_180']
    """
    days = age(document, now)
    if days is None:
        return "unknown"
    return "unreleased" if days < 0 else AGE_CLASSES[1 + sum(days > limit for limit in AGES)]


def rank(source: str, document: Mapping[str, Any], order: str = ORDERS[0]) -> float:
    """What the source's order of asking goes by, the highest first.

    ``newest``: the day of release, as its ordinal; but OMDB by popularity, since its quota is small. ``popular``: no
    source but by popularity. ``score``: both, a title that is ten times as popular counts as ``TENFOLD`` days newer;
    all grow old alike, so this needs no clock. An unknown day counts as the newest.

    >>> rank("omdb", {"popularity": 61.4}), rank("tmdb", {"release_date": "0001-01-02"})
    (61.4, 2.0)
    >>> rank("tmdb", {"release_date": "0001-01-02", "popularity": 9}, "score")
    7302.0
    """
    if order == "newest" and source != "omdb":
        return _newness(document)
    popularity = float(document.get("popularity") or 0)
    return _newness(document) + TENFOLD * log10(1 + max(popularity, 0)) if order == "score" else popularity


def _newness(document: Mapping[str, Any]) -> float:
    day = counts_from(document)
    return float((date.fromisoformat(day) if day else date.max).toordinal())


def is_due(slot: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the source wants to be asked now. Without a slot it does; ``next_refresh_at`` None is "not askable"."""
    if slot is None:
        return True
    at = slot.get("next_refresh_at")
    return at is not None and (at <= iso(now) or _is_ahead(slot, now))


def _is_ahead(slot: Mapping[str, Any], now: datetime | str) -> bool:
    """Whether what is kept of the source's last answer or failure is of a clock that was ahead."""
    told = (slot.get(name) for name in ("fetched_at", "failed_at"))
    return any(moment and not past(moment, now) for moment in told)


def postponed(failures: int, now: datetime) -> str:
    """``next_refresh_at`` after so many failures in a row: a day, doubling to 30, so that nothing starves behind it.

    >>> from datetime import UTC
    >>> [postponed(failures, datetime(2026, 11, 1, tzinfo=UTC))[:10] for failures in (1, 2, 9)]
    ['2026-11-02', '2026-11-03', '2026-12-01']
    """
    return iso(now + timedelta(days=min(2 ** min(failures - 1, 5), LONGEST_POSTPONEMENT)))
