"""A backup that is made by itself, before something that cannot be undone."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from moviecrawler.backup.files import alone_in
from moviecrawler.backup.folder import Backup, backups, find_backup, note_verified, remove_backup
from moviecrawler.backup.make import Progress, make_backup
from moviecrawler.backup.manifest import read_manifest
from moviecrawler.backup.pictures import remove_unused_pictures
from moviecrawler.backup.verify import problems
from moviecrawler.exceptions import BackupError, StoreError
from moviecrawler.stores.base import Store
from moviecrawler.timestamps import iso

KEPT = 3
"""Backups of this kind that a folder keeps; those that somebody asked for are not counted, and not removed."""


async def backup_before(
    store: Store, what: str, folder: Path, clock: Callable[[], datetime], progress: Progress = lambda done, total: None
) -> Backup:
    """A new backup of the store (open or not) that was read back; ``what`` follows "before": ``a repair``.

    BackupError, one line, when there is none: then what it was for must not begin. Rows that cannot be read are not in
    it (``Manifest.damaged``), and no error: they may be why the store is repaired.
    """
    try:
        made = await make_backup(store, folder, clock, progress, before=what)
        if wrong := problems(made.path, progress):
            raise BackupError(wrong[0])
        note_verified(made.path, iso(clock()))
        _remove_older(folder)
    except (BackupError, StoreError) as error:
        raise BackupError(f"nothing was changed, since there is no backup before {what}: {error}") from None
    return find_backup(folder, made.path.name)


def _remove_older(folder: Path) -> None:
    with alone_in(folder):
        for one in [one for one in backups(folder) if _is_automatic(one)][KEPT:]:
            remove_backup(one.path)
        remove_unused_pictures(folder)


def _is_automatic(one: Backup) -> bool:
    """False for one whose manifest cannot be read."""
    try:
        return read_manifest(one.path).before is not None
    except BackupError:
        return False
