"""What is older than TMDB's terms allow holds only what is its owner's own."""

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.backup import strip
from moviecrawler.backup.folder import backups
from moviecrawler.backup.make import make_backup
from moviecrawler.backup.manifest import read_manifest
from moviecrawler.backup.restore import restore
from moviecrawler.backup.strip import strip_old_backups
from moviecrawler.backup.verify import problems
from moviecrawler.config.fields import MAX_CACHE_DAYS
from moviecrawler.documents.records import RUNS, UNMATCHED
from moviecrawler.exceptions import BackupError
from moviecrawler.policy.documents.own_part import own_part
from moviecrawler.policy.documents.shape import defect
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from tests.backup.filled import NOW, all_of, fill
from tests.backup.test_backup import quiet
from tests.support.films import film, insert

OLD = NOW - timedelta(days=MAX_CACHE_DAYS + 1)
YOUNG = NOW - timedelta(days=MAX_CACHE_DAYS)
UNDECIDED = {
    **{"_id": "omdb/tt1", "source": "omdb", "source_id": "tt1", "title": "Heat", "year": 1995, "candidates": [949]},
    **{"said": {"source": "omdb", "source_id": "tt1", "title": "Heat"}, "at": "x", "settled": None},
    "results": [{"id": 949, "title": "Said by TMDB", "release_date": None}],
}
DECIDED = {**UNDECIDED, "_id": "omdb/tt2", "settled": 949}
RUN = {"_id": "2026/omdb", "spider": "omdb", "started_at": "2026-11-21T08:15:30.123Z", "stats": {"a": 1}}


async def fill_more(store: Store) -> None:
    await fill(store)
    await store.documents.write([insert(900_001, locks={}), insert(900_002, locks={"title": "Mine"})])
    await store.records.put(UNMATCHED, [UNDECIDED, DECIDED])  # type: ignore[list-item]
    await store.records.put(RUNS, [RUN])  # type: ignore[list-item]


@pytest.fixture
async def store(sqlite_uri: str) -> Store:
    async with opened(open_store(sqlite_uri)) as store:
        await fill_more(store)
    return open_store(sqlite_uri, access="read")


async def made(store: Store, folder: Path, at: datetime, **more: Any) -> Path:
    return (await make_backup(store, folder, lambda: at, quiet, **more)).path


def test_own_parts_are_whole_rows() -> None:
    at = "2026-11-21T08:15:30.123Z"
    own = own_part("movies", film(603, locks={"title": "Mine", "box_office.budget": 1}), at)
    assert own is not None
    assert (own["title"], own["box_office"]["budget"], own["overview"], own["revision"]) == ("Mine", 1, None, 1)
    assert own["sources"]["tmdb"]["next_refresh_at"] == at
    assert defect("movies", own) is None
    assert own_part("movies", film(603, locks={}), at) is None
    settled = own_part("unmatched", DECIDED, at)
    assert settled is not None
    assert settled["settled"] == 949
    assert "TMDB" not in str(settled)
    assert defect("unmatched", {**settled, "at": at}) is None
    assert own_part("unmatched", UNDECIDED, at) is None
    assert own_part("runs", RUN, at) == RUN
    assert [own_part(kind, {"_id": "x"}, at) for kind in ("raw", "changes", "samples", "state", "dropped")] == [
        None
    ] * 5


async def test_the_older_one_is_replaced_by_a_whole_backup_of_what_is_left(store: Store, tmp_path: Path) -> None:
    folder, images = tmp_path / "backups", tmp_path / "images"
    images.mkdir()
    (images / "a.jpg").write_bytes(b"a")
    old = await made(store, folder, OLD, images=images)
    young = await made(store, folder, YOUNG)
    assert strip_old_backups(folder, NOW) == ([old.name], [])
    assert [one.name for one in backups(folder)] == [young.name, f"{old.name}-002"]
    stripped = backups(folder)[1]
    assert stripped.verified_at
    assert problems(stripped.path, quiet) == []
    manifest = read_manifest(stripped.path)
    assert (manifest.stripped_at, manifest.pictures) == ("2026-11-21T08:15:30.000Z", None)
    assert {kind: found.rows for kind, found in manifest.sums.items()} == {
        **{"movies": 251, "shows": 1, "runs": 2, "unmatched": 1}
    }
    text = b"".join(gzip.decompress(path.read_bytes()) for path in stripped.path.glob("*.gz"))
    assert b"Lantern" not in text
    assert b'overview":"' not in text
    assert strip_old_backups(folder, NOW) == ([], [])


async def test_what_is_left_can_be_restored_and_its_locks_hold(store: Store, absent: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    await made(store, folder, OLD)
    strip_old_backups(folder, NOW)
    await restore(backups(folder)[0].path, absent, NOW, quiet, force=False)
    films = {row["_id"]: row for row in (await all_of(absent))["movies"]}
    assert films[900_002]["title"] == "Mine"
    assert 900_001 not in films
    async with opened(open_store(f"sqlite:///{tmp_path / 'other.db'}")) as other:
        due = await other.documents.due("movies", "tmdb", "2026-11-22T08:15:30.123Z", 1000)
    assert {title.id for title in due} == films.keys()


async def test_what_cannot_be_read_is_named(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    old = await made(store, folder, OLD)
    next(old.glob("*.gz")).unlink()
    (_, (line,)) = strip_old_backups(folder, NOW)
    assert line.endswith(f"it is older than TMDB's terms allow: remove {old}")
    assert [one.name for one in backups(folder)] == [old.name]


@pytest.mark.parametrize("moment", ["write_manifest", "note_verified", "remove_backup"])
async def test_what_ends_in_between_loses_nothing(
    moment: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    old = await made(store, folder, OLD)

    def ended(*_: Any) -> None:
        raise BackupError("ended")

    with monkeypatch.context() as patch:
        patch.setattr(strip, moment, ended)
        strip_old_backups(folder, NOW)
    assert old in [one.path for one in backups(folder)]
    assert all(problems(one.path, quiet) == [] for one in backups(folder))
    strip_old_backups(folder, NOW)
    assert all(read_manifest(one.path).stripped_at for one in backups(folder))
