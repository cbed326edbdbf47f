"""What every tier guarantees, whatever its backend."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from moviecrawler.caching import open_tier
from moviecrawler.caching.entry import CacheEntry
from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.tier import PackedEntry, Tier, TierError
from moviecrawler.exceptions import ConfigurationError
from tests.caching.conftest import OpenTier
from tests.support.cache_entries import NOW, entry, key

DAY = 86_400.0


async def put(tier: Tier, number: int, endpoint: str = "api", at: float = NOW, body: bytes = b"{}") -> None:
    await tier.put([PackedEntry(key(number, endpoint), entry(body, at).pack(), stored_at=at, retention=DAY)])  # type: ignore[arg-type]


async def test_what_was_put_is_returned_byte_for_byte(tier: Tier) -> None:
    body = bytes(range(256)) * 400
    await put(tier, 1, body=body)
    packed = await tier.get(key(1))
    assert packed is not None
    assert CacheEntry.unpack(packed) == entry(body)
    assert await tier.get(key(2)) is None
    assert await tier.get(key(1, "trending")) is None


async def test_a_later_answer_replaces_the_earlier_one(tier: Tier) -> None:
    await put(tier, 1, body=b'{"n": 1}')
    await put(tier, 1, at=NOW + 5, body=b'{"n": 2}')
    packed = await tier.get(key(1))
    assert packed is not None
    assert CacheEntry.unpack(packed).body == b'{"n": 2}'
    assert (await tier.usage())["api"].entries == 1


async def test_what_is_dropped_is_gone(tier: Tier) -> None:
    await put(tier, 1)
    await tier.drop(key(1))
    await tier.drop(key(2))
    assert await tier.get(key(1)) is None


async def test_usage_tells_endpoints_apart(tier: Tier) -> None:
    assert await tier.usage() == {}
    for number in range(3):
        await put(tier, number, at=NOW + number)
    await put(tier, 9, "trending", at=NOW - 7)
    usage = await tier.usage()
    assert usage.keys() == {"api", "trending"}
    assert (usage["api"].entries, usage["api"].oldest, usage["api"].newest) == (3, NOW, NOW + 2)
    assert usage["api"].bytes == 3 * len(entry(b"{}").pack())
    assert (usage["trending"].entries, usage["trending"].oldest) == (1, NOW - 7)


async def test_an_endpoint_is_deleted_completely_or_up_to_a_timestamp(tier: Tier) -> None:
    for number in range(1_200):
        await put(tier, number, at=NOW + number)
    await put(tier, 0, "trending")
    assert await tier.delete("api", before=NOW + 1_100) == 1_100
    assert await tier.get(key(1_099)) is None
    assert await tier.get(key(1_100)) is not None
    assert await tier.delete("genres") == 0
    assert await tier.delete("api") == 100
    assert (await tier.usage()).keys() == {"trending"}


async def test_two_workers_share_a_tier(new_tier: OpenTier) -> None:
    one, other = new_tier(), new_tier()
    await asyncio.gather(one.open(), other.open())
    try:
        await asyncio.gather(*(put(worker, n, body=b"%d" % n) for n in range(100) for worker in (one, other)))
        for worker in (one, other):
            found = [await worker.get(key(n)) for n in range(100)]
            assert [CacheEntry.unpack(packed).body for packed in found if packed] == [b"%d" % n for n in range(100)]
    finally:
        await one.close()
        await other.close()


async def test_what_was_put_is_there_after_the_process(new_tier: OpenTier) -> None:
    for number in (1, 2):
        tier = new_tier()
        await tier.open()
        assert (await tier.get(key(1)) is None) == (number == 1)
        await put(tier, 1)
        await tier.close()
        await tier.close()


async def test_a_second_opening_changes_nothing(tier: Tier) -> None:
    await put(tier, 1)
    await tier.open()
    assert await tier.get(key(1)) is not None


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("sqlite:///{folder}/file/cache.db", "SQLite"),
        ("sqlite:///{folder}/nothing.txt", "no database"),
        ("redis://me:s3cret@127.0.0.1:1/0", "Redis ***@127.0.0.1:1/0: no connection"),
        ("mongodb://me:s3cret@127.0.0.1:1/x?serverSelectionTimeoutMS=100", "MongoDB ***@127.0.0.1:1/x: no server"),
    ],
)
async def test_a_tier_that_is_down_is_one_line_without_a_password(tmp_path: Path, uri: str, says: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "nothing.txt").write_text("this is no database, whatever its name may say " * 100)
    tier = open_tier(uri.format(folder=tmp_path), data_dir=tmp_path)
    assert tier is not None
    with pytest.raises(TierError) as raised:
        await tier.open()
    await tier.close()
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "s3cret" not in repr(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:", "{folder}/cache.db"),
        (" sqlite: ", "{folder}/cache.db"),
        ("sqlite:///some/where.db", "some/where.db"),
        ("sqlite:////some/where.db", "/some/where.db"),
    ],
)
def test_a_file_is_where_the_address_says(tmp_path: Path, uri: str, path: str) -> None:
    tier = open_tier(uri, data_dir=tmp_path)
    assert tier is not None
    assert tier.describe == f"SQLite {path.format(folder=tmp_path)}"


def test_an_empty_address_is_no_cache(tmp_path: Path) -> None:
    assert open_tier("", data_dir=tmp_path) is None
    assert open_tier("  ", data_dir=tmp_path) is None


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:cache.db",
        "sqlite://cache.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro",
        "sqlite:///x\0.db",
        "memcached://me:s3cret@host",
        "redis",
        "data/cache.db",
        "redis://me:s3cret@host:port/0",
        "mongodb://me:s3cret@host:port/x",
        "mongodb://me:s3cret@host/x?nonsense=1",
        "mongodb://",
    ],
)
def test_a_wrong_address_is_refused_by_name_and_without_password(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ConfigurationError, match="CACHE_URI") as raised:
        open_tier(uri, data_dir=tmp_path)
    assert "s3cret" not in str(raised.value)
    assert "must be sqlite:" in str(raised.value)
    assert raised.value.__context__ is None


async def test_a_file_of_the_version_before_is_read_and_written(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "cache.db")) as older:
        older.executescript(
            """
            PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
            CREATE TABLE answers (
                key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, stored_at REAL NOT NULL, expires_at REAL NOT NULL,
                answer BLOB NOT NULL);
            CREATE INDEX answers_expires_at ON answers (expires_at);
            """
        )
        older.execute("INSERT INTO answers VALUES (?, 'api', ?, ?, ?)", (str(key(1)), NOW, NOW + DAY, entry().pack()))
        older.commit()
    tier = SqliteTier(tmp_path / "cache.db")
    await tier.open()
    try:
        packed = await tier.get(key(1))
        assert packed is not None
        assert CacheEntry.unpack(packed) == entry()
        await put(tier, 2)
        assert (await tier.usage())["api"].entries == 2
    finally:
        await tier.close()
