"""The arithmetic of ``State.reserve``."""

from typing import Any


def counter_change(used: Any, n: int, limit: int, name: str) -> int:
    """What the counter changes by: at most ``n``, not beyond ``limit``; a negative ``n`` not below 0.

    ``used`` is what is stored, None for nothing yet; ValueError when that is no whole number.

    >>> [reserved(used, 20, 1000, "quota") for used in (None, 990, 1000, 1200)]
    [20, 10, 0, 0]
    >>> reserved(7, -20, 1000, "quota")
    -7
    """
    used = 0 if used is None else used
    if not isinstance(used, int):
        raise ValueError(f"state/{name} is {used!r} and not a counter")
    return max(0, min(n, limit - used)) if n > 0 else max(n, -used)
