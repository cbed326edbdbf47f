"""Removes the partial files that killed processes left in IMAGES_STORE."""

import asyncio

from moviecrawler.maintain.pictures import settled_time
from moviecrawler.maintain.work import Gain, Work
from moviecrawler.rendering.encode import partial_files


async def remove_partial(work: Work) -> Gain:
    return await asyncio.to_thread(_remove, work)


def _remove(work: Work) -> Gain:
    gain = Gain()
    for path, size in partial_files(work.images, now=settled_time(work)):
        if not work.dry_run:
            path.unlink(missing_ok=True)
        gain.files, gain.bytes = gain.files + 1, gain.bytes + size
    return gain
