"""Removes the partial files that killed processes left among the pictures and the daily exports."""

import asyncio

from moviecrawler.maintain.pictures import settled_time
from moviecrawler.maintain.work import Gain, Work
from moviecrawler.rendering.encode import partial_files


async def remove_partial(work: Work) -> Gain:
    return await asyncio.to_thread(_remove, work)


def _remove(work: Work) -> Gain:
    gain = Gain()
    for folder in (work.images, work.exports):
        for path, size in partial_files(folder, now=settled_time(work)):
            try:
                if not work.dry_run:
                    path.unlink(missing_ok=True)
                gain.files, gain.bytes = gain.files + 1, gain.bytes + size
            except OSError as error:
                gain.undone = f"{path} cannot be removed: {error.strerror}"
    return gain
