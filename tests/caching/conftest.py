from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis import Redis

from moviecrawler.caching import open_tier
from moviecrawler.caching.tier import Tier
from tests.caching.servers import RedisServer, redis_server
from tests.crawls.conftest import home, make_home, module_sandbox, sandbox
from tests.stores.servers import mongo_database, mongo_server

__all__ = ["home", "make_home", "module_sandbox", "sandbox"]

OpenTier = Callable[[], Tier]


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis_uri(redis: RedisServer) -> str:
    Redis.from_url(redis.uri).flushall()
    return redis.uri


@pytest.fixture(scope="session")
def mongo() -> Iterator[str]:
    with mongo_server() as uri:
        yield uri


@pytest.fixture
def mongo_uri(mongo: str) -> Iterator[str]:
    with mongo_database(mongo) as uri:
        yield uri


@pytest.fixture
def sqlite_uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cache.db'}"


@pytest.fixture(params=["sqlite", "redis", "mongo"])
def uri(request: pytest.FixtureRequest) -> str:
    """CACHE_URI of a new tier, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_uri"))


@pytest.fixture
def new_tier(uri: str, tmp_path: Path) -> OpenTier:
    """Builds tiers, not yet open, that share what they hold."""

    def build() -> Tier:
        tier = open_tier(uri, data_dir=tmp_path)
        assert tier is not None
        return tier

    return build


@pytest_asyncio.fixture
async def tier(new_tier: OpenTier) -> AsyncIterator[Tier]:
    """A new open tier, of each kind."""
    tier = new_tier()
    await tier.open()
    yield tier
    await tier.close()
