"""When a failed request is retried: exponential back-off with full jitter; Retry-After takes precedence up to a limit.

"Full jitter" draws the whole delay at random, so that the workers of one crawl do not retry in step
(AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from moviecrawler.config.groups import RetryConfig
from moviecrawler.policy.network.block_detector import REFUSAL_KINDS

RETRIED_KINDS = frozenset({"throttled", "garbage", "failed", *REFUSAL_KINDS})
"""Kinds of ``policy.network.answers`` for which a retry may succeed; a network error counts as ``failed``."""

LISTING_CAP = 15.0
"""Seconds; while a listing waits there may be nothing else to do."""

FEW_TRIES = 2
"""For answers that another try is unlikely to change: a refused address, a malformed body where there is a quota."""

NON_API_REASONS = frozenset({"garbage/html", "garbage/empty"})
"""Reasons of answers that cannot be from an API: a maintenance page, or an empty body."""

_SECONDS = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")


@dataclass(frozen=True)
class Backoff:
    """``config.listing_tries`` applies to a page that leads to others; its ``cap`` is at most ``LISTING_CAP``."""

    config: RetryConfig = field(default_factory=RetryConfig)

    def is_retried(self, kind: str) -> bool:
        """Whether an answer of this kind is worth another try.

        >>> Backoff().is_retried("failed"), Backoff().is_retried("gone")
        (True, False)
        """
        return kind in RETRIED_KINDS

    def delay(
        self,
        tries_done: int,
        retry_after: float | None,
        random: Callable[[], float],
        *,
        listing: bool = False,
        few_tries: bool = False,
    ) -> float | None:
        """Seconds until the next try after ``tries_done`` tries, None to give up; ``random`` draws from [0, 1).

        ``few_tries``: see :func:`is_unlikely_to_recover`; a listing then gets as many tries as a title.

        A Retry-After above its limit means giving up: a request should not be held for that long. For a listing
        Retry-After is a lower bound: a site that always sends "1" would otherwise use up all tries within seconds.

        >>> Backoff().delay(3, None, lambda: 0.5)
        1.0
        >>> Backoff().delay(1, 30.0, lambda: 0.5)
        30.0
        """
        most = max(self.config.tries, self.config.listing_tries) if listing and not few_tries else self.config.tries
        if tries_done >= (min(most, FEW_TRIES) if few_tries and not listing else most):
            return None
        if retry_after is not None and retry_after > self.config.retry_after_cap:
            return None
        if retry_after is not None and not listing:
            return retry_after
        # 2**60 times anything is above every cap, and still fits into a float.
        cap = min(self.config.cap, LISTING_CAP) if listing else self.config.cap
        return max(retry_after or 0.0, random() * min(cap, self.config.base * 2.0 ** min(tries_done - 1, 60)))


def is_unlikely_to_recover(kind: str, reason: str, *, has_quota: bool) -> bool:
    """Whether another try is unlikely to get a better answer; of a source with a daily quota each one costs a request.

    >>> is_unlikely_to_recover("garbage", "garbage/unparsable", has_quota=True)
    True
    >>> is_unlikely_to_recover("garbage", "garbage/unparsable", has_quota=False)
    False
    """
    return kind in REFUSAL_KINDS or (has_quota and kind == "garbage" and reason not in NON_API_REASONS)


def retry_after(value: bytes | str | None, now: datetime, date: bytes | str | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3: seconds or an HTTP date).

    0.0 for a date in the past; None where the header is missing or unreadable. A date is compared with the server's
    own clock, since ours may be wrong: ``date`` is the answer's Date header; without one ``now`` is used.

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
    date_asked = _http_date(text)
    if date_asked is None:
        return None
    server_now = None if date is None else _http_date(_text(date))
    return max(0.0, (date_asked - (server_now or now)).total_seconds())


def _text(value: bytes | str) -> str:
    return (value.decode("latin-1") if isinstance(value, bytes) else value).strip()


def _http_date(text: str) -> datetime | None:
    """An HTTP date, None for anything else."""
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
