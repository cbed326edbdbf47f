"""Make a backup: all rows of one snapshot in parts, and the manifest last."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import moviecrawler
from moviecrawler.backup.files import alone_in, sync_folder, translated
from moviecrawler.backup.folder import is_name, name_after, remove_unfinished
from moviecrawler.backup.lines import Sums, line_of
from moviecrawler.backup.manifest import FORMAT, STAMP, STAMP_LENGTH, Manifest, Part, write_manifest
from moviecrawler.backup.merge_rows import MergedParts
from moviecrawler.backup.parts import PartWriter
from moviecrawler.backup.picture_copy import copy_pictures
from moviecrawler.backup.pictures import remove_unused_pictures
from moviecrawler.backup.threads import in_thread
from moviecrawler.exceptions import BackupError
from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import STATE, Snapshot, Store
from moviecrawler.stores.canonical_json import StoredRow, Unreadable
from moviecrawler.stores.ordering import ORDER_STATE
from moviecrawler.timestamps import iso

_CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of those who write are trusted, and how long a write takes, when rows are asked for by time."""

Progress = Callable[[int, int], object]
"""Called with how many rows are done, and how many there are."""


class Made(NamedTuple):
    """``new_pictures``: how many were not yet in the folder of the backups."""

    path: Path
    manifest: Manifest
    new_pictures: int = 0


async def make_backup(
    store: Store,
    folder: Path,
    clock: Callable[[], datetime],
    progress: Progress,
    *,
    images: Path | None = None,
    before: str | None = None,
) -> Made:
    """A new backup in ``folder``, which is made if it is absent; not yet verified.

    ``images``: also of the pictures below this folder. ``before``: see ``Manifest``.

    BackupError when it cannot be written, StoreError when the store cannot be read: then nothing is left of it. What
    is killed leaves a folder without a manifest, which is removed by the next backup.
    """
    with translated(folder), alone_in(folder):
        remove_unfinished(folder)
        path = new_folder(folder, clock())
        try:
            return await _write(store, path, clock, progress, images, before)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            remove_unused_pictures(folder)
            raise


def new_folder(folder: Path, now: datetime) -> Path:
    """An empty folder in it, whose name follows those of all backups, also when the clock was set back."""
    newest = max((path.name for path in folder.iterdir() if is_name(path.name)), default="")
    path = folder / name_after(folder, max(now.strftime(STAMP), newest[:STAMP_LENGTH]))
    path.mkdir()
    sync_folder(folder)
    return path


async def _write(
    store: Store,
    path: Path,
    clock: Callable[[], datetime],
    progress: Progress,
    images: Path | None,
    before: str | None,
) -> Made:
    began, writing = clock(), _Writing(path, progress)
    async with store.snapshot() as snapshot:
        counts = await snapshot.counts()
        writing.total = sum(counts.values())
        for kind in sorted(counts, key=_place):
            await writing.all_of(kind, snapshot)
        at_one_moment, caught_up_at = snapshot.at_one_moment, None
        if not at_one_moment:
            caught_up_at = iso(clock())
            for kind in sorted(await snapshot.counts(), key=_place):
                await writing.catch_up(kind, snapshot, began - _CLOCK_SKEW)
    if at_one_moment and writing.done != writing.total:
        raise BackupError(
            f"{store.describe}: {writing.done:,} rows were read, it has {writing.total:,}; is it damaged?"
        )
    # After the rows, so that all pictures that they name are in it, and no transaction is open meanwhile.
    copied = await in_thread(partial(copy_pictures, images, path.parent, path)) if images else None
    sync_folder(path)
    manifest = Manifest(
        format=FORMAT,
        moviecrawler=moviecrawler.__version__,
        store=store.describe,
        order=writing.order,
        began_at=iso(began),
        ended_at=iso(clock()),
        at_one_moment=at_one_moment,
        caught_up_at=caught_up_at,
        before=before,
        sums=writing.sums.result(),
        damaged=writing.damaged + (copied.wrong if copied else []),
        parts=writing.parts,
        pictures=copied and copied.pictures,
    )
    write_manifest(path, manifest)
    return Made(path, manifest, copied.new if copied else 0)


def _place(kind: str) -> tuple[int, str]:
    """The state comes first: a restore needs the order of due titles that it names."""
    return (0 if kind == STATE else 1 if kind in KINDS else 2), kind


async def _next(pages: AsyncIterator[list[StoredRow]]) -> list[StoredRow]:
    return await anext(pages, [])


class _Writing:
    """What has been written so far."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path, self._progress = path, progress
        self.sums, self.order = Sums(), ORDERS[0]
        self.parts: list[Part] = []
        self.damaged: list[str] = []
        self.done = self.total = 0

    async def all_of(self, kind: str, snapshot: Snapshot) -> None:
        """A page is compressed in a thread while the next one is read."""
        writer, pages = PartWriter(self._path, kind), snapshot.pages(kind)
        page = await _next(pages)
        while page:
            ahead = asyncio.create_task(_next(pages))
            adding = asyncio.create_task(asyncio.to_thread(self._add, writer, kind, page))
            try:
                await asyncio.shield(adding)
            finally:
                await asyncio.wait({adding, ahead})  # whoever is interrupted may then remove the files
            page = ahead.result()
            self._progress(self.done, self.total)
        self.parts += await asyncio.to_thread(writer.finish)

    async def catch_up(self, kind: str, snapshot: Snapshot, since: datetime) -> None:
        """What was written since then takes the place of what was read before."""
        pages = snapshot.written_since(kind, since)
        page = await _next(pages)
        if not page:
            return
        self.sums.forget(kind)
        earlier = [part for part in self.parts if part.kind == kind]
        merged = await asyncio.to_thread(MergedParts, self._path, kind, earlier, self.sums)
        while page:
            await asyncio.to_thread(merged.add, [(row["_id"], self._line(kind, row)) for row in page])
            page = await _next(pages)
        made = await asyncio.to_thread(merged.finish)
        self.parts = [part for part in self.parts if part.kind != kind] + made

    def _add(self, writer: PartWriter, kind: str, page: list[StoredRow]) -> None:
        lines = [line for row in page if (line := self._line(kind, row)) is not None]
        writer.add(lines)
        self.sums.add(kind, lines)
        self.done += len(page)

    def _line(self, kind: str, row: StoredRow) -> bytes | None:
        if kind == STATE and row["_id"] == ORDER_STATE and row.get("value") in ORDERS:
            self.order = row["value"]
        try:
            why = row.why if isinstance(row, Unreadable) else ""
            line = line_of(row)
        except ValueError as error:
            why = " ".join(str(error).split())
        self.damaged = [told for told in self.damaged if not told.startswith(f"{kind}/{row['_id']}: ")]
        if not why:
            return line
        self.damaged.append(f"{kind}/{row['_id']}: {why}")
        return None
