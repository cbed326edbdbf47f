"""When a job is due, and what becomes of it while the one before it still runs. Clock and triggers are arguments."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from moviecrawler import timestamps

Slots = Callable[[datetime], datetime | None]
"""The first moment after the given one at which a cron expression fits; None: never again."""

OVERLAPS = ("skip", "queue", "cancel")


@dataclass(frozen=True)
class Job:
    """One table of ``schedule.toml``; ``jitter`` in seconds."""

    name: str
    cron: str
    timezone: str
    spider: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str]
    overlap: str
    jitter: float

    def run_id(self, slot: datetime) -> str:
        """The id of the run of this slot: the same when it is posted again, and of this job alone.

        >>> Job("nightly", "0 3 * * *", "UTC", "omdb", {}, {}, "skip", 0).run_id(datetime(2026, 11, 21, 3, tzinfo=UTC))
        'nightly.20261121T030000Z'
        """
        return f"{self.name}.{slot.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    def done(self, now: datetime, last: str | None) -> dict[str, str | None]:
        """What to keep in mind: all slots up to now are dealt with; ``last`` is when a run was posted, if any was."""
        return {"cron": f"{self.cron} {self.timezone}", "at": timestamps.iso(now), "last": last}

    def dealt_with(self, kept: Mapping[str, Any] | None, now: datetime) -> datetime | None:
        """Up to when the slots are dealt with, by what ``done`` kept.

        None for a job that is new or has got another cron expression, and where the clock was ahead: then it begins
        now, and nothing was missed.
        """
        if kept is None or kept["cron"] != f"{self.cron} {self.timezone}" or (at := timestamps.parse(kept["at"])) > now:
            return None
        return at

    def next_run(self, after: datetime, slots: Slots) -> tuple[datetime, datetime] | None:
        """The next slot and the moment at which it is due, its jitter later. None: never."""
        if slot := slots(after):
            return slot, slot.astimezone(UTC) + timedelta(seconds=self.jitter * _share(self.run_id(slot)))
        return None

    def due(self, after: datetime, now: datetime, slots: Slots) -> datetime | None:
        """The slot to run now. Of several that were missed only the first: it is caught up once."""
        if (coming := self.next_run(after, slots)) and coming[1] <= now:
            return coming[0]
        return None


def _share(name: str) -> float:
    """A number from 0 to 1 that is always the same for this name, so that a restart moves nothing."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32


class JobRuns(NamedTuple):
    """The ids of all runs that Scrapyd knows of."""

    pending: Sequence[str] = ()
    running: Sequence[str] = ()
    finished: Sequence[str] = ()


class Decision(NamedTuple):
    """``post``, after these runs were cancelled; ``because`` is for people, and empty where nothing is in the way."""

    post: bool
    cancel: tuple[str, ...] = ()
    because: str = ""


def decide(job: Job, run: str, runs: JobRuns, live: Collection[str] = ()) -> Decision:
    """What becomes of a run that is due, by the overlap policy of its job.

    ``live`` are the ids of those that are on by their own records: a Scrapyd that was stopped and started again lists
    none of those that it had started before, and can cancel none.

    >>> nightly = Job("nightly", "0 3 * * *", "UTC", "omdb", {}, {}, "skip", 0)
    >>> decide(nightly, "nightly.20261121T030000Z", JobRuns(running=["nightly.20261120T030000Z"]))
    Decision(post=False, cancel=(), because='nightly.20261120T030000Z still runs')
    """
    if run in live or any(run in ids for ids in runs):
        return Decision(False, because=f"{run} was posted before")  # and the scheduler ended before it kept that
    running, pending = (tuple(one for one in ids if one.startswith(f"{job.name}.")) for ids in runs[1::-1])
    unlisted = tuple(one for one in live if one.startswith(f"{job.name}.") and one not in running)
    active = (*running, *pending)
    if not (active or unlisted) or job.overlap == "queue":
        return Decision(True)
    because = f"{(*running, *unlisted, *active)[0]} still {'runs' if running or unlisted else 'waits'}"
    return Decision(True, active, because) if job.overlap == "cancel" else Decision(False, because=because)
