"""The backup before something that cannot be undone."""

from datetime import timedelta
from pathlib import Path

import pytest

from moviecrawler.backup import before, make
from moviecrawler.backup.before import backup_before
from moviecrawler.backup.folder import backups
from moviecrawler.backup.manifest import read_manifest
from moviecrawler.exceptions import BackupError
from moviecrawler.stores import opened
from moviecrawler.stores.base import Store
from tests.backup.filled import NOW, backed_up
from tests.backup.test_backup import files_of_at_most


async def test_it_is_read_back_and_says_what_it_was_made_before(source: Store, tmp_path: Path) -> None:
    made = await backup_before(source, "a repair", tmp_path / "backups", lambda: NOW)
    assert made.verified_at == "2026-11-21T08:15:30.000Z"
    assert read_manifest(made.path).before == "a repair"


async def test_only_the_newest_stay_and_what_somebody_asked_for(source: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    asked = (await backed_up(source, folder)).path.name
    for _ in range(before.KEPT + 2):
        await backup_before(source, "a repair", folder, lambda: NOW)
    names = [one.name for one in backups(folder)]
    assert names == [*(f"{asked}-{number:03}" for number in (6, 5, 4)), asked]


async def test_without_room_nothing_may_begin_and_nothing_is_removed(source: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for _ in range(before.KEPT):
        await backup_before(source, "a repair", folder, lambda: NOW)
    found = backups(folder)
    async with opened(source):
        with files_of_at_most(2_000), pytest.raises(BackupError) as caught:
            await backup_before(source, "a repair", folder, lambda: NOW)
    assert str(caught.value).startswith("nothing was changed, since there is no backup before a repair: ")
    assert str(caught.value).endswith("file too large; free some space and try again")
    assert backups(folder) == found


async def test_names_follow_each_other_also_when_the_clock_is_set_back(source: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    clocks = [NOW, NOW - timedelta(days=400), NOW - timedelta(seconds=1), NOW + timedelta(days=1)]
    made = [(await make.make_backup(source, folder, lambda: at, lambda *_: None)).path.name for at in clocks]  # noqa: B023
    assert made == sorted(made)
    assert [one.name for one in backups(folder)] == made[::-1]
