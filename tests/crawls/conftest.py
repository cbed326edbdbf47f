"""One sandbox per module, clean before every test, and a new home per test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.caching.servers import RedisServer, redis_server
from tests.crawls.run import FAST, Home
from tests.sandbox.process import Sandbox


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
def make_home(tmp_path: Path, sandbox: Sandbox) -> Callable[..., Home]:
    """Makes folders whose crawls go to the sandbox, with FAST and other settings."""

    def make(name: str = "home", **settings: str) -> Home:
        return Home(tmp_path / name, {**FAST, **sandbox.env, **settings})

    return make


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def shared_home(make_home: Callable[..., Home], redis: RedisServer) -> Home:
    """One whose crawls share a queue."""
    with Redis.from_url(redis.uri) as client:
        client.flushall()
    return make_home("shared", REDIS_URL=redis.uri, THE_NUMBERS_ENABLED="1")


@pytest.fixture
def alone(make_home: Callable[..., Home]) -> Home:
    """One whose crawls do the same without a queue."""
    return make_home("alone", THE_NUMBERS_ENABLED="1")


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home()
