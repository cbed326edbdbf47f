"""What Scrapy reads: its own settings as this project needs them, and ours, which ``config/groups.py`` defines.

A value of ours comes from ``.env``, the environment (overrides ``.env``) or ``-s NAME=VALUE`` (overrides both), or is
the default. Values stay strings here: ``Config.from_settings`` converts and checks the final ones, so that a typo is
one clear line. ``docs/settings.md`` explains each setting.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from dotenv import dotenv_values
from scrapy.settings import default_settings

from moviecrawler.config import defaults, project_folder
from moviecrawler.config.names import unknown_setting


def _refuse(line: str) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    sys.exit(2)


def _read_dotenv(path: Path) -> dict[str, str | None]:
    """The values of ``.env``. If it cannot be read, the command ends with one line that says so."""
    most = 1_000_000  # bytes; parsing 50 MB takes minutes
    try:
        if not path.exists() or path.stat().st_size <= most:
            return dotenv_values(path)
        reason = f"it has more than {most:,} bytes"
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    _refuse(f"{path} cannot be read: {reason}")


_dotenv = _read_dotenv(project_folder() / ".env")
for _name in _dotenv:
    if _line := unknown_setting(_name, vars(default_settings)):
        _refuse(f".env: {_line}")
globals().update(defaults({**_dotenv, **os.environ}))

BOT_NAME = "moviecrawler"
SPIDER_MODULES = ["moviecrawler.spiders"]
NEWSPIDER_MODULE = "moviecrawler.spiders"
COMMANDS_MODULE = "moviecrawler.commands"
ADDONS = {
    "moviecrawler.addons.Moviecrawler": 0,
    "moviecrawler.distributed.addon.DistributedAddon": 50,
    "moviecrawler.instrumentation.Instrumentation": 100,
}

# Numbers and reasons: docs/performance.md

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
    "moviecrawler.extensions.expire_samples.ExpireSamples": 155,
    "moviecrawler.extensions.picture_settings.PictureSettings": 157,
    "moviecrawler.extensions.feeds.StoredInFeeds": 160,
    "moviecrawler.observability.progress.ProgressDisplay": 200,
    "moviecrawler.observability.timing_stats.TimingStats": 290,
    "moviecrawler.observability.hosts.HostReport": 250,  # before the two that show its stats
    "moviecrawler.observability.runs.Runs": 300,
    "moviecrawler.observability.summary.Summary": 400,
    "moviecrawler.observability.notifications.Notifications": 450,
    "moviecrawler.extensions.garbage.GarbageCollection": 500,
}
FEED_EXPORTERS = {"csv": "moviecrawler.extensions.flat_csv.FlatCsvItemExporter"}
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
