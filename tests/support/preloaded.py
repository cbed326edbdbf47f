"""Commands as processes of their own that need not import anything: each is a fork of one that has done so.

An import of Scrapy and of our code takes most of a second, and the tests start a thousand commands. What differs from
``python -m scrapy ...`` is only that; TEST_PRELOADED=0 goes without.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, TextIO

ROOT = Path(__file__).resolve().parents[2]

LIBRARIES = (
    "scrapy.cmdline",
    "scrapy.crawler",
    "aiohttp.web",
    "pymongo",
    "redis.asyncio",
    "scrapy_redis",
    "tqdm",
    "PIL",
)
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ")
_MESSAGE = 1 << 20  # bytes


def can_fork(environment: Mapping[str, str]) -> bool:
    """Not when a variable differs that Python itself reads when it starts, such as PYTHONPATH."""
    if not hasattr(socket, "send_fds") or not sys.platform.startswith("linux"):
        return False
    return os.environ.get("TEST_PRELOADED") != "0" and _at_start(environment) == _at_start(_environment())


def start(
    module: str, words: Sequence[str], folder: Path, environment: Mapping[str, str], stderr: IO[str] | None = None
) -> "Forked":
    """``python -m MODULE WORDS`` in the folder; ``stderr`` is a file for what it says, instead of a pipe."""
    return Forked([sys.executable, "-m", module, *words], folder, environment, stderr)


class Forked:
    """What ``subprocess.Popen`` is for a process that is another's child: text of stdout and stderr, and its end."""

    def __init__(
        self, args: Sequence[str], folder: Path, environment: Mapping[str, str], stderr: IO[str] | None
    ) -> None:
        self.args = args
        self.returncode: int | None = None
        ours, theirs = zip(*(os.pipe() for _ in range(3)), strict=True)
        message = {"module": args[2], "words": args[3:], "folder": str(folder), "environment": dict(environment)}
        given = (theirs[0], stderr.fileno() if stderr else theirs[1], theirs[2])
        socket.send_fds(_server(), [json.dumps(message).encode("utf-8", "surrogatepass")], given)
        for descriptor in theirs:
            os.close(descriptor)
        self.stdout: IO[str] | None = os.fdopen(ours[0], errors="surrogateescape")
        self.stderr: IO[str] | None = os.fdopen(ours[1], errors="surrogateescape")
        self._end = os.fdopen(ours[2], "rb", buffering=0)
        self.pid = int(self._line())

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            part = self._end.read(1)
            assert part, "the process that forks has ended"
            line += part
        return line

    def poll(self) -> int | None:
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        if (status := self._wait(timeout)) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def _wait(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], timeout)[0]:
            self.returncode = os.waitstatus_to_exitcode(int(self._line()))
            self._end.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All of stdout and stderr; subprocess.TimeoutExpired, after which it may be called again."""
        if not hasattr(self, "_said"):
            self._said = ["", ""]
            self._readers = [
                threading.Thread(target=self._read, args=(place, file), daemon=True)
                for place, file in enumerate((self.stdout, self.stderr))
                if file
            ]
            for reader in self._readers:
                reader.start()
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(timeout)
        return self._said[0], self._said[1]

    def _read(self, place: int, file: IO[str]) -> None:
        with file:
            self._said[place] = file.read()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Forked | subprocess.Popen[str]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


@cache
def _server() -> socket.socket:
    """The socket of a process that has imported everything, and waits for what to fork."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.preloaded", str(theirs.fileno())],
            cwd=ROOT,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    atexit.register(ours.close)
    return ours


# --- In the process that forks ------------------------------------------------------------------------------------


def _serve(server: socket.socket) -> dict[str, Any]:
    """Returns in each forked process, with what it has to run; the server itself ends with the tests."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that wait for a command are nobody's concern
    while True:
        message, descriptors, _, _ = socket.recv_fds(server, _MESSAGE, 3)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _watch(descriptors)
            command: dict[str, Any] = json.loads(message)
            return command
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(descriptors: Sequence[int]) -> None:
    """Fork the command, which returns, and tell its process id, and at the end its status."""
    stdout, stderr, end = descriptors
    if pid := os.fork():
        os.close(stdout)
        os.close(stderr)
        os.write(end, b"%d\n" % pid)
        os.write(end, b"%d\n" % os.waitpid(pid, 0)[1])
        os._exit(0)
    for descriptor, standard in ((stdout, 1), (stderr, 2)):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.close(end)


def _import_all() -> None:
    """But for the settings, which read the environment, and what runs when it is imported."""
    for name in LIBRARIES:
        importlib.import_module(name)
    import moviecrawler

    for module in pkgutil.walk_packages(moviecrawler.__path__, "moviecrawler."):
        if module.name != "moviecrawler.settings" and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert "twisted.internet.reactor" not in sys.modules
    assert threading.active_count() == 1


def _reopened(stream: TextIO, line_buffering: bool) -> TextIOWrapper:
    """For what its descriptor has become."""
    file = os.fdopen(stream.fileno(), "wb", closefd=False)
    return TextIOWrapper(file, stream.encoding, stream.errors, line_buffering=line_buffering)


def main() -> None:
    _import_all()
    gc.collect()
    gc.freeze()
    command = _serve(socket.socket(fileno=int(sys.argv[1])))
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    sys.path[0] = os.getcwd()
    sys.stdout = _reopened(sys.stdout, line_buffering=False)
    sys.stderr = _reopened(sys.stderr, line_buffering=True)
    sys.argv = ["", *command["words"]]
    runpy.run_module(command["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
