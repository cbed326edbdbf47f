"""Restore a backup: beside the store, compared with the manifest, and only then in the store's place."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from moviecrawler.backup.lines import Sums, line_of
from moviecrawler.backup.make import Progress
from moviecrawler.backup.manifest import Manifest, Part, read_manifest
from moviecrawler.backup.parts import check_part, read_lines
from moviecrawler.backup.picture_copy import put_pictures_back
from moviecrawler.backup.threads import in_thread
from moviecrawler.backup.verify import differences, rows_of
from moviecrawler.exceptions import BackupError, StoreAbsent, StoreError
from moviecrawler.stores.base import Replacement, Store
from moviecrawler.stores.canonical_json import StoredRow, Unreadable
from moviecrawler.stores.live import live_runs

_ROWS = 500
"""Rows that are stored at a time."""


class Restored(NamedTuple):
    """``pictures``: how many were put back. ``wrong``: a line on each that could not be."""

    manifest: Manifest
    replaced: bool
    pictures: int = 0
    wrong: Sequence[str] = ()


async def restore(
    path: Path, store: Store, now: datetime, progress: Progress, *, force: bool, images: Path | None = None
) -> Restored:
    """Make the store (not open; of access ``read``) what the backup in the folder ``path`` says.

    Before that the pictures of the backup that are missing below ``images`` are put back there.

    BackupError, and the store is what it was: a store with rows without ``force``, one with a run under way, a backup
    that is damaged or of a newer version, a disk that is full.
    """
    manifest = read_manifest(path)
    replaced = await _require_replaceable(store, now, force=force)
    made, wrong = 0, list[str]()
    if images:
        made, wrong = await in_thread(partial(put_pictures_back, path, manifest, images))
    async with store.replacement(manifest.order) as new:
        await _load(path, manifest, new, progress)
    return Restored(manifest, replaced, made, wrong)


async def _require_replaceable(store: Store, now: datetime, *, force: bool) -> bool:
    """Whether there is anything in the store."""
    try:
        await store.open()
    except StoreAbsent:
        return False
    except StoreError as error:
        if force:
            return True  # a damaged store is a reason to restore
        raise BackupError(f"{error}; scrapy restore --force replaces it") from None
    try:
        if runs := await live_runs(store, now):
            raise BackupError(
                f"{store.describe}: a run is under way ({runs[0]['_id']}); wait for its end, or end it, and try again"
            )
        async with store.snapshot() as snapshot:
            counts = await snapshot.counts()
    finally:
        await store.close()
    if counts and not force:
        raise BackupError(f"{store.describe}: it has {sum(counts.values()):,} rows; --force replaces all of them")
    return bool(counts)


async def _load(path: Path, manifest: Manifest, new: Replacement, progress: Progress) -> None:
    total, done = 2 * sum(part.rows for part in manifest.parts), 0
    for part in manifest.parts:
        check_part(path, part)
        for lines in read_lines(path, part):
            for rows in _batches(path, part, lines):
                try:
                    await new.load(part.kind, rows)
                except ValueError as error:
                    raise BackupError(f"{path / part.file}: {' '.join(str(error).split())}") from None
                done += len(rows)
                progress(done, total)
    sums = Sums()
    async with new.snapshot() as snapshot:
        for kind in await snapshot.counts():
            async for page in snapshot.pages(kind):
                sums.add(kind, [line_of(row) for row in page if not isinstance(row, Unreadable)])
                done += len(page)
                progress(done, total)
    if wrong := list(differences(manifest, sums)):
        raise BackupError(f"{path}: what was restored is not what was backed up ({'; '.join(wrong)})")


def _batches(path: Path, part: Part, lines: list[bytes]) -> Iterator[list[StoredRow]]:
    for start in range(0, len(lines), _ROWS):
        yield list(rows_of(path, part, lines[start : start + _ROWS]))
