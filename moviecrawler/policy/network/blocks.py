"""Whether a source blocks us or our key, or has only refused one address: a 403 says either, and so may a 401."""

from collections import defaultdict

from moviecrawler.policy.network.bodies import WORKING_SOURCE_KINDS
from moviecrawler.policy.network.hosts import Host

REFUSALS_IN_A_ROW = 5
"""So many different addresses refused, and nothing else answered between them: the source blocks us."""

REFUSAL_KINDS = frozenset({"blocked", "auth"})
"""Kinds of which one says little, and several in a row say it of the source."""


class BlockDetector:
    """What has been refused at each source since its last answer.

    Pages are a site's that said who may ask: its first refusal counts. So does the first of a key that no answer has
    proved yet in this run; a proved one is not wrong because one address says so.

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
        """An answer of this kind (``network.answers``) came from the host, or another one of its source and role."""
        refused = self._refused[host.source, host.role]
        if kind in WORKING_SOURCE_KINDS:
            refused.clear()
            self._proved.add((host.source, host.role))
        elif kind in REFUSAL_KINDS and len(refused) < REFUSALS_IN_A_ROW:
            refused.add(url)

    def is_blocked(self, host: Host, kind: str) -> bool:
        """Whether nothing more should be asked of the host's source, after an answer of this kind."""
        of = (host.source, host.role)
        if kind == "auth" and of not in self._proved:
            return True
        return len(self._refused[of]) >= (1 if host.role == "page" else REFUSALS_IN_A_ROW)
