"""Which host is asked: the preferred one while it is well, another while it is not, and it comes back by itself."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.network.circuit_breaker import PROBE_LOST, FailoverConfig
from moviecrawler.policy.network.host_pool import HostPool, HostPools, verdict
from moviecrawler.policy.network.hosts import Host, Hosts

DEFAULTS = {
    "FAILOVER_FAILURES": "3",
    "FAILOVER_COOL_DOWN": "30",
    "FAILOVER_COOL_DOWN_MAX": "600",
    "FAILOVER_PATIENCE": "5",
    "CDN_PREFER": "",
}
BOOT = 1000.0
A, B, C = (Host(f"https://{name}.example", "tmdb", "cdn", f"https://{name}.example/t/p") for name in "abc")


def make_ring(*hosts: Host, by_speed: bool = True) -> HostPool:
    return HostPool(hosts or (A, B), FailoverConfig(), by_speed=by_speed)


def answer(ring: HostPool, host: Host, good: bool | None, now: float, seconds: float | None = 0.05) -> None:
    """One request that was sent at ``now`` and ended ``seconds`` later."""
    ring.record(host, good, sent=now, now=now + (seconds or 0.0), seconds=seconds, reason="" if good else "failed/500")


def fail(ring: HostPool, host: Host, now: float, times: int = 3) -> None:
    for _ in range(times):
        answer(ring, host, good=False, now=now)


def state(ring: HostPool, host: Host, now: float) -> str:
    return str(dict(ring.report(now))[host]["state"])


def test_while_all_are_well_the_order_of_the_setting_decides() -> None:
    ring = make_ring(A, B, C)
    assert ring.choose(BOOT) == A
    assert ring.choose(BOOT, [A]) == B
    assert ring.choose(BOOT, [A, B]) == C
    assert ring.choose(BOOT, [A, B, C]) is None


def test_three_failures_in_a_row_open_the_breaker_and_two_do_not() -> None:
    ring = make_ring()
    fail(ring, A, BOOT, times=2)
    answer(ring, A, good=True, now=BOOT)
    fail(ring, A, BOOT, times=2)
    assert ring.choose(BOOT + 1) == A
    fail(ring, A, BOOT, times=1)
    assert ring.choose(BOOT + 1) == B
    assert state(ring, A, BOOT + 1) == "open"


def test_after_the_cool_down_one_request_probes_and_the_others_stay_away() -> None:
    ring = make_ring()
    fail(ring, A, BOOT)
    assert ring.choose(BOOT + 29) == B
    assert state(ring, A, BOOT + 31) == "half-open"
    assert [ring.choose(BOOT + 31) for _ in range(5)] == [A, B, B, B, B]
    answer(ring, A, good=True, now=BOOT + 31)
    assert state(ring, A, BOOT + 32) == "closed"
    assert [ring.choose(BOOT + 32) for _ in range(3)] == [A, A, A]


def test_a_probe_that_fails_doubles_the_cool_down_up_to_its_longest_and_a_good_one_starts_anew() -> None:
    ring = make_ring()
    now = BOOT
    fail(ring, A, now)
    pauses = []
    for _ in range(7):
        failed_at = now
        while ring.choose(now) != A:
            now += 1
        pauses.append(now - failed_at)
        answer(ring, A, good=False, now=now)
    assert pauses == pytest.approx([30, 60, 120, 240, 480, 600, 600], abs=2)
    now += 601
    assert ring.choose(now) == A
    answer(ring, A, good=True, now=now)
    fail(ring, A, now + 1)
    assert ring.choose(now + 30) == B
    assert ring.choose(now + 33) == A


def test_what_was_under_way_when_the_breaker_opened_neither_lengthens_nor_ends_the_cool_down() -> None:
    ring = make_ring()
    fail(ring, A, BOOT)
    for _ in range(13):
        ring.record(A, False, sent=BOOT - 1, now=BOOT + 2, seconds=None, reason="failed/timeout")
    ring.record(A, True, sent=BOOT - 1, now=BOOT + 3, seconds=4.0)
    assert ring.choose(BOOT + 29) == B
    assert ring.choose(BOOT + 31) == A


def test_a_probe_of_which_nothing_is_heard_is_not_waited_for_for_ever() -> None:
    ring = make_ring()
    fail(ring, A, BOOT)
    assert ring.choose(BOOT + 31) == A
    assert ring.choose(BOOT + 31 + PROBE_LOST - 1) == B
    assert ring.choose(BOOT + 31 + PROBE_LOST) == A


def test_a_probe_that_says_nothing_lets_the_next_one_go() -> None:
    ring = make_ring()
    fail(ring, A, BOOT)
    assert ring.choose(BOOT + 31) == A
    answer(ring, A, good=None, now=BOOT + 31)
    assert state(ring, A, BOOT + 32) == "half-open"
    assert ring.choose(BOOT + 32) == A


def test_when_all_are_open_one_is_asked_all_the_same_but_no_second() -> None:
    ring = make_ring()
    fail(ring, A, BOOT)
    fail(ring, B, BOOT - 5)
    assert ring.choose(BOOT + 1) == B, "the one whose cool-down ends first"
    assert ring.choose(BOOT + 1, [B]) is None, "so that a back-off follows"


def test_a_host_that_turns_out_to_be_back_is_used_at_once() -> None:
    ring = make_ring(A)
    fail(ring, A, BOOT)
    assert ring.choose(BOOT + 5) == A
    answer(ring, A, good=True, now=BOOT + 5)
    assert state(ring, A, BOOT + 6) == "closed"


def test_a_host_that_asks_to_be_left_alone_is_even_when_it_is_the_only_one() -> None:
    ring = make_ring(A)
    ring.pause_until(A, BOOT + 60)
    assert ring.choose(BOOT + 59) is None
    assert ring.away(BOOT + 50) == pytest.approx(10)
    assert ring.choose(BOOT + 60) == A
    assert ring.away(BOOT + 60) == 0
    two = make_ring(A, B)
    two.pause_until(A, BOOT + 86_400)
    assert two.choose(BOOT) == B
    assert two.away(BOOT) == 0


def slow_ring(slow: float, fast: float | None) -> HostPool:
    """A ring whose first host takes ``slow`` seconds; of the second it is known that it takes ``fast``."""
    ring = make_ring()
    if fast is not None:
        for _ in range(3):
            answer(ring, B, good=True, now=BOOT, seconds=fast)
    for second in range(60):
        if ring.choose(BOOT + second) == A:
            answer(ring, A, good=True, now=BOOT + second, seconds=slow)
    return ring


@pytest.mark.parametrize(
    ("slow", "fast", "chosen"),
    [
        (2.0, 0.05, B),
        (4.0, None, B),
        (2.2, None, B),
        (1.9, None, A),  # no reason to look around yet
        (0.9, 0.05, B),  # but a reason to go to one that is known to be quick
        (0.4, 0.05, A),
        (2.0, 1.9, A),  # both slow: nothing is gained
        (4.0, 0.4, B),
        (0.05, 0.05, A),
    ],
)
def test_a_slow_host_loses_to_a_fast_one(slow: float, fast: float | None, chosen: Host) -> None:
    ring = slow_ring(slow, fast)
    assert {ring.choose(BOOT + 60) for _ in range(3)} - {A} == ({B} if chosen == B else set())


def test_an_api_is_not_given_up_for_being_slow() -> None:
    ring = make_ring(by_speed=False)
    for second in range(60):
        answer(ring, A, good=True, now=BOOT + second, seconds=8.0)
    assert ring.choose(BOOT + 60) == A


def test_a_slow_host_is_looked_at_again_by_one_request_and_gets_its_place_back_when_it_is_quick() -> None:
    ring = slow_ring(2.0, 0.05)
    now = BOOT + 200
    assert [ring.choose(now) for _ in range(3)] == [A, B, B]
    answer(ring, A, good=True, now=now, seconds=2.0)
    assert ring.choose(now + 20) == B
    now += 300
    assert ring.choose(now) == A
    answer(ring, A, good=True, now=now, seconds=0.06)
    assert [ring.choose(now + 1) for _ in range(3)] == [A, A, A]


def test_a_host_that_fails_every_second_time_is_left_alone_too() -> None:
    ring = make_ring()
    dice = random.Random(1)
    asked = Counter[Host | None]()
    for second in range(1000):
        host = ring.choose(BOOT + second)
        asked[host] += 1
        if host == A:
            answer(ring, A, good=dice.random() < 0.5, now=BOOT + second)
    assert asked[A] < 400
    assert asked[A] + asked[B] == 1000


def test_one_failure_in_ten_is_borne() -> None:
    ring = make_ring()
    dice = random.Random(1)
    asked = Counter[Host | None]()
    for second in range(1000):
        host = ring.choose(BOOT + second)
        asked[host] += 1
        if host is not None:
            answer(ring, host, good=dice.random() < 0.9, now=BOOT + second)
    assert asked[A] > 900


def test_another_order_keeps_what_is_known() -> None:
    ring = make_ring(A, B, C)
    fail(ring, C, BOOT)
    ring.order([C, B])
    assert ring.hosts == (C, B, A)
    assert ring.choose(BOOT + 1) == B


def test_whether_another_one_is_left_decides_how_long_a_silent_host_is_waited_for() -> None:
    ring = make_ring()
    assert ring.has_another(BOOT, [A])
    assert not ring.has_another(BOOT, [A, B])
    fail(ring, B, BOOT)
    assert not ring.has_another(BOOT + 1, [A])


@given(
    moments=st.lists(
        st.tuples(st.floats(-1e6, 1e9), st.sampled_from([True, False, None]), st.floats(0, 60)), max_size=60
    )
)
def test_whatever_the_clock_does_there_is_a_host_to_ask(moments: list[tuple[float, bool | None, float]]) -> None:
    ring = make_ring()
    for now, good, seconds in moments:
        host = ring.choose(now)
        assert host is not None
        ring.record(host, good, sent=now, now=now + seconds, seconds=seconds, reason="failed/500")
        other = ring.choose(now, [host])
        assert other != host
        for _, facts in ring.report(now):
            assert 0 <= facts["health"] <= 1
            assert facts["failures"] <= facts["requests"]


def test_the_report_has_what_a_person_wants_to_know_of_each_host_that_was_asked() -> None:
    ring = make_ring(A, B, C)
    for milliseconds in range(1, 101):
        answer(ring, B, good=True, now=BOOT, seconds=milliseconds / 1000)
    answer(ring, A, good=True, now=BOOT)
    fail(ring, A, BOOT)
    report = dict(ring.report(BOOT + 1))
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


def test_hosts_of_one_origin_are_told_apart_by_their_paths_and_no_query_is_shown() -> None:
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
    rings = HostPools(hosts, FailoverConfig())
    for host in hosts.hosts:
        rings.of(host).record(host, True, sent=BOOT, now=BOOT, seconds=0.1)
    assert [name for name, _ in rings.report(BOOT)] == [
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
def test_what_an_answer_says_of_its_host(kind: str, of_a_picture: bool | None, of_an_api: bool) -> None:
    assert verdict("cdn", kind) is of_a_picture
    assert verdict("api", kind) is of_an_api


def test_the_defaults_are_those_of_the_settings() -> None:
    assert FailoverConfig.parse(DEFAULTS) == FailoverConfig()
    assert FailoverConfig.parse({**DEFAULTS, "CDN_PREFER": " China "}).prefer == "china"


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
    with pytest.raises(ConfigurationError, match=rf"^{setting}=.*(?:allowed:|must be) .*$") as error:
        FailoverConfig.parse({**DEFAULTS, setting: value})
    assert "\n" not in str(error.value)


CDNS = "https://image.tmdb.org/t/p, http://127.0.0.1:8001/t/p, https://wsrv.nl/?url={url}&output=jpg"
PICTURE = "https://image.tmdb.org/t/p/w500/a.jpg"


def hosts_of(cdns: str) -> Hosts:
    return Hosts.build({"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", cdns)})


def test_every_mirror_has_its_own_address_for_a_picture() -> None:
    hosts = hosts_of(CDNS)
    assert [hosts.address(PICTURE, host) for host in hosts.mirrors("tmdb", "cdn")] == [
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
def test_a_picture_is_named_by_a_base_that_is_no_relay_and_a_relay_is_asked_for_one_that_it_reaches(
    cdns: str, first: str, relayed: str
) -> None:
    hosts = hosts_of(cdns)
    assert hosts.bases("tmdb", "cdn")[0] == first
    picture = f"{first}/w92/a.jpg"
    named = hosts.match(picture)
    assert named is not None
    assert named.role == "cdn"
    relay = next(host for host in hosts.mirrors("tmdb", "cdn") if host.relays)
    assert hosts.address(picture, relay) == f"https://wsrv.nl/?url={relayed}"
    assert hosts.match(hosts.address(picture, relay)) is None, "nothing of ours is ever addressed to a relay"


def test_alternates_of_an_api_get_the_query_too() -> None:
    hosts = Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://api.themoviedb.org/3,https://api.tmdb.org/v3")})
    first, second = hosts.mirrors("tmdb", "api")
    assert hosts.address(f"{first.base}/movie/603?language=zh-CN&x=%2F", second) == (
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
    with pytest.raises(ConfigurationError, match=r"^TMDB_IMAGE_BASE_URLS=.*allowed: .*$") as error:
        hosts_of(cdns)
    assert "s3cret" not in str(error.value)


def test_a_relay_is_no_api_since_it_would_get_the_key() -> None:
    with pytest.raises(ConfigurationError, match="would get the key"):
        Hosts.build({"TMDB_BASE_URL": ("tmdb", "api", "https://relay.example/?url={url}")})
