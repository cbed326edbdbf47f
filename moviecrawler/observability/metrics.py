"""METRICS_PORT: serves stats and histograms of a running crawl to Prometheus. ``instrumentation.py`` installs it."""

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Self
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.statscollectors import StatsCollector

from moviecrawler.policy.timing import Timing
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"

LABELLED = (
    "answers/<host>/repeats_key",
    "answers/<host>/<kind>",
    "budget/<source>/share",
    "cache/hit/<tier>",
    "downloader/response_status_count/<status>",
    "feedexport/<what>",
    "filter/dropped/<reason>",
    "filter/genres/<reason>/<genre>",
    "hosts/<host>/failures/<reason>",
    "hosts/<host>/health",
    "hosts/<host>/latency_p50",
    "hosts/<host>/latency_p95",
    "hosts/<host>/opened",
    "hosts/<host>/requests",
    "incomplete/<what>",
    "item_dropped_reasons_count/<reason>",
    "log_count/<level>",
    "misses/<source>/<reason>",
    "monitors/<monitor>",
    "outages/<source>/count",
    "outages/<source>/probes",
    "outages/<source>/seconds",
    "pictures/changed/<what>",
    "pictures/concerned/<what>",
    "quota/<source>/left",
    "quota/<source>/refused",
    "quota/<source>/used",
    "records/<kind>",
    "refresh/skipped/<reason>",
    "rejects/<reason>",
    "requests/<host>",
    "retry/<reason>",
    "titles/unread/<source>/<field>",
    "titles/<source>/<outcome>",
)
"""Stats with parts that are only known at run time, written as in ``docs/stats.md``: these parts become labels.

The first template that matches counts.
"""

PLAIN = ("retry/count", "retry/exhausted")
"""Stats that would match one of LABELLED by mistake."""

GAUGES = (
    "budget/*",
    "elapsed_time_seconds",
    "heartbeat/share",
    "hosts/*",
    "memusage/*",
    "pictures/concerned/*",
    "queue/dead",
    "quota/*/left",
    "quota/*/refused",
    "titles/expected",
)
"""Stats that are set, not counted."""

HIDDEN = ("cache/hit", "hosts/*/failures", "timing/*")
"""Sums of labelled stats, and stats that the histograms show better."""

Family = CounterMetricFamily | GaugeMetricFamily

_STEP = 8  # of 24 buckets per decade: 1, 2.2, 4.6, 10 ms ...


class Metrics:
    """``http://127.0.0.1:METRICS_PORT/metrics`` from when the spider opens until the engine has stopped."""

    def __init__(self, port: int, collector: Collector) -> None:
        self._port = port
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        self._server: WSGIServer | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        port = runtime.config.run.metrics_port
        assert port is not None, "without METRICS_PORT the add-on does not install this"
        metrics = cls(port, RunCollector(crawler.stats, runtime.timing))
        crawler.signals.connect(metrics._open, signals.spider_opened)
        crawler.signals.connect(metrics._close, signals.engine_stopped)
        return metrics

    def _open(self) -> None:
        try:
            self._server, _ = start_http_server(self._port, LOOPBACK, self._registry)
        except OSError as error:
            logger.error("METRICS_PORT=%d: cannot serve metrics there: %s", self._port, error.strerror)
            raise CloseSpider("metrics_failed") from None
        logger.info("metrics: http://%s:%d/metrics", LOOPBACK, self._server.server_port)

    async def _close(self) -> None:
        if self._server is not None:
            await asyncio.to_thread(self._server.shutdown)
            self._server.server_close()


class RunCollector(Collector):
    """Reads stats and histograms at each request, in the server's thread. So it reads copies: ``dict.copy`` is atomic,
    while the crawl's own dictionary could grow during an iteration.
    """

    def __init__(self, stats: StatsCollector, timing: Timing) -> None:
        self._stats, self._timing = stats, timing

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Family] = {}
        for stat, value in sorted(self._stats.get_stats().copy().items()):
            if isinstance(value, int | float) and not _matches(stat, HIDDEN):
                template, labels = _labels(stat)
                if template not in families:
                    families[template] = _family(template, labels)
                families[template].add_metric(list(labels.values()), value)
        yield from families.values()
        yield self._histograms()

    def _histograms(self) -> Metric:
        family = HistogramMetricFamily("moviecrawler_stage_seconds", "How long a stage took.", labels=["stage"])
        for stage, histogram in sorted(self._timing.histograms.copy().items()):
            buckets = [(_le(bound), below) for bound, below in histogram.cumulative(_STEP)]
            family.add_metric([stage], buckets, histogram.sum)
        return family


def _labels(stat: str) -> tuple[str, dict[str, str]]:
    """The stat as the documentation writes it, and the values of its ``<...>``.

    >>> _labels("answers/https://api.themoviedb.org/ok")
    ('answers/<host>/<kind>', {'host': 'https://api.themoviedb.org', 'kind': 'ok'})
    >>> _labels("retry/failed/timeout"), _labels("retry/count")
    (('retry/<reason>', {'reason': 'failed/timeout'}), ('retry/count', {}))
    """
    if stat not in PLAIN:
        for template, pattern in _PATTERNS.items():
            if found := pattern.fullmatch(stat):
                return template, found.groupdict()
    return stat, {}


_PATTERNS = {template: re.compile(re.sub(r"<(\w+)>", r"(?P<\1>.+)", template), re.DOTALL) for template in LABELLED}


def _family(template: str, labels: Iterable[str]) -> Family:
    """An empty metric: ``answers/<host>/<kind>`` is ``moviecrawler_answers_total`` with host and kind."""
    name = "moviecrawler_" + re.sub(r"\W+", "_", re.sub(r"/<\w+>", "", template))
    kind = GaugeMetricFamily if _matches(template, GAUGES) else CounterMetricFamily
    return kind(name, f"The stat {template}.", labels=list(labels))


def _le(bound: float) -> str:
    text: str = floatToGoString(float(f"{bound:.6g}"))  # type: ignore[no-untyped-call]
    return text


def _matches(stat: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(stat, pattern) for pattern in patterns)
