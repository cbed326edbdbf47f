"""What a backup contains, what is found wrong with one, and what a restore brings back: on both stores."""

import errno
import gzip
import hashlib
import json
import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.backup import files, parts
from moviecrawler.backup.files import alone_in
from moviecrawler.backup.folder import backups, find_backup, note_verified, remove_backup
from moviecrawler.backup.manifest import CHECKSUM, MANIFEST, Manifest, read_manifest
from moviecrawler.backup.restore import restore
from moviecrawler.backup.verify import problems
from moviecrawler.exceptions import BackupError, StoreAbsent, StoreError
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from tests.backup.filled import FILMS, NOW, all_of, backed_up, fill, found_by_searches
from tests.stores import version_1
from tests.support.films import insert


def quiet(done: int, total: int) -> None:
    pass


async def restored(path: Path, store: Store, *, force: bool = False) -> Manifest:
    return (await restore(path, store, NOW, quiet, force=force)).manifest


async def test_a_backup_has_every_row_and_is_right(filled: Store, tmp_path: Path) -> None:
    made = await backed_up(filled, tmp_path / "backups")
    assert made.path.name == "2026-11-21T08-15-30Z"
    assert {kind: found.rows for kind, found in made.manifest.sums.items()} == {
        **{"movies": FILMS, "shows": 1, "changes": 3, "raw": 1, "runs": 1, "state": 2}
    }
    assert made.manifest.damaged == []
    assert read_manifest(made.path) == made.manifest
    assert problems(made.path, quiet) == []


async def test_anybody_can_read_a_backup(filled: Store, tmp_path: Path) -> None:
    made = await backed_up(filled, tmp_path / "backups")
    rows: dict[str, list[Any]] = {}
    for part in made.manifest.parts:
        content = (made.path / part.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == part.sha256
        rows.setdefault(part.kind, []).extend(map(json.loads, gzip.decompress(content).split(b"\n")[:-1]))
    assert rows == await all_of(filled)


async def test_both_stores_make_the_same_of_a_backup_and_a_backup_of_that_has_the_same_sums(
    filled: Store, empty: Store, tmp_path: Path
) -> None:
    first = await backed_up(filled, tmp_path / "backups")
    await restored(first.path, empty)
    assert await all_of(empty) == await all_of(filled)
    assert await found_by_searches(empty) == await found_by_searches(filled)
    second = await backed_up(empty, tmp_path / "others")
    assert second.manifest.sums == first.manifest.sums
    await restored(second.path, filled, force=True)
    assert (await backed_up(filled, tmp_path / "third")).manifest.sums == first.manifest.sums


async def test_the_order_of_what_is_due_is_restored_with_the_documents(sqlite_uri: str, tmp_path: Path) -> None:
    async with opened(open_store(sqlite_uri, order="popular")) as store:
        await fill(store)
        due = await store.documents.due("movies", "tmdb", "2027-01-01T00:00:00.000Z", 20)
    made = await backed_up(open_store(sqlite_uri, access="read"), tmp_path / "backups")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    await restored(made.path, open_store(other, access="read"))
    async with opened(open_store(other, order="newest")) as store:
        assert await store.documents.due("movies", "tmdb", "2027-01-01T00:00:00.000Z", 20) == due


async def test_what_is_written_meanwhile_is_not_in_a_snapshot_of_sqlite(sqlite_uri: str, tmp_path: Path) -> None:
    store = open_store(sqlite_uri)
    async with opened(store), store.snapshot() as snapshot:
        await store.documents.write([insert(1)])
        assert await snapshot.counts() == {}
        assert [page async for page in snapshot.pages("movies")] == []
        async with store.snapshot() as later:
            assert await later.counts() == {"movies": 1}


async def test_many_parts_are_one_backup(
    filled: Store, empty: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_SIZE", 1)
    made = await backed_up(filled, tmp_path / "backups")
    assert len([part for part in made.manifest.parts if part.kind == "movies"]) > 1
    assert problems(made.path, quiet) == []
    await restored(made.path, empty)
    assert await all_of(empty) == await all_of(filled)


async def test_a_store_without_rows_makes_a_backup_without_parts(uri: str, tmp_path: Path) -> None:
    store = open_store(uri, data_dir=tmp_path)
    async with opened(store):
        pass
    made = await backed_up(store, tmp_path / "backups")
    assert (made.manifest.parts, problems(made.path, quiet)) == ([], [])
    await restored(made.path, store)


async def test_nothing_stored_makes_no_backup(uri: str, tmp_path: Path) -> None:
    with pytest.raises(StoreAbsent):
        await backed_up(open_store(uri, access="read"), tmp_path / "backups")
    assert backups(tmp_path / "backups") == []
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]


async def test_a_row_that_cannot_be_read_is_named_and_the_others_are_backed_up(sqlite_uri: str, tmp_path: Path) -> None:
    store = open_store(sqlite_uri)
    async with opened(store):
        await store.documents.write([insert(1), insert(2)])
        await store.state.set("cursor", 1)
        await store._connection.run(  # type: ignore[attr-defined]
            lambda db: db.execute("UPDATE documents SET document = '{' WHERE id = 1").connection.commit()
        )
    made = await backed_up(store, tmp_path / "backups")
    assert made.manifest.damaged == ["movies/1: it is not JSON"]
    assert made.manifest.rows("movies") == 1
    assert problems(made.path, quiet) == []


# --- What is found wrong --------------------------------------------------------------------------------------------


async def test_every_flipped_byte_is_found_and_its_file_is_named(backup: Path) -> None:
    dice = random.Random(7)
    found = sorted(path for path in backup.iterdir() if path.name != "verified.json")
    for path in found * 3:
        whole = path.read_bytes()
        content = bytearray(whole)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        path.write_bytes(content)
        lines = problems(backup, quiet)
        named = MANIFEST if path.name == CHECKSUM else path.name
        assert len(lines) == 1
        assert named in lines[0]
        path.write_bytes(whole)
    assert problems(backup, quiet) == []


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
async def test_a_truncated_part_is_named(kept: int, backup: Path) -> None:
    path = max(backup.glob("*.jsonl.gz"), key=lambda path: path.stat().st_size)
    path.write_bytes(path.read_bytes()[:kept])
    (line,) = problems(backup, quiet)
    assert path.name in line
    assert "were written" in line


async def test_a_part_that_is_away_is_named(backup: Path) -> None:
    path = next(backup.glob("*.jsonl.gz"))
    path.unlink()
    (line,) = problems(backup, quiet)
    assert path.name in line
    assert "it is not there" in line


def altered(folder: Path, change: Any) -> None:
    """The manifest after ``change``, with a checksum that is right."""
    found = json.loads((folder / MANIFEST).read_bytes())
    change(found)
    text = json.dumps(found).encode()
    (folder / MANIFEST).write_bytes(text)
    (folder / CHECKSUM).write_text(f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["parts"].pop(),
        lambda found: found["parts"][1].update(rows=found["parts"][1]["rows"] - 1),
        lambda found: found["parts"][1].update(size=found["parts"][1]["size"] + 1),
        lambda found: found["parts"][1].update(size=found["parts"][1]["size"] - 1),
        lambda found: found["parts"][0].update(kind="movies"),
        lambda found: found["sums"].pop("shows"),
        lambda found: found["sums"]["movies"].update(rows=1),
        lambda found: found["sums"]["movies"].update(sha256="0" * 64),
    ],
)
async def test_a_manifest_that_tells_other_rows_is_found_and_not_restored(
    change: Any, backup: Path, absent: Store
) -> None:
    altered(backup, change)
    assert problems(backup, quiet)
    with pytest.raises(BackupError):
        await restored(backup, absent)
    with pytest.raises(StoreAbsent):
        await absent.open()


async def test_a_part_that_is_there_twice_is_found(backup: Path) -> None:
    altered(backup, lambda found: found["parts"].append(found["parts"][0]))
    (line,) = problems(backup, quiet)
    assert line.endswith("state: 4 rows, 2 were backed up, or they are others")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found.update(format=2), "it has format 2, this moviecrawler reads formats up to 1"),
        (lambda found: found.pop("format"), "it is not the manifest of a backup"),
        (lambda found: found.update(format="1"), "it is not the manifest of a backup"),
        (lambda found: found.pop("parts"), "parts: Field required"),
        (lambda found: found["parts"][0].update(sha256="../../../etc/passwd"), "parts.0.sha256: "),
        (lambda found: found["parts"][0].update(sha256="/" + "0" * 63), "parts.0.sha256: "),
        (lambda found: found["parts"][0].update(sha256="0" * 64 + "\n"), "parts.0.sha256: "),
        (lambda found: found["parts"][0].update(kind="../movies"), "parts.0.kind: "),
        (lambda found: found["parts"][0].update(kind="schema"), "parts.0.kind: "),
        (lambda found: found["parts"][0].update(rows=-1), "parts.0.rows: "),
        (lambda found: found["sums"].update({"../x": found["sums"]["movies"]}), "sums"),
        (lambda found: found.update(order="'; DROP TABLE documents"), "order: "),
    ],
)
async def test_a_hostile_manifest_is_refused_with_one_line(change: Any, said: str, backup: Path, absent: Store) -> None:
    altered(backup, change)
    with pytest.raises(BackupError) as caught:
        await restored(backup, absent)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert problems(backup, quiet) == [str(caught.value)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
async def test_a_manifest_that_is_none_is_refused(content: bytes, backup: Path) -> None:
    (backup / MANIFEST).write_bytes(content)
    (backup / CHECKSUM).write_text(hashlib.sha256(content).hexdigest())
    with pytest.raises(BackupError):
        read_manifest(backup)


@pytest.mark.parametrize("line", [b"[]\n", b'{"_id": "603"}\n', b"{}\n", b"no json\n", b'{"_id": true}\n', b"\xff\n"])
async def test_a_line_that_is_no_row_is_not_restored(line: bytes, backup: Path, absent: Store) -> None:
    content = gzip.compress(line)
    sha256 = hashlib.sha256(content).hexdigest()
    (backup / f"{sha256}.jsonl.gz").write_bytes(content)
    part = {"kind": "movies", "sha256": sha256, "bytes": len(content), "size": len(line), "rows": 1}
    altered(backup, lambda found: found.update(parts=[part]))
    (said,) = problems(backup, quiet)
    assert said.endswith(f"{sha256}.jsonl.gz (movies): a line of it is no row")
    with pytest.raises(BackupError, match="a line of it is no row"):
        await restored(backup, absent)


# --- Nothing half ---------------------------------------------------------------------------------------------------


class Broken(Exception):
    pass


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), Broken()])
@pytest.mark.parametrize("place", ["PartWriter._end", "PartWriter._write", "write_whole"])
async def test_what_fails_while_it_is_written_is_no_backup(
    error: Exception, place: str, source: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise error

    if place == "write_whole":
        monkeypatch.setattr("moviecrawler.backup.manifest.write_whole", fail)
    else:
        monkeypatch.setattr(parts.PartWriter, place.partition(".")[2], fail)
    with pytest.raises(BackupError if isinstance(error, OSError) else Broken) as caught:
        await backed_up(source, tmp_path / "backups")
    if isinstance(error, OSError):
        assert str(caught.value).endswith("no space left on device; free some space and try again")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that takes no more: a longer file is an error of the system."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def test_a_disk_that_takes_no_more_has_no_backup(source: Store, tmp_path: Path) -> None:
    async with opened(source):
        with files_of_at_most(2_000), pytest.raises(BackupError, match="file too large; free some space and try again"):
            await backed_up(source, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]


async def test_a_disk_that_takes_no_more_has_nothing_restored(backup: Path, absent: Store, tmp_path: Path) -> None:
    with files_of_at_most(200_000), pytest.raises(StoreError, match=r"the disk (is full|failed to read or write)"):
        await restored(backup, absent)
    assert [path.name for path in tmp_path.iterdir()] == ["backups"]


@pytest.mark.parametrize("moment", ["before the checksum", "before the manifest"])
async def test_what_was_killed_is_no_backup_and_goes_with_the_next_one(
    moment: str, source: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    made = await backed_up(source, folder)
    (made.path / MANIFEST).rename(made.path / f"{MANIFEST}{files.PARTIAL}")
    if moment == "before the checksum":
        (made.path / CHECKSUM).unlink()
    assert backups(folder) == []
    assert "no whole backup" in problems(made.path, quiet)[0]
    again = await backed_up(source, folder)
    assert [one.path for one in backups(folder)] == [again.path]
    assert sorted(path.name for path in folder.iterdir()) == [".lock", again.path.name]


async def test_what_is_none_of_ours_is_neither_a_backup_nor_removed(
    source: Store, backup: Path, tmp_path: Path
) -> None:
    folder = backup.parent
    (folder / "2026-11-20T08-15-30Z").symlink_to(tmp_path)
    (folder / "2026-11-20T08-15-31Z").symlink_to(backup)
    (folder / "2026-11-20T08-15-32Z").write_text("a file")
    (folder / "2026-99-99T99-99-99Z").mkdir()
    (folder / "my films\n").mkdir()
    before = sorted(path.name for path in folder.iterdir())
    assert [one.path for one in backups(folder)] == [backup]
    made = await backed_up(source, folder)
    assert {one.path for one in backups(folder)} == {backup, made.path}
    assert {*before, ".lock", made.path.name} == {path.name for path in folder.iterdir()}
    assert tmp_path.is_dir()


async def test_a_backup_of_an_older_version_is_read_in_todays_form(tmp_path: Path, absent: Store) -> None:
    """Its rows, by a schema that is migrated; its manifest, without what has been added since."""
    version_1.write_sqlite(tmp_path / "old.db")
    store = open_store(f"sqlite:///{tmp_path / 'old.db'}", access="read")
    made = await backed_up(store, tmp_path / "backups")
    later = ("before", "caught_up_at", "pictures", "stripped_at")
    altered(made.path, lambda found: [found.pop(name) for name in later])
    assert problems(made.path, quiet) == []
    await restored(made.path, absent)
    assert await all_of(absent) == await all_of(store)
    assert await found_by_searches(absent) == await found_by_searches(store)


async def test_two_backups_of_one_second_have_two_names(source: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [await backed_up(source, folder) for _ in range(2)]
    assert [one.path.name for one in made] == ["2026-11-21T08-15-30Z", "2026-11-21T08-15-30Z-002"]
    assert find_backup(folder, "latest").path == made[1].path
    assert find_backup(folder, "2026-11-21T08-15-30Z").path == made[0].path


async def test_one_at_a_time_in_a_folder(source: Store, tmp_path: Path) -> None:
    with alone_in(tmp_path / "backups"), pytest.raises(BackupError, match="another process makes or removes backups"):
        await backed_up(source, tmp_path / "backups")
    await backed_up(source, tmp_path / "backups")


async def test_a_mark_of_verification_is_that_of_one_manifest(backup: Path) -> None:
    folder = backup.parent
    assert backups(folder)[0].verified_at is None
    note_verified(backup, "2026-11-21T08:15:30.123Z")
    assert backups(folder)[0].verified_at == "2026-11-21T08:15:30.123Z"
    altered(backup, lambda found: found.update(store="another"))
    assert backups(folder)[0].verified_at is None
    remove_backup(backup)
    assert backups(folder) == []
