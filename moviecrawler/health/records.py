"""What is checked of the records: are the titles stored that they name, and what do they say of runs and people."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from moviecrawler.documents.records import (
    CHANGES,
    CHARTS,
    DROPPED,
    RAW,
    REJECTS,
    RUNS,
    SAMPLES,
    UNMATCHED,
    ChartRecord,
    RawRecord,
    Record,
    RecordKind,
    RejectRecord,
    RunRecord,
    UnmatchedRecord,
    is_settled,
)
from moviecrawler.exceptions import ParseError
from moviecrawler.health.drift import Drift
from moviecrawler.health.findings import Findings
from moviecrawler.health.history import Figures, figures_of, missed, unusual
from moviecrawler.ingest.raw import raw_body
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.terms import oldest_allowed, said_at
from moviecrawler.policy.freshness.id_bitmap import IdBitmap
from moviecrawler.policy.jobs.run_report import run_report
from moviecrawler.policy.jobs.runs import RunState
from moviecrawler.stores.base import Key, Store
from moviecrawler.timestamps import iso, latest_trusted

RECENT = timedelta(days=30)
"""Runs and rejects that are older say nothing of today; a film that waits for a person for longer was forgotten."""

HISTORY, HISTORY_RUNS = timedelta(days=180), 20
"""Runs that say what is usual: those of half a year, the last ones of each kind."""

FEW_ANSWERS = 20
"""A run with fewer answers has no rate of rejects."""

MAX_REJECT_RATE = 0.1

_BATCH = 500

READ_KINDS: tuple[RecordKind[Any], ...] = (CHARTS, RUNS, REJECTS, DROPPED, UNMATCHED)
KEYED_KINDS: tuple[RecordKind[Any], ...] = (CHANGES, SAMPLES)
"""Kinds with rows of every title, whose keys say which: only these are read, but with ``--full``."""

SLOW_KINDS: tuple[RecordKind[Any], ...] = (RAW,)
"""Kept answers are the larger half of a store: they are only read with ``--full``."""


class RecordChecks:
    """``look`` at each record once, by kind, after all documents; then ``finish``.

    ``stored``: the ids of all documents, by kind. ``state_of``: whether a run is running, has ended or was lost.
    """

    def __init__(
        self,
        findings: Findings,
        now: datetime,
        stored: Mapping[str, IdBitmap],
        state_of: Callable[[RunRecord], RunState],
    ) -> None:
        self._findings, self._stored, self._state_of = findings, stored, state_of
        self.latest, self._recent = latest_trusted(now), iso(now - RECENT)
        self._oldest = oldest_allowed(now)
        self._drift = Drift()
        self._unknown: dict[Key, str] = {}
        self._history_since = iso(now - HISTORY)
        self._last_runs: dict[str, RunRecord] = {}
        self._history: dict[str, deque[tuple[str, Figures]]] = {}

    async def look(self, kind: str, row: Record, store: Store) -> None:
        self._findings.looked_at["records"] += 1
        name = f"{kind}/{row['_id']}"
        fields = cast("Mapping[str, Any]", row)
        self.look_at_time(kind, row)
        for title_kind, id in titles_named(kind, fields):
            if id < 0 or id not in self._stored.get(title_kind, ()):
                self._unknown.setdefault((title_kind, id), name)
        if len(self._unknown) >= _BATCH:
            await self._confirm(store)
        if (said := said_at(kind, fields)) and said < self._oldest:
            self._findings.add("terms", f"{name} was fetched on {said[:10]}")
        if kind == RUNS:
            self._look_at_run(cast("RunRecord", row))
        elif kind == REJECTS:
            self._look_at_reject(cast("RejectRecord", row))
        elif kind == UNMATCHED:
            self._look_at_unmatched(name, cast("UnmatchedRecord", row))
        elif kind == CHARTS and (missing := missing_pages(cast("ChartRecord", row))):
            self._findings.add("charts", f"{name} lacks page {', '.join(map(str, missing[:5]))}")
        elif kind == RAW:
            self._look_at_answer(name, cast("RawRecord", row))

    async def look_at_keys(self, kind: str, keys: Sequence[str], store: Store) -> None:
        """At rows of which only the keys are read."""
        self._findings.looked_at["records"] += len(keys)
        for key in keys:
            if (title := title_of(key)) and title[1] not in self._stored[title[0]]:
                self._unknown.setdefault(title, f"{kind}/{key}")
        await self._confirm(store)

    def look_at_time(self, kind: str, row: Record) -> None:
        fields = cast("Mapping[str, Any]", row)
        if str(at := fields.get("at") or fields.get("started_at") or "") > self.latest:
            self._findings.add("future", f"{kind}/{row['_id']} was stored at {at}")

    async def finish(self, store: Store) -> None:
        await self._confirm(store)
        for line in self._drift.findings():
            self._findings.add("drift", line)
        for key, row in self._last_runs.items():
            self._findings.looked_at["runs"] += 1
            self._judge_run(row, [*self._history.get(key, ())])

    async def _confirm(self, store: Store) -> None:
        """Titles may have been stored since the documents were read, and damaged ones were not read: ask for the ids
        alone."""
        for kind in {kind for kind, _ in self._unknown}:
            known = await store.documents.known(kind, [id for k, id in self._unknown if k == kind])
            for key, name in self._unknown.items():
                if key[0] == kind and key[1] not in known:
                    self._findings.add("references", f"{name} names {kind}/{key[1]}, which is not stored")
        self._unknown.clear()

    def _look_at_run(self, row: RunRecord) -> None:
        if row["started_at"] < self._history_since or (state := self._state_of(row)) == "running":
            return
        key = json.dumps([row["spider"], row.get("arguments") or {}], sort_keys=True, default=str)
        if row["started_at"] >= self._recent:
            self._last_runs[key] = row  # they come in the order of their start
        if (report := run_report(row, state)).outcome == "complete":
            history = self._history.setdefault(key, deque(maxlen=HISTORY_RUNS))
            history.append((row["_id"], figures_of(row, report, rejects_of(row))))

    def _judge_run(self, row: RunRecord, history: Sequence[tuple[str, Figures]]) -> None:
        report = run_report(row, self._state_of(row))
        name = f"{report.spider} of {report.started_at[:16].replace('T', ' ')}"
        if report.outcome == "lost":
            self._findings.add("lost", name)
        elif report.outcome != "complete":
            why = f": {report.why[0]}" if report.why else ""
            self._findings.add("incomplete", f"{name}, {report.outcome}{why}")
        rejected, items = rejects_of(row), report.items or 0
        if items >= FEW_ANSWERS and rejected > MAX_REJECT_RATE * items:
            self._findings.add("reject_rate", f"{name}: {rejected:,} of {items:,} could not be used")
        if report.outcome == "complete" and (what := missed(row)):
            self._findings.add("totals", f"{name}: {what}")
        if history and history[-1][0] == row["_id"]:
            what = "; ".join(unusual(history[-1][1], [figures for _, figures in history[:-1]]))
            if what:
                self._findings.add("anomalies", f"{name}: {what}")

    def _look_at_answer(self, name: str, row: RawRecord) -> None:
        try:
            body = raw_body(row)
        except ParseError as error:
            self._findings.add("damaged", f"{name}: {error}")
        else:
            if "drift" in self._findings:
                self._drift.look(row, body)

    def _look_at_reject(self, row: RejectRecord) -> None:
        if row["reason"] != "gone" and row["at"] >= self._recent:
            self._findings.add("rejects", f"{row['_id']}: {row['reason']}")

    def _look_at_unmatched(self, name: str, row: UnmatchedRecord) -> None:
        if row["candidates"] and not is_settled(row) and row["at"] < self._recent:
            self._findings.add("unmatched", f"{name} waits since {row['at'][:10]}")


def titles_named(kind: str, row: Mapping[str, Any]) -> Iterator[Key]:
    """The titles that a record names and that must be stored.

    Those of trending charts need not be, nor those that the filter dropped or that a search has found.

    >>> list(titles_named("charts", {"chart": "daily", "rows": [{"id": 603}, {"id": None}]}))
    [('movies', 603)]
    """
    if kind in (CHANGES, RAW):
        yield row["kind"], row["id"]
    elif kind == SAMPLES:
        yield from filter(None, [title_of(row["_id"])])
    elif kind == CHARTS:
        yield from (("movies", one["id"]) for one in row.get("rows") or () if one["id"] is not None)
    elif kind == UNMATCHED and row["source"] != "search":
        for id in (*row["candidates"], row.get("presumed"), row["settled"]):
            if id not in (None, False, True):
                yield "movies", id


def title_of(key: str) -> Key | None:
    """The title whose change or sample has this key.

    >>> title_of("movies/603/2"), title_of("shows/1396"), title_of("books/1")
    (('movies', 603), ('shows', 1396), None)
    """
    kind, _, rest = key.partition("/")
    id = rest.partition("/")[0]
    return (kind, int(id)) if kind in KINDS and id.isdecimal() else None


def missing_pages(chart: ChartRecord) -> list[int]:
    """The pages of a trending chart that are missing before its last one.

    >>> missing_pages({"pages": {"1": {}, "2": {}, "4": {}}})
    [3]
    """
    numbers = {int(page) for page in chart.get("pages") or () if page.isdecimal()}
    return [page for page in range(1, max(numbers, default=0)) if page not in numbers]


def rejects_of(row: RunRecord) -> int:
    """Answers of a run that could not be used, without those of titles that a source does not have."""
    return sum(
        count
        for name, count in row["stats"].items()
        if name.startswith("rejects/") and name != "rejects/gone" and isinstance(count, int)
    )
