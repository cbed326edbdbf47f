"""All defaults, and the only reader of the environment.

A value comes from ``.env``, the environment (overrides ``.env``) or ``-s NAME=VALUE`` (overrides both). An empty one
counts as not set, except for CACHE_URI, where it means "no cache". Values stay strings: ``addons.py`` converts and
checks the final ones, so that a typo is one clear line. ``docs/settings.md`` explains each setting.
"""

import os
import sys
from pathlib import Path

from dotenv import dotenv_values


def _project_folder() -> Path:
    """The nearest folder upwards that contains ``scrapy.cfg``, else the working directory."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / "scrapy.cfg").is_file()), here)


def _read_dotenv(path: Path) -> dict[str, str | None]:
    """The values of ``.env``. If it cannot be read, the command ends with one line that says so."""
    most = 1_000_000  # bytes; parsing 50 MB takes minutes
    try:
        if not path.exists() or path.stat().st_size <= most:
            return dotenv_values(path)
        reason = f"it has more than {most:,} bytes"
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    sys.stderr.write(f"{path} cannot be read: {reason}\n")
    sys.exit(2)


_given = {**_read_dotenv(_project_folder() / ".env"), **os.environ}


def _setting(name: str, default: str = "", *, may_be_empty: bool = False) -> str:
    value = _given.get(name)
    return default if value is None or not (value or may_be_empty) else value


BOT_NAME = "moviecrawler"
SPIDER_MODULES = ["moviecrawler.spiders"]
NEWSPIDER_MODULE = "moviecrawler.spiders"
COMMANDS_MODULE = "moviecrawler.commands"
ADDONS = {
    "moviecrawler.addons.Moviecrawler": 0,
    "moviecrawler.distributed.addon.DistributedAddon": 50,
    "moviecrawler.instrumentation.Instrumentation": 100,
}

# --- What users set -------------------------------------------------------------------------------------------

DATA_DIR = _setting("DATA_DIR", "data")
STORE_URI = _setting("STORE_URI")  # movies.db in DATA_DIR
STORE_SYNCHRONOUS = _setting("STORE_SYNCHRONOUS", "NORMAL")
STORE_PATIENCE = _setting("STORE_PATIENCE", "60")
CSV_DEFUSED = _setting("CSV_DEFUSED", "1")

REDIS_URL = _setting("REDIS_URL")  # set: one of several workers
REDIS_PATIENCE = _setting("REDIS_PATIENCE", "600")
QUEUE_LEASE_SECONDS = _setting("QUEUE_LEASE_SECONDS", "60")
QUEUE_MAX_DELIVERIES = _setting("QUEUE_MAX_DELIVERIES", "5")
WORKER_IDLE_SECONDS = _setting("WORKER_IDLE_SECONDS", "0")

SCRAPYD_URL = _setting("SCRAPYD_URL", "http://127.0.0.1:6800")
SCRAPYD_USERNAME = _setting("SCRAPYD_USERNAME")
SCRAPYD_PASSWORD = _setting("SCRAPYD_PASSWORD")

CACHE_URI = _setting("CACHE_URI", "sqlite:", may_be_empty=True)  # cache.db in DATA_DIR; empty: no cache
CACHE_TTL_TRENDING = _setting("CACHE_TTL_TRENDING", "3600")
CACHE_TTL_GENRES = _setting("CACHE_TTL_GENRES", "86400")
CACHE_TTL_API = _setting("CACHE_TTL_API", "1800")
CACHE_TTL_OMDB = _setting("CACHE_TTL_OMDB", "86400")
CACHE_TTL_THE_NUMBERS = _setting("CACHE_TTL_THE_NUMBERS", "43200")
CACHE_STALE_IF_ERROR = _setting("CACHE_STALE_IF_ERROR", "604800")

TMDB_ACCESS_TOKEN = _setting("TMDB_ACCESS_TOKEN")
TMDB_API_KEY = _setting("TMDB_API_KEY")
TMDB_BASE_URL = _setting("TMDB_BASE_URL", "https://api.themoviedb.org/3")
TMDB_IMAGE_BASE_URLS = _setting("TMDB_IMAGE_BASE_URLS", "https://image.tmdb.org/t/p")
TMDB_RATE = _setting("TMDB_RATE", "4")
TMDB_BURST = _setting("TMDB_BURST", "40")
TMDB_CONCURRENCY = _setting("TMDB_CONCURRENCY", "10")

TMDB_EXPORT_BASE_URL = _setting("TMDB_EXPORT_BASE_URL", "https://files.tmdb.org/p/exports")

OMDB_API_KEY = _setting("OMDB_API_KEY")
OMDB_BASE_URL = _setting("OMDB_BASE_URL", "https://www.omdbapi.com")
OMDB_RATE = _setting("OMDB_RATE", "2")
OMDB_BURST = _setting("OMDB_BURST", "5")
OMDB_CONCURRENCY = _setting("OMDB_CONCURRENCY", "5")
OMDB_DAILY_QUOTA = _setting("OMDB_DAILY_QUOTA", "1000")  # a UTC day; 0: none

THE_NUMBERS_ENABLED = _setting("THE_NUMBERS_ENABLED", "0")
THE_NUMBERS_BASE_URL = _setting("THE_NUMBERS_BASE_URL", "https://www.the-numbers.com")
THE_NUMBERS_DELAY = _setting("THE_NUMBERS_DELAY", "20")

REFRESH_TMDB = _setting("REFRESH_TMDB", "5,15,30,90")
REFRESH_OMDB = _setting("REFRESH_OMDB", "5,30,90,180")
REFRESH_THE_NUMBERS = _setting("REFRESH_THE_NUMBERS", "5,30,90,180")
REFRESH_ORDER = _setting("REFRESH_ORDER", "newest")
REFRESH_FREEZE_AFTER = _setting("REFRESH_FREEZE_AFTER", "3")

LANGUAGES = _setting("LANGUAGES", "en-US")

FILTER_ENABLED = _setting("FILTER_ENABLED", "1")
FILTER_MIN_VOTES = _setting("FILTER_MIN_VOTES", "10")
FILTER_MIN_RATING = _setting("FILTER_MIN_RATING", "0")
FILTER_MIN_RUNTIME = _setting("FILTER_MIN_RUNTIME", "40")
FILTER_PATTERNS = _setting("FILTER_PATTERNS")

IMAGES_ENABLED = _setting("IMAGES_ENABLED", "1")
IMAGES_STORE = _setting("IMAGES_STORE")  # images in DATA_DIR
IMAGES_FORMAT = _setting("IMAGES_FORMAT", "jpeg")
IMAGES_QUALITY = _setting("IMAGES_QUALITY", "medium")
IMAGES_MAX_FILE_MB = _setting("IMAGES_MAX_FILE_MB", "10")
IMAGES_MAX_MEMORY_MB = _setting("IMAGES_MAX_MEMORY_MB", "145")  # of all pictures being made
IMAGES_MAX_DOWNLOAD_MB = _setting("IMAGES_MAX_DOWNLOAD_MB", "16")
IMAGES_POSTER_SIZES = _setting("IMAGES_POSTER_SIZES", "w500")
IMAGES_BACKDROP_SIZES = _setting("IMAGES_BACKDROP_SIZES", "w1280")
IMAGES_CONCURRENCY = _setting("IMAGES_CONCURRENCY", "16")
IMAGES_TIMEOUT = _setting("IMAGES_TIMEOUT", "40")
OVERLAY_FONTS = _setting("OVERLAY_FONTS")
OVERLAY_SUBTITLE = _setting("OVERLAY_SUBTITLE", "auto")

CONNECT_TIMEOUT = _setting("CONNECT_TIMEOUT", "10")
DOWNLOAD_TIMEOUT = _setting("DOWNLOAD_TIMEOUT", "20")  # default 180; a whole API answer
ANSWER_MAX_MB = _setting("ANSWER_MAX_MB", "4")  # an API answer or page, unpacked
EXPORT_MAX_MB = _setting("EXPORT_MAX_MB", "1000")  # TMDB's daily export, unpacked
DOWNLOAD_MAXSIZE = _setting("DOWNLOAD_MAXSIZE", str(64 * 1024 * 1024))  # default 1 GB
RETRY_TRIES = _setting("RETRY_TRIES", "5")  # the first one included
RETRY_LISTING_TRIES = _setting("RETRY_LISTING_TRIES", "15")  # a page leads to 20 titles
RETRY_BASE = _setting("RETRY_BASE", "0.5")
RETRY_CAP = _setting("RETRY_CAP", "60")
RETRY_AFTER_CAP = _setting("RETRY_AFTER_CAP", "900")

SOURCE_PATIENCE = _setting("SOURCE_PATIENCE", "600")  # seconds to wait for a source that is down

FAILOVER_FAILURES = _setting("FAILOVER_FAILURES", "3")  # in a row
FAILOVER_COOL_DOWN = _setting("FAILOVER_COOL_DOWN", "30")
FAILOVER_COOL_DOWN_MAX = _setting("FAILOVER_COOL_DOWN_MAX", "600")
FAILOVER_PATIENCE = _setting("FAILOVER_PATIENCE", "5")
CDN_PREFER = _setting("CDN_PREFER")  # or china

PROGRESS_SECONDS = _setting("PROGRESS_SECONDS", "15")
LOG_LEVEL = _setting("LOG_LEVEL", "INFO")  # default DEBUG
TIMING_ENABLED = _setting("TIMING_ENABLED", "1")
METRICS_PORT = _setting("METRICS_PORT")
PROFILE = _setting("PROFILE", "0")

# --- How Scrapy is set up for it (numbers and reasons: docs/performance.md) -----------------------------------

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
USER_AGENT = "moviecrawler (+https://www.themoviedb.org/documentation/api)"

CONCURRENT_REQUESTS = 64  # default 16; hosts have their own limits, a slow one must not take all
CONCURRENT_REQUESTS_PER_DOMAIN = 16  # default 8; the hosts of the settings get theirs in addons.py
CONCURRENT_ITEMS = 4  # default 100: as many tasks per response, for one item (1.64 -> 1.04 ms a request)

SCHEDULER = "moviecrawler.scheduling.delayed.Scheduler"
SCHEDULER_PRIORITY_QUEUE = "moviecrawler.scheduling.host_queues.SlotQueue"  # a slow host cannot fill the downloader
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # default LIFO; popular titles come first

DOWNLOAD_HANDLERS = {
    "http": "moviecrawler.downloader.handler.HttpDownloadHandler",
    "https": "moviecrawler.downloader.handler.HttpDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# Scrapy loads middlewares that are set to None, too, 0.1 s per start; what we need of them is in the handler.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    "moviecrawler.downloadermiddlewares.robots.RobotsTxtMiddleware": 100,  # for spiders that set ROBOTSTXT_OBEY
    "moviecrawler.downloadermiddlewares.stale_if_error.StaleIfErrorMiddleware": 500,  # above the retries
    "moviecrawler.downloadermiddlewares.retry.RetryMiddleware": 550,
    "moviecrawler.downloadermiddlewares.http_cache.HttpCacheMiddleware": 900,
}
HTTPCACHE_ENABLED = True  # default False; CACHE_URI decides
HTTPCACHE_POLICY = "moviecrawler.caching.policy.ResponseCachePolicy"
HTTPCACHE_STORAGE = "moviecrawler.caching.storage.TieredCacheStorage"
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES = {
    "moviecrawler.spidermiddlewares.rejects.RejectsMiddleware": 100,
    "moviecrawler.spidermiddlewares.skip_not_due.SkipNotDueMiddleware": 200,
    "moviecrawler.spidermiddlewares.timed.TimedCallbacksMiddleware": 900,
}
ITEM_PIPELINES = {
    "moviecrawler.pipelines.content.ContentFilterPipeline": 100,
    "moviecrawler.pipelines.resolve.ResolvePipeline": 200,
    "moviecrawler.pipelines.source_slot.SourceSlotPipeline": 300,
    "moviecrawler.pipelines.images.ImagesPipeline": 400,
    "moviecrawler.pipelines.store.StorePipeline": 500,
}
EXTENSIONS_BASE = {  # no telnet console, no remote control
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.spiderstate.SpiderState": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
EXTENSIONS = {
    "moviecrawler.extensions.names.SpiderNames": 0,
    "moviecrawler.extensions.redaction.Redaction": 1,
    "moviecrawler.extensions.deadline.Deadline": 10,
    "moviecrawler.extensions.artwork.ArtworkRequests": 100,
    "moviecrawler.extensions.reconcile.Reconcile": 150,
    "moviecrawler.extensions.feeds.StoredInFeeds": 160,
    "moviecrawler.observability.progress.ProgressDisplay": 200,
    "moviecrawler.observability.timing_stats.TimingStats": 290,
    "moviecrawler.observability.hosts.HostReport": 250,  # before the two that show its stats
    "moviecrawler.observability.runs.Runs": 300,
    "moviecrawler.observability.summary.Summary": 400,
    "moviecrawler.extensions.garbage.GarbageCollection": 500,
}
FEED_EXPORTERS = {"csv": "moviecrawler.exporters.csv.FlatCsvItemExporter"}
FEED_STORE_EMPTY = False  # default True: a run without titles would empty an existing file
FEED_EXPORT_ENCODING = "utf-8"  # default: ASCII escapes in JSON

DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
REMOTE_CONTROL_ENABLED = False  # default True: a local HTTP server that executes Python
TELNETCONSOLE_ENABLED = False  # default True
COOKIES_ENABLED = False
ROBOTSTXT_OBEY = False  # for APIs and CDNs; spiders/the_numbers.py sets it
STATS_CLASS = "moviecrawler.instrumentation.Stats"
STATS_DUMP = False  # default True; summary.py is for people, -s STATS_DUMP=1 prints all stats
LOG_VERSIONS: list[str] = []
WARN_ON_GENERATOR_RETURN_VALUE = False  # default True: reads our source files, which may not exist
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # counted by reason; hundreds of lines would not help
