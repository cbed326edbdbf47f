"""What tests of several rooms ask for: servers that all share, and homes of crawls against a sandbox."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis import Redis

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from tests.support.crawl import FAST, Home
from tests.support.mongo_server import mongo_database, mongo_server
from tests.support.redis_server import RedisServer, redis_server
from tests.support.sandbox import Sandbox

MakeHome = Callable[..., Home]


@pytest.fixture(scope="session")
def redis_for_all() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def redis(redis_for_all: RedisServer) -> RedisServer:
    """A running redis-server that holds nothing."""
    with Redis.from_url(redis_for_all.uri) as client:
        client.flushall()
    return redis_for_all


@pytest.fixture
def redis_uri(redis: RedisServer) -> str:
    return redis.uri


@pytest.fixture
def raw_redis(redis: RedisServer) -> Iterator["Redis"]:
    with Redis.from_url(redis.uri) as client:
        yield client


@pytest.fixture(params=["file", "redis"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger lies: a path that is not there yet, or the URL of an empty Redis."""
    return str(tmp_path / "budget.db") if request.param == "file" else str(request.getfixturevalue("redis_uri"))


@pytest.fixture(scope="session")
def mongo_for_all() -> Iterator[str]:
    with mongo_server() as uri:
        yield uri


@pytest.fixture
def mongo_uri(mongo_for_all: str) -> Iterator[str]:
    """STORE_URI of a new database."""
    with mongo_database(mongo_for_all) as uri:
        yield uri


@pytest.fixture
def sqlite_uri(tmp_path: Path) -> str:
    """STORE_URI of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'movies.db'}"


@pytest.fixture(scope="module")
def module_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Started with the module's ``SANDBOX``, a tuple of options."""
    with Sandbox("--quiet", *getattr(request.module, "SANDBOX", ("--movies", "300"))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    """No faults, no limits, an empty log."""
    module_sandbox.faults([])
    module_sandbox.settings(latency=0, rate=0, burst=10, key="", retry_after=True, slow_seconds=30)
    module_sandbox.settings(omdb_key="", omdb_quota=0, layout="2026", robots="")
    module_sandbox.clear_log()
    return module_sandbox


@pytest.fixture
def make_home(tmp_path: Path, sandbox: Sandbox) -> MakeHome:
    """Makes folders whose crawls go to the sandbox, with FAST and other settings."""

    def make(name: str = "home", **settings: str) -> Home:
        return Home(tmp_path / name, {**FAST, **sandbox.env, **settings})

    return make


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    return make_home()


@pytest.fixture
def shared_home(make_home: MakeHome, redis: RedisServer) -> Home:
    """One whose crawls share a queue."""
    return make_home("shared", REDIS_URL=redis.uri, THE_NUMBERS_ENABLED="1")


@pytest.fixture
def alone(make_home: MakeHome) -> Home:
    """One whose crawls do the same without a queue."""
    return make_home("alone", THE_NUMBERS_ENABLED="1")


@pytest.fixture(params=["sqlite", "mongo"])
def uri(request: pytest.FixtureRequest) -> str:
    """STORE_URI of a new store, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_uri"))


@pytest_asyncio.fixture
async def store(uri: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A new open store, of each kind."""
    store = open_store(uri, data_dir=tmp_path)
    await store.open()
    yield store
    await store.close()


@pytest_asyncio.fixture
async def sqlite_store(sqlite_uri: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A new open store in SQLite."""
    store = open_store(sqlite_uri, data_dir=tmp_path)
    await store.open()
    yield store
    await store.close()
