from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox

DEFAULTS = {
    **{"latency": 0, "rate": 0, "burst": 10, "key": "", "retry_after": True, "slow_seconds": 30, "stale_seconds": 0},
    **{"omdb_key": "", "omdb_quota": 1000, "layout": "2026", "robots": "User-agent: *\nDisallow: /search\n"},
}


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """One process for all tests of this folder: 500 real films, 41 real shows, and 100 invented ones of each."""
    with Sandbox("--movies", "600", "--shows", "141") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    """The running sandbox without faults, limits and log entries."""
    running.faults([])
    running.settings(**DEFAULTS)
    running.clear_log()
    return running
