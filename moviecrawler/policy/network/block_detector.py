"""Tells a source that blocks us, or rejects our key, from one that refused one address; a 403 or 401 may be either."""

from collections import defaultdict

from moviecrawler.policy.network.bodies import WORKING_SOURCE_KINDS
from moviecrawler.policy.network.hosts import Host

REFUSALS_IN_A_ROW = 5
"""After refusals of this many different addresses, with no other answer in between, the source counts as blocking."""

REFUSAL_KINDS = frozenset({"blocked", "auth"})
"""Kinds of which a single answer says little about the source; several in a row do."""


class BlockDetector:
    """Which addresses each source has refused since its last other answer.

    A site of pages has told in its robots.txt who may crawl, so its first refusal counts. So does the first refusal of
    a key that no answer has confirmed in this run; a confirmed key is not wrong because one address is refused.

    >>> blocks, api = BlockDetector(), Host("https://a.example", "tmdb", "api", "https://a.example/3")
    >>> for number in (1, 1, 1, 1, 1, 2, 3, 4):
    ...     blocks.record(api, f"/movie/{number}", "blocked")
    >>> blocks.is_blocked(api, "blocked"), blocks.is_blocked(api, "auth")
    (False, True)
    >>> blocks.record(api, "/movie/5", "blocked")
    >>> blocks.is_blocked(api, "blocked")
    True
    >>> blocks.record(api, "/movie/6", "ok")
    >>> blocks.is_blocked(api, "auth")
    False
    """

    def __init__(self) -> None:
        self._refused: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._proved: set[tuple[str, str]] = set()

    def record(self, host: Host, url: str, kind: str) -> None:
        """Record an answer of this kind (``network.answers``); it counts for all hosts of the same source and role."""
        refused = self._refused[host.source, host.role]
        if kind in WORKING_SOURCE_KINDS:
            refused.clear()
            self._proved.add((host.source, host.role))
        elif kind in REFUSAL_KINDS and len(refused) < REFUSALS_IN_A_ROW:
            refused.add(url)

    def is_blocked(self, host: Host, kind: str) -> bool:
        """Whether to stop sending to the host's source, after an answer of this kind."""
        of = (host.source, host.role)
        if kind == "auth" and of not in self._proved:
            return True
        return len(self._refused[of]) >= (1 if host.role == "page" else REFUSALS_IN_A_ROW)
