"""The request log that tests read: bounded, in memory, and optionally as JSON lines in a file."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO

_MAX_ENTRIES = 200_000


@dataclass(slots=True)
class LogEntry:
    """One request. ``at``: seconds of the monotonic clock at its arrival; ``status``: None if no answer has been sent
    (yet, or because of ``fault``).
    """

    n: int
    at: float
    server: str
    method: str
    path: str
    query: str
    status: int | None
    fault: str | None
    credential: str | None
    peer_port: int | None


class RequestLog:
    """All requests except those to the control, numbered from 1 in the order of arrival."""

    def __init__(self, file: IO[str] | None = None) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=_MAX_ENTRIES)
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._file = file
        self._arrived = 0

    def record_arrival(
        self, at: float, server: str, method: str, path: str, query: str, credential: str | None, peer_port: int | None
    ) -> LogEntry:
        """Add a request when it arrives; ``at``: seconds of the monotonic clock."""
        self._arrived += 1
        entry = LogEntry(self._arrived, at, server, method, path, query, None, None, credential, peer_port)
        self._entries.append(entry)
        return entry

    def record_outcome(self, entry: LogEntry) -> None:
        """Count the request, and write it to the file, once its outcome is known."""
        self._counts[entry.server, _path_class(entry.path), str(entry.status or entry.fault)] += 1
        if self._file:
            self._file.write(json.dumps(asdict(entry)) + "\n")

    def since(self, n: int) -> Iterator[dict[str, object]]:
        """The entries after number ``n``."""
        return (asdict(entry) for entry in list(self._entries) if entry.n > n)

    def clear(self) -> None:
        """Remove all entries and counts; the numbering continues."""
        self._entries.clear()
        self._counts.clear()

    def stats(self) -> dict[str, dict[str, dict[str, int]]]:
        """The number of answers by server, path class and status (or fault, if no answer was sent)."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for (server, path_class, status), count in sorted(self._counts.items()):
            found.setdefault(server, {}).setdefault(path_class, {})[status] = count
        return found


def _path_class(path: str) -> str:
    """The path with its ids and file names replaced by ``*``.

    >>> _path_class("/3/movie/603"), _path_class("/3/find/tt0133093"), _path_class("/t/p/w500/abc.jpg")
    ('/3/movie/*', '/3/find/*', '/t/p/w500/*')
    >>> _path_class("/3/trending/movie/day")
    '/3/trending/movie/day'
    """
    parts = path.split("/")
    return "/".join(
        "*" if (part[:1].isdigit() and index > 2) or "." in part or parts[index - 1] == "find" else part
        for index, part in enumerate(parts)
    )
