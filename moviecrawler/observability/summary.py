"""The summary of a run in a few lines: what was found, what became of it, what it cost, where it is."""

import logging
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.engine import before_shutdown
from moviecrawler.items import FailedLookup
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.observability.summary_titles import listed, next_step, source_of, sums, titles
from moviecrawler.policy.printable import printable
from moviecrawler.policy.source_names import SOURCE_NAMES, host_names
from moviecrawler.runtime import Policies, Runtime
from moviecrawler.spider_protocol import CrawlSpider, spider_of

logger = logging.getLogger(__name__)

_LONG = 10  # seconds of a run, from which on the summary shows the slowest stages
_SLOWEST = 3
_PERCENTILE = re.compile(r"p\d\d$|/share$|/health$")
_SUM = re.compile("timing/(.+)/sum")
_OUTAGE = re.compile("outages/(.+)/count")
_DOWN = {**SOURCE_NAMES, "tmdb_cdn": "all image hosts", "tmdb_file": "TMDB's exports"}
_STATES = {"open": "and still is", "half-open": "and may be used again", "closed": "and is used again"}
_MAX_GONE = 5  # titles that are gone, shown by id
_LEFT = re.compile("quota/(.+)/left")
_CHANGED = {
    "lacking": "{titles} may lack pictures, since {settings} changed: scrapy pictures{options}",
    "outdated": "{titles} may show pictures by earlier settings ({settings}): scrapy pictures --redraw{options}",
}


class Summary:
    """Printed on stderr, and in a log file if there is one. One for all crawlers of a process (``scrapy collect``)."""

    def __init__(
        self,
        spider: CrawlSpider,
        stats: StatsCollector,
        lifecycle: CrawlLifecycle,
        *,
        policies: Policies,
        places: Mapping[str, str],
        options: str,
        log_file: bool,
        summaries: Callable[[], Sequence["Summary"]],
    ) -> None:
        """``places`` of data by name, ``options`` that other commands need to find them; ``log_file``: whether there is
        one; ``summaries`` of all crawlers of the process that have begun.
        """
        self._name, self._stats, self._lifecycle = spider.name, stats, lifecycle
        self._policies, self._places, self._options, self._log_file = policies, places, options, log_file
        self._summaries = summaries
        self._started = time.monotonic()
        self._gone: list[str] = []
        self._ended = ""
        """The finish reason, once the crawl is over."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return Runtime.of(crawler).part(cls, lambda: cls._build(crawler))

    @classmethod
    def _build(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        pictures = runtime.policies.pictures
        summary = cls(
            spider_of(crawler),
            crawler.stats,
            runtime.lifecycle,
            policies=runtime.policies,
            places={
                "documents": runtime.store.describe,
                **({"pictures": str(pictures.folder)} if pictures.enabled else {}),
            },
            options=_data_option(runtime.config.store.data_dir),
            log_file=bool(crawler.settings.get("LOG_FILE")),
            summaries=lambda: cls._of_group(runtime.group),
        )
        runtime.lifecycle.partial_summary = summary._partial_summary
        crawler.signals.connect(summary._note, signals.item_scraped)
        crawler.signals.connect(summary._opened, signals.spider_opened)
        crawler.signals.connect(summary._print, signals.spider_closed)
        return summary

    @classmethod
    def _of_group(cls, group: CrawlGroup) -> list[Self]:
        runtimes = [runtime for crawler in group.crawlers if (runtime := Runtime.find(crawler))]
        return [summary for runtime in runtimes if (summary := runtime.find_part(cls))]

    def _note(self, item: Any) -> None:
        if (
            isinstance(item, FailedLookup)
            and (item.source, item.reason) == ("tmdb", "gone")
            and len(self._gone) < _MAX_GONE
        ):
            self._gone.append(f"{item.kind}/{item.id}")

    def _opened(self) -> None:
        """A second signal stops the reactor before the spider has closed; the reactor waits for the summary."""
        before_shutdown(lambda: self._print("shutdown"))

    async def _print(self, reason: str) -> None:
        await self._lifecycle.record_written.wait()
        if self._ended:
            return
        self._ended = self._lifecycle.finish_reason or reason
        if not all(summary._ended for summary in self._summaries()):
            return  # the last one prints for all
        lines = self._lines()
        sys.stderr.write("\n".join(["", *lines, ""]))
        if self._log_file:
            logger.info("\n".join(lines))

    def _partial_summary(self) -> list[str]:
        """The lines so far, for an end that waits for nothing; none if the summary has been printed."""
        is_printed = all(summary._ended for summary in self._summaries())
        return [] if is_printed else ["", *self._lines()]

    def _lines(self) -> list[str]:
        summaries = self._summaries()
        profile = self._stats.get_value("profile/file")
        lines = summary(
            {one._name: one._ended or "shutdown" for one in summaries},
            {one._name: dict(one._stats.get_stats()) for one in summaries},
            time.monotonic() - self._started,
            {**self._places, **({"profile": profile} if profile else {})},
            missing=[line for one in summaries for line in one._lifecycle.given_up.values()],
            broken=[
                (f"{one._name}: " if len(summaries) > 1 else "") + f"{monitor['line']} -> {monitor['hint']}"
                for one in summaries
                for monitor in one._lifecycle.broken_monitors
            ],
            gone=[title for one in summaries for title in one._gone],
            hosts=host_names(self._policies.hosts.hosts),
            options=self._options,
        )
        return [printable(self._policies.secrets.redact(line)) for line in lines]


def _data_option(data: Path) -> str:
    """The option that other commands need to find the sandbox's data, which are in their own folder."""
    return f" -s DATA_DIR={shlex.quote(str(data))}" if data.name == "sandbox" else ""


def combined(stats: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The stats of several crawls as if they were one: counts are added, of other values the largest is kept.

    >>> combined([{"titles/found": 2, "timing/parse/p95": 0.1}, {"titles/found": 3, "timing/parse/p95": 0.2}])
    {'titles/found': 5, 'timing/parse/p95': 0.2}
    """
    result: dict[str, Any] = {}
    for name, value in (one for some in stats for one in some.items()):
        if name not in result:
            result[name] = value
        elif isinstance(value, int | float) and not _PERCENTILE.search(name):
            result[name] += value
        elif isinstance(value, type(result[name])):
            result[name] = max(result[name], value)
    return result


def summary(
    reasons: Mapping[str, str],
    crawls: Mapping[str, Mapping[str, Any]],
    seconds: float,
    places: Mapping[str, str],
    *,
    missing: Iterable[str] = (),
    broken: Iterable[str] = (),
    gone: Sequence[str] = (),
    hosts: Mapping[str, str] = MappingProxyType({}),
    options: str = "",
) -> Iterator[str]:
    """The lines of the summary, from finish reason and stats by spider. Of several spiders, each has its own titles.

    ``missing`` are the lines of what was given up (``CrawlLifecycle.give_up``), ``broken`` those of broken monitors,
    ``gone`` some of the titles that TMDB does not have; ``hosts`` maps hosts to their names (``policy.source_names``);
    ``options`` is what a command needs to find the data.

    >>> stats = {"titles/found": 2, "titles/inserted": 1, "refresh/skipped/not_due": 1, "requests/https://a.org": 2}
    >>> places, hosts = {"documents": "SQLite movies.db"}, {"https://a.org": "TMDB"}
    >>> lines = summary({"tmdb_trending": "finished"}, {"tmdb_trending": stats}, 1.5, places, hosts=hosts)
    >>> print(*lines, sep="\\n")
    tmdb_trending: finished in 1.5 s
      titles     2 found
                 1 new, 0 changed, 0 unchanged
                 1 skipped: 1 not due
      requests   2: 2 TMDB
      documents  SQLite movies.db
      next       scrapy export movies -o films.jsonl
    """
    stats = combined(list(crawls.values()))
    several = len(crawls) > 1
    sections: list[tuple[str, Iterable[str]]] = [
        *((name if several else "titles", titles(own, source_of(name))) for name, own in crawls.items()),
        ("incomplete", missing),
        ("monitors", broken),
        ("pictures", _pictures(stats, options)),
        ("rejected", _rejected(stats, gone)),
        ("requests", _requests(stats, hosts)),
        ("quota", _quotas(stats)),
        ("cache", _cache(stats)),
        ("trouble", _trouble(stats, hosts)),
        ("time", _time(stats, seconds)),
        *((name, [place]) for name, place in places.items()),
        ("next", [next_step(set(reasons.values()), stats, options)]),
    ]
    width = max(len(name) for name in ("documents ", *crawls)) if several else 10
    head = ", ".join(f"{name}: {reason}" for name, reason in reasons.items())
    yield f"{head} in {_duration(seconds)}"
    for name, lines in sections:
        for number, line in enumerate(lines):
            yield f"  {'' if number else name:<{width}} {line}"


def _pictures(stats: Mapping[str, Any], options: str) -> Iterator[str]:
    if made := stats.get("pictures/made"):
        yield f"{made} made" + (f", {shared} shared" if (shared := stats.get("pictures/shared")) else "")
    for what, line in _CHANGED.items():
        if number := stats.get(f"pictures/concerned/{what}"):
            titles = f"up to {number:,} title{'' if number == 1 else 's'}"
            yield line.format(titles=titles, settings=stats[f"pictures/changed/{what}"], options=options)


def _rejected(stats: Mapping[str, Any], gone: Sequence[str]) -> Iterator[str]:
    yield from sums(stats, "rejects/")
    if gone:
        more = stats.get("misses/tmdb/gone", 0) - len(gone)
        yield "not at TMDB: " + ", ".join(gone) + (f" and {more} more" if more > 0 else "")


def _requests(stats: Mapping[str, Any], hosts: Mapping[str, str]) -> Iterator[str]:
    by_name: Counter[str] = Counter()
    for name, count in stats.items():
        if name.startswith("requests/"):
            by_name[_host(name.removeprefix("requests/"), hosts)] += count
    yield from listed(by_name)
    if retries := stats.get("retry/count"):
        reasons = ", ".join(sums(stats, "retry/", leave_out=("count", "exhausted")))
        yield f"{retries} of them retried ({reasons.partition(': ')[2]})"


def _quotas(stats: Mapping[str, Any]) -> Iterator[str]:
    """What the run used of a source's daily quota, and what is left of it for all runs."""
    for name, left in stats.items():
        if found := _LEFT.fullmatch(name):
            used = stats.get(f"quota/{found[1]}/used", 0)
            own_limit = stats.get(f"quota/{found[1]}/refused")
            day = "and its own daily limit is reached" if own_limit else f"{left} left today"
            yield f"{SOURCE_NAMES[found[1]]}: {used} request{'' if used == 1 else 's'}, {day}"


def _trouble(stats: Mapping[str, Any], hosts: Mapping[str, str]) -> Iterator[str]:
    """A line per host that failed or was paused, and one per source that throttled."""
    for host in sorted({name[len("hosts/") : -len("/opened")] for name in stats if name.endswith("/opened")}):
        requests, failures, opened, state = (
            stats[f"hosts/{host}/{name}"] for name in ("requests", "failures", "opened", "state")
        )
        slow = stats.get(f"hosts/{host}/latency_p95")
        if failures or opened:
            causes = " ".join(line.partition(" ")[2] for line in sums(stats, f"hosts/{host}/failures/"))
            shared = " or failing for another worker" if "queue/pushed" in stats else ""
            failed = (
                f"{failures} of {requests} failed{causes and f' ({causes})'}"
                if failures
                else f"slow{shared} in {requests} requests"
            )
            yield (
                f"{_host(host, hosts)}: {failed}"
                + (f", p95 {slow:.2f} s" if slow is not None else "")
                + (f", paused {opened} x {_STATES[state]}" if opened else "")
            )
    for name, times in stats.items():
        if found := _OUTAGE.fullmatch(name):
            seconds = stats.get(f"outages/{found[1]}/seconds")
            yield f"{_DOWN.get(found[1], found[1])}: down {times} x" + (f", {seconds:.0f} s" if seconds else "")
    for name, share in stats.items():
        if name.startswith("budget/"):
            source = name.split("/")[1]
            yield f"{SOURCE_NAMES.get(source, source)} throttled us to {share:.0%} of the rate limit"


def _cache(stats: Mapping[str, Any]) -> Iterator[str]:
    """``61 hits of 61 (100 %), saved 61 requests, 3.1 s``, and from where; nothing if the cache was not used."""
    hits, revalidated, stale = (stats.get(f"cache/{name}", 0) for name in ("hit", "revalidated", "stale_if_error"))
    if hits or revalidated or stale:
        asked = hits + stats.get("cache/miss", 0) + stats.get("cache/stale", 0)
        saved, seconds = stats.get("cache/saved_requests", 0), stats.get("cache/saved_seconds", 0.0)
        rate = f"{hits} hit{'' if hits == 1 else 's'} of {asked} ({100 * hits // asked} %)"
        yield f"{rate}, saved {saved} request{'' if saved == 1 else 's'}, {seconds:.1f} s"
        tiers = {name.removeprefix("cache/hit/"): n for name, n in stats.items() if name.startswith("cache/hit/")}
        counts = {
            **{f"from {tier}": count for tier, count in sorted(tiers.items())},
            "revalidated": revalidated,
            "stale, since the site is down": stale,
            f"stored ({stats.get('cache/bytes', 0) / 1000:,.1f} kB)": stats.get("cache/stored"),
            "evicted from memory": stats.get("cache/evicted"),
            "damaged": stats.get("cache/corrupt"),
        }
        yield ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    if there := stats.get("pictures/hit"):
        yield f"{there} picture{'' if there == 1 else 's'} already there"


def _time(stats: Mapping[str, Any], seconds: float) -> Iterator[str]:
    """The slowest stages of a long run, by total time of all requests and items."""
    stages = {found[1]: total for name, total in stats.items() if (found := _SUM.fullmatch(name))}
    parts = [stage for stage in stages if not any(other.startswith(f"{stage}/") for other in stages)]
    slowest = sorted(parts, key=lambda stage: -stages[stage])[:_SLOWEST]
    if slowest and seconds > _LONG:
        yield ", ".join(f"{stage} p95 {_short(stats[f'timing/{stage}/p95'])}" for stage in slowest)


def _host(origin: str, hosts: Mapping[str, str]) -> str:
    return hosts.get(origin) or origin.partition("://")[2] or origin


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
