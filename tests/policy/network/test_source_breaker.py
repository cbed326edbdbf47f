"""When a source counts as down, and when it is probed."""

import pytest

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.source_breaker import FailureMark, SourceBreaker


def opened(now: float = 0.0, *, succeeded: bool = True) -> SourceBreaker:
    """A breaker that ten failures of ten requests have opened at ``now``."""
    breaker = SourceBreaker("here", 600.0)
    if succeeded:
        breaker.record_success(now)
    for number in range(10):
        breaker.record_failure(f"/{number}", None, now)
    return breaker


@pytest.mark.parametrize(
    ("failures", "urls", "opens"),
    [(9, 9, False), (10, 4, False), (10, 5, True), (50, 4, False)],
    ids=["nine", "four requests", "ten of five", "fifty of four"],
)
def test_ten_failures_of_five_requests_open_it(failures: int, urls: int, opens: bool) -> None:
    breaker = SourceBreaker("here", 600.0)
    for number in range(failures):
        breaker.record_failure(f"/{number % urls}", None, 0.0)
    assert breaker.is_open is opens


def test_a_success_resets_the_count() -> None:
    breaker = SourceBreaker("here", 600.0)
    for number in range(9):
        breaker.record_failure(f"/{number}", None, 0.0)
    breaker.record_success(1.0)
    breaker.record_failure("/9", None, 2.0)
    assert not breaker.is_open


def test_requests_that_fail_while_others_succeed_do_not_count_against_the_source() -> None:
    breaker = SourceBreaker("here", 600.0)
    marks: dict[str, FailureMark | None] = {}
    for number in range(20):
        url = f"/{number}"
        marks[url] = breaker.record_failure(url, None, float(number))
        breaker.record_success(number + 0.5)
    for again in range(5):
        for url, mark in marks.items():
            marks[url] = breaker.record_failure(url, mark, 30.0 + again)
    assert not breaker.is_open


def test_it_is_down_after_ten_seconds() -> None:
    breaker = opened(100.0)
    assert [breaker.is_down(now) for now in (100.0, 109.9, 110.0)] == [False, False, True]
    assert breaker.record_success(125.0) == 25.0
    assert not breaker.is_open
    assert opened(100.0).record_success(103.0) is None, "too short to be reported"


def test_probes_are_sent_one_at_a_time_and_less_and_less_often() -> None:
    breaker, sent, now = opened(), [], 0.0
    while now < 100.0:
        if breaker.try_start_probe(now):
            assert not breaker.try_start_probe(now), "one is in flight"
            sent.append(now)
            breaker.end_probe(now, failed=True)
        now += 0.5
    assert sent == [1.0, 3.0, 7.0, 15.0, 31.0, 61.0, 91.0]


def test_a_probe_that_was_not_sent_is_replaced_at_once() -> None:
    breaker = opened()
    assert breaker.try_start_probe(1.0)
    breaker.end_probe(1.5, failed=False)
    assert breaker.try_start_probe(1.5)


def test_a_source_that_fails_again_soon_is_probed_again() -> None:
    breaker = opened()
    assert breaker.try_start_probe(1.0)
    breaker.record_success(1.1, sent=1.0)
    for number in range(10):
        breaker.record_failure(f"/{number}", None, 5.0)
    assert breaker.is_open
    assert breaker.try_start_probe(6.0), "the probe that ended its last outage is not in flight any more"


def test_only_requests_that_failed_in_an_outage_get_all_their_tries_back() -> None:
    breaker = SourceBreaker("here", 600.0)
    before = breaker.record_failure("/before", None, 0.0)
    breaker.record_success(1.0)
    assert breaker.keeps_tries(before), "that was its own fault"
    mark = None
    for number in range(10):
        mark = breaker.record_failure(f"/{number}", None, 2.0)
    assert breaker.keeps_tries(mark), "they count until the outage is over"
    breaker.record_success(20.0)
    assert not breaker.keeps_tries(mark)
    assert breaker.keeps_tries(FailureMark("elsewhere", 99, 99)), "another worker's outages are not ours"


@pytest.mark.parametrize(
    ("succeeded", "seconds"), [(True, 600.0), (False, 30.0)], ids=["it has answered", "it never has"]
)
def test_the_patience_of_a_run_ends(succeeded: bool, seconds: float) -> None:
    breaker = opened(succeeded=succeeded)
    assert not breaker.has_expired(seconds - 0.1)
    assert breaker.has_expired(seconds)


def test_one_request_that_never_gets_an_answer_ends_the_patience_of_the_start_too() -> None:
    breaker = SourceBreaker("here", 600.0)
    breaker.record_failure("/", None, 0.0)
    assert not breaker.has_expired(60.0), "one failure says nothing"
    breaker.record_failure("/", None, 31.0)
    assert breaker.has_expired(31.0)


def test_the_state_of_another_workers_breaker_is_applied() -> None:
    breaker = SourceBreaker("here", 600.0)
    breaker.record_success(0.0)
    breaker.apply_remote_open(until=7.0, worker="there", now=1.0)
    assert not breaker.is_open, "it trusts its own answers"
    breaker.record_failure("/1", None, 1.5)
    breaker.apply_remote_open(until=7.0, worker="there", now=2.0)
    assert breaker.is_open
    assert not breaker.try_start_probe(6.9)
    breaker.apply_remote_close(4.0)
    assert breaker.is_open, "it probes by itself"
    assert breaker.try_start_probe(4.0)
    breaker.record_success(4.1)
    assert not breaker.is_open


@pytest.mark.parametrize("value", ["-1", "nan", "long", ""], ids=["negative", "nan", "a word", "empty"])
def test_a_wrong_setting_is_one_line(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SOURCE_PATIENCE='?-?\w*"):
        Config.from_settings({"SOURCE_PATIENCE": value})


def test_an_answer_to_a_request_sent_before_the_first_failure_does_not_close_the_breaker() -> None:
    breaker = SourceBreaker("a", 600)
    breaker.record_success(0.5, sent=0.4)
    marks = {url: breaker.record_failure(url, None, now=1.0) for url in "abcde"}
    breaker.record_success(1.1, sent=0.9)
    for url, mark in marks.items():
        breaker.record_failure(url, mark, now=1.2)
    assert breaker.is_open, "their second failures count, too"
    breaker.record_success(1.3, sent=0.95)
    assert breaker.is_open
    breaker.record_success(2.5, sent=2.4)
    assert not breaker.is_open
