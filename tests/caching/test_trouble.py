"""Damaged entries, tiers that fail, hang, recover, are full or locked: one warning, and the answers still come."""

import asyncio
import logging
import random
import sqlite3
from pathlib import Path

import pytest

from moviecrawler.caching import fail_safe
from moviecrawler.caching.fail_safe import PAUSE, FailSafeTier
from moviecrawler.caching.sqlite import SqliteTier
from moviecrawler.caching.tier import PackedEntry, Tier, TierError
from tests.caching.conftest import OpenTier
from tests.support.cache_entries import NOW, entry, key
from tests.support.caching_site import BASE, Asked, answer
from tests.support.crawler import Stats

WARNINGS = "the cache is out of use"


def damage_all(path: Path, how: str) -> int:
    """Change the bytes of every entry in a SQLite file; returns how many there were."""
    sql = {
        "flipped": "substr(answer, 1, 40) || x'ff' || substr(answer, 42)",
        "truncated": "substr(answer, 1, length(answer) / 2)",
        "another version": "substr(answer, 1, 3) || x'7f' || substr(answer, 5)",
        "emptied": "x''",
        "no bytes at all": "'text'",
    }[how]
    with sqlite3.connect(path) as connection:
        changed = connection.execute(f"UPDATE answers SET answer = CAST({sql} AS BLOB)").rowcount
    connection.close()
    return changed


@pytest.mark.parametrize("how", ["flipped", "truncated", "another version", "emptied", "no bytes at all"])
async def test_a_damaged_entry_is_counted_dropped_and_fetched_again(tmp_path: Path, how: str) -> None:
    path = tmp_path / "cache.db"
    urls = [f"{BASE}/movie/{id}" for id in range(1, 6)]
    async with Asked(SqliteTier(path)) as first:
        for url in urls:
            await first.get(url)
    assert damage_all(path, how) == 5
    async with Asked(SqliteTier(path)) as second:
        for url in urls:
            assert (await second.get(url)).json() == {"id": 603}  # type: ignore[attr-defined]
    assert (second.stats["corrupt"], second.stats["miss"], len(second.requests)) == (5, 5, 5)
    async with Asked(SqliteTier(path)) as third:
        for url in urls:
            await third.get(url)
    assert third.stats["hit"] == 5


def flip(path: Path, share: float) -> None:
    """Flip all bits of 64 bytes of a file, behind this share of it."""
    broken = bytearray(path.read_bytes())
    place = int(len(broken) * share)
    broken[place : place + 64] = bytes(byte ^ 0xFF for byte in broken[place : place + 64])
    path.write_bytes(broken)


async def test_wherever_the_file_is_damaged_every_answer_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In an entry, or in one of SQLite's own pages."""
    path = tmp_path / "cache.db"
    urls = [f"{BASE}/movie/{id}" for id in range(1, 11)]
    async with Asked(SqliteTier(path)) as first:
        first.answer = answer(b'{"id": 603, "overview": "%s"}' % random.Random(7).randbytes(2_000).hex().encode())
        for url in urls:
            await first.get(url)
    whole, noticed = path.read_bytes(), 0
    for percent in range(0, 100, 10):
        path.write_bytes(whole)
        flip(path, percent / 100)
        caplog.clear()
        async with Asked(SqliteTier(path)) as later:
            later.answer = first.answer
            for url in urls:
                assert (await later.get(url)).json()["id"] == 603  # type: ignore[attr-defined]
        assert len(caplog.records) == (1 if "errors" in later.stats else 0)
        noticed += bool(later.stats.get("errors") or later.stats.get("corrupt"))
    assert noticed >= 5, "most places hold something"


async def test_a_damaged_entry_is_dropped_even_when_the_site_has_no_other(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    async with Asked(SqliteTier(path)) as first:
        await first.get()
    damage_all(path, "flipped")
    for corrupt in (1, None):
        async with Asked(SqliteTier(path)) as later:
            later.answer = lambda request: (_ for _ in ()).throw(ConnectionError())
            with pytest.raises(ConnectionError):
                await later.get()
        assert later.stats.get("corrupt") == corrupt


class Shaky:
    """A tier that raises, or hangs, while ``failing``."""

    name, describe = "shaky", "a shaky tier"

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.calls = 0

    async def _call(self, *_: object, **__: object) -> None:
        self.calls += 1
        if self.failing == "raises":
            raise TierError("a shaky tier: no connection")
        if self.failing == "hangs":
            await asyncio.Event().wait()

    open = get = put = drop = _call

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("failing", ["raises", "hangs"])
async def test_a_tier_that_fails_is_paused_and_tried_again_with_one_warning(
    failing: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fail_safe, "CALL_TIMEOUT", 0.01)
    now = [100.0]
    shaky, stats = Shaky(), Stats()
    guarded = FailSafeTier(shaky, stats, clock=lambda: now[0])  # type: ignore[arg-type]
    await guarded.open()
    shaky.failing = failing
    for _ in range(5):
        assert await guarded.get(key(1)) is None
        await guarded.put([PackedEntry(key(1), b"", stored_at=NOW, retention=1)])
    assert shaky.calls == 2, "it was opened and failed once; then it is paused"
    now[0] += PAUSE - 1
    await guarded.get(key(1))
    assert shaky.calls == 2
    now[0] += 1
    await guarded.get(key(1))
    assert shaky.calls == 3
    now[0] += PAUSE
    shaky.failing = ""
    for _ in range(3):
        await guarded.get(key(1))
    assert shaky.calls == 6
    assert stats["cache/errors"] == 2
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [WARNINGS]
    assert caplog.records[0].levelno == logging.WARNING


async def test_a_tier_that_is_down_at_the_start_is_opened_later() -> None:
    now = [100.0]
    shaky, stats = Shaky("raises"), Stats()
    guarded = FailSafeTier(shaky, stats, clock=lambda: now[0])  # type: ignore[arg-type]
    await guarded.open()
    shaky.failing = ""
    now[0] += PAUSE
    await asyncio.gather(*(guarded.get(key(number)) for number in range(10)))
    assert shaky.calls == 1 + 1 + 10, "opened once for all ten"


async def test_memory_is_used_while_the_tier_is_down() -> None:
    async with Asked(Shaky("raises")) as asked:  # type: ignore[arg-type]
        await asked.get()
        assert (await asked.get()).flags == ["memory", "cached"]
    assert len(asked.requests) == 1
    assert asked.stats["errors"] == 1


async def test_a_full_disk_is_an_error_of_the_tier_and_nothing_else(tmp_path: Path) -> None:
    tier = SqliteTier(tmp_path / "cache.db")
    await tier.open()
    await tier._run(lambda: tier._sql("PRAGMA max_page_count = 8"))
    await tier.put([PackedEntry(key(0), bytes(5_000), stored_at=NOW, retention=1e9)])
    with pytest.raises(TierError, match="full"):
        await tier.put([PackedEntry(key(1), bytes(50_000), stored_at=NOW, retention=1)])
    assert await tier.get(key(0)) is not None
    await tier.close()


async def test_a_locked_file_is_not_waited_for_long(tmp_path: Path) -> None:
    tier = SqliteTier(tmp_path / "cache.db")
    await tier.open()
    await tier.put([PackedEntry(key(1), b"1", stored_at=NOW, retention=1e9)])
    lock = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    began = asyncio.get_running_loop().time()
    with pytest.raises(TierError, match="locked"):
        await tier.put([PackedEntry(key(2), b"2", stored_at=NOW, retention=1)])
    assert asyncio.get_running_loop().time() - began < fail_safe.CALL_TIMEOUT
    assert await tier.get(key(1)) == b"1", "reading is not blocked"
    lock.execute("COMMIT")
    lock.close()
    await tier.put([PackedEntry(key(2), b"2", stored_at=NOW, retention=1)])
    await tier.close()


async def test_expired_rows_go_as_new_ones_come(tmp_path: Path) -> None:
    tier = SqliteTier(tmp_path / "cache.db")
    await tier.open()
    for number in range(40):
        await tier.put([PackedEntry(key(number), b"old", stored_at=NOW, retention=10)])
    for number in range(40, 60):
        await tier.put([PackedEntry(key(number), b"new", stored_at=NOW + 11, retention=10)])
    usage = await tier.usage()
    assert (usage["api"].entries, usage["api"].oldest) == (20, NOW + 11)
    await tier.close()


async def test_a_cleared_file_gives_its_space_back(tmp_path: Path) -> None:
    tier = SqliteTier(tmp_path / "cache.db")
    await tier.open()
    for number in range(300):
        await tier.put([PackedEntry(key(number), bytes(8_000), stored_at=NOW, retention=10)])
    await tier.delete("genres")
    full = (tmp_path / "cache.db").stat().st_size
    assert await tier.delete("api") == 300
    assert (tmp_path / "cache.db").stat().st_size < full / 20
    await tier.close()


async def test_a_closed_tier_raises_an_error(new_tier: OpenTier) -> None:
    tier: Tier = new_tier()
    await tier.open()
    await tier.close()
    if tier.name != "redis":  # whose client connects anew by itself
        with pytest.raises(TierError, match="closed"):
            await tier.get(key(1))


async def test_redis_expires_entries_by_itself(redis_uri: str, tmp_path: Path) -> None:
    from moviecrawler.caching.redis import PREFIX, RedisTier

    tier = RedisTier(redis_uri, "Redis")
    await tier.put([PackedEntry(key(1), entry().pack(), stored_at=NOW, retention=86_400)])
    left = await tier._redis.pttl(f"{PREFIX}{key(1)}")
    assert 86_390_000 < left <= 86_400_000
    await tier.close()


async def test_mongo_expires_entries_by_itself(mongo_uri: str) -> None:
    from datetime import UTC, datetime

    from moviecrawler.caching.mongo import MongoTier

    tier = MongoTier(mongo_uri, "MongoDB")
    await tier.open()
    await tier.put([PackedEntry(key(1), entry().pack(), stored_at=NOW, retention=86_400)])
    indexes = await (await tier._answers.list_indexes()).to_list()
    assert [index["expireAfterSeconds"] for index in indexes if "expireAfterSeconds" in index] == [0]
    row = await tier._answers.find_one({})
    assert row is not None
    assert row["expires_at"].replace(tzinfo=UTC) == datetime.fromtimestamp(int(NOW * 1000) / 1000 + 86_400, UTC)
    await tier.close()
