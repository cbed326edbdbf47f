"""The lines of ``scrapy runs --live``: what a running crawl said last, for people."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from moviecrawler.documents.records import RunLive, RunRecord
from moviecrawler.policy.jobs.run_report import RunReport, duration
from moviecrawler.policy.source_names import SOURCE_NAMES
from moviecrawler.policy.terminal import labelled
from moviecrawler.timestamps import parse

SILENT_SECONDS = 10
"""A run is said to be silent when its last heartbeat is older than this."""

_RATES = {**SOURCE_NAMES, "images": "pictures", "exports": "exports"}


def live_lines(row: RunRecord, report: RunReport, now: datetime) -> Iterator[str]:
    """A run that is on, or was until a moment ago: at most 80 columns a line."""
    live = row.get("live")
    is_on = report.outcome == "running"
    does = live["doing"] if is_on and live else report.outcome
    seconds = max((now - parse(row["started_at"])).total_seconds(), 0) if is_on else report.seconds
    where = f"on {row.get('host') or 'unknown'}, process {row.get('pid') or 'unknown'}"
    yield from labelled([("", f"{report.spider}: {does}, {duration(seconds)}, {where}")], indent="")
    rows = [("", why) for why in report.why]
    if is_on:
        rows = [*_arguments(report), *(_rows(live) if live else ()), *_silence(row, now), *rows]
    yield from labelled(rows)


def _arguments(report: RunReport) -> Iterator[tuple[str, str]]:
    given = [f"{name}={value}" for name, value in report.arguments.items() if value not in (None, "", False)]
    if given:
        yield "arguments", " ".join(given)


def _rows(live: RunLive) -> Iterator[tuple[str, str]]:
    yield "titles", _counts(live["titles"]) or "none found so far"
    if pictures := _counts(live["pictures"]):
        yield "pictures", pictures
    retried = f", {live['retries']:,} retried" if live["retries"] else ""
    rejected = f", {live['rejects']:,} rejected" if live["rejects"] else ""
    yield "requests", f"{live['requests']:,}{retried}{rejected}"
    for rate in live["rates"]:
        limit = f" of {rate['limit']:g}" if rate["limit"] else ""
        yield "", f"{_RATES.get(rate['source'], rate['source'])}: {rate['per_second']:.1f}{limit} a second"
    for quota in live["quotas"]:
        yield (
            "quota",
            f"{SOURCE_NAMES.get(quota['source'], quota['source'])}: {quota['used']:,} used, "
            + (f"{quota['left']:,} left today"),
        )
    yield "queue", f"{live['queued']:,} waiting, {live['in_flight']:,} in flight"
    if cache := _counts(live["cache"]):
        yield "cache", cache
    for host in live["hosts"]:
        if host["failures"] or host["state"] != "closed":
            failed = f"{host['failures']:,} of {host['requests']:,} failed"
            yield "trouble", f"{host['host']}: {failed}, health {host['health']:.0%}, {_STATES[host['state']]}"
    spent, cpu = live["heartbeat_seconds"], live["cpu_seconds"]
    yield "CPU", f"{duration(cpu)}, heartbeats {spent / cpu if cpu else 0:.2%} of it"


_STATES = {"closed": "used", "open": "left alone", "half-open": "about to be tried again"}


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _silence(row: RunRecord, now: datetime) -> Iterator[tuple[str, str]]:
    """A store that is busy or away lets none be heard; nor does a machine that stands still."""
    if beat_at := row.get("beat_at"):
        silent = (now - parse(beat_at)).total_seconds()
        if silent > SILENT_SECONDS:
            yield "silent", f"for {duration(silent)}"
        elif silent < -SILENT_SECONDS:
            yield "clock", f"{duration(-silent)} ahead of this one"
