"""``scrapy cache``: what it shows, what it deletes, and one line for errors."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from moviecrawler.caching import open_tier
from moviecrawler.caching.tier import PackedEntry
from tests.support.cache_entries import entry, key
from tests.support.crawl import Home
from tests.support.pages import PROJECT

DAY = 86_400.0


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "place", {"CACHE_URI": "sqlite:"})


async def fill(uri: str, folder: Path) -> None:
    """Three films, one of them nine days old, and a list."""
    tier = open_tier(uri, data_dir=folder)
    assert tier is not None
    await tier.open()
    rows: list[tuple[int, str, float]] = [(1, "api", 0), (2, "api", 60), (3, "api", 9 * DAY), (4, "trending", 0)]
    for number, endpoint, age in rows:
        at = time.time() - age
        await tier.put(
            [PackedEntry(key(number, endpoint), entry(b"{}" * 500, at).pack(), stored_at=at, retention=30 * DAY)]
        )
    await tier.close()


async def test_stats_are_a_table_or_json(uri: str, place: Home) -> None:
    await fill(uri, place.data)
    ended = place.scrapy("cache", "stats", CACHE_URI=uri)
    assert ended.status == 0, ended.stderr
    head, *rows, where = ended.stdout.splitlines()
    assert head.split() == ["endpoint", "answers", "size", "oldest", "newest"]
    assert [row.split()[:2] for row in rows] == [["trending", "1"], ["api", "3"]]
    assert where.startswith("in ")
    found = json.loads(place.scrapy("cache", "stats", "--json", CACHE_URI=uri).stdout)
    assert found["cache"] == where.removeprefix("in ")
    assert found["endpoints"]["api"]["entries"] == 3
    assert found["endpoints"]["api"]["bytes"] == 3 * len(entry(b"{}" * 500).pack())
    assert found["endpoints"]["api"]["oldest"] < found["endpoints"]["api"]["newest"]
    one = json.loads(place.scrapy("cache", "stats", "--json", "--endpoint", "trending", CACHE_URI=uri).stdout)
    assert one["endpoints"].keys() == {"trending"}


def test_stats_and_clear_create_no_file(place: Home) -> None:
    for action, said in (("stats", "nothing is cached in SQLite "), ("clear", "0 answers deleted from SQLite ")):
        ended = place.scrapy("cache", action)
        assert (ended.status, ended.stderr) == (0, "")
        assert ended.stdout.startswith(said)
    assert not place.data.exists()


async def test_prune_deletes_expired_answers(sqlite_uri: str, place: Home) -> None:
    uri = sqlite_uri
    await fill(uri, place.data)
    assert place.scrapy("cache", "prune", "--endpoint", "trending", CACHE_URI=uri).stdout.startswith("0 answers")
    assert place.scrapy("cache", "prune", CACHE_URI=uri).stdout.startswith("1 answers deleted from ")
    strict = {"CACHE_TTL_API": "30", "CACHE_STALE_IF_ERROR": "0", "CACHE_URI": uri}
    pruned = json.loads(place.scrapy("cache", "prune", "--json", **strict).stdout)
    assert pruned["endpoints"] == {"trending": 0, "genres": 0, "api": 1, "omdb": 0, "the_numbers": 0}


async def test_clear_deletes_all_or_an_endpoint(sqlite_uri: str, place: Home) -> None:
    uri = sqlite_uri
    await fill(uri, place.data)
    assert place.scrapy("cache", "clear", "--endpoint", "api", CACHE_URI=uri).stdout.startswith("3 answers deleted")
    assert place.scrapy("cache", "clear", CACHE_URI=uri).stdout.startswith("1 answers deleted")
    assert place.scrapy("cache", "stats", CACHE_URI=uri).stdout.startswith("nothing is cached in ")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((), 2, "name one of stats, clear, prune"),
        (("stat",), 2, "name one of stats, clear, prune"),
        (("clear", "trending"), 2, "name one of stats, clear, prune"),
        (("clear", "--endpoint", "films"), 2, "--endpoint='films': must be trending, genres, api, omdb or the_numbers"),
        (("stats", "-s", "CACHE_URI="), 2, "CACHE_URI is empty"),
        (("stats", "-s", "CACHE_URI=ftp://me:s3cret@x"), 2, "CACHE_URI='ftp://***@x'"),
        (("stats", "-s", "CACHE_TTL_API=x"), 2, "CACHE_TTL_API='x': must be a number"),
        (("stats", "-s", "CACHE_URI=redis://me:s3cret@127.0.0.1:1/0"), 1, "Redis ***@127.0.0.1:1/0: no connection"),
        (("stats", "-s", "CACHE_URI=sqlite:///scrapy.cfg"), 1, "no database"),
    ],
)
def test_a_wrong_command_is_one_line(place: Home, words: tuple[str, ...], status: int, says: str) -> None:
    ended = place.scrapy("cache", *words)
    assert (ended.status, len(ended.lines), ended.stdout) == (status, 1, ""), ended.stderr
    assert says in ended.stderr
    assert "s3cret" not in ended.stderr


def test_help_has_examples(place: Home) -> None:
    assert "scrapy cache clear --endpoint trending" in " ".join(place.scrapy("cache", "-h").stdout.split())


LOOK = """
import asyncio, os, sys
from pathlib import Path
from moviecrawler.commands.cache import _act
from moviecrawler.caching import open_tier
from moviecrawler.config import Config
from moviecrawler.sources.rules import cache_policy_of

tier = open_tier(f"sqlite:///{sys.argv[1]}", data_dir=Path())
policy = cache_policy_of(Config.from_settings({}))
asyncio.run(asyncio.sleep(0))
Path("/").as_uri()  # all three import what the other user may not read
os.setuid(65534)
print(*asyncio.run(_act(tier, "stats", ["trending", "api", "omdb"], policy))["endpoints"])
"""


async def test_stats_work_without_write_access() -> None:
    if not (os.geteuid() == 0 and hasattr(os, "setuid")):
        pytest.skip("only root can become somebody who may not write")
    with TemporaryDirectory() as folder:
        await fill(f"sqlite:///{folder}/cache.db", Path(folder))
        for place, mode in ((folder, 0o555), (f"{folder}/cache.db", 0o444)):
            os.chmod(place, mode)
        environment = {"PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", LOOK, f"{folder}/cache.db"]
        ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.split() == ["trending", "api"]
