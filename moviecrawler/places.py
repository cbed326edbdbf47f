"""The places that settings name: data, store, cache, pictures, fonts. Relative paths are in the project's folder.

A crawl, a command and the check before them all use these functions, so they mean the same place.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile

from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from moviecrawler.caching import open_tier
from moviecrawler.caching.tier import Tier
from moviecrawler.distributed import addon as distributed
from moviecrawler.downloader.rate_limit import FILE, SqliteRateLimitBackend
from moviecrawler.exceptions import StoreError
from moviecrawler.ingest.clock_skew import replan_future_dated
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.policy.network.backoff import Backoff
from moviecrawler.policy.setting_values import switch
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Access
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.ordering import reorder
from moviecrawler.timestamps import iso

logger = logging.getLogger(__name__)


def data_dir(settings: BaseSettings) -> Path:
    """DATA_DIR as an absolute path."""
    return _absolute(settings["DATA_DIR"])


def pictures_folder(settings: BaseSettings) -> Path:
    """IMAGES_STORE as an absolute path; by default ``images`` in DATA_DIR."""
    return _absolute(settings["IMAGES_STORE"]) if settings["IMAGES_STORE"] else data_dir(settings) / "images"


def font_files(settings: BaseSettings) -> list[str]:
    """The files of OVERLAY_FONTS, as absolute paths."""
    return [str(_absolute(path.strip())) for path in settings["OVERLAY_FONTS"].split(",") if path.strip()]


def store_of(settings: BaseSettings, access: Access = "make") -> CheckedStore:
    """The store of STORE_URI, not yet open; by default ``movies.db`` in DATA_DIR."""
    return CheckedStore(
        open_store(
            _with_absolute_path(settings.get("STORE_URI") or ""),
            data_dir=data_dir(settings),
            synchronous=settings["STORE_SYNCHRONOUS"],
            order=Refresh.parse(settings).order,
            access=access,
        )
    )


def cache_of(settings: BaseSettings) -> Tier | None:
    """The persistent cache tier of CACHE_URI, not yet open; None if the setting is empty."""
    return open_tier(cache_uri(settings), data_dir=data_dir(settings))


def cache_uri(settings: BaseSettings) -> str:
    """CACHE_URI, with an absolute path if it names a file."""
    return _with_absolute_path(settings["CACHE_URI"])


async def check_places(settings: BaseSettings) -> None:
    """Try to write wherever the run will write, before any request; StoreError for the first place that fails."""
    await distributed.check_server(settings)
    folders = {"DATA_DIR": data_dir(settings)}
    if switch("IMAGES_ENABLED", settings["IMAGES_ENABLED"]):
        folders["IMAGES_STORE"] = pictures_folder(settings)
    for setting, folder in folders.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder) as file:
                file.write(b"test")
        except OSError as error:
            raise StoreError(f"{setting}={folder}: cannot write there: {error.strerror}") from None
    if not settings["REDIS_URL"]:
        # The file of the rate limit, which is moved aside if it is damaged.
        SqliteRateLimitBackend(data_dir(settings) / FILE, Backoff.parse(settings).retry_after_cap).close()
    store, refresh, now = store_of(settings), Refresh.parse(settings), datetime.now(UTC)
    try:
        await store.open()
        await reorder(store, refresh.order)
        if ahead := await replan_future_dated(store, refresh, now):
            logger.warning("%d titles were stored by a clock that was ahead of %s: they are due now", ahead, iso(now))
    finally:
        await store.close()


def _absolute(path: str) -> Path:
    return _project_folder() / Path(path).expanduser()


def _project_folder() -> Path:
    """The folder of ``scrapy.cfg``, in or above the working directory; without one, the working directory."""
    config = closest_scrapy_cfg()
    return Path(config).parent if config else Path.cwd()


def _with_absolute_path(uri: str) -> str:
    """The URI, with a relative SQLite path made absolute in the project's folder."""
    scheme, slashes, path = uri.partition(":///")
    if scheme.strip().lower() != "sqlite" or not path or path.startswith(("/", ":memory:")):
        return uri
    return f"{scheme}{slashes}{_project_folder() / path}"
