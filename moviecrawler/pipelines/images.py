"""Makes pictures: from downloaded bytes to files and the ``images`` part of the document, off the event loop."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from moviecrawler import timestamps
from moviecrawler.exceptions import PictureError, StoreError
from moviecrawler.items import Artwork, Item, Reject
from moviecrawler.pipelines.batched_reads import BatchedReads
from moviecrawler.pipelines.group_commit import GroupCommit
from moviecrawler.rendering.encode import Quality, remove_partial_files
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.renderer import RenderedImages, Renderer
from moviecrawler.stores.base import Document

logger = logging.getLogger(__name__)


class ImagesPipeline:
    """Item pipeline for Artwork. Pictures have their own threads: Twisted's pool also resolves host names."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._timing = crawler.timing
        self._commits = GroupCommit.of_crawler(crawler)
        self._reading = BatchedReads(crawler.store.documents)
        self._renderer = _build_renderer(crawler)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="pictures")
        self._closing = Event()
        self._in_progress: set[asyncio.Future[Any]] = set()
        crawler.run.on_deadline.append(self._cancel_all)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        if (pictures := self._crawler.policies.pictures).enabled:
            self._threads.submit(remove_partial_files, pictures.folder, now=time.time(), stop=self._closing.is_set)

    async def process_item(self, item: Item) -> Item:
        if not isinstance(item, Artwork) or item.parts:  # the CDN has no picture, and the spider has recorded that
            return item
        try:
            document = await self._crawler.run.retry_store(lambda: self._reading.get((item.kind, item.id)))
        except StoreError as error:
            raise DropItem(str(error)) from None
        if document is None:
            raise DropItem(f"{item.kind}/{item.id} is no longer stored")
        try:
            made = await self._make(item, document)
        except PictureError as error:
            await self._reject(item, error)
            raise DropItem(str(error)) from None
        except OSError as error:
            line = f"a picture cannot be written, the run ends: {error.strerror}: {error.filename}"
            self._crawler.run.stop("images_failed", line)
            raise DropItem(line) from None
        for name in made.stat_keys:
            self._stats.inc_value(name)
        self._stats.inc_value("pictures/fetched")
        self._stats.inc_value("pictures/made", len(made.parts))
        item.set_parts(made.parts)
        return item

    async def _make(self, item: Artwork, document: Document) -> RenderedImages:
        """Make the picture in a thread; waiting for one and working in it are timed separately."""
        loop, queued = asyncio.get_running_loop(), time.perf_counter()
        pictures = self._crawler.policies.pictures
        fingerprint, second_line = pictures.caption_fingerprint(document), pictures.second_line(document)
        work = (self._renderer.make, item, document, fingerprint, second_line)
        future = loop.run_in_executor(self._threads, _timed, *work)
        self._in_progress.add(future)
        try:
            begun, done, made = await future
        except asyncio.CancelledError:
            raise DropItem(f"the run ends; the {item.role} of {item.kind}/{item.id} is left to the next run") from None
        finally:
            self._in_progress.discard(future)
        self._timing.record("images/wait", begun - queued)
        self._timing.record("images/work", done - begun)
        return made

    async def _reject(self, item: Artwork, error: PictureError) -> None:
        """An unusable picture does not affect its film: only the picture is rejected."""
        reject = Reject(
            url=item.url,
            reason="picture",
            detail=str(error),
            spider=self._crawler.spider.name,
            at=timestamps.iso(datetime.now(UTC)),
        )
        await self._commits.add(reject)

    def _cancel_all(self) -> None:
        """Wait for no picture any more; a thread cannot be stopped, but nothing depends on it."""
        for future in list(self._in_progress):
            future.cancel()

    def close_spider(self) -> None:
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _timed(work: Callable[..., RenderedImages], *args: Any) -> tuple[float, float, RenderedImages]:
    """When the work began and ended, and its result."""
    begun = time.perf_counter()
    made = work(*args)
    return begun, time.perf_counter(), made


def _build_renderer(crawler: Crawler) -> Renderer:
    images, pictures = crawler.config.images, crawler.policies.pictures
    return Renderer(
        pictures.folder,
        {"poster": pictures.poster_sizes, "backdrop": pictures.backdrop_sizes},
        Quality(images.quality, images.max_file_mb),
        Fonts(list(map(str, images.fonts))),
        MemoryBudget(images.max_memory_mb * 1e6),
        language=pictures.languages.first,
        formats=formats_of(images.format),
    )
