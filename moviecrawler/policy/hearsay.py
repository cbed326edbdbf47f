"""What workers tell each other of hosts: which they leave alone, and for how long.

Nothing here has a clock: ``now`` is seconds on the caller's monotonic clock.
"""

import math
from collections.abc import Iterator, Mapping

from moviecrawler.policy.failover import Rings
from moviecrawler.policy.mirror import AGREED


class Hearsay:
    """One worker's side: what is new here, and what the others have found out.

    A fact is ``open NAME`` (the breaker of that host is open) or ``away NAME`` (it asked to be left alone), and the
    seconds that are left of it.
    """

    def __init__(self, rings: Rings) -> None:
        self._mirrors = dict(rings.mirrors())
        self._known: dict[str, float] = {}
        """Until when, of every fact that was heard; what was told is known once it is heard."""

    def news(self, now: float) -> Iterator[tuple[str, float | None]]:
        """What this worker has found out by itself, and all do not know yet; None: no longer so."""
        for name, mirror in self._mirrors.items():
            opened, away = f"open {name}", f"away {name}"
            if mirror.closed and opened in self._known:
                yield opened, None
            for fact, until in ((opened, -math.inf if mirror.closed else mirror.open_until), (away, mirror.away_until)):
                if until > self._known.get(fact, now) + AGREED:
                    yield fact, until - now

    def hear(self, facts: Mapping[str, float], now: float) -> None:
        """All that all workers know."""
        before, self._known = self._known, {}
        for name, mirror in self._mirrors.items():
            opened, away = f"open {name}", f"away {name}"
            if away in facts:
                self._known[away] = now + facts[away]
                mirror.send_away(now + facts[away])
            if opened in facts:
                self._known[opened] = now + facts[opened]
                mirror.hear_open(now + facts[opened], now)
            elif before.get(opened, now) > now + AGREED:
                mirror.hear_closed(now)
