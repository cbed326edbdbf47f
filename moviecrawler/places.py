"""The places that settings name: data, store, cache, pictures.

A crawl, a command and the check before them all use these functions, so they mean the same place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from moviecrawler.caching import open_tier
from moviecrawler.caching.tier import Tier
from moviecrawler.config import Config
from moviecrawler.distributed import addon as distributed
from moviecrawler.downloader.rate_limit import FILE, SqliteRateLimitBackend
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.clock_skew import replan_future_dated
from moviecrawler.sources.rules import refresh_of
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Access
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.ordering import reorder
from moviecrawler.stores.uris import sqlite_path
from moviecrawler.timestamps import iso

if TYPE_CHECKING:
    from moviecrawler.search.index_file import IndexFile

logger = logging.getLogger(__name__)


def store_of(config: Config, access: Access = "make") -> CheckedStore:
    """The store of STORE_URI, not yet open; by default ``movies.db`` in DATA_DIR."""
    return CheckedStore(
        open_store(
            config.store.uri.get_secret_value(),
            data_dir=config.store.data_dir,
            synchronous=config.store.synchronous,
            order=config.refresh.order,
            access=access,
        )
    )


def cache_of(config: Config) -> Tier | None:
    """The persistent cache tier of CACHE_URI, not yet open; None if the setting is empty."""
    return open_tier(config.cache.uri.get_secret_value(), data_dir=config.store.data_dir)


def search_index_of(config: Config, tell: Callable[[str], object] = lambda line: None) -> IndexFile:
    """The search index of the store of STORE_URI, not yet open: a file in DATA_DIR, another one for each store."""
    from moviecrawler.search.index_file import IndexFile, index_path

    store = store_of(config, "read").describe
    uri = config.store.uri.get_secret_value()
    if uri.lower().startswith("sqlite:"):
        # The same file however it is named, and still the same when DATA_DIR is moved with a store inside.
        path, folder = sqlite_path(uri).resolve(), config.store.data_dir.resolve()
        store = f"SQLite {path.relative_to(folder) if path.is_relative_to(folder) else path}"
    elif not uri:
        store = f"SQLite {Path('movies.db')}"
    return IndexFile(index_path(config.store.data_dir, store), store, tell)


async def redis_facts(config: Config) -> tuple[str, dict[str, object]] | None:
    """Where the Redis of REDIS_URL is, and what it says of itself (INFO); None without one.

    StoreError, one line, if it does not answer, refuses us or cannot be written.
    """
    return await distributed.server_facts(config)


async def check_places(config: Config) -> None:
    """Try to write wherever the run will write, before any request; StoreError for the first place that fails."""
    await distributed.check_server(config)
    folders = {"DATA_DIR": config.store.data_dir}
    if config.images.enabled:
        folders["IMAGES_STORE"] = config.images_folder
    for setting, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder) as file:
                file.write(b"test")
        except OSError as error:
            raise StoreError(f"{setting}={folder}: cannot write there: {error.strerror}") from None
    if not config.queue.url:
        # The file of the rate limit, which is moved aside if it is damaged.
        SqliteRateLimitBackend(config.store.data_dir / FILE, config.retry.retry_after_cap).close()
    store, now = store_of(config), datetime.now(UTC)
    refresh = refresh_of(config)
    try:
        await store.open()
        await reorder(store, config.refresh.order)
        if ahead := await replan_future_dated(store, refresh, now):
            logger.warning("%d titles were stored by a clock that was ahead of %s: they are due now", ahead, iso(now))
    finally:
        await store.close()
