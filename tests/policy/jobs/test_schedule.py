"""What is due, what was missed, and what an overlap means."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.jobs.schedule import Decision, Job, JobRuns, decide


def _job(name: str = "nightly", *, overlap: str = "skip", jitter: float = 0, cron: str = "0 * * * *") -> Job:
    return Job(name, cron, "UTC", "omdb", {}, {}, overlap, jitter)


def _hourly(after: datetime) -> datetime:
    return after.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _never(after: datetime) -> None:
    return None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}:00+00:00")


@pytest.mark.parametrize(
    ("begin", "now", "fire_time"),
    [
        ("21T08:00", "21T08:59", None),
        ("21T08:00", "21T09:00", "21T09:00"),
        ("21T08:00", "21T09:30", "21T09:00"),
        ("18T08:00", "21T09:30", "18T09:00"),  # three days away: once
        ("21T09:30", "21T09:31", None),
    ],
)
def test_a_job_is_due_from_its_fire_time_on(begin: str, now: str, fire_time: str | None) -> None:
    assert _job().due_fire_time(_at(begin), _at(now), _hourly) == (fire_time and _at(fire_time))


def test_a_run_is_named_after_its_fire_time_regardless_of_jitter() -> None:
    job = _job(jitter=3600)
    assert job.due_fire_time(_at("21T08:00"), _at("21T10:00"), _hourly) == _at("21T09:00")


def test_a_job_without_further_fire_times_is_never_due() -> None:
    assert _job().due_fire_time(_at("01T00:00"), _at("21T00:00"), _never) is None
    assert _job().next_run_at(_at("01T00:00"), _never) is None


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (None, None),
        ({"cron": "0 * * * * UTC", "at": "2026-11-21T08:00:00.000Z"}, "21T08:00"),
        ({"cron": "0 * * * * UTC", "at": "2026-11-21T10:00:00.000Z"}, None),  # the clock was ahead
        ({"cron": "5 * * * * UTC", "at": "2026-11-21T08:00:00.000Z"}, None),
        ({"cron": "0 * * * * Europe/Berlin", "at": "2026-11-21T08:00:00.000Z"}, None),
    ],
)
def test_a_job_that_is_new_or_changed_has_missed_nothing(kept: Mapping[str, Any] | None, expected: str | None) -> None:
    assert _job().handled_until(kept, _at("21T09:00")) == (expected and _at(expected))


def test_the_stored_state_is_understood_later() -> None:
    job, now = _job(), _at("21T09:00")
    begin = job.handled_until(job.state_after(now, None), now + timedelta(minutes=1))
    assert begin == now
    assert job.due_fire_time(begin, now + timedelta(minutes=1), _hourly) is None


moments = st.floats(0, 365).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))


@given(moments, st.floats(0, 3600))
def test_jitter_delays_a_run_by_a_constant_part_of_its_length(after: datetime, jitter: float) -> None:
    found = _job(jitter=jitter).next_run_at(after, _hourly)
    assert found == _job(jitter=jitter).next_run_at(after, _hourly)
    assert found
    fire_time, due = found
    assert fire_time == _hourly(after)
    assert timedelta(0) <= due - fire_time <= timedelta(seconds=jitter)


def test_two_jobs_of_one_hour_do_not_start_together() -> None:
    starts = {_job(f"job-{n}", jitter=3600).next_run_at(_at("21T08:00"), _hourly) for n in range(50)}
    assert len(starts) == 50


@given(st.lists(moments, min_size=2, max_size=30))
def test_every_fire_time_runs_once_however_often_it_is_checked(looks: list[datetime]) -> None:
    job, runs = _job(jitter=600), []
    looks.sort()
    begin = looks[0]
    for now in looks[1:]:
        if fire_time := job.due_fire_time(begin, now, _hourly):
            runs.append(job.run_id(fire_time))
            begin = now
    assert len(set(runs)) == len(runs)


RUNNING, PENDING = "nightly.20261121T060000Z", "nightly.20261121T070000Z"
OTHER, FINISHED = "nightly-2.20261121T080000Z", "nightly.20261121T050000Z"
NEW = "nightly.20261121T080000Z"

POSTED = Decision(False, reason=f"{NEW} was posted before")
ACTIVE = JobRuns(pending=[PENDING], running=[RUNNING, OTHER], finished=[FINISHED])


@pytest.mark.parametrize(
    ("overlap", "runs", "decision"),
    [
        ("skip", JobRuns(), Decision(True)),
        ("skip", JobRuns(running=[OTHER], finished=[FINISHED]), Decision(True)),
        ("skip", ACTIVE, Decision(False, reason=f"{RUNNING} still runs")),
        ("skip", JobRuns(pending=[PENDING]), Decision(False, reason=f"{PENDING} still waits")),
        ("queue", ACTIVE, Decision(True)),
        ("cancel", ACTIVE, Decision(True, (RUNNING, PENDING), f"{RUNNING} still runs")),
        ("cancel", JobRuns(finished=[FINISHED]), Decision(True)),
        ("skip", JobRuns(finished=[NEW]), POSTED),
        ("queue", JobRuns(running=[NEW]), POSTED),
        ("cancel", JobRuns(pending=[NEW]), POSTED),
    ],
)
def test_the_overlap_policy_decides_about_a_run_while_others_are_active(
    overlap: str, runs: JobRuns, decision: Decision
) -> None:
    assert decide(_job(overlap=overlap), NEW, runs) == decision


@pytest.mark.parametrize(
    ("overlap", "runs", "live", "decision"),
    [
        ("skip", JobRuns(), [RUNNING], Decision(False, reason=f"{RUNNING} still runs")),
        ("skip", JobRuns(), [OTHER], Decision(True)),
        ("skip", JobRuns(pending=[PENDING]), [RUNNING], Decision(False, reason=f"{RUNNING} still runs")),
        ("skip", JobRuns(running=[RUNNING]), [RUNNING], Decision(False, reason=f"{RUNNING} still runs")),
        ("queue", JobRuns(), [RUNNING], Decision(True)),
        ("cancel", JobRuns(running=[RUNNING]), [RUNNING], Decision(True, (RUNNING,), f"{RUNNING} still runs")),
        ("cancel", JobRuns(), [RUNNING], Decision(True, (), f"{RUNNING} still runs")),
        ("cancel", JobRuns(), [NEW], POSTED),
    ],
)
def test_runs_that_are_active_by_their_records_count_for_the_overlap_policy(
    overlap: str, runs: JobRuns, live: list[str], decision: Decision
) -> None:
    assert decide(_job(overlap=overlap), NEW, runs, live) == decision
