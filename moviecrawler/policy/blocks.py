"""Whether a source blocks us, or has only refused one address: a 403 says either."""

from collections import defaultdict

from moviecrawler.policy.bodies import LET_IN
from moviecrawler.policy.hosts import Host

IN_A_ROW = 5
"""So many different addresses refused, and nothing else answered between them: the source blocks us."""


class Blocks:
    """What has been refused at each source since its last answer.

    Pages are a site's that said who may ask: its first refusal counts.

    >>> blocks, api = Blocks(), Host("https://a.example", "tmdb", "api", "https://a.example/3")
    >>> for number in (1, 1, 1, 1, 1, 2, 3, 4):
    ...     blocks.record(api, f"/movie/{number}", "blocked")
    >>> blocks.blocked(api)
    False
    >>> blocks.record(api, "/movie/5", "blocked")
    >>> blocks.blocked(api)
    True
    """

    def __init__(self) -> None:
        self._refused: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def record(self, host: Host, url: str, kind: str) -> None:
        """An answer of this kind of ``policy.answers`` came from the host, or another one of its source and role."""
        refused = self._refused[host.source, host.role]
        if kind in LET_IN:
            refused.clear()
        elif kind == "blocked" and len(refused) < IN_A_ROW:
            refused.add(url)

    def blocked(self, host: Host) -> bool:
        """Whether nothing more should be asked of the host's source."""
        return len(self._refused[host.source, host.role]) >= (1 if host.role == "page" else IN_A_ROW)
