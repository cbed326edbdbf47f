"""The same crawl into MongoDB: the same documents, and one clear line when the server goes away."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.crawl import Document, Home, timeless
from tests.support.mongo_server import mongo_database, mongo_server
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300", "--shows", "60")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with mongo_server() as uri:
        yield uri


def exported(home: Home, kind: str, uri: str) -> dict[object, Document]:
    ended = home.scrapy("export", kind, STORE_URI=uri)
    assert ended.status == 0, ended.stderr
    return {row["_id"]: row for row in map(json.loads, ended.stdout.splitlines())}


def on_disk(folder: Path) -> tuple[str, ...]:
    """Options of a server that is killed and started again: a port and a place of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = str(listening.getsockname()[1])
    return ("--port", port, "--storage-path", str(folder / "mongo"), "--sync-on-commit")


def test_the_same_crawls_give_the_same_documents(server: str, sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    sqlite, mongo = make_home("sqlite"), make_home("mongo")
    with mongo_database(server) as uri:
        for arguments in (("media=all",), ("media=all", "pages=2", "force=1"), ("media=all",)):
            assert sqlite.crawl("tmdb_trending", *arguments).status == 0
            ended = mongo.crawl("tmdb_trending", *arguments, STORE_URI=uri)
            assert ended.status == 0, ended.stderr
            assert uri.removeprefix("mongodb://") in ended.stderr
        for kind in ("movies", "shows"):
            documents = exported(mongo, kind, uri)
            assert documents
            assert timeless(documents) == timeless(sqlite.documents(kind))
        assert timeless(exported(mongo, "charts", uri)) == timeless(sqlite.records("charts"))
        runs = list(exported(mongo, "runs", uri).values())
    assert [run["stats"]["titles/found"] for run in runs] == [
        run["stats"]["titles/found"] for run in sqlite.records("runs").values()
    ]
    assert not mongo.database.exists()


def test_a_server_that_goes_away_for_seconds(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home()
    options = on_disk(home.folder)
    sandbox.settings(latency=40)
    with mongo_server(*options) as uri:
        process = home.start_crawl("tmdb_trending", "pages=5", STORE_URI=f"{uri}/films")
        while len(sandbox.log()) < 40:
            assert process.poll() is None
    # It has been killed, and comes back.
    time.sleep(1)
    with mongo_server(*options) as uri:
        ended = home.wait(process)
        films = exported(home, "movies", f"{uri}/films")
        (run,) = exported(home, "runs", f"{uri}/films").values()
        rejects = exported(home, "rejects", f"{uri}/films")
    assert ended.status == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(films) == run["stats"]["titles/found"] == 99
    assert rejects == {}
    asked = [entry["path"] for entry in sandbox.log(path="/3/movie")]
    assert len(asked) == len(set(asked)), "no film is asked for twice because its store was away"


def test_a_server_that_goes_away_for_good(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(STORE_PATIENCE="1")
    sandbox.settings(latency=40)
    with mongo_server("--storage-path", str(home.folder / "mongo"), "--sync-on-commit") as uri:
        process = home.start_crawl("tmdb_trending", "pages=15", STORE_URI=f"{uri}/films?serverSelectionTimeoutMS=500")
        while len(sandbox.log()) < 40:
            assert process.poll() is None
    # The server has been killed.
    ended = home.wait(process, seconds=30)
    assert ended.status == 1
    assert "Traceback" not in ended.stderr
    assert len([line for line in ended.lines if "the store failed, the run ends" in line]) == 1
    assert "tmdb_trending: store_failed" in ended.stderr
