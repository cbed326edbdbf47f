"""What became of a run, by its record, and how two runs differ: for ``scrapy runs``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from moviecrawler.documents.records import RunRecord
from moviecrawler.policy.jobs.runs import RunState
from moviecrawler.timestamps import parse

Outcome = Literal["complete", "unhealthy", "incomplete", "interrupted", "failed", "running", "lost"]

DONE = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could."""

_WHY = {
    "quota": "the quota of the day is used up; what is left stays due",
    "shutdown": "it was stopped (Ctrl-C, SIGTERM)",
}
"""Finish reasons that say too little."""

_PROCESSED = (
    *("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "refresh/", "filter/"),
    *("titles/matched", "titles/unmatched"),
    *("pictures/made", "pictures/hit"),
)
"""Stats of titles that the run has processed, with any outcome."""

_NOT_COMPARED = (
    *(
        "answers/",
        "downloader/",
        "heartbeat/",
        "hosts/",
        "log_count/DEBUG",
        "log_count/INFO",
        "memusage/",
        "outages/",
        "scheduler/",
        "timing/",
    ),
    *("budget/", "elapsed_time_seconds", "item_scraped_count", "response_received_count"),
)
"""Stats of Scrapy and of hosts that say the same as others, or no number of anything."""


class RunReport(NamedTuple):
    """One run. ``seconds`` until its end, or until it was last heard of.

    ``items`` were scraped, which means stored; ``requests`` have travelled; of a run that is on, or was lost, as of its
    last heartbeat, and None where nobody knows. ``why`` has the lines that explain the ``outcome``.
    """

    id: str
    spider: str
    arguments: Mapping[str, Any]
    started_at: str
    finished_at: str | None
    seconds: float
    items: int | None
    requests: int | None
    outcome: Outcome
    why: tuple[str, ...]


class Figure(NamedTuple):
    """A number of two runs; None where a run does not know it. ``difference`` is the second minus the first."""

    name: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        return None if self.first is None or self.second is None else self.second - self.first


def run_report(row: RunRecord, state: RunState) -> RunReport:
    """``state`` is that of ``policy.jobs.runs``.

    >>> row = {"_id": "a", "spider": "omdb", "started_at": "2026-11-21T08:15:30.000Z", "finish_reason": "quota"}
    >>> stats = {"requests/https://o": 30, "item_scraped_count": 29}
    >>> row |= {"finished_at": "2026-11-21T08:17:00.000Z", "stats": stats}
    >>> report = run_report(row, "ended")
    >>> report.seconds, report.items, report.requests, report.outcome, *report.why
    (90.0, 29, 30, 'complete', 'the quota of the day is used up; what is left stays due')
    """
    stats, live, finished = row["stats"], row.get("live"), row.get("finished_at")
    last = finished or row.get("beat_at") or row["started_at"]
    outcome, why = _outcome(row, state)
    return RunReport(
        row["_id"],
        row["spider"],
        row.get("arguments") or {},
        row["started_at"],
        finished,
        max((parse(last) - parse(row["started_at"])).total_seconds(), 0),
        _count(stats.get("item_scraped_count", 0)) if stats else live and live["items"],
        _requests(stats) if stats else live and live["requests"],
        outcome,
        why,
    )


def _outcome(row: RunRecord, state: RunState) -> tuple[Outcome, tuple[str, ...]]:
    reason = row.get("finish_reason")
    broken = tuple(monitor["line"] for monitor in row.get("monitors") or ())
    lines = (*(row.get("incomplete") or ()), *broken)
    if state == "running":
        return "running", lines
    if not reason:
        heard = f"; last heard of at {beat[:19].replace('T', ' ')}" if (beat := row.get("beat_at")) else ""
        return "lost", (f"its process was killed, or lost its store{heard}", *lines)
    explained = (_WHY[reason], *lines) if reason in _WHY else lines
    if reason == "shutdown":
        return "interrupted", explained
    if reason in DONE and not row.get("incomplete"):
        return ("unhealthy" if broken else "complete"), explained
    if reason in DONE or reason == "incomplete":
        return "incomplete", explained
    return "failed", (reason, *lines)


def came_to_nothing(stats: Mapping[str, Any]) -> bool:
    """Whether there were rejects, and nothing else came of the run.

    >>> came_to_nothing({"rejects/parse": 3}), came_to_nothing({"rejects/parse": 3, "titles/inserted": 1})
    (True, False)
    """
    rejected = {name for name in stats if name.startswith("rejects/")}
    if stats.get("titles/found"):
        rejected.discard("rejects/gone")  # a title requested by its id is answered by "gone", too
    return bool(rejected) and not any(name.startswith(_PROCESSED) for name in stats)


def figures(first: RunRecord, second: RunRecord, reports: Sequence[RunReport]) -> Iterator[Figure]:
    """Times, counts and rates of two runs whose ``reports`` these are; counts that are 0 in both are left out."""
    before, after = reports
    yield Figure("seconds", before.seconds, after.seconds)
    yield Figure("items", before.items, after.items)
    yield Figure("items a minute", _rate(before.items, before, 60), _rate(after.items, after, 60))
    yield Figure("requests", before.requests, after.requests)
    yield Figure("requests a second", _rate(before.requests, before, 1), _rate(after.requests, after, 1))
    for name in sorted({*first["stats"], *second["stats"]}):
        values = [_number(row["stats"], name) for row in (first, second)]
        if not name.startswith(_NOT_COMPARED) and any(values) and None not in values:
            yield Figure(name, *values)


def different(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name and both values of each argument, setting or version that differs; None where it was not given."""
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            yield name, first.get(name), second.get(name)


def duration(seconds: float) -> str:
    """For people.

    >>> duration(4.93), duration(83), duration(7500), duration(266400)
    ('4.9 s', '1 m 23 s', '2 h 05 m', '74 h 00 m')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} m {left:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} m"


def _requests(stats: Mapping[str, Any]) -> int:
    return sum(_count(value) for name, value in stats.items() if name.startswith("requests/"))


def _rate(count: int | None, report: RunReport, seconds: float) -> float | None:
    return None if count is None or not report.seconds else count * seconds / report.seconds


def _number(stats: Mapping[str, Any], name: str) -> float | None:
    """0 for a count that did not happen; None for what is no number, and for all of a run that has no stats yet."""
    value = stats.get(name, 0) if stats else None
    return value if isinstance(value, int | float) else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
