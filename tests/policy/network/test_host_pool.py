"""Which host is chosen: the preferred one while it is healthy, another one while it is not."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.config.groups import FailoverConfig
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.circuit_breaker import PROBE_TIMEOUT
from moviecrawler.policy.network.host_pool import HostPool, HostPools, is_host_success
from moviecrawler.policy.network.hosts import Host, Hosts

BOOT = 1000.0
A, B, C = (Host(f"https://{name}.example", "tmdb", "cdn", f"https://{name}.example/t/p") for name in "abc")


def make_pool(*hosts: Host, by_speed: bool = True) -> HostPool:
    return HostPool(hosts or (A, B), FailoverConfig(), by_speed=by_speed)


def answer(pool: HostPool, host: Host, good: bool | None, now: float, seconds: float | None = 0.05) -> None:
    """One request that was sent at ``now`` and ended ``seconds`` later."""
    pool.record(host, good, sent=now, now=now + (seconds or 0.0), seconds=seconds, reason="" if good else "failed/500")


def fail(pool: HostPool, host: Host, now: float, times: int = 3) -> None:
    for _ in range(times):
        answer(pool, host, good=False, now=now)


def state(pool: HostPool, host: Host, now: float) -> str:
    return str(dict(pool.report(now))[host]["state"])


def test_healthy_hosts_are_chosen_in_the_order_of_the_setting() -> None:
    pool = make_pool(A, B, C)
    assert pool.choose(BOOT) == A
    assert pool.choose(BOOT, [A]) == B
    assert pool.choose(BOOT, [A, B]) == C
    assert pool.choose(BOOT, [A, B, C]) is None


def test_three_failures_in_a_row_open_the_breaker_and_two_do_not() -> None:
    pool = make_pool()
    fail(pool, A, BOOT, times=2)
    answer(pool, A, good=True, now=BOOT)
    fail(pool, A, BOOT, times=2)
    assert pool.choose(BOOT + 1) == A
    fail(pool, A, BOOT, times=1)
    assert pool.choose(BOOT + 1) == B
    assert state(pool, A, BOOT + 1) == "open"


def test_after_the_cool_down_one_request_probes_and_the_others_go_elsewhere() -> None:
    pool = make_pool()
    fail(pool, A, BOOT)
    assert pool.choose(BOOT + 29) == B
    assert state(pool, A, BOOT + 31) == "half-open"
    assert [pool.choose(BOOT + 31) for _ in range(5)] == [A, B, B, B, B]
    answer(pool, A, good=True, now=BOOT + 31)
    assert state(pool, A, BOOT + 32) == "closed"
    assert [pool.choose(BOOT + 32) for _ in range(3)] == [A, A, A]


def test_a_failed_probe_doubles_the_cool_down_up_to_the_maximum_and_a_good_one_resets_it() -> None:
    pool = make_pool()
    now = BOOT
    fail(pool, A, now)
    pauses = []
    for _ in range(7):
        failed_at = now
        while pool.choose(now) != A:
            now += 1
        pauses.append(now - failed_at)
        answer(pool, A, good=False, now=now)
    assert pauses == pytest.approx([30, 60, 120, 240, 480, 600, 600], abs=2)
    now += 601
    assert pool.choose(now) == A
    answer(pool, A, good=True, now=now)
    fail(pool, A, now + 1)
    assert pool.choose(now + 30) == B
    assert pool.choose(now + 33) == A


def test_requests_in_flight_when_the_breaker_opened_do_not_change_the_cool_down() -> None:
    pool = make_pool()
    fail(pool, A, BOOT)
    for _ in range(13):
        pool.record(A, False, sent=BOOT - 1, now=BOOT + 2, seconds=None, reason="failed/timeout")
    pool.record(A, True, sent=BOOT - 1, now=BOOT + 3, seconds=4.0)
    assert pool.choose(BOOT + 29) == B
    assert pool.choose(BOOT + 31) == A


def test_a_probe_without_an_outcome_is_forgotten_after_a_while() -> None:
    pool = make_pool()
    fail(pool, A, BOOT)
    assert pool.choose(BOOT + 31) == A
    assert pool.choose(BOOT + 31 + PROBE_TIMEOUT - 1) == B
    assert pool.choose(BOOT + 31 + PROBE_TIMEOUT) == A


def test_after_a_probe_with_a_neutral_outcome_the_next_one_is_sent() -> None:
    pool = make_pool()
    fail(pool, A, BOOT)
    assert pool.choose(BOOT + 31) == A
    answer(pool, A, good=None, now=BOOT + 31)
    assert state(pool, A, BOOT + 32) == "half-open"
    assert pool.choose(BOOT + 32) == A


def test_when_all_breakers_are_open_one_host_is_still_tried_but_no_second() -> None:
    pool = make_pool()
    fail(pool, A, BOOT)
    fail(pool, B, BOOT - 5)
    assert pool.choose(BOOT + 1) == B, "the one whose cool-down ends first"
    assert pool.choose(BOOT + 1, [B]) is None, "so that a back-off follows"


def test_a_host_that_has_recovered_is_used_at_once() -> None:
    pool = make_pool(A)
    fail(pool, A, BOOT)
    assert pool.choose(BOOT + 5) == A
    answer(pool, A, good=True, now=BOOT + 5)
    assert state(pool, A, BOOT + 6) == "closed"


def test_a_pause_is_honoured_even_by_the_only_host() -> None:
    pool = make_pool(A)
    pool.pause_until(A, BOOT + 60)
    assert pool.choose(BOOT + 59) is None
    assert pool.paused_for(BOOT + 50) == pytest.approx(10)
    assert pool.choose(BOOT + 60) == A
    assert pool.paused_for(BOOT + 60) == 0
    two = make_pool(A, B)
    two.pause_until(A, BOOT + 86_400)
    assert two.choose(BOOT) == B
    assert two.paused_for(BOOT) == 0


def slow_pool(slow: float, fast: float | None) -> HostPool:
    """A pool whose first host takes ``slow`` seconds, and whose second one is known to take ``fast``."""
    pool = make_pool()
    if fast is not None:
        for _ in range(3):
            answer(pool, B, good=True, now=BOOT, seconds=fast)
    for second in range(60):
        if pool.choose(BOOT + second) == A:
            answer(pool, A, good=True, now=BOOT + second, seconds=slow)
    return pool


@pytest.mark.parametrize(
    ("slow", "fast", "chosen"),
    [
        (2.0, 0.05, B),
        (4.0, None, B),
        (2.2, None, B),
        (1.9, None, A),  # not slow enough for an unmeasured host
        (0.9, 0.05, B),  # but slow beside one that is known to be fast
        (0.4, 0.05, A),
        (2.0, 1.9, A),  # both are slow
        (4.0, 0.4, B),
        (0.05, 0.05, A),
    ],
)
def test_a_slow_host_loses_to_a_fast_one(slow: float, fast: float | None, chosen: Host) -> None:
    pool = slow_pool(slow, fast)
    assert {pool.choose(BOOT + 60) for _ in range(3)} - {A} == ({B} if chosen == B else set())


def test_the_breaker_of_an_api_does_not_open_because_it_is_slow() -> None:
    pool = make_pool(by_speed=False)
    for second in range(60):
        answer(pool, A, good=True, now=BOOT + second, seconds=8.0)
    assert pool.choose(BOOT + 60) == A


def test_a_slow_host_is_probed_by_one_request_and_used_again_when_it_is_fast() -> None:
    pool = slow_pool(2.0, 0.05)
    now = BOOT + 200
    assert [pool.choose(now) for _ in range(3)] == [A, B, B]
    answer(pool, A, good=True, now=now, seconds=2.0)
    assert pool.choose(now + 20) == B
    now += 300
    assert pool.choose(now) == A
    answer(pool, A, good=True, now=now, seconds=0.06)
    assert [pool.choose(now + 1) for _ in range(3)] == [A, A, A]


def test_the_breaker_of_a_host_that_fails_every_second_time_opens() -> None:
    pool = make_pool()
    dice = random.Random(1)
    asked = Counter[Host | None]()
    for second in range(1000):
        host = pool.choose(BOOT + second)
        asked[host] += 1
        if host == A:
            answer(pool, A, good=dice.random() < 0.5, now=BOOT + second)
    assert asked[A] < 400
    assert asked[A] + asked[B] == 1000


def test_one_failure_in_ten_does_not_open_the_breaker() -> None:
    pool = make_pool()
    dice = random.Random(1)
    asked = Counter[Host | None]()
    for second in range(1000):
        host = pool.choose(BOOT + second)
        asked[host] += 1
        if host is not None:
            answer(pool, host, good=dice.random() < 0.9, now=BOOT + second)
    assert asked[A] > 900


def test_reordering_keeps_the_state_of_the_breakers() -> None:
    pool = make_pool(A, B, C)
    fail(pool, C, BOOT)
    pool.reorder([C, B])
    assert pool.hosts == (C, B, A)
    assert pool.choose(BOOT + 1) == B


def test_has_another_counts_healthy_hosts_that_were_not_tried() -> None:
    pool = make_pool()
    assert pool.has_another(BOOT, [A])
    assert not pool.has_another(BOOT, [A, B])
    fail(pool, B, BOOT)
    assert not pool.has_another(BOOT + 1, [A])


@given(
    moments=st.lists(
        st.tuples(st.floats(-1e6, 1e9), st.sampled_from([True, False, None]), st.floats(0, 60)), max_size=60
    )
)
def test_whatever_the_clock_does_a_host_is_chosen(moments: list[tuple[float, bool | None, float]]) -> None:
    pool = make_pool()
    for now, good, seconds in moments:
        host = pool.choose(now)
        assert host is not None
        pool.record(host, good, sent=now, now=now + seconds, seconds=seconds, reason="failed/500")
        other = pool.choose(now, [host])
        assert other != host
        for _, facts in pool.report(now):
            assert 0 <= facts["health"] <= 1
            assert facts["failures"] <= facts["requests"]


def test_the_report_has_the_statistics_of_each_host_that_got_requests() -> None:
    pool = make_pool(A, B, C)
    for milliseconds in range(1, 101):
        answer(pool, B, good=True, now=BOOT, seconds=milliseconds / 1000)
    answer(pool, A, good=True, now=BOOT)
    fail(pool, A, BOOT)
    report = dict(pool.report(BOOT + 1))
    assert report.keys() == {A, B}
    assert report[A] == {
        "requests": 4,
        "failures": 3,
        "failures/failed/500": 3,
        "latency_p50": pytest.approx(0.05, rel=0.05),
        "latency_p95": pytest.approx(0.05, rel=0.05),
        "health": 0.0,
        "state": "open",
        "opened": 1,
    }
    assert report[B]["latency_p50"] == pytest.approx(0.05, rel=0.05)
    assert report[B]["latency_p95"] == pytest.approx(0.095, rel=0.05)
    assert (report[B]["health"], report[B]["state"], report[B]["opened"]) == (1.0, "closed", 0)


def test_hosts_of_one_origin_are_reported_by_path_and_without_query() -> None:
    hosts = Hosts.build(
        {
            "TMDB_BASE_URL": ("tmdb", "api", "https://proxy.example/tmdb"),
            "TMDB_IMAGE_BASE_URLS": (
                "tmdb",
                "cdn",
                "https://proxy.example/t/p,https://relay.example/?key=s3cret&url={url},https://relay.example/b/{url}",
            ),
        }
    )
    pools = HostPools(hosts, FailoverConfig())
    for host in hosts.hosts:
        pools.of(host).record(host, True, sent=BOOT, now=BOOT, seconds=0.1)
    assert [name for name, _ in pools.report(BOOT)] == [
        "https://proxy.example/tmdb",
        "https://proxy.example/t/p",
        "https://relay.example/",
        "https://relay.example/b/{url}",
    ]


@pytest.mark.parametrize(
    ("kind", "of_a_picture", "of_an_api"),
    [
        ("ok", True, True),
        ("failed", False, False),
        ("garbage", False, True),
        ("throttled", False, True),
        ("blocked", False, True),
        ("refused", False, True),
        ("gone", None, True),
        ("auth", False, True),
        ("quota", False, True),
    ],
)
def test_which_kinds_of_answers_count_for_or_against_a_host(
    kind: str, of_a_picture: bool | None, of_an_api: bool
) -> None:
    assert is_host_success("cdn", kind) is of_a_picture
    assert is_host_success("api", kind) is of_an_api


def test_a_preference_is_read_whatever_its_case() -> None:
    assert Config.from_settings({"CDN_PREFER": " China "}).failover.prefer == "china"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("FAILOVER_FAILURES", "0"),
        ("FAILOVER_FAILURES", "three"),
        ("FAILOVER_FAILURES", "2.5"),
        ("FAILOVER_COOL_DOWN", "-1"),
        ("FAILOVER_COOL_DOWN", "nan"),
        ("FAILOVER_COOL_DOWN_MAX", "10"),
        ("FAILOVER_COOL_DOWN_MAX", "inf"),
        ("FAILOVER_PATIENCE", "0"),
        ("CDN_PREFER", "europe"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(setting: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{setting}=.*must be .*$") as error:
        Config.from_settings({setting: value})
    assert "\n" not in str(error.value)


CDNS = "https://image.tmdb.org/t/p, http://127.0.0.1:8001/t/p, https://wsrv.nl/?url={url}&output=jpg"
PICTURE = "https://image.tmdb.org/t/p/w500/a.jpg"


def hosts_of(cdns: str) -> Hosts:
    return Hosts.build({"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", cdns)})


def test_every_alternative_has_its_own_address_for_a_picture() -> None:
    hosts = hosts_of(CDNS)
    assert [hosts.url_at(PICTURE, host) for host in hosts.alternatives("tmdb", "cdn")] == [
        PICTURE,
        "http://127.0.0.1:8001/t/p/w500/a.jpg",
        "https://wsrv.nl/?url=https%3A%2F%2Fimage.tmdb.org%2Ft%2Fp%2Fw500%2Fa.jpg&output=jpg",
    ]


@pytest.mark.parametrize(
    ("cdns", "first", "relayed"),
    [
        (
            "https://wsrv.nl/?url={url}",
            "https://image.tmdb.org/t/p",
            "https%3A%2F%2Fimage.tmdb.org%2Ft%2Fp%2Fw92%2Fa.jpg",
        ),
        (
            "https://wsrv.nl/?url={url},https://cdn.example/t/p/",
            "https://cdn.example/t/p",
            "https%3A%2F%2Fcdn.example%2Ft%2Fp%2Fw92%2Fa.jpg",
        ),
        (
            "http://lan.example/p,https://image.tmdb.org/t/p,https://wsrv.nl/?url={url}",
            "http://lan.example/p",
            "https%3A%2F%2Fimage.tmdb.org%2Ft%2Fp%2Fw92%2Fa.jpg",
        ),
    ],
)
def test_a_picture_is_named_by_a_base_that_is_not_a_relay_and_a_relay_gets_one_that_it_reaches(
    cdns: str, first: str, relayed: str
) -> None:
    hosts = hosts_of(cdns)
    assert hosts.bases("tmdb", "cdn")[0] == first
    picture = f"{first}/w92/a.jpg"
    named = hosts.match(picture)
    assert named is not None
    assert named.role == "cdn"
    relay = next(host for host in hosts.alternatives("tmdb", "cdn") if host.is_relay)
    assert hosts.url_at(picture, relay) == f"https://wsrv.nl/?url={relayed}"
    assert hosts.match(hosts.url_at(picture, relay)) is None, "requests never name a relay's address"


def test_alternates_of_an_api_get_the_query_too() -> None:
    hosts = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://api.themoviedb.org/3,https://api.tmdb.org/v3")})
    first, second = hosts.alternatives("tmdb", "api")
    assert hosts.url_at(f"{first.base}/movie/603?language=zh-CN&x=%2F", second) == (
        "https://api.tmdb.org/v3/movie/603?language=zh-CN&x=%2F"
    )


@pytest.mark.parametrize(
    "cdns",
    [
        "https://wsrv.nl/?url={url}&again={url}",
        "https://wsrv.nl/?url={adresse}",
        "https://wsrv.nl/?url={}",
        "https://{url}/",
        "https://{url}",
        "{url}",
        "ftp://wsrv.nl/?url={url}",
        "https://user:s3cret@wsrv.nl/?url={url}",
        "https://wsrv.nl/?url={url}#top",
        "https://wsrv.nl/ ?url={url}",
        " , ,",
        "",
        "image.tmdb.org/t/p",
    ],
)
def test_a_list_of_cdns_that_cannot_be_one_is_refused_in_one_line(cdns: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^TMDB_IMAGE_BASE_URLS=.*; must be .*$") as error:
        Config.from_settings({"TMDB_IMAGE_BASE_URLS": cdns})
    assert "s3cret" not in str(error.value)


def test_a_relay_is_refused_as_an_api_since_it_would_get_the_key() -> None:
    with pytest.raises(ConfigurationError, match="would get the key"):
        Config.from_settings({"TMDB_BASE_URL": "https://relay.example/?url={url}"})
