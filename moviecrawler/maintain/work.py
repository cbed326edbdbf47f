"""What a step of ``scrapy maintain`` is given, and what it says of itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from moviecrawler.documents.records import RunRecord
from moviecrawler.exceptions import MoviecrawlerError
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.samples import Retention
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.network.http_cache import CachePolicy
from moviecrawler.stores.checked import CheckedStore


class NotDone(MoviecrawlerError):
    """A step cannot be done, or must not; raised in ``maintain``. One line: why, and what to do."""


class CacheUsage(Protocol):
    """Answers of one endpoint, and their bytes."""

    entries: int
    bytes: int


class Cache(Protocol):
    """What is needed of the persistent tier of the response cache (``caching.tier.Tier``)."""

    describe: str

    @property
    def file(self) -> Path | None: ...

    async def open(self) -> None: ...

    async def usage(self, *, before: float | None = None) -> Mapping[str, CacheUsage]: ...

    async def delete(self, endpoint: str, *, before: float | None = None) -> int: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Work:
    """``images`` is IMAGES_STORE, ``exports`` has the daily exports; ``cache``: None where there is none.

    ``running``: the runs in progress when the work began. With ``dry_run`` a step only says what it would do.
    ``on_row`` is called for each row that is read.
    """

    store: CheckedStore
    now: datetime
    running: Sequence[RunRecord]
    images: Path
    exports: Path
    cache: Cache | None
    cache_policy: CachePolicy
    samples: Retention
    composer: Composer
    refresh: Refresh
    dry_run: bool = False
    on_row: Callable[[], object] = lambda: None


@dataclass
class Gain:
    """What is gone: ``rows`` of the store and the cache, ``files``, and ``bytes`` of disk.

    ``notes`` are for people; ``undone`` says why a part could not be done.
    """

    rows: int = 0
    files: int = 0
    bytes: int = 0
    notes: list[str] = field(default_factory=list)
    undone: str = ""


State = Literal["done", "skipped", "failed"]
"""``skipped``: it waits for the end of a run; ``failed``: it could not be done, or must not."""


@dataclass
class Outcome(Gain):
    """Of one ``step``; ``undone`` says why it was not done."""

    step: str = ""
    state: State = "done"
