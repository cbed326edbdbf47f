"""Whether a run that has ended is what its owner expects: by the thresholds of the MONITOR_* settings, from its record.

Silence is better than a false alarm: a run that was interrupted, or had nothing to do, breaks no monitor.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moviecrawler.config.monitoring import MinCoverage, MonitorConfig, NotifyConfig
from moviecrawler.documents.facts import BoxOffice, People, SourceData
from moviecrawler.documents.records import BrokenMonitor, RunCoverage
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.documents.compose import FIELDS, VOLATILE
from moviecrawler.policy.jobs.run_report import duration

FEW_ANSWERS = 20
"""Of fewer answers or items a share says nothing."""

TITLES_PER_PAGE = 20
"""Of TMDB's listings, in which ``max_pages`` counts."""

_PARTS = {"people": People.__annotations__, "box_office": BoxOffice.__annotations__, "ratings": None}
"""Fields whose parts are counted instead of them; None: of any name."""


@dataclass(frozen=True, kw_only=True)
class EndedRun:
    """What a run came to, as its record has it.

    ``reads_listing``: whether it finds titles in a listing of the site, not by what is due or was named.
    ``is_alone``: False for one of several workers, each of which has seen a part.
    """

    spider: str
    arguments: Mapping[str, Any]
    finish_reason: str
    seconds: float
    stats: Mapping[str, Any]
    coverage: Mapping[str, RunCoverage]
    reads_listing: bool
    is_alone: bool = True


def broken_monitors(run: EndedRun, monitors: MonitorConfig) -> list[BrokenMonitor]:
    """The monitors that the run has broken, each with what to do; none of a run that somebody has interrupted."""
    if run.finish_reason == "shutdown":
        return []
    return [*_found(run, monitors), *_rejects(run, monitors), *_coverage(run, monitors), *_seconds(run, monitors)]


def _found(run: EndedRun, monitors: MonitorConfig) -> Iterator[BrokenMonitor]:
    least = monitors.min_found.of(run.spider)
    if least is None or not run.reads_listing or run.finish_reason not in ("finished", "incomplete"):
        return
    found = _count(run.stats, "titles/found") or _count(run.stats, "item_scraped_count")
    if not (run.is_alone or found):  # another worker has read the listing
        return
    least = min(least, _asked_for(run.arguments))
    if found < least:
        yield {
            "monitor": "min_found",
            "line": f"{found:,} titles were found, fewer than {least:,.0f}",
            "hint": "look whether the site still lists them all, and compare: scrapy runs 2 1",
        }


def _rejects(run: EndedRun, monitors: MonitorConfig) -> Iterator[BrokenMonitor]:
    most = monitors.max_reject_rate.of(run.spider)
    items = _count(run.stats, "item_scraped_count")
    if most is None or items < FEW_ANSWERS:
        return
    rejected = sum(
        _count(run.stats, name) for name in run.stats if name.startswith("rejects/") and name != "rejects/gone"
    )
    if rejected > most * items:
        yield {
            "monitor": "max_reject_rate",
            "line": f"{rejected:,} of {items:,} items ({rejected / items:.0%}) could not be used, more than {most:.0%}",
            "hint": "see which, and why: scrapy export rejects",
        }


def _coverage(run: EndedRun, monitors: MonitorConfig) -> Iterator[BrokenMonitor]:
    for wanted in monitors.min_coverage:
        if wanted.spider != run.spider and (wanted.spider or not run.spider.startswith("tmdb")):
            continue
        for kind, coverage in run.coverage.items():
            titles, share = coverage["titles"], wanted.share
            filled = coverage["fields"].get(wanted.field, 0)
            if _is_of(kind, wanted) and titles >= FEW_ANSWERS and filled < share * titles:
                yield {
                    "monitor": "min_coverage",
                    "line": f"{wanted.field} is in {filled:,} of {titles:,} answers about {kind} "
                    f"({filled / titles:.0%}), fewer than {share:.0%}",
                    "hint": "look whether the source still sends the field, and in which form: scrapy runs 1",
                }


def _seconds(run: EndedRun, monitors: MonitorConfig) -> Iterator[BrokenMonitor]:
    most = monitors.max_seconds.of(run.spider)
    if most is not None and run.seconds > most:
        yield {
            "monitor": "max_seconds",
            "line": f"it took {duration(run.seconds)}, more than {duration(most)}",
            "hint": "see which stage took the time, and compare: scrapy runs 2 1",
        }


def _is_of(kind: str, wanted: MinCoverage) -> bool:
    """Whether titles of this kind are meant, and can have the field: films have no seasons."""
    name = wanted.field.partition(".")[0]
    others = {field for other, fields in FIELDS.items() if other != kind for field in fields}
    return wanted.kind in ("", kind) and (name in FIELDS[kind] or name not in others)


def _asked_for(arguments: Mapping[str, Any]) -> float:
    """How many titles the run was asked for at most; a run with ``limit=3`` does not find 20."""
    most = [arguments.get("limit"), TITLES_PER_PAGE * (arguments.get("max_pages") or 0)]
    return min((number for number in most if isinstance(number, int) and number > 0), default=float("inf"))


def _count(stats: Mapping[str, Any], name: str) -> int:
    value = stats.get(name)
    return value if isinstance(value, int) else 0


# --- Names in the settings ------------------------------------------------------------------------------------------


def check_fields(monitors: MonitorConfig, notify: NotifyConfig) -> None:
    """ConfigurationError for a field that no title has.

    >>> from moviecrawler.config import Config
    >>> config = Config.from_settings({"MONITOR_MIN_COVERAGE": "rutnime:0.9"})
    >>> check_fields(config.monitor, config.notify)
    Traceback (most recent call last):
    moviecrawler.exceptions.ConfigurationError: MONITOR_MIN_COVERAGE: there is no field 'rutnime'; did you mean runtime?
    """
    for wanted in monitors.min_coverage:
        _check_field("MONITOR_MIN_COVERAGE", wanted.field, needs_part=True)
    for event in notify.on:
        if path := event.partition(":")[2]:
            _check_field("NOTIFY_ON", path, needs_part=False)
            if path.partition(".")[0] in VOLATILE:
                raise ConfigurationError(f"NOTIFY_ON: {path!r} drifts all the time, and is in no history of a title")


def check_spiders(monitors: MonitorConfig, known: Collection[str], without_listing: Collection[str]) -> None:
    """ConfigurationError for a spider that there is not, and for a MIN_FOUND of one that reads no listing."""
    thresholds = {"MAX_REJECT_RATE": monitors.max_reject_rate, "MAX_SECONDS": monitors.max_seconds}
    for setting, spiders in {
        "MONITOR_MIN_FOUND": monitors.min_found.by_spider,
        **{f"MONITOR_{name}": threshold.by_spider for name, threshold in thresholds.items()},
        "MONITOR_MIN_COVERAGE": [wanted.spider for wanted in monitors.min_coverage if wanted.spider],
    }.items():
        for spider in spiders:
            if spider not in known:
                raise ConfigurationError(f"{setting}: there is no spider {spider!r}{did_you_mean(spider, known)}")
    for spider in without_listing:
        if monitors.min_found.by_spider.get(spider) is not None:
            raise ConfigurationError(
                f"MONITOR_MIN_FOUND: {spider} asks for what is due or was named, which may be nothing: "
                "must be of spiders that read a listing"
            )


def _check_field(setting: str, path: str, *, needs_part: bool) -> None:
    name, _, part = path.partition(".")
    parts = _PARTS.get(name, ())
    if name not in SourceData.__annotations__ or (part and parts is not None and part not in parts):
        close = [*SourceData.__annotations__, *(f"{one}.{inner}" for one in _PARTS for inner in _PARTS[one] or ())]
        raise ConfigurationError(f"{setting}: there is no field {path!r}{did_you_mean(path, close)}")
    if needs_part and name in _PARTS and not part:
        example = f"{name}.{next(iter(parts or ('imdb',)))}"
        raise ConfigurationError(f"{setting}: {path!r} has parts: must be one of them, such as {example}")
