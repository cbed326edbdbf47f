"""For all tests: no other machine is reached, neither from here nor from the processes that tests start."""

import os
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.fixtures"]

settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anywhere")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that nobody can read, such as gzip with the second of its making, are called as their argument is."""
    return argname if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()) else None


NOBODY = "http://127.0.0.1:9"
"""A proxy at a port where nobody listens ("discard", RFC 863)."""


@pytest.fixture(scope="session", autouse=True)
def processes_on_this_machine() -> Iterator[None]:
    """What tests start would go through a proxy that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy"):
            patch.setenv(name, NOBODY)
        patch.setenv("no_proxy", "127.0.0.1,localhost,::1")
        yield


@pytest.fixture(autouse=True)
def sockets_on_this_machine() -> Iterator[None]:
    """Per test, since pytest-socket, where it is installed, takes such guards away after each.

    MONGO_TEST_URI may name another machine: who sets it wants that.
    """
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        _require_loopback(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _require_loopback(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        if "MONGO_TEST_URI" not in os.environ:
            patch.setattr(socket.socket, "connect", guarded)
            patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


def _require_loopback(connection: socket.socket, address: Any) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6) or address[0] == "localhost":
        return
    if not ip_address(address[0].partition("%")[0]).is_loopback:
        raise AssertionError(f"a test wants to connect to {address}")
