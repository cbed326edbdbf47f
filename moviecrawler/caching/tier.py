"""The interface of a persistent tier. Several workers may share one; the last write wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from moviecrawler.exceptions import MoviecrawlerError


class TierError(MoviecrawlerError):
    """The tier cannot be opened, read or written; raised by ``caching``. One line, without password."""


class Key(NamedTuple):
    """Identifies an answer by its endpoint (so that all answers of one can be found) and the request's fingerprint."""

    endpoint: str
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.endpoint}/{self.fingerprint}"


class PackedEntry(NamedTuple):
    """A packed entry to store; useless ``retention`` seconds after ``stored_at``, when the tier may drop it."""

    key: Key
    packed: bytes
    stored_at: float
    retention: float


@dataclass
class Usage:
    """What a tier holds of one endpoint: entries, their bytes, oldest and newest timestamp (seconds since 1970)."""

    entries: int
    bytes: int
    oldest: float
    newest: float


class Tier(Protocol):
    """One tier. ``name`` is its name in stats, ``describe`` the one for people. Every method may raise TierError."""

    name: str
    describe: str

    @property
    def file(self) -> Path | None:
        """Its path, if it is a file."""

    async def open(self) -> None:
        """Connect, and create what is missing. A second call does nothing; after an error it tries again."""

    async def get(self, key: Key) -> bytes | None: ...

    async def put(self, entries: Sequence[PackedEntry]) -> None:
        """Insert or replace, all in one write; no key occurs twice."""

    async def drop(self, key: Key) -> None: ...

    async def delete(self, endpoint: str, *, before: float | None = None) -> int:
        """Delete an endpoint's answers, or those stored before a timestamp; returns how many."""

    async def usage(self, *, before: float | None = None) -> dict[str, Usage]:
        """By endpoint, of all answers or those stored before a timestamp; one without any is absent.

        For a file this needs neither ``open`` nor write access.
        """

    async def close(self) -> None:
        """Disconnect. A second call does nothing."""
