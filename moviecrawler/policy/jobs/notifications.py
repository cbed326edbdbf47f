"""What the hooks of NOTIFY_* are told, and of what: messages as data, and as text for people. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NotRequired

from typing_extensions import TypedDict

from moviecrawler.documents import FieldChange
from moviecrawler.documents.records import BrokenMonitor, RunRecord
from moviecrawler.policy.documents.readable import change_text
from moviecrawler.policy.jobs.run_report import RunReport, duration
from moviecrawler.policy.terminal import cut

MAX_CHANGES = 50
"""Changes that one message has; the others are counted."""

MAX_LINES = 12
"""Lines of a message's text about changes or findings."""

_LONGEST = 300
"""Characters of a value's JSON; a longer one is cut."""

_LONGEST_TOLD = 120
"""Columns of a change in the text."""

_RELEASED = "Released"
"""TMDB's ``status`` of a film that is out."""


class Notification(TypedDict):
    """One message: ``events`` that happened and were wanted, ``title`` and ``text`` for people, the rest for programs.

    ``at`` is a timestamp. Of crawls it has ``runs`` and ``changes``, of ``scrapy health`` ``health``, of a command of
    the schedule ``command``.
    """

    events: list[str]
    at: str
    host: str
    title: str
    text: str
    runs: NotRequired[list[dict[str, Any]]]
    changes: NotRequired[list[dict[str, Any]]]
    more_changes: NotRequired[int]
    health: NotRequired[dict[str, Any]]
    command: NotRequired[dict[str, Any]]


# --- Which events ---------------------------------------------------------------------------------------------------


def run_events(report: RunReport, broken: Collection[object]) -> list[str]:
    """What the end of a run is; nothing of one that somebody has interrupted."""
    events = {"complete": ["finished"], "incomplete": ["failed"], "failed": ["failed"]}.get(report.outcome, [])
    return [*events, "unhealthy"] if broken and report.outcome != "interrupted" else events


def change_events(diff: Iterable[Mapping[str, Any]], wanted: Iterable[str]) -> dict[str, list[Mapping[str, Any]]]:
    """The wanted events that a change of a title is, each with the part of the change that it is about.

    ``changed:people`` is meant with all that it holds.

    >>> diff = [{"path": "status", "old": "Rumored", "new": "Released"}, {"path": "people.cast", "old": [], "new": []}]
    >>> [*change_events(diff, ("changed:title", "changed:people", "released", "failed"))]
    ['changed:people', 'released']
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for event in wanted:
        name, _, field = event.partition(":")
        parts = [part for part in diff if _is_about(name, field, part)]
        if parts:
            found[event] = parts
    return found


def _is_about(name: str, field: str, part: Mapping[str, Any]) -> bool:
    path = str(part["path"])
    if name == "released":
        return path == "status" and part["new"] == _RELEASED and part["old"] != _RELEASED
    return name == "changed" and (not field or path == field or path.startswith(f"{field}."))


# --- Messages -------------------------------------------------------------------------------------------------------


def of_runs(
    ended: Sequence[tuple[RunRecord, RunReport]],
    changes: Sequence[Mapping[str, Any]],
    more_changes: int,
    wanted: Collection[str],
    *,
    at: str,
    host: str,
) -> Notification | None:
    """The message about the runs of a process, None if nothing of it is wanted.

    ``changes`` are ``changes`` records with the ``events`` that they are; ``more_changes``: those that are left out.
    """
    happened = [event for row, report in ended for event in run_events(report, row.get("monitors") or ())]
    happened += [event for change in changes for event in change["events"]]
    if not (events := _once(event for event in happened if event in wanted)):
        return None
    lines = [line for row, report in ended for line in _run_lines(row, report)]
    named = ", ".join(f"{report.spider} {report.outcome}" for _, report in ended)
    if is_only_changes := {event.partition(":")[0] for event in events} <= {"changed", "released"}:
        lines = []
    lines += [*_cut([_change_line(change) for change in changes], more_changes)]
    count = len(changes) + more_changes
    title = f"{count} title{'' if count == 1 else 's'} changed" if is_only_changes else named
    if events == ["released"]:
        title = f"{count} film{'' if count == 1 else 's'} released"
    return {
        "events": events,
        "at": at,
        "host": host,
        "title": f"moviecrawler: {title}",
        "text": "\n".join(lines),
        "runs": [_run(row, report) for row, report in ended],
        "changes": [_shortened(change) for change in changes],
        "more_changes": more_changes,
    }


def of_health(health: Mapping[str, Any], has_problem: bool, *, at: str, host: str) -> Notification:
    """The message about ``scrapy health``, whose ``--json`` is ``health``."""
    lines = [f"{one['severity']} {one['check']}: {one['count']}; {one['repair']}" for one in health["findings"]]
    return {
        "events": ["unhealthy" if has_problem else "finished"],
        "at": at,
        "host": host,
        "title": f"moviecrawler: health {health['score']} of 100",
        "text": "\n".join(_cut(lines, 0)),
        "health": dict(health),
    }


def of_command(job: str, words: Sequence[str], status: int, seconds: float, *, at: str, host: str) -> Notification:
    """The message about a command that the schedule has run."""
    what = f"exit status {status}" if status else "finished"
    return {
        "events": ["failed" if status else "finished"],
        "at": at,
        "host": host,
        "title": f"moviecrawler: {job}: {what}",
        "text": f"scrapy {' '.join(words)}: {what} after {duration(seconds)}",
        "command": {"job": job, "words": [*words], "status": status, "seconds": round(seconds, 1)},
    }


def of_test(*, at: str, host: str) -> Notification:
    """The message of ``scrapy notify``."""
    text = "The hooks of moviecrawler work."
    return {"events": ["test"], "at": at, "host": host, "title": "moviecrawler: test", "text": text}


def _run(row: RunRecord, report: RunReport) -> dict[str, Any]:
    return {
        **report._asdict(),
        "why": [*report.why],
        "arguments": dict(report.arguments),
        "finish_reason": row.get("finish_reason"),
        "job": row.get("job"),
        "titles": {
            name.removeprefix("titles/"): value
            for name, value in row["stats"].items()
            if name.startswith("titles/") and name.count("/") == 1
        },
        "monitors": row.get("monitors") or [],
    }


def _run_lines(row: RunRecord, report: RunReport) -> Iterator[str]:
    yield f"{report.spider}: {report.outcome} after {duration(report.seconds)}, {report.items or 0:,} items"
    broken: Sequence[BrokenMonitor] = row.get("monitors") or ()
    hints = {monitor["line"]: f" -> {monitor['hint']}" for monitor in broken}
    yield from (f"  {why}{hints.get(why, '')}" for why in report.why)


def _change_line(change: Mapping[str, Any]) -> str:
    """
    >>> diff = [{"path": "status", "old": "Rumored", "new": "Released"}]
    >>> _change_line({"kind": "movies", "id": 603, "title": "The Matrix", "diff": diff})
    'The Matrix (movies/603): status: Rumored -> Released'
    """
    parts: Sequence[FieldChange] = change["diff"]
    told = "; ".join(cut(change_text(part), _LONGEST_TOLD) for part in parts)
    return f"{change['title'] or 'untitled'} ({change['kind']}/{change['id']}): {told}"


def _shortened(change: Mapping[str, Any]) -> dict[str, Any]:
    parts = [{**part, "old": _cut_value(part["old"]), "new": _cut_value(part["new"])} for part in change["diff"]]
    return {**change, "diff": parts}


def _cut_value(value: object) -> object:
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _cut(lines: Sequence[str], more: int) -> Iterator[str]:
    yield from lines[:MAX_LINES]
    if left := max(len(lines) - MAX_LINES, 0) + more:
        yield f"and {left:,} more"


def _once(events: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(events))
