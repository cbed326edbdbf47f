"""When a job is due, and whether it is posted while an earlier run is still active. Clock and cron are arguments."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from moviecrawler import timestamps

FireTimes = Callable[[datetime], datetime | None]
"""The first time after the given one that matches a cron expression; None: never again."""

OVERLAPS = ("skip", "queue", "cancel")


COMMANDS = {
    "backup": False,
    "collect": True,
    "crawl": True,
    "export": False,
    "health": True,
    "maintain": False,
    "pictures": True,
    "reparse": False,
}
"""Commands that a job may run -> whether they tell the hooks of NOTIFY_* themselves how they have ended."""


@dataclass(frozen=True)
class Job:
    """One table of ``schedule.toml``; ``jitter`` in seconds.

    It has either a ``spider``, which Scrapyd runs, or the words of a ``command``, which the schedule runs itself.
    """

    name: str
    cron: str
    timezone: str
    spider: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str]
    overlap: str
    jitter: float
    command: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """What it runs, for people: a spider or a command."""
        return f"scrapy {self.command[0]}" if self.command else self.spider

    @property
    def words(self) -> list[str]:
        """What it runs with all that it is given, for people."""
        given = [f"{name}={value}" for values in (self.arguments, self.settings) for name, value in values.items()]
        return [*(("scrapy", *self.command) if self.command else (self.spider,)), *given]

    def run_id(self, fire_time: datetime) -> str:
        """The id of the run at this fire time: the same if it is posted again, and unique to this job.

        >>> Job("nightly", "0 3 * * *", "UTC", "omdb", {}, {}, "skip", 0).run_id(datetime(2026, 11, 21, 3, tzinfo=UTC))
        'nightly.20261121T030000Z'
        """
        return f"{self.name}.{fire_time.astimezone(UTC):%Y%m%dT%H%M%SZ}"

    def state_after(
        self, now: datetime, last: str | None, run: Mapping[str, Any] | None = None
    ) -> dict[str, str | Mapping[str, Any] | None]:
        """What to store when all fire times up to ``now`` are handled.

        ``last`` is when a run was last posted or started, ``run`` the id and process of a command.
        """
        kept = {"cron": f"{self.cron} {self.timezone}", "at": timestamps.iso(now), "last": last}
        return {**kept, "run": run} if self.command else {**kept}

    def handled_until(self, kept: Mapping[str, Any] | None, now: datetime) -> datetime | None:
        """Up to when fire times are handled, from what :meth:`state_after` returned.

        None for a job that is new or has a new cron expression, or if the clock was ahead: it begins now then, and
        has missed nothing.
        """
        if kept is None or kept["cron"] != f"{self.cron} {self.timezone}" or (at := timestamps.parse(kept["at"])) > now:
            return None
        return at

    def next_run_at(self, after: datetime, fire_times: FireTimes) -> tuple[datetime, datetime] | None:
        """The next fire time, and when it is due: after the job's jitter. None: never."""
        if fire_time := fire_times(after):
            return fire_time, fire_time.astimezone(UTC) + timedelta(
                seconds=self.jitter * _share(self.run_id(fire_time))
            )
        return None

    def due_fire_time(self, after: datetime, now: datetime, fire_times: FireTimes) -> datetime | None:
        """The fire time to run now. If several were missed, only the first one: a job is caught up once."""
        if (coming := self.next_run_at(after, fire_times)) and coming[1] <= now:
            return coming[0]
        return None


def _share(name: str) -> float:
    """A number from 0 to 1 that is always the same for this name, so that a restart does not move a run."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32


class JobRuns(NamedTuple):
    """The ids of all runs that Scrapyd knows."""

    pending: Sequence[str] = ()
    running: Sequence[str] = ()
    finished: Sequence[str] = ()


class Decision(NamedTuple):
    """Whether to ``post`` a run, after cancelling these; ``reason`` is for people, empty if nothing is in the way."""

    post: bool
    cancel: tuple[str, ...] = ()
    reason: str = ""


def must_tell(command: str, status: int) -> bool:
    """Whether nobody else tells the hooks how a command has ended: it does not, or it could not begin, or was killed.

    >>> must_tell("backup", 0), must_tell("crawl", 1), must_tell("crawl", 2), must_tell("crawl", -9)
    (True, False, True, True)
    """
    return not COMMANDS[command] or status not in (0, 1, 130)


def decide(job: Job, run: str, runs: JobRuns, live: Collection[str] = ()) -> Decision:
    """Whether a due run is posted, by the overlap policy of its job.

    ``live`` are the ids of runs that are active by their own records: a restarted Scrapyd neither lists nor can cancel
    the runs that it had started before.

    >>> nightly = Job("nightly", "0 3 * * *", "UTC", "omdb", {}, {}, "skip", 0)
    >>> decide(nightly, "nightly.20261121T030000Z", JobRuns(running=["nightly.20261120T030000Z"]))
    Decision(post=False, cancel=(), reason='nightly.20261120T030000Z still runs')
    """
    if run in live or any(run in ids for ids in runs):
        return Decision(False, reason=f"{run} was posted before")  # and the scheduler ended before it stored that
    running, pending = (tuple(one for one in ids if one.startswith(f"{job.name}.")) for ids in runs[1::-1])
    unlisted = tuple(one for one in live if one.startswith(f"{job.name}.") and one not in running)
    active = (*running, *pending)
    if not (active or unlisted) or job.overlap == "queue":
        return Decision(True)
    reason = f"{(*running, *unlisted, *active)[0]} still {'runs' if running or unlisted else 'waits'}"
    return Decision(True, active, reason) if job.overlap == "cancel" else Decision(False, reason=reason)
