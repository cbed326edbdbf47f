"""What the components of one crawl share. ``addons.py`` builds it; ``from_crawler`` methods read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from scrapy.crawler import Crawler

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.lifecycle import CrawlLifecycle

if TYPE_CHECKING:  # every component imports this module, few need all of these
    from moviecrawler.config import Config
    from moviecrawler.items import Item
    from moviecrawler.policy.documents.compose import Composer
    from moviecrawler.policy.documents.content_filter import ContentFilter
    from moviecrawler.policy.documents.images import ImagePolicy
    from moviecrawler.policy.documents.localization import Languages
    from moviecrawler.policy.documents.samples import Retention
    from moviecrawler.policy.freshness.refresh import Refresh
    from moviecrawler.policy.network.backoff import Backoff
    from moviecrawler.policy.network.block_detector import BlockDetector
    from moviecrawler.policy.network.body_limits import BodyLimits
    from moviecrawler.policy.network.daily_quota import Quota
    from moviecrawler.policy.network.host_pool import HostPools
    from moviecrawler.policy.network.hosts import Hosts
    from moviecrawler.policy.network.http_cache import CachePolicy
    from moviecrawler.policy.network.rate_limit import RateLimit
    from moviecrawler.policy.network.source_breaker import SourceBreakers
    from moviecrawler.policy.network.worker_group import WorkerGroup
    from moviecrawler.policy.secrets.redaction import Secrets
    from moviecrawler.policy.timing import Timing
    from moviecrawler.stores.checked import CheckedStore

T = TypeVar("T")

_ATTRIBUTE = "runtime"  # of the crawler


@dataclass(frozen=True)
class Policies:
    """All decisions of a run."""

    hosts: Hosts
    limits: BodyLimits
    rate_limits: dict[str, RateLimit]
    quotas: tuple[Quota, ...]
    backoff: Backoff
    cache: CachePolicy
    content: ContentFilter
    refresh: Refresh
    samples: Retention
    languages: Languages
    composer: Composer
    pictures: ImagePolicy
    secrets: Secrets
    """All keys and passwords; nothing that is stored or logged contains one."""


class Commits(Protocol):
    """Makes items durable: ``pipelines.group_commit.GroupCommit``, as the rooms below the pipelines see it."""

    async def add(self, item: Item) -> None:
        """Return when ``item`` is durable; DropItem when it cannot be."""

    async def flush(self) -> None:
        """Return when everything added so far is durable or has failed."""

    async def close(self) -> None:
        """Accept no more items, and return when those that were added are durable or have failed."""


class RedisScripts(Protocol):
    """The Redis of the workers, as far as rooms other than ``distributed`` pass it on to that room's classes."""

    def script(self, code: str) -> Callable[[Sequence[str], Sequence[int | float | str]], Awaitable[Any]]:
        """A Lua script as a function of its keys and arguments. It returns None while the server is away."""

    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Runtime:
    """One crawl: its configuration, its decisions, its store, what it knows of hosts, and how it ends."""

    config: Config
    policies: Policies
    store: CheckedStore
    lifecycle: CrawlLifecycle
    group: CrawlGroup
    host_pools: HostPools
    breakers: SourceBreakers
    """Shared by the group, as is ``block_detector``: what one crawler learns about a source, all know."""
    block_detector: BlockDetector
    timing: Timing
    worker_group: WorkerGroup | None
    """None without REDIS_URL; so is ``redis``."""
    redis: RedisScripts | None
    build_commits: Callable[[], Commits]
    """Builds :attr:`commits`, which needs the crawler's stats; they are made after the add-ons."""
    _parts: dict[type, object] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The runtime of this crawler. RuntimeError before its add-ons are loaded, or without ours."""
        if (runtime := cls.find(crawler)) is None:
            raise RuntimeError("this crawler has no Runtime: the add-on moviecrawler.addons.Moviecrawler has not run")
        return runtime

    @classmethod
    def find(cls, crawler: Crawler) -> Self | None:
        """The same, None before its add-ons are loaded: another crawler of the process may not have begun."""
        return cast(Self | None, vars(crawler).get(_ATTRIBUTE))

    def install(self, crawler: Crawler) -> None:
        vars(crawler)[_ATTRIBUTE] = self

    @cached_property
    def commits(self) -> Commits:
        return self.build_commits()

    def part(self, kind: type[T], build: Callable[[], T]) -> T:
        """The crawl's one object of this class, built for the first component that asks.

        For what several components of a room share and this module, below all of them, cannot name.
        """
        if (part := self.find_part(kind)) is None:
            part = self._parts[kind] = build()
        return part

    def find_part(self, kind: type[T]) -> T | None:
        """The same, None if no component has asked for it yet."""
        return cast(T | None, self._parts.get(kind))
