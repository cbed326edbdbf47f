"""When a failed request is sent again: exponential back-off with full jitter; Retry-After wins, within its limit.

"Full jitter" draws the whole delay at random, so that the workers of one crawl do not come back together
(AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from moviecrawler.policy.network.blocks import REFUSED
from moviecrawler.policy.setting_values import number, whole_number, within

RETRIED = frozenset({"throttled", "garbage", "failed", *REFUSED})
"""Kinds of ``policy.network.answers`` that another try may heal; a network error counts as ``failed``."""

LISTING_CAP = 15.0
"""Seconds; nothing else may be left to do while a listing waits."""

FEW_TRIES = 2
"""Of what another try will hardly mend: an address that is refused, a body that OMDB has spoilt."""

FOR_PEOPLE = frozenset({"garbage/html", "garbage/empty"})
"""Reasons of answers that are of no API: a maintenance page, or nothing at all."""

_SECONDS = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")


@dataclass(frozen=True)
class Backoff:
    """``tries`` counts all tries, the first included; ``base``, ``cap`` and ``retry_after_cap`` are seconds.

    ``listing_tries`` are those of a page that leads to others, ``LISTING_CAP`` its ``cap``.
    """

    tries: int = 5
    listing_tries: int = 15
    base: float = 0.5
    cap: float = 60.0
    retry_after_cap: float = 900.0

    def __post_init__(self) -> None:
        within("RETRY_TRIES", self.tries, 1)
        within("RETRY_LISTING_TRIES", self.listing_tries, 1)
        within("RETRY_BASE", self.base, 0, unit="seconds")
        within("RETRY_CAP", self.cap, 0, unit="seconds")
        within("RETRY_AFTER_CAP", self.retry_after_cap, 0, unit="seconds")

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From the ``RETRY_`` settings, as text or numbers."""
        return cls(
            tries=whole_number("RETRY_TRIES", settings["RETRY_TRIES"]),
            listing_tries=whole_number("RETRY_LISTING_TRIES", settings["RETRY_LISTING_TRIES"]),
            base=number("RETRY_BASE", settings["RETRY_BASE"]),
            cap=number("RETRY_CAP", settings["RETRY_CAP"]),
            retry_after_cap=number("RETRY_AFTER_CAP", settings["RETRY_AFTER_CAP"]),
        )

    def retries(self, kind: str) -> bool:
        """Whether an answer of this kind is worth another try.

        >>> Backoff().retries("failed"), Backoff().retries("gone")
        (True, False)
        """
        return kind in RETRIED

    def delay(
        self,
        tried: int,
        retry_after: float | None,
        random: Callable[[], float],
        *,
        listing: bool = False,
        few: bool = False,
    ) -> float | None:
        """Seconds until the next try after ``tried`` ones, None to give up; ``random`` draws from [0, 1).

        ``few``: see :func:`hardly_mends`; a listing that it concerns has the tries of a title.

        A Retry-After over its limit gives up: who must wait that long should not hold a request meanwhile. For a
        listing it is the least: else a site that always says "1" has used up all tries within seconds.

        >>> Backoff().delay(3, None, lambda: 0.5)
        1.0
        >>> Backoff().delay(1, 30.0, lambda: 0.5)
        30.0
        """
        most = max(self.tries, self.listing_tries) if listing and not few else self.tries
        if tried >= (min(most, FEW_TRIES) if few and not listing else most):
            return None
        if retry_after is not None and retry_after > self.retry_after_cap:
            return None
        if retry_after is not None and not listing:
            return retry_after
        # 2**60 times anything is beyond every cap, and the exponent stays a number that a float can hold.
        cap = min(self.cap, LISTING_CAP) if listing else self.cap
        return max(retry_after or 0.0, random() * min(cap, self.base * 2.0 ** min(tried - 1, 60)))


def hardly_mends(source: str, kind: str, reason: str) -> bool:
    """Whether another try will hardly mend an answer: each of OMDB's costs a request of the quota.

    >>> hardly_mends("omdb", "garbage", "garbage/unparsable"), hardly_mends("tmdb", "garbage", "garbage/unparsable")
    (True, False)
    """
    return kind in REFUSED or (source == "omdb" and kind == "garbage" and reason not in FOR_PEOPLE)


def retry_after(value: bytes | str | None, now: datetime, date: bytes | str | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3: seconds or an HTTP date).

    A moment that has passed is 0.0; a missing or unreadable header is None. A date is read by the server's own clock,
    ours may be wrong: ``date`` is the answer's Date header, ``now`` stands in for it.

    >>> retry_after("120", datetime(2026, 11, 21, tzinfo=UTC))
    120.0
    >>> retry_after(b"Sat, 21 Nov 2026 00:01:00 GMT", datetime(2026, 11, 21, tzinfo=UTC))
    60.0
    """
    if value is None:
        return None
    text = _text(value)
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = _moment(text)
    if moment is None:
        return None
    said = None if date is None else _moment(_text(date))
    return max(0.0, (moment - (said or now)).total_seconds())


def _text(value: bytes | str) -> str:
    return (value.decode("latin-1") if isinstance(value, bytes) else value).strip()


def _moment(text: str) -> datetime | None:
    """An HTTP date, None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
