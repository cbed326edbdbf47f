"""What a persistent tier can do. Several workers may share one; the last answer that is put wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from moviecrawler.exceptions import MoviecrawlerError
from moviecrawler.policy.network.http_cache import Endpoint


class TierError(MoviecrawlerError):
    """The tier cannot be opened, read or written; raised by ``caching``. One line, without password."""


class Key(NamedTuple):
    """Names one answer: the endpoint, so that an endpoint's answers can be found, and the request's fingerprint."""

    endpoint: Endpoint
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.endpoint}/{self.fingerprint}"


class CachedResponse(NamedTuple):
    """A packed entry to keep; of no use any more ``keep`` seconds after ``stored_at``, when the tier may drop it."""

    key: Key
    packed: bytes
    stored_at: float
    retention: float


@dataclass
class Usage:
    """What a tier holds of one endpoint: answers, their bytes, oldest and newest moment (seconds since the epoch)."""

    entries: int
    bytes: int
    oldest: float
    newest: float


class Tier(Protocol):
    """One tier. ``name`` is the word in stats, ``describe`` names it for people. Every method may raise TierError."""

    name: str
    describe: str
    file: Path | None
    """Where it lies, if it is a file."""

    async def open(self) -> None:
        """Connect and make what is missing. A second call does nothing; after an error it tries anew."""

    async def get(self, key: Key) -> bytes | None: ...

    async def put(self, answers: Sequence[CachedResponse]) -> None:
        """Insert or replace, all in one write; a key comes at most once."""

    async def drop(self, key: Key) -> None: ...

    async def delete(self, endpoint: Endpoint, *, before: float | None = None) -> int:
        """Delete an endpoint's answers, or those stored before a moment; how many there were."""

    async def usage(self) -> dict[str, Usage]:
        """By endpoint; one without answers is absent. Of a file this needs no ``open`` and no right to write."""

    async def close(self) -> None:
        """Disconnect. A second call does nothing."""
