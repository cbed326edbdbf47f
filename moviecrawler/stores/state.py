"""The arithmetic of ``State.reserve``, shared by all stores."""

from typing import Any


def counter_change(used: Any, n: int, limit: int, name: str) -> int:
    """The change to the counter: at most ``n`` and not beyond ``limit``; for a negative ``n`` not below 0.

    ``used`` is the stored value, None if there is none; ValueError when it is not a whole number.

    >>> [counter_change(used, 20, 1000, "quota") for used in (None, 990, 1000, 1200)]
    [20, 10, 0, 0]
    >>> counter_change(7, -20, 1000, "quota")
    -7
    """
    used = 0 if used is None else used
    if not isinstance(used, int):
        raise ValueError(f"state/{name}={used!r}: must be a whole number")
    return max(0, min(n, limit - used)) if n > 0 else max(n, -used)
