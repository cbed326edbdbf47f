"""What workers tell each other about hosts: an open breaker is known to all, and each probes by itself."""

from moviecrawler.config.groups import FailoverConfig
from moviecrawler.policy.network.breaker_sync import BreakerSync
from moviecrawler.policy.network.host_pool import HostPool, HostPools
from moviecrawler.policy.network.hosts import Host, Hosts
from moviecrawler.policy.network.source_breaker import (
    HANDOVER,
    LONGEST_PROBE,
    SourceBreaker,
    SourceBreakers,
)

BOOT = 1000.0
CDNS = "https://a.example/t/p,https://b.example/t/p,https://relay.example/?url={url}&token=s3cret"
HOSTS = Hosts.build(
    {"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", CDNS), "TMDB_BASE_URL": ("tmdb", "api", "https://api.example/3")}
)
A, B, _, API = HOSTS.hosts
OPEN_A, PAUSED_A = "open tmdb/cdn https://a.example/t/p", "paused tmdb/cdn https://a.example/t/p"


class Worker:
    """``offset``: seconds by which its monotonic clock is ahead of the others'."""

    def __init__(self, board: dict[str, float], offset: float = 0.0, name: str = "one") -> None:
        breakers = SourceBreakers(HOSTS, name, 600.0)
        self.source: SourceBreaker = breakers.of(API)
        pools = HostPools(HOSTS, FailoverConfig())
        self.pool: HostPool = pools.of(A)
        self._board, self._offset = board, offset
        self._sync = BreakerSync(pools, breakers)

    def exchange(self, now: float) -> dict[str, float | None]:
        """Publish, then apply what holds for all, as with Redis; returns what was published."""
        outgoing = dict(self._sync.outgoing(now + self._offset))
        for fact, left in outgoing.items():
            if left is None:
                self._board.pop(fact, None)
            else:
                self._board[fact] = now + left
        self._sync.apply({fact: until - now for fact, until in self._board.items() if until > now}, now + self._offset)
        return outgoing

    def answer(self, host: Host, now: float, *, good: bool) -> None:
        at = now + self._offset
        self.pool.record(host, good, sent=at, now=at, seconds=0.05, reason="" if good else "failed/500")

    def chooses(self, now: float) -> Host | None:
        return self.pool.choose(now + self._offset)


def two_workers() -> tuple[Worker, Worker]:
    board: dict[str, float] = {}
    return Worker(board), Worker(board, offset=-900.0, name="other")


def fail(worker: Worker, now: float, times: int = 3) -> None:
    for _ in range(times):
        worker.answer(A, now, good=False)


def test_when_one_worker_opens_a_breaker_all_do_for_the_same_time() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    assert one.exchange(BOOT) == {OPEN_A: 30.0}
    assert other.exchange(BOOT + 1) == {}
    assert [worker.chooses(BOOT + 1) for worker in (one, other)] == [B, B]
    assert [worker.chooses(BOOT + 29.9) for worker in (one, other)] == [B, B]
    assert [worker.chooses(BOOT + 30.1) for worker in (one, other)] == [A, A], "each with one probe"
    assert [worker.chooses(BOOT + 30.2) for worker in (one, other)] == [B, B]


def test_known_facts_are_not_published_again() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    published = [worker.exchange(BOOT + second) for second in range(1, 29) for worker in (one, other)]
    assert not any(published)


def test_a_failed_probe_is_published_and_a_good_one_lets_the_others_probe() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    other.exchange(BOOT + 1)
    assert one.chooses(BOOT + 31) == A
    one.answer(A, BOOT + 31, good=False)
    assert one.exchange(BOOT + 31) == {OPEN_A: 60.0}
    other.exchange(BOOT + 32)
    assert other.chooses(BOOT + 80) == B, "the cool-down that has doubled"
    one.answer(A, BOOT + 40, good=True)  # all others were open too, so it was used, and works
    assert one.exchange(BOOT + 41) == {OPEN_A: None}
    other.exchange(BOOT + 42)
    assert other.chooses(BOOT + 42) == A
    assert other.chooses(BOOT + 42) == B, "one probe at a time"
    other.answer(A, BOOT + 42, good=True)
    assert other.chooses(BOOT + 43) == A
    assert other.exchange(BOOT + 43) == {}


def test_a_host_that_recovers_and_fails_again_is_open_for_all() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    other.exchange(BOOT)
    other.answer(A, BOOT + 5, good=True)
    assert other.exchange(BOOT + 5) == {OPEN_A: None}
    fail(other, BOOT + 6)
    assert other.exchange(BOOT + 6) == {OPEN_A: 30.0}
    one.exchange(BOOT + 7)
    assert one.chooses(BOOT + 35.9) == B
    assert one.chooses(BOOT + 36.1) == A


def test_small_clock_differences_change_neither_cool_downs_nor_requests_in_flight() -> None:
    one, _ = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    sync = one._sync
    sync.apply({OPEN_A: 20.2}, BOOT + 10)
    one.answer(A, BOOT + 9, good=True)
    assert one.chooses(BOOT + 11) == A, "an answer from before the exchange still counts"


def test_a_pause_of_one_worker_applies_to_all() -> None:
    one, other = two_workers()
    one.pool.pause_until(A, BOOT + 40)
    assert one.exchange(BOOT) == {PAUSED_A: 40.0}
    assert other.exchange(BOOT + 1) == {}
    assert other.chooses(BOOT + 39) == B
    assert other.chooses(BOOT + 41) == A


def test_names_hold_no_key_and_facts_about_unknown_hosts_are_dropped() -> None:
    one, _ = two_workers()
    for host in one.pool.hosts:
        one.pool.pause_until(host, BOOT + 40)
    assert not any("s3cret" in fact for fact in one.exchange(BOOT))
    one._sync.apply({"open omdb/api https://strange.example": 30.0}, BOOT)
    assert not any("strange" in fact for fact in one._sync._known)


# --- Sources ---------------------------------------------------------------------------------------------------------


class Outage:
    """Workers that synchronise once a second, each at its own time, and whose source is down from ``BOOT`` on."""

    def __init__(self, number: int = 3) -> None:
        board: dict[str, float] = {}
        self.workers = [Worker(board, name=f"worker-{index}") for index in range(number)]
        self.probes: list[tuple[float, int]] = []
        for index, worker in enumerate(self.workers):
            worker.source.record_success(BOOT)
            for request in range(10):
                worker.source.record_failure(f"/{index}/{request}", None, BOOT + index / 10)

    def run(self, start: float, end: float, *, dead: tuple[int, ...] = (), answers: tuple[int, ...] = ()) -> None:
        """``answers``: the workers whose probes are answered."""
        for step in range(round(start * 20), round(end * 20)):
            now = BOOT + step / 20
            for index, worker in enumerate(self.workers):
                if index in dead:
                    continue
                if step % 20 == 5 * index:
                    worker.exchange(now)
                if worker.source.is_open and worker.source.try_start_probe(now):
                    self.probes.append((now - BOOT, index))
                    if index in answers:
                        worker.source.record_success(now)
                    worker.source.end_probe(now, failed=index not in answers)


def test_one_worker_probes_for_all() -> None:
    outage = Outage()
    outage.run(0, 120)
    alone = Outage(1)
    alone.run(0, 120)
    assert len(outage.probes) <= len(alone.probes) + 2 * (120 / (LONGEST_PROBE + HANDOVER)) + 3


def test_when_the_probing_worker_dies_others_take_over() -> None:
    outage = Outage()
    outage.run(0, 20)
    _, leader = outage.probes[-1]
    outage.run(20, 60, dead=(leader,))
    taken_over = [at for at, index in outage.probes if index != leader and at >= 20]
    assert taken_over
    assert min(taken_over) <= 20 + LONGEST_PROBE + HANDOVER


def test_all_workers_probe_as_soon_as_one_has_an_answer() -> None:
    outage = Outage()
    outage.run(0, 20)
    outage.run(20, 60, answers=(0, 1, 2))
    assert not any(worker.source.is_open for worker in outage.workers)
    recovered = [at for at, _ in outage.probes if at >= 20]
    assert recovered[-1] - recovered[0] <= 2.1


def test_a_worker_without_connection_does_not_stop_workers_that_get_answers() -> None:
    outage = Outage(2)
    outage.run(0, 20)
    outage.run(20, 120, answers=(1,))
    healthy = [at for at, index in outage.probes if index == 1 and at >= 20]
    assert len(healthy) == 1, "with its own answers it goes on, whatever the other one publishes"
    assert healthy[0] <= 20 + LONGEST_PROBE + HANDOVER
    assert outage.workers[0].source.is_open


def test_a_worker_that_joins_during_an_outage_waits_as_long_as_the_others() -> None:
    outage = Outage(1)
    outage.run(0, 8)
    late = Worker(outage.workers[0]._board, name="late")
    late.exchange(BOOT + 8)
    assert late.source.is_open
    assert not late.source.has_expired(BOOT + 100)
    assert late.source.has_expired(BOOT + 608)


def test_a_worker_that_never_had_an_answer_publishes_nothing() -> None:
    one, _ = two_workers()
    for request in range(10):
        one.source.record_failure(f"/{request}", None, BOOT)
    assert one.source.is_open
    assert one.exchange(BOOT) == {}


def test_no_worker_goes_without_its_own_probe_for_long() -> None:
    for seconds in (0.001, 1e9, float("inf")):
        one, _ = two_workers()
        (name,) = [name for name, breaker in one._sync._source_breakers.items() if breaker is one.source]
        one._sync.apply({f"down {name} x": seconds, "down nowhere x": 9.0, "down": 9.0, "down  ": 9.0}, BOOT)
        for second in range(1, 32):
            one._sync.apply({f"down {name} x": seconds * second, f"down {name} {second}": 30.0}, BOOT + second)
        assert one.source.next_probe <= BOOT + LONGEST_PROBE + HANDOVER
        assert not any("nowhere" in fact for fact in one._sync._known)
