"""The end of a run in a few lines for a person: what was found, what became of it, what it cost, where it lies."""

import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from moviecrawler.policy.printable import printable

logger = logging.getLogger(__name__)

_LONG = 10  # seconds of a run, after which one asks where they went
_SLOWEST = 3
_PERCENTILE = re.compile(r"p\d\d$|/share$|/health$")
_SUM = re.compile("timing/(.+)/sum")
_OUTAGE = re.compile("outages/(.+)/count")
_SOURCES = {"tmdb": "TMDB", "omdb": "OMDB", "the_numbers": "The Numbers", "tmdb_cdn": "all image hosts"}
_LEFT = re.compile("quota/(.+)/left")


class Summary:
    """Printed on stderr; with a log file, to the log too. One for all crawlers of a process (``scrapy collect``)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._started = time.monotonic()
        crawler.signals.connect(self._print, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def _print(self, spider: Spider, reason: str) -> None:
        await self._crawler.run.settled.wait()
        self._crawler.ended = f"{spider.name}: {self._crawler.run.reason or reason}"
        ended = [getattr(companion, "ended", "") for companion in self._crawler.companions]
        if not all(ended):
            return  # the last one speaks for all
        places = {"documents": self._crawler.store.describe}
        policies = self._crawler.policies
        pictures = policies.pictures
        if pictures.enabled:
            places["pictures"] = str(pictures.folder)
        if profile := self._crawler.stats.get_value("profile/file"):
            places["profile"] = profile
        seconds = time.monotonic() - self._started
        crawls = {companion.spider.name: companion.stats.get_stats() for companion in self._crawler.companions}
        missing = [line for companion in self._crawler.companions for line in companion.run.missing.values()]
        lines: Iterable[str] = summary(", ".join(ended), crawls, seconds, places, missing)
        lines = [printable(policies.secrets.blot(line)) for line in lines]
        sys.stderr.write("\n".join(["", *lines, ""]))
        if self._crawler.settings.get("LOG_FILE"):
            logger.info("\n".join(lines))


def together(stats: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The stats of several crawls as if they had been one: counts are added, of all else the largest stays.

    >>> together([{"titles/found": 2, "timing/parse/p95": 0.1}, {"titles/found": 3, "timing/parse/p95": 0.2}])
    {'titles/found': 5, 'timing/parse/p95': 0.2}
    """
    whole: dict[str, Any] = {}
    for name, value in (one for some in stats for one in some.items()):
        if name not in whole:
            whole[name] = value
        elif isinstance(value, int | float) and not _PERCENTILE.search(name):
            whole[name] += value
        elif isinstance(value, type(whole[name])):
            whole[name] = max(whole[name], value)
    return whole


def summary(
    head: str,
    crawls: Mapping[str, Mapping[str, Any]],
    seconds: float,
    places: Mapping[str, str],
    missing: Iterable[str] = (),
) -> Iterator[str]:
    """The lines of the summary; ``crawls`` has the stats of each spider. Of several, each has its own titles.

    ``missing`` are the lines of what was given up (``Run.give_up``).

    >>> stats = {"titles/found": 2, "titles/inserted": 1, "refresh/skipped/not_due": 1, "requests/https://a.org": 2}
    >>> lines = summary("tmdb_trending: finished", {"tmdb_trending": stats}, 1.5, {"documents": "SQLite movies.db"})
    >>> print(*lines, sep="\\n")
    tmdb_trending: finished in 1.5 s
      titles     2 found
                 1 new, 0 changed, 0 unchanged
                 1 skipped: 1 not due
      requests   2: 2 a.org
      documents  SQLite movies.db
    """
    stats = together(list(crawls.values()))
    sections: list[tuple[str, Iterable[str]]] = [
        *((name if len(crawls) > 1 else "titles", _titles(own)) for name, own in crawls.items()),
        ("incomplete", missing),
        ("pictures", _pictures(stats)),
        ("rejected", _sums(stats, "rejects/")),
        ("requests", _requests(stats)),
        ("quota", _quotas(stats)),
        ("cache", _cache(stats)),
        ("trouble", _trouble(stats)),
        ("time", _time(stats, seconds)),
        *((name, [place]) for name, place in places.items()),
    ]
    width = max(len(name) for name in ("documents ", *crawls)) if len(crawls) > 1 else 10
    yield f"{head} in {_duration(seconds)}"
    for name, lines in sections:
        for number, line in enumerate(lines):
            yield f"  {'' if number else name:<{width}} {line}"


def _titles(stats: Mapping[str, Any]) -> Iterator[str]:
    expected = stats.get("titles/expected")
    yield f"{stats.get('titles/found', 0)} found" + (f" of {expected} expected" if expected is not None else "")
    yield ", ".join(
        f"{stats.get(f'titles/{name}', 0)} {word}"
        for name, word in (("inserted", "new"), ("updated", "changed"), ("unchanged", "unchanged"))
    )
    if unmatched := stats.get("titles/unmatched"):
        yield f"{stats['titles/matched']} matched, {unmatched} nobody's yet: scrapy match"
    for word, prefix in (("skipped", "refresh/skipped/"), ("dropped", "filter/dropped/")):
        for line in _sums(stats, prefix):
            count, _, reasons = line.partition(": ")
            yield f"{count} {word}: {reasons}"
    if lost := stats.get("titles/out_of_reach"):
        yield f"{lost} out of reach: TMDB shows 10,000 films of a day"


def _pictures(stats: Mapping[str, Any]) -> Iterator[str]:
    if made := stats.get("pictures/made"):
        yield f"{made} made" + (f", {shared} shared" if (shared := stats.get("pictures/shared")) else "")


def _requests(stats: Mapping[str, Any]) -> Iterator[str]:
    yield from _sums(stats, "requests/")
    if retries := stats.get("retry/count"):
        reasons = ", ".join(line for line in _sums(stats, "retry/", leave_out=("count", "exhausted")))
        yield f"{retries} of them tried again ({reasons.partition(': ')[2]})"


def _quotas(stats: Mapping[str, Any]) -> Iterator[str]:
    """What the run took of a source's quota, and what the day has left of it for all."""
    for name, left in stats.items():
        if found := _LEFT.fullmatch(name):
            used = stats.get(f"quota/{found[1]}/used", 0)
            yield f"{found[1].upper()}: {used} request{'' if used == 1 else 's'}, {left} left today"


def _trouble(stats: Mapping[str, Any]) -> Iterator[str]:
    """A line per host that failed or was left alone, and one per source that throttled."""
    for host in sorted({name[len("hosts/") : -len("/opened")] for name in stats if name.endswith("/opened")}):
        requests, failures, opened, state = (
            stats[f"hosts/{host}/{name}"] for name in ("requests", "failures", "opened", "state")
        )
        slow = stats.get(f"hosts/{host}/latency_p95")
        if failures or opened:
            causes = " ".join(line.partition(" ")[2] for line in _sums(stats, f"hosts/{host}/failures/"))
            yield (
                f"{_readable(host)}: {failures} of {requests} failed{causes and f' ({causes})'}"
                + (f", p95 {slow:.2f} s" if slow is not None else "")
                + (f", left alone {opened} x, now {state}" if opened else "")
            )
    for name, times in stats.items():
        if found := _OUTAGE.fullmatch(name):
            seconds = stats.get(f"outages/{found[1]}/seconds")
            yield f"{_SOURCES.get(found[1], found[1])}: down {times} x" + (f", {seconds:.0f} s" if seconds else "")
    for name, share in stats.items():
        if name.startswith("budget/"):
            yield f"{name.split('/')[1].upper()} throttled us down to {share:.0%} of the budget"


def _cache(stats: Mapping[str, Any]) -> Iterator[str]:
    """``61 hits of 61 (100 %), saved 61 requests, 3.1 s``, and where they were; nothing while it is of no use."""
    hits, revalidated, stale = (stats.get(f"cache/{name}", 0) for name in ("hit", "revalidated", "stale_if_error"))
    if hits or revalidated or stale:
        asked = hits + stats.get("cache/miss", 0) + stats.get("cache/stale", 0)
        saved, seconds = stats.get("cache/saved_requests", 0), stats.get("cache/saved_seconds", 0.0)
        rate = f"{hits} hit{'' if hits == 1 else 's'} of {asked} ({100 * hits // asked} %)"
        yield f"{rate}, saved {saved} request{'' if saved == 1 else 's'}, {seconds:.1f} s"
        tiers = {name.removeprefix("cache/hit/"): n for name, n in stats.items() if name.startswith("cache/hit/")}
        counts = {
            **{f"from {tier}": count for tier, count in sorted(tiers.items())},
            "still right": revalidated,
            "stale, since the site is down": stale,
            f"stored ({stats.get('cache/bytes', 0) / 1000:,.1f} kB)": stats.get("cache/stored"),
            "given up by memory": stats.get("cache/evicted"),
            "damaged": stats.get("cache/corrupt"),
        }
        yield ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    if there := stats.get("pictures/hit"):
        yield f"{there} picture{'' if there == 1 else 's'} already there"


def _time(stats: Mapping[str, Any], seconds: float) -> Iterator[str]:
    """Of a run that made its user wait: where most time went, all requests and items together."""
    stages = {found[1]: total for name, total in stats.items() if (found := _SUM.fullmatch(name))}
    parts = [stage for stage in stages if not any(other.startswith(f"{stage}/") for other in stages)]
    slowest = sorted(parts, key=lambda stage: -stages[stage])[:_SLOWEST]
    if slowest and seconds > _LONG:
        yield ", ".join(f"{stage} p95 {_short(stats[f'timing/{stage}/p95'])}" for stage in slowest)


def _sums(stats: Mapping[str, Any], prefix: str, leave_out: tuple[str, ...] = ()) -> Iterator[str]:
    """``3: 2 failed/500, 1 parse`` for all stats below the prefix; no line when there are none."""
    counts = {name.removeprefix(prefix): count for name, count in stats.items() if name.startswith(prefix)}
    counts = {name: count for name, count in counts.items() if count and name not in leave_out}
    if counts:
        parts = sorted(counts.items(), key=lambda part: (-part[1], part[0]))
        yield f"{sum(counts.values())}: " + ", ".join(f"{count} {_readable(name)}" for name, count in parts)


def _readable(name: str) -> str:
    return name.partition("://")[2] or name.replace("_", " ")


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
