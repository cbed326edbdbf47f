from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from moviecrawler.caching import mongo, open_tier, redis
from moviecrawler.caching.tier import Tier
from tests.support.waiting import patient

OpenTier = Callable[[], Tier]


@pytest.fixture
def sqlite_uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cache.db'}"


@pytest.fixture(params=["sqlite", "redis", "mongo"])
def uri(request: pytest.FixtureRequest) -> str:
    """CACHE_URI of a new tier, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_uri"))


@pytest.fixture
def new_tier(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenTier:
    """Builds tiers, not yet open, that share what they hold. A server of a busy machine may take its time."""
    for name in mongo._DEFAULTS:
        monkeypatch.setitem(mongo._DEFAULTS, name, int(patient(30) * 1000))
    monkeypatch.setattr(redis, "_TIMEOUT", patient(30))

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
