"""Pictures: making them holds up nothing else, and a slow image host neither."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep

import pytest

from tests.benchmarks.crawls import UNLIMITED, is_detail, ours
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(400)]

BURST = 10
FILMS = [5_000_000 + n for n in range(200) if n % 37]
PICTURES = {**UNLIMITED, "IMAGES_ENABLED": "1"}


@pytest.fixture(scope="module")
def module_sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "3000", "--years", "2024-2024", "--quiet") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    module_sandbox.faults([])
    module_sandbox.settings(rate=0)
    module_sandbox.clear_log()
    return module_sandbox


def lag(folder: Path, sandbox: Sandbox, **env: str) -> list[float]:
    """The delays of the event loop, in milliseconds, while the pictures of 80 films were made."""
    arguments = {"ids": ",".join(map(str, FILMS[:80]))}
    crawl = ours(
        folder, sandbox, "tmdb_titles", arguments, PICTURES,
        module="tests.benchmarks.probe", env={"PROBE_FILE": str(folder / "lag"), **env},
    )  # fmt: skip
    crawl.wait()
    return [1000 * delay for delay in json.loads((folder / "lag").read_text())]


def test_the_event_loop_is_never_late_while_4k_backdrops_are_made(sandbox: Sandbox, tmp_path: Path) -> None:
    lag(tmp_path / "first", sandbox)  # the sandbox encodes its pictures now, not while we measure
    sandbox.clear_log()
    threads, on_loop = lag(tmp_path / "threads", sandbox), lag(tmp_path / "loop", sandbox, PROBE_ON_LOOP="1")
    backdrops = sum("/original/" in entry["path"] for entry in sandbox.log()) // 2
    p99, p99_on_loop = quantiles(threads, n=100)[98], quantiles(on_loop, n=100)[98]
    print(
        f"\nevent-loop lag while {backdrops} 4K backdrops are made: p99 {p99:.1f} ms, most {max(threads):.1f} ms; "
        f"made on the loop: p99 {p99_on_loop:.1f} ms, most {max(on_loop):.1f} ms; "
        f"ratio of the p99 {p99 / p99_on_loop:.3f}"
    )
    assert backdrops >= 30
    assert p99 < 30


@pytest.mark.parametrize(("rate", "seconds"), [(4, 20), (40, 10)])
def test_a_cdn_that_takes_a_second_costs_the_api_nothing(
    sandbox: Sandbox, tmp_path: Path, rate: int, seconds: int
) -> None:
    def kept(name: str, **settings: str) -> tuple[float, int]:
        """(sent / allowed by the API, pictures asked for in that time)."""
        sandbox.clear_log()
        arguments = {"start_year": 2024, "min_votes": 0}
        budget = {"TMDB_RATE": rate, "TMDB_BURST": BURST}
        crawl = ours(tmp_path / name, sandbox, "tmdb_discover", arguments, {**PICTURES, **budget, **settings})
        started = monotonic()
        while not (log := sandbox.log(server="api")) or log[-1]["at"] - log[0]["at"] < seconds:
            assert monotonic() - started < seconds + 60
            sleep(0.2)
        crawl.stop()
        crawl.wait(130)
        log = sandbox.log()
        times = [entry["at"] for entry in log if entry["server"] == "api"]
        times = [at for at in times if at - times[0] <= seconds]
        pictures = [entry for entry in log if entry["server"] != "api" and entry["at"] <= times[-1]]
        assert sum(is_detail(entry) for entry in log) > rate * seconds / 2
        return len(times) / (BURST + rate * seconds), len(pictures)

    sandbox.faults([{"kind": "slow", "target": "cdn", "rate": 1, "seconds": 1}])
    slow, pictures = kept("slow")
    none, _ = kept("none", IMAGES_ENABLED="0")
    print(
        f"\n{rate}/s, a CDN that takes 1 s: the API kept {slow:.3f} of its budget while {pictures} pictures were asked "
        f"for; without pictures {none:.3f}; ratio {slow / none:.3f}"
    )
    assert pictures >= seconds
    assert slow >= 0.95
