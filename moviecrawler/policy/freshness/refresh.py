"""When a source is asked about a title again.

The younger a film, the more often its data changes. A title unchanged for three cycles is frozen: it is fetched again
after 180 days, since TMDB's terms allow no content to be cached longer than six months.

A *slot* is what a stored document keeps of one source (``docs/data-model.md``); its timestamps are strings of
``timestamps``. The next refresh depends on the slots and the top level alone, so the order in which answers came does
not matter; only a source that was never asked is due from the time at which it could first be asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log10
from typing import TypedDict, get_args

from moviecrawler.config.fields import MAX_CACHE_DAYS, Row
from moviecrawler.config.groups import Order, RefreshConfig
from moviecrawler.documents import NEW_DAYS, Document, SourceSlot, age, age_date, is_gone
from moviecrawler.documents.facts import Facts
from moviecrawler.items import FetchReason
from moviecrawler.policy.freshness.gone import recheck_at
from moviecrawler.timestamps import iso, parse, trusted

ORDERS: tuple[Order, ...] = get_args(Order)

DAYS_PER_TENFOLD = 20 * 365
"""Days of release date that outweigh ten times the popularity, in the order ``score``."""

AGE_LIMITS = (NEW_DAYS, 180, 365)
"""Days since release at which a row of the table ends; a boundary belongs to the younger row."""

AGE_CLASSES = ("unreleased", "to_60", "to_180", "to_365", "older", "unknown")

RECHECK = timedelta(hours=8)
"""TMDB serves cached bodies: a title that the changes feed listed but that came back unchanged is fetched once more."""

MAX_POSTPONEMENT_DAYS = 30


class CycleFields(TypedDict):
    """The fields of a slot that a fetch sets."""

    changed_at: str | None
    unchanged_cycles: int
    frozen_at: str | None
    recheck_at: str | None


def age_class(document: Facts, now: datetime) -> str:
    """One of ``AGE_CLASSES``.

    >>> from datetime import UTC
    >>> age_class({"release_date": "2026-09-22"}, datetime(2026, 11, 21, tzinfo=UTC)), age_class({}, datetime.now(UTC))
    ('to_60', 'unknown')
    """
    days = age(document, now)
    if days is None:
        return AGE_CLASSES[-1]
    return AGE_CLASSES[0] if days < 0 else AGE_CLASSES[1 + sum(days > limit for limit in AGE_LIMITS)]


@dataclass(frozen=True)
class RefreshRule:
    """How often a source is asked about a title: ``row``, days by age; and about which.

    ``why_not``: kind and document -> why the source cannot be asked about this title, empty if it can.
    ``switched_off``: why it cannot be asked about any.
    """

    row: Row
    why_not: Callable[[str, Document], str]
    switched_off: str = ""


@dataclass(frozen=True)
class Refresh:
    """When each source is asked again; ``rules``: by source."""

    config: RefreshConfig
    rules: Mapping[str, RefreshRule]

    def interval(self, source: str, document: Facts, now: datetime) -> timedelta:
        """Time from one fetch to the next by the title's age; a source without a rule is a KeyError.

        >>> from datetime import UTC
        >>> refresh = Refresh(RefreshConfig(), {"omdb": RefreshRule((5, 30, 90, 180), lambda kind, document: "")})
        >>> refresh.interval("omdb", {"release_date": "2026-09-01"}, datetime(2026, 11, 21, tzinfo=UTC)).days
        30
        """
        days = age(document, now)
        row = self.rules[source].row
        return timedelta(days=row[0] if days is None else row[sum(days > limit for limit in AGE_LIMITS)])

    def can_ask(self, source: str, kind: str, document: Document) -> bool:
        """Whether the source can be asked about the title."""
        return not self.why_not(source, kind, document)

    def why_not(self, source: str, kind: str, document: Document) -> str:
        """Why the source cannot be asked, as a phrase for people; empty if it can."""
        if is_gone(document):
            return "it is gone from TMDB"
        rule = self.rules[source]
        return rule.switched_off or rule.why_not(kind, document)

    def next_refresh_at(self, source: str, kind: str, document: Document, now: str) -> str | None:
        """When the source is due, by its slot and the top level; None if it cannot be asked."""
        slot = document["sources"][source]
        if not self.can_ask(source, kind, document):
            return None
        if is_ahead(slot, now):
            return now
        if slot.get("failures"):
            failed = parse(slot.get("failed_at") or now)
            return recheck_at(failed) if slot.get("gone_noted_at") else postponed_until(slot["failures"], failed)
        if slot["fetched_at"] is None:
            return trusted(slot["next_refresh_at"], now) or now
        fetched = parse(slot["fetched_at"])
        pause = timedelta(days=MAX_CACHE_DAYS) if slot["frozen_at"] else self.interval(source, document, fetched)
        at = iso(fetched + pause)
        return min(at, slot.get("recheck_at") or at)

    def after_fetch(
        self,
        previous: SourceSlot | None,
        document: Facts,
        *,
        changed: bool,
        fetched_at: str,
        reason: FetchReason = "due",
    ) -> CycleFields:
        """The slot's fields after a fetch; ``previous`` is the slot before it, None or empty at the first.

        A *cycle* is a fetch that was due by the table. A ``manual`` one, one from the ``feed``, or the recheck that
        follows it, is not a cycle: otherwise five forced crawls in an hour would freeze everything. ``document``
        provides the age.
        """
        before = previous if previous and previous.get("fetched_at") else None
        if before is None or changed:
            return CycleFields(changed_at=fetched_at, unchanged_cycles=0, frozen_at=None, recheck_at=None)
        now, recheck = parse(fetched_at), before.get("recheck_at")
        is_recheck = recheck is not None and trusted(recheck, now + RECHECK) <= fetched_at
        is_cycle = reason == "due" and is_due(before, now) and not is_recheck
        unchanged = (before.get("unchanged_cycles") or 0) + is_cycle
        days = age(document, now)
        frozen_at = trusted(before.get("frozen_at"), now) or None
        if is_cycle and unchanged >= self.config.freeze_after and days is not None and days > AGE_LIMITS[-1]:
            frozen_at = frozen_at or fetched_at
        return CycleFields(
            changed_at=before.get("changed_at"),
            unchanged_cycles=unchanged,
            frozen_at=frozen_at,
            recheck_at=iso(now + RECHECK) if reason == "feed" else None if is_recheck else recheck,
        )


def rank(document: Facts, order: str = ORDERS[0]) -> float:
    """The sort key of a refresh order, highest first.

    ``newest``: the release date as its ordinal. ``popular``: popularity. ``score``: both; a title that is ten times as
    popular counts as ``DAYS_PER_TENFOLD`` days newer. All titles age alike, so this needs no clock. An unknown date
    counts as the newest.

    >>> rank({"popularity": 61.4}, "popular"), rank({"release_date": "0001-01-02"})
    (61.4, 2.0)
    >>> rank({"release_date": "0001-01-02", "popularity": 9}, "score")
    7302.0
    """
    if order == "newest":
        return _newness(document)
    popularity = float(document.get("popularity") or 0)
    return _newness(document) + DAYS_PER_TENFOLD * log10(1 + max(popularity, 0)) if order == "score" else popularity


def _newness(document: Facts) -> float:
    day = age_date(document)
    return float((date.fromisoformat(day) if day else date.max).toordinal())


def is_due(slot: SourceSlot | None, now: datetime) -> bool:
    """Whether the source is to be asked now. True without a slot; ``next_refresh_at`` None means it cannot be asked."""
    if slot is None:
        return True
    at = slot.get("next_refresh_at")
    return at is not None and (at <= iso(now) or is_ahead(slot, now))


def is_ahead(slot: SourceSlot, now: datetime | str) -> bool:
    """Whether the source's last answer or failure was stored by a clock that was ahead."""
    stored = (slot.get("fetched_at"), slot.get("failed_at"))
    return any(timestamp and not trusted(timestamp, now) for timestamp in stored)


def postponed_until(failures: int, now: datetime) -> str:
    """``next_refresh_at`` after so many failures in a row: one day, doubling to 30.

    So a title that keeps failing does not starve others.


    >>> from datetime import UTC
    >>> [postponed_until(failures, datetime(2026, 11, 1, tzinfo=UTC))[:10] for failures in (1, 2, 9)]
    ['2026-11-02', '2026-11-03', '2026-12-01']
    """
    return iso(now + timedelta(days=min(2 ** min(failures - 1, 5), MAX_POSTPONEMENT_DAYS)))
