"""A MongoDB-wire server as its own process, for any test of the project."""

import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import Any

from pymongo import MongoClient

_START = 60.0
"""Seconds that a busy machine may need to start the server."""


@contextmanager
def mongo_server(*options: str) -> Iterator[str]:
    """``mongodb://host:port`` of a running server: MONGO_TEST_URI, or one that ends with the block.

    ``options`` are those of ``python -m secantus`` and ask for a server of one's own.
    """
    if (given := os.environ.get("MONGO_TEST_URI")) and not options:
        yield given
        return
    command = [sys.executable, "-m", "secantus", "--port", "0", *(options or ("--storage-path", ":memory:"))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        uri = f"mongodb://{_address(process)}"
        client: MongoClient[dict[str, Any]]
        with MongoClient(uri, directConnection=True, serverSelectionTimeoutMS=int(_START * 1000)) as client:
            client.admin.command("ping")
        yield uri
    finally:
        process.kill()
        process.wait()


@contextmanager
def mongo_database(server: str) -> Iterator[str]:
    """The STORE_URI of a new database on that server, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    place, _, options = server.partition("?")
    uri = "/".join(place.split("/")[:3]) + f"/{name}" + (f"?{options}" if options else "")
    yield uri
    client: MongoClient[dict[str, Any]]
    with MongoClient(uri, serverSelectionTimeoutMS=2000) as client:
        client.drop_database(name)


def _address(process: subprocess.Popen[str]) -> str:
    found: Queue[str] = Queue()
    lines: list[str] = []

    def drain() -> None:
        for line in process.stderr or ():
            lines.append(line)
            if match := re.search(r"listening on (\S+:\d+)", line):
                found.put(match[1])
        found.put("")

    threading.Thread(target=drain, daemon=True).start()
    try:
        address = found.get(timeout=_START)
    except Empty:
        address = ""
    if not address:
        raise RuntimeError("the server did not start: " + "".join(lines[-20:]))
    return address
