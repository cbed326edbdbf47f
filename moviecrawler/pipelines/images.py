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
from scrapy.statscollectors import StatsCollector

from moviecrawler import timestamps
from moviecrawler.config.groups import ImagesConfig
from moviecrawler.documents import Document
from moviecrawler.exceptions import PictureError, StoreError
from moviecrawler.items import Artwork, Item, Reject
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.pipelines.batched_reads import BatchedReads
from moviecrawler.policy.documents.images import ImagePolicy
from moviecrawler.policy.timing import Timing
from moviecrawler.rendering.encode import Quality, remove_partial_files
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.formats import formats_of
from moviecrawler.rendering.memory_budget import MemoryBudget
from moviecrawler.rendering.renderer import RenderedImages, Renderer
from moviecrawler.runtime import Commits, Runtime
from moviecrawler.spider_protocol import spider_of
from moviecrawler.stores.base import Documents

logger = logging.getLogger(__name__)


class ImagesPipeline:
    """Item pipeline for Artwork. Pictures have their own threads: Twisted's pool also resolves host names."""

    def __init__(
        self,
        *,
        pictures: ImagePolicy,
        renderer: Renderer,
        documents: Documents,
        commits: Commits,
        lifecycle: CrawlLifecycle,
        timing: Timing,
        stats: StatsCollector,
        spider: str,
    ) -> None:
        self._pictures, self._renderer, self._reading = pictures, renderer, BatchedReads(documents)
        self._commits, self._lifecycle = commits, lifecycle
        self._timing, self._stats, self._spider = timing, stats, spider
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="pictures")
        self._closing = Event()
        self._in_progress: set[asyncio.Future[Any]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        pipeline = cls(
            pictures=runtime.policies.pictures,
            renderer=_build_renderer(runtime.config.images, runtime.policies.pictures),
            documents=runtime.store.documents,
            commits=runtime.commits,
            lifecycle=runtime.lifecycle,
            timing=runtime.timing,
            stats=crawler.stats,
            spider=spider_of(crawler).name,
        )
        runtime.lifecycle.on_deadline.append(pipeline._cancel_all)
        return pipeline

    def open_spider(self) -> None:
        if self._pictures.enabled:
            self._threads.submit(
                remove_partial_files, self._pictures.folder, now=time.time(), stop=self._closing.is_set
            )

    async def process_item(self, item: Item) -> Item:
        if (
            not isinstance(item, Artwork) or item.context.images
        ):  # the CDN has no picture, and the spider has recorded that
            return item
        try:
            document = await self._lifecycle.retry_store(lambda: self._reading.get((item.kind, item.id)))
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
            self._lifecycle.stop("images_failed", line)
            raise DropItem(line) from None
        for name in made.stat_keys:
            self._stats.inc_value(name)
        self._stats.inc_value("pictures/fetched")
        self._stats.inc_value("pictures/made", len(made.parts) or 1)  # a portrait is part of no document
        item.context.images = made.parts
        return item

    async def _make(self, item: Artwork, document: Document) -> RenderedImages:
        """Make the picture in a thread; waiting for one and working in it are timed separately."""
        loop, queued = asyncio.get_running_loop(), time.perf_counter()
        pictures = self._pictures
        fingerprint, second_line = (
            pictures.caption_fingerprint(document, item.logo_path),
            pictures.second_line(document),
        )
        shown: Document = {**document, "genres": pictures.genres(document)}
        work = (self._renderer.make, item, shown, fingerprint, second_line)
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
            spider=self._spider,
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


def _build_renderer(images: ImagesConfig, pictures: ImagePolicy) -> Renderer:
    return Renderer(
        pictures.folder,
        {
            "poster": pictures.poster_sizes,
            "backdrop": pictures.backdrop_sizes,
            "logo": pictures.logo_sizes,
            "profile": pictures.profile_sizes,
        },
        Quality(images.quality, images.max_file_mb),
        Fonts(list(map(str, images.fonts))),
        MemoryBudget(images.max_memory_mb * 1e6),
        language=pictures.languages.first,
        ratings=pictures.ratings,
        formats=formats_of(images.format),
    )
