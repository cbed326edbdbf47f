"""``scrapy schedule``: posts the spiders of ``schedule.toml`` to Scrapyd, and runs its commands, when they are due."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import aligned, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.commands._schedule import Plan
    from moviecrawler.commands._schedule_commands import CommandRuns
    from moviecrawler.commands._scrapyd import Scrapyd
    from moviecrawler.policy.jobs.schedule import FireTimes, Job, JobRuns
    from moviecrawler.stores.base import Store

logger = logging.getLogger(__name__)


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 Scrapyd, the store or a command failed, 2 wrong usage or schedule, 130 interrupted.

    Without options it runs until it is interrupted, and that is 0.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [JOB ...]"

    def short_desc(self) -> str:
        return "Run the jobs of schedule.toml when they are due: spiders through Scrapyd, commands here"

    def long_desc(self) -> str:
        return (
            "Checks every minute what is due, until Ctrl-C. A missed run is caught up once. Examples: scrapy "
            "schedule; scrapy schedule --once (from cron); scrapy schedule --once nightly (now, due or not); "
            "scrapy schedule --list; scrapy schedule --dry-run"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--file", metavar="FILE", default="schedule.toml", help="the schedule (schedule.toml)")
        parser.add_argument("--once", action="store_true", help="run what is due, or the named jobs, and exit")
        parser.add_argument("--list", action="store_true", help="show the next runs and exit")
        parser.add_argument("--dry-run", action="store_true", help="print what --once would do, and do nothing")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.commands._schedule import read_plan
        from moviecrawler.commands._schedule_commands import CommandRuns
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.policy.did_you_mean import did_you_mean

        if opts.list and (opts.once or opts.dry_run):
            usage_error("scrapy schedule: give only one of --list, --once and --dry-run")
        if args and not (opts.once or opts.dry_run):
            usage_error(f"scrapy schedule: {args[0]}: jobs can only be named with --once or --dry-run")
        try:
            plan = read_plan(self.settings, opts.file)
        except ConfigurationError as error:
            usage_error(str(error))
        if unknown := [name for name in args if name not in plan.fire_times]:
            there_are = f"there are: {', '.join(plan.fire_times)}{did_you_mean(unknown[0], plan.fire_times)}"
            usage_error(f"scrapy schedule: no job {unknown[0]!r}; {there_are}")
        commands = CommandRuns(plan.config)
        if opts.list:
            self.exitcode = with_store(
                "schedule", self.settings, lambda store: _list(store, plan), "read", lambda: _list(None, plan)
            )
        elif opts.dry_run:
            dry = partial(_once, plan=plan, commands=commands, names=args, dry=True, verbose=True)
            self.exitcode = with_store("schedule", self.settings, dry, "read", partial(dry, None))
        elif opts.once:
            once = partial(_once_to_the_end, plan=plan, commands=commands, names=args)
            try:
                with _sigterm_as_ctrl_c():
                    self.exitcode = with_store("schedule", self.settings, once, "make")
            finally:
                commands.stop()
        else:
            tick = partial(_once, plan=plan, commands=commands)
            try:
                _serve(lambda: with_store("schedule", self.settings, tick, "make"), plan)
            finally:
                commands.stop()


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """So that the commands that were started are ended too."""
    import signal

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _serve(tick: Callable[[], object], plan: Plan) -> None:
    """Call ``tick`` now and at every full minute, until SIGINT or SIGTERM; a running tick is finished.

    An exception of a tick is logged, and the next tick comes all the same. A second signal ends the process at once.
    """
    import asyncio
    import signal
    import time
    from contextlib import suppress

    async def serve() -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()

        def stop() -> None:
            stopped.set()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        while not stopped.is_set():
            try:
                await asyncio.to_thread(tick)
            except Exception:
                logger.exception("posting what is due failed; tried again at the next full minute")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 60 - time.time() % 60)

    posted = ", ".join(job.name for job in plan.jobs if not job.command)
    run = ", ".join(job.name for job in plan.jobs if job.command)
    parts = [*([f"posting to {plan.server.url}: {posted}"] if posted else []), *([f"running {run}"] if run else [])]
    say(f"{'; '.join(parts)}; stop with Ctrl-C")
    asyncio.run(serve())


class _Due(NamedTuple):
    """A job that is due, the id of its run, and what is stored of it."""

    job: Job
    run: str
    kept: Mapping[str, Any]


def _key(job: Job) -> str:
    return f"schedule/{job.name}"


async def _kept(store: Store | None, job: Job) -> Mapping[str, Any] | None:
    """What is stored of the job (``Job.state_after``); None if nothing is."""
    kept: Mapping[str, Any] | None = await store.state.get(_key(job)) if store else None
    return kept


async def _once_to_the_end(store: Store, plan: Plan, commands: CommandRuns, names: Container[str]) -> int:
    """:func:`_once`, and then until the commands have ended; 1 if one of them failed."""
    return max(await _once(store, plan, commands, names, verbose=True), await commands.wait())


async def _once(
    store: Store | None,
    plan: Plan,
    commands: CommandRuns,
    names: Container[str] = (),
    *,
    dry: bool = False,
    verbose: bool = False,
) -> int:
    """Post or start what is due, or the named jobs; the exit status. What fails stays due."""
    await commands.reap()
    now = datetime.now(UTC)
    due: list[_Due] = []
    for job in plan.jobs:
        kept = await _kept(store, job)
        begin = job.handled_until(kept, now)
        if begin is None and store and not dry:
            kept = job.state_after(now, (kept or {}).get("last"), (kept or {}).get("run"))
            await store.state.set(_key(job), kept)
        fire_time = now if job.name in names else job.due_fire_time(begin or now, now, plan.fire_times[job.name])
        if fire_time and (not names or job.name in names):
            due.append(_Due(job, job.run_id(fire_time), kept or {}))
    if not due and verbose:
        coming = [
            (found[1], job.name) for job in plan.jobs if (found := job.next_run_at(now, plan.fire_times[job.name]))
        ]
        when, name = min(coming)
        say(f"nothing is due; next is {name} at {_shown(when, plan.jobs[0])} ({plan.jobs[0].timezone})")
    for one in due:
        if one.job.command:
            await _start_or_skip(one, store, commands, now, dry=dry)
    return await _post_due([one for one in due if not one.job.command], store, plan, now, dry=dry)


async def _start_or_skip(one: _Due, store: Store | None, commands: CommandRuns, now: datetime, *, dry: bool) -> None:
    """Start a command, or skip it, let it wait, or end the one that is on, by the overlap policy."""
    from moviecrawler import timestamps
    from moviecrawler.commands._schedule_commands import active_run
    from moviecrawler.policy.jobs.schedule import JobRuns, decide

    job, run, kept = one
    active, would = active_run(kept), "would be " if dry else ""
    if active and job.overlap == "queue":
        say(f"{run} {would}left waiting: {active} still runs")
        return  # it stays due
    decision = decide(job, run, JobRuns(running=[active] if active else []))
    words, last, process = " ".join(job.words), kept.get("last"), kept.get("run")
    if not decision.post:
        say(f"{run} {would}skipped: {decision.reason}")
    else:
        cancelled = f", {' and '.join(decision.cancel)} {would}cancelled" if decision.cancel else ""
        say(f"{run} {would}started: {words}{cancelled}")
    if dry or not store:
        return
    if decision.post:
        if decision.cancel:
            await commands.cancel(kept)
        last, process = timestamps.iso(now), commands.start(job, run)
    await store.state.set(_key(job), job.state_after(now, last, process))


async def _post_due(due: Sequence[_Due], store: Store | None, plan: Plan, now: datetime, *, dry: bool) -> int:
    """Post the jobs of spiders to Scrapyd, which is not asked if there is none; the exit status."""
    from moviecrawler import timestamps
    from moviecrawler.commands._scrapyd import Scrapyd
    from moviecrawler.exceptions import ScrapydError
    from moviecrawler.stores.live import live_runs

    if not due:
        return 0
    status = 0
    live = [id for row in await live_runs(store, now) if (id := row.get("job"))] if store else []
    try:
        async with Scrapyd(plan.server, plan.project) as scrapyd:
            runs = await scrapyd.runs()
            for job, run, kept in due:
                try:
                    posted = await _post_or_skip(job, run, runs, live, scrapyd, dry=dry)
                    if store and not dry:
                        last = timestamps.iso(now) if posted else kept.get("last")
                        await store.state.set(_key(job), job.state_after(now, last))
                except ScrapydError as error:
                    say(f"scrapy schedule: {run} was not posted: {error}", file=sys.stderr)
                    status = 1
    except ScrapydError as error:
        say(f"scrapy schedule: {error}", file=sys.stderr)
        return 1
    return status


async def _post_or_skip(job: Job, run: str, runs: JobRuns, live: Sequence[str], scrapyd: Scrapyd, *, dry: bool) -> bool:
    """Post, skip or cancel by the overlap policy: whether the run is posted, or would be."""
    from moviecrawler.policy.jobs.schedule import decide

    decision = decide(job, run, runs, live)
    if not dry:
        for one in decision.cancel:
            await scrapyd.cancel(one)
        if decision.post:
            await scrapyd.post(job, run)
    would = "would be " if dry else ""
    reason = f": {decision.reason}" if decision.reason else ""
    if not decision.post:
        say(f"{run} {would}skipped{reason}")
        return False
    cancelled = f", {' and '.join(decision.cancel)} {would}cancelled" if decision.cancel else ""
    say(f"{run} {would}posted: {' '.join(job.words)}{cancelled}")
    return True


async def _list(store: Store | None, plan: Plan) -> int:
    from moviecrawler import timestamps

    now = datetime.now(UTC)
    table = [["job", "runs", "cron", "last", "next", "then"]]
    for job in plan.jobs:
        kept = await _kept(store, job)
        begin, last = job.handled_until(kept, now), (kept or {}).get("last")
        row = [job.name, job.what, job.cron, _shown(timestamps.parse(last), job) if last else "-"]
        table.append([*row, *_next_two(job, begin or now, now, plan.fire_times[job.name])])
    say(*aligned(table), f"times in {plan.jobs[0].timezone}")
    return 0


def _next_two(job: Job, begin: datetime, now: datetime, fire_times: FireTimes) -> list[str]:
    """The next two runs as text; a missed one runs now."""
    missed = job.due_fire_time(begin, now, fire_times)
    first = job.next_run_at(now if missed else begin, fire_times)
    second = job.next_run_at(first[0], fire_times) if first and not missed else None
    shown = [_shown(found[1], job) if found else "-" for found in (first, second)]
    return ["now", shown[0]] if missed else shown


def _shown(when: datetime, job: Job) -> str:
    from zoneinfo import ZoneInfo

    return f"{when.astimezone(ZoneInfo(job.timezone)):%Y-%m-%d %H:%M}"
