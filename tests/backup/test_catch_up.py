"""Of a store without snapshots, what is written while a backup is made is in it, too."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.backup import make
from moviecrawler.backup.lines import Sums, line_of
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.merge_rows import MergedParts
from moviecrawler.backup.parts import PartWriter, read_lines
from moviecrawler.backup.verify import problems
from moviecrawler.documents.records import RAW, RUNS
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from moviecrawler.stores.mongo import snapshot as mongo_snapshot
from moviecrawler.timestamps import iso
from tests.backup.filled import NOW, all_of, fill
from tests.backup.test_backup import quiet, restored
from tests.support.films import insert, update


@pytest.mark.parametrize(
    ("earlier", "later", "merged"),
    [
        ("", "b", "B"),
        ("b", "", "b"),
        ("bdf", "aceg", "AbCdEfG"),
        ("abc", "b", "aBc"),
        ("abc", "abc", "ABC"),
        ("abc", "c", "abC"),
        ("abc", "d", "abcD"),
    ],
)
@pytest.mark.parametrize("part_bytes", [1, 2**20])
def test_later_rows_replace_earlier_ones_in_order(
    earlier: str, later: str, merged: str, part_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moviecrawler.backup.parts.PART_SIZE", part_bytes)
    monkeypatch.setattr("moviecrawler.backup.merge_rows._LINES", 2)
    writer, sums, wanted = PartWriter(tmp_path, "raw"), Sums(), Sums()
    for letter in earlier:
        writer.add([line_of({"_id": letter, "v": letter})])
    parts = MergedParts(tmp_path, "raw", writer.finish(), sums)
    for letter in later:
        parts.add([(letter, line_of({"_id": letter, "v": letter.upper()}))])
    made = parts.finish()
    lines = [line for part in made for some in read_lines(tmp_path, part) for line in some]
    assert lines == [line_of({"_id": letter.lower(), "v": letter}) for letter in merged]
    wanted.add("raw", lines)
    assert sums.result() == wanted.result()
    assert {path.name for path in tmp_path.iterdir()} == {part.file for part in made}


def test_what_cannot_be_read_later_stays_as_it_was(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, "raw")
    writer.add([line_of({"_id": "a"})])
    parts = MergedParts(tmp_path, "raw", writer.finish(), Sums())
    parts.add([("a", None), ("b", None)])
    (made,) = parts.finish()
    assert list(read_lines(tmp_path, made)) == [[line_of({"_id": "a"})]]


async def test_what_is_written_while_rows_are_read_is_in_the_backup(
    mongo_uri: str, absent: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(mongo_uri)
    all_rows = make._Writing.all_of

    async def read(self: Any, kind: str, snapshot: Any) -> None:
        await all_rows(self, kind, snapshot)
        if kind == "movies":
            now = iso(NOW + timedelta(seconds=1))
            await store.documents.write(
                [
                    update(7, 2, title="Later", updated_at=now),
                    insert(900_001, updated_at=now),
                    insert(-5, updated_at=now),
                ]
            )
            await store.records.put(RAW, [{"_id": "tmdb/movies/0", "body": "later"}])  # type: ignore[typeddict-item]
            await store.state.set("feed/tmdb/movies", {"until": "later"})
        if kind == "runs":
            await store.records.put(RUNS, [{"_id": "2027", "later": 1}, {"_id": "2026", "later": 1}])  # type: ignore[list-item, typeddict-item, typeddict-unknown-key]

    monkeypatch.setattr(mongo_snapshot, "can_snapshot", lambda hello: False)
    monkeypatch.setattr(make._Writing, "all_of", read)
    times = iter([NOW, NOW, NOW + timedelta(seconds=2), NOW + timedelta(seconds=3)])
    async with opened(store):
        await fill(store)
        made = await make_backup(store, tmp_path / "backups", lambda: next(times), quiet)
    manifest = made.manifest
    assert (manifest.at_one_moment, manifest.caught_up_at) == (False, "2026-11-21T08:15:32.000Z")
    assert problems(made.path, quiet) == []
    await restored(made.path, absent)
    found = await all_of(absent)
    assert found == await all_of(store)
    assert found["movies"][0]["_id"] == -5
    assert [row["title"] for row in found["movies"] if row["_id"] == 7] == ["Later"]


async def test_nothing_is_caught_up_with_in_a_snapshot(source: Store, tmp_path: Path) -> None:
    manifest = (await make_backup(source, tmp_path, lambda: NOW, quiet)).manifest
    assert (manifest.at_one_moment, manifest.caught_up_at) == (True, None)
    async with source.snapshot() as snapshot:
        assert [page async for page in snapshot.written_since("movies", NOW)] == []
