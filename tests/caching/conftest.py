from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from moviecrawler.caching import open_tier
from moviecrawler.caching.tier import Tier

OpenTier = Callable[[], Tier]


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
