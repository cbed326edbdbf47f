"""Removes pictures that no title names: those of earlier answers and settings, and of titles that are stripped."""

import asyncio
import os
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from stat import S_ISREG

from moviecrawler.health.pictures import SETTLED_SECONDS, PictureFile, PictureNames, picture_files
from moviecrawler.items import KINDS
from moviecrawler.maintain.work import Gain, NotDone, Work
from moviecrawler.timestamps import MAX_CLOCK_SKEW, iso, parse

_BATCH = 200


async def remove_unnamed(work: Work) -> Gain:
    """Nothing is removed while a document is damaged, which may name what no other does."""
    names, before = PictureNames(), settled_time(work) - SETTLED_SECONDS
    for kind in KINDS:
        async for document in work.store.documents.iterate(kind):
            work.on_row()
            names.add_all(document)
    if damaged := [name for name in work.store.damaged if name.partition("/")[0] in KINDS]:
        raise NotDone(f"{damaged[0]} is damaged and may name pictures, so none is removed; see scrapy health")
    unnamed, named = await asyncio.to_thread(_sorted_out, work.images, names, before)
    if unnamed and not named:
        raise NotDone(
            f"no title names any picture in {work.images}, so none is removed; does IMAGES_STORE belong to this store?"
        )
    await _add_newly_named(work, names)
    return await asyncio.to_thread(_remove, work, [file for file in unnamed if file.file not in names], before)


def settled_time(work: Work) -> float:
    """The time (seconds since the epoch) until which files are settled, before the grace that each kind of them has.

    A clock that has jumped ahead makes new files look old: beside runs, it is the start of the oldest of them.
    """
    return parse(min([iso(work.now), *(row["started_at"] for row in work.running)])).timestamp()


def _sorted_out(images: Path, names: PictureNames, before: float) -> tuple[list[PictureFile], int]:
    """The settled files that nobody names, and how many files are named."""
    unnamed, named = [], 0
    for found in picture_files(images):
        if found.file in names:
            named += 1
        elif found.written_at < before:
            unnamed.append(found)
    return unnamed, named


async def _add_newly_named(work: Work, names: PictureNames) -> None:
    """Names in documents that were written since the work began: a run may have named an older file."""
    since = iso(work.now - MAX_CLOCK_SKEW)
    for kind in KINDS:
        async for ids in work.store.documents.written_after(kind, since):
            for start in range(0, len(ids), _BATCH):
                keys = [(kind, id) for id in ids[start : start + _BATCH]]
                for document in (await work.store.documents.get_many(keys)).values():
                    names.add_all(document)


def _remove(work: Work, files: list[PictureFile], before: float) -> Gain:
    gain = Gain()
    for found in files:
        try:
            if work.dry_run or _unlink(work.images, found.file, before):
                gain.files, gain.bytes = gain.files + 1, gain.bytes + found.bytes
        except OSError as error:
            gain.undone = f"{work.images / found.file} cannot be removed: {error.strerror}"
    return gain


def _unlink(root: Path, file: str, before: float) -> bool:
    """Remove a file that is still settled, and reached without a symbolic link; returns whether it was removed."""
    *folders, name = PurePosixPath(file).parts
    with ExitStack() as stack:
        try:
            at = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, at)
            for folder in folders:
                at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                stack.callback(os.close, at)
            found = os.stat(name, dir_fd=at, follow_symlinks=False)
            if not S_ISREG(found.st_mode) or found.st_mtime >= before:
                return False
            os.unlink(name, dir_fd=at)
        except FileNotFoundError:
            return False
    return True
