"""What a running crawl says of itself in its record, from its stats and from what surrounds them.

No clock is read here: ``now`` is seconds on the caller's monotonic clock.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any

from moviecrawler.documents.records import RunHost, RunLive, RunQuota, RunRate

RATE_SECONDS = 10.0
"""Seconds over which rates are taken."""

_TITLES = {
    "found": "titles/found",
    "expected": "titles/expected",
    "new": "titles/inserted",
    "changed": "titles/updated",
    "unchanged": "titles/unchanged",
    "older": "titles/older",
    "checked": "titles/checked",
    "unmatched": "titles/unmatched",
    "skipped": "refresh/skipped/",
    "dropped": "filter/dropped/",
    "failed": "misses/",
}
"""Count -> its stat; a name ending in / stands for all stats below it."""

_PICTURES = {"wanted": "pictures/wanted", "fetched": "pictures/fetched", "made": "pictures/made"}
_CACHE = {"hits": "cache/hit", "misses": "cache/miss", "stale": "cache/stale"}
_GROUPS = ("refresh/skipped/", "filter/dropped/", "misses/", "requests/", "rejects/")


class RecentRates:
    """Events a second over the last ``RATE_SECONDS``, by name, from totals that only grow.

    >>> rates = RecentRates()
    >>> rates.add({"tmdb": 0}, 100.0), rates.add({"tmdb": 8}, 102.0), rates.add({"tmdb": 8, "omdb": 3}, 104.0)
    ({'tmdb': 0.0}, {'tmdb': 4.0}, {'tmdb': 2.0, 'omdb': 0.75})
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Mapping[str, int]]] = deque()

    def add(self, totals: Mapping[str, int], now: float) -> dict[str, float]:
        """The rates, with these totals as the newest."""
        while len(self._seen) > 1 and now - self._seen[1][0] >= RATE_SECONDS:
            self._seen.popleft()
        self._seen.append((now, totals))
        since, before = self._seen[0]
        seconds = now - since
        return {
            name: round((total - before.get(name, 0)) / seconds, 2) if seconds > 0 else 0.0
            for name, total in totals.items()
        }


def doing(*, ending: bool, waits_for: Iterable[str], queued: int, in_flight: int, requests: int) -> str:
    """What the crawl does now, in a few words; ``waits_for``: names of sources that are down, or asked for a pause.

    >>> facts = {"ending": False, "waits_for": [], "queued": 3, "in_flight": 1, "requests": 7}
    >>> doing(**facts), doing(**facts | {"waits_for": ["TMDB", "OMDB"]}), doing(**facts | {"ending": True})
    ('crawling', 'waiting for TMDB and OMDB', 'ending')
    """
    if ending:
        return "ending"
    if waiting := " and ".join(waits_for):
        return f"waiting for {waiting}"
    if queued or in_flight:
        return "crawling"
    return "storing" if requests else "starting"


def live(
    stats: Mapping[str, Any],
    *,
    doing: str,
    queued: int,
    in_flight: int,
    rates: Iterable[RunRate],
    hosts: Iterable[RunHost],
    cpu_seconds: float,
    heartbeat_seconds: float,
) -> RunLive:
    """The ``live`` part of the record of a run.

    >>> stats = {"titles/found": 3, "misses/tmdb/gone": 1, "requests/https://a": 4, "quota/omdb/left": 9}
    >>> made = live(stats, doing="crawling", queued=1, in_flight=2, rates=[], hosts=[], cpu_seconds=1,
    ...     heartbeat_seconds=0)
    >>> made["titles"], made["requests"], made["quotas"]
    ({'found': 3, 'failed': 1}, 4, [{'source': 'omdb', 'used': 0, 'left': 9}])
    """
    sums: Counter[str] = Counter()
    quotas: list[RunQuota] = []
    for name, value in stats.items():
        if name.startswith(_GROUPS) and isinstance(value, int):
            sums[next(group for group in _GROUPS if name.startswith(group))] += value
        elif name.endswith("/left") and name.startswith("quota/"):
            source = name.split("/")[1]
            quotas.append({"source": source, "used": stats.get(f"quota/{source}/used", 0), "left": value})

    def counts(names: Mapping[str, str]) -> dict[str, int]:
        found = {name: sums[stat] if stat in _GROUPS else stats.get(stat) or 0 for name, stat in names.items()}
        return {name: count for name, count in found.items() if count}

    return {
        "doing": doing,
        "items": stats.get("item_scraped_count", 0),
        "titles": counts(_TITLES),
        "pictures": counts(_PICTURES),
        "requests": sums["requests/"],
        "retries": stats.get("retry/count", 0),
        "rejects": sums["rejects/"],
        "cache": counts(_CACHE),
        "queued": queued,
        "in_flight": in_flight,
        "rates": list(rates),
        "quotas": quotas,
        "hosts": list(hosts),
        "cpu_seconds": round(cpu_seconds, 2),
        "heartbeat_seconds": round(heartbeat_seconds, 5),
    }
