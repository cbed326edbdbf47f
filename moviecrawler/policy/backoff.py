"""When a failed request is sent again: exponential back-off with full jitter; Retry-After wins, within its limit.

"Full jitter" draws the whole delay at random, so that the workers of one crawl do not come back together
(AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from moviecrawler.exceptions import ConfigurationError

RETRIED = frozenset({"throttled", "garbage", "failed"})
"""Kinds of ``policy.answers`` that another try may heal; a network error counts as ``failed``."""

_SECONDS = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")


@dataclass(frozen=True)
class Backoff:
    """``tries`` counts all tries, the first included; ``base``, ``cap`` and ``retry_after_cap`` are seconds."""

    tries: int = 5
    base: float = 0.5
    cap: float = 60.0
    retry_after_cap: float = 900.0

    def __post_init__(self) -> None:
        if self.tries < 1:
            raise ConfigurationError(f"RETRY_TRIES={self.tries!r} is too small; allowed: 1 (never again) or more")
        for setting, value in (
            ("RETRY_BASE", self.base),
            ("RETRY_CAP", self.cap),
            ("RETRY_AFTER_CAP", self.retry_after_cap),
        ):
            if not 0 <= value < math.inf:
                raise ConfigurationError(f"{setting}={value!r} is no delay; allowed: 0 or more seconds")

    def retries(self, kind: str) -> bool:
        """Whether an answer of this kind is worth another try.

        >>> Backoff().retries("failed"), Backoff().retries("gone")
        (True, False)
        """
        return kind in RETRIED

    def delay(self, tried: int, retry_after: float | None, random: Callable[[], float]) -> float | None:
        """Seconds until the next try after ``tried`` ones, None to give up; ``random`` draws from [0, 1).

        A Retry-After over its limit gives up: who must wait that long should not hold a request meanwhile.

        >>> Backoff().delay(3, None, lambda: 0.5)
        1.0
        >>> Backoff().delay(1, 30.0, lambda: 0.5)
        30.0
        """
        if tried >= self.tries:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.retry_after_cap else None
        # 2**60 times anything is beyond every cap, and the exponent stays a number that a float can hold.
        return random() * min(self.cap, self.base * 2.0 ** min(tried - 1, 60))


def retry_after(value: bytes | str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3: seconds or an HTTP date).

    A moment that has passed is 0.0; a missing or unreadable header is None.

    >>> retry_after("120", datetime(2026, 11, 21, tzinfo=UTC))
    120.0
    >>> retry_after(b"Sat, 21 Nov 2026 00:01:00 GMT", datetime(2026, 11, 21, tzinfo=UTC))
    60.0
    """
    if value is None:
        return None
    text = (value.decode("latin-1") if isinstance(value, bytes) else value).strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
