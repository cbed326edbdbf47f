from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.caching.servers import RedisServer, redis_server


@pytest.fixture(scope="session")
def redis_for_all() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_for_all: RedisServer) -> str:
    """Of an empty Redis."""
    with Redis.from_url(redis_for_all.uri) as client:
        client.flushall()
    return redis_for_all.uri


@pytest.fixture(params=["file", "redis"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger lies: a path that is not there yet, or the URL of an empty Redis."""
    return str(tmp_path / "budget.db") if request.param == "file" else str(request.getfixturevalue("redis_url"))
