"""What workers tell each other of hosts: an open breaker is known to all, and each comes back by itself."""

from moviecrawler.policy.network.breaker_sync import BreakerSync
from moviecrawler.policy.network.circuit_breaker import FailoverConfig
from moviecrawler.policy.network.host_pool import HostPool, HostPools
from moviecrawler.policy.network.hosts import Host, Hosts
from moviecrawler.policy.network.source_breaker import (
    HANDOVER,
    LONGEST_PROBE,
    SourceBreaker,
    SourceBreakers,
    SourcePatience,
)

BOOT = 1000.0
CDNS = "https://a.example/t/p,https://b.example/t/p,https://relay.example/?url={url}&token=s3cret"
HOSTS = Hosts.build(
    {"TMDB_IMAGE_BASE_URLS": ("tmdb", "cdn", CDNS), "TMDB_BASE_URL": ("tmdb", "api", "https://api.example/3")}
)
A, B, _, API = HOSTS.hosts
OPEN_A, PAUSED_A = "open tmdb/cdn https://a.example/t/p", "paused tmdb/cdn https://a.example/t/p"


class Worker:
    """``offset``: what its monotonic clock shows more than that of the others."""

    def __init__(self, board: dict[str, float], offset: float = 0.0, name: str = "one") -> None:
        breakers = SourceBreakers(HOSTS, name, SourcePatience())
        self.source: SourceBreaker = breakers.of(API)
        pools = HostPools(HOSTS, FailoverConfig())
        self.pool: HostPool = pools.of(A)
        self._board, self._offset = board, offset
        self._sync = BreakerSync(pools, breakers)

    def exchange(self, now: float) -> dict[str, float | None]:
        """As in Redis: tell, then hear what holds for all. What was told."""
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


def test_a_host_that_fails_one_worker_is_left_alone_by_all_for_the_same_time() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    assert one.exchange(BOOT) == {OPEN_A: 30.0}
    assert other.exchange(BOOT + 1) == {}
    assert [worker.chooses(BOOT + 1) for worker in (one, other)] == [B, B]
    assert [worker.chooses(BOOT + 29.9) for worker in (one, other)] == [B, B]
    assert [worker.chooses(BOOT + 30.1) for worker in (one, other)] == [A, A], "each with one probe"
    assert [worker.chooses(BOOT + 30.2) for worker in (one, other)] == [B, B]


def test_what_is_known_is_not_told_again() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    told = [worker.exchange(BOOT + second) for second in range(1, 29) for worker in (one, other)]
    assert not any(told)


def test_a_failed_probe_is_told_and_a_good_one_lets_the_others_see_for_themselves() -> None:
    one, other = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    other.exchange(BOOT + 1)
    assert one.chooses(BOOT + 31) == A
    one.answer(A, BOOT + 31, good=False)
    assert one.exchange(BOOT + 31) == {OPEN_A: 60.0}
    other.exchange(BOOT + 32)
    assert other.chooses(BOOT + 80) == B, "the cool-down that has doubled"
    one.answer(A, BOOT + 40, good=True)  # all others were away too, so it was asked, and is well
    assert one.exchange(BOOT + 41) == {OPEN_A: None}
    other.exchange(BOOT + 42)
    assert other.chooses(BOOT + 42) == A
    assert other.chooses(BOOT + 42) == B, "one probe at a time"
    other.answer(A, BOOT + 42, good=True)
    assert other.chooses(BOOT + 43) == A
    assert other.exchange(BOOT + 43) == {}


def test_a_host_that_is_well_again_and_fails_anew_is_left_alone_by_all() -> None:
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


def test_small_differences_of_two_clocks_neither_move_a_cool_down_nor_forget_what_is_under_way() -> None:
    one, _ = two_workers()
    fail(one, BOOT)
    one.exchange(BOOT)
    sync = one._sync
    sync.apply({OPEN_A: 20.2}, BOOT + 10)
    one.answer(A, BOOT + 9, good=True)
    assert one.chooses(BOOT + 11) == A, "an answer of before the exchange still counts"


def test_a_host_that_asks_one_worker_for_a_pause_is_left_alone_by_all() -> None:
    one, other = two_workers()
    one.pool.pause_until(A, BOOT + 40)
    assert one.exchange(BOOT) == {PAUSED_A: 40.0}
    assert other.exchange(BOOT + 1) == {}
    assert other.chooses(BOOT + 39) == B
    assert other.chooses(BOOT + 41) == A


def test_no_name_holds_a_key_and_what_others_say_of_strange_hosts_is_not_kept() -> None:
    one, _ = two_workers()
    for host in one.pool.hosts:
        one.pool.pause_until(host, BOOT + 40)
    assert not any("s3cret" in fact for fact in one.exchange(BOOT))
    one._sync.apply({"open omdb/api https://strange.example": 30.0}, BOOT)
    assert not any("strange" in fact for fact in one._sync._known)


# --- Sources ---------------------------------------------------------------------------------------------------------


class Outage:
    """Workers that exchange once a second, each at its own moment, and whose source has gone away at ``BOOT``."""

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


def test_when_the_worker_that_probes_dies_others_take_over() -> None:
    outage = Outage()
    outage.run(0, 20)
    _, leader = outage.probes[-1]
    outage.run(20, 60, dead=(leader,))
    taken_over = [at for at, index in outage.probes if index != leader and at >= 20]
    assert taken_over
    assert min(taken_over) <= 20 + LONGEST_PROBE + HANDOVER


def test_all_see_for_themselves_as_soon_as_one_has_an_answer() -> None:
    outage = Outage()
    outage.run(0, 20)
    outage.run(20, 60, answers=(0, 1, 2))
    assert not any(worker.source.is_open for worker in outage.workers)
    recovered = [at for at, _ in outage.probes if at >= 20]
    assert recovered[-1] - recovered[0] <= 2.1


def test_a_worker_that_reaches_nothing_holds_nobody_that_has_answers() -> None:
    outage = Outage(2)
    outage.run(0, 20)
    outage.run(20, 120, answers=(1,))
    healthy = [at for at, index in outage.probes if index == 1 and at >= 20]
    assert len(healthy) == 1, "with its own answer it goes on, whatever the other one says"
    assert healthy[0] <= 20 + LONGEST_PROBE + HANDOVER
    assert outage.workers[0].source.is_open


def test_who_comes_in_the_middle_of_an_outage_waits_as_long_as_the_others() -> None:
    outage = Outage(1)
    outage.run(0, 8)
    late = Worker(outage.workers[0]._board, name="late")
    late.exchange(BOOT + 8)
    assert late.source.is_open
    assert not late.source.has_expired(BOOT + 100)
    assert late.source.has_expired(BOOT + 608)


def test_who_never_had_an_answer_tells_nobody() -> None:
    one, _ = two_workers()
    for request in range(10):
        one.source.record_failure(f"/{request}", None, BOOT)
    assert one.source.is_open
    assert one.exchange(BOOT) == {}


def test_nobody_is_held_for_long_by_what_others_say() -> None:
    for seconds in (0.001, 1e9, float("inf")):
        one, _ = two_workers()
        (name,) = [name for name, breaker in one._sync._source_breakers.items() if breaker is one.source]
        one._sync.apply({f"down {name} x": seconds, "down nowhere x": 9.0, "down": 9.0, "down  ": 9.0}, BOOT)
        for second in range(1, 32):
            one._sync.apply({f"down {name} x": seconds * second, f"down {name} {second}": 30.0}, BOOT + second)
        assert one.source.next_probe <= BOOT + LONGEST_PROBE + HANDOVER
        assert not any("nowhere" in fact for fact in one._sync._known)
