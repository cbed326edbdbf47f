"""What an outage of some seconds costs: nothing is lost, and hardly anything is asked for twice.

Each crawl is compared with the same one without a fault, in the same run. With a rate it is in its middle when the site
goes away, whatever the machine.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Home
from tests.support.sandbox import Sandbox
from tests.support.waiting import until

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

SETTINGS = {
    **FAST,
    "TMDB_RATE": "40",
    "TMDB_BURST": "1",
    "TMDB_CONCURRENCY": "16",
    "RETRY_BASE": "1",
    "RETRY_CAP": "60",
    "IMAGES_ENABLED": "1",
    "IMAGES_POSTER_SIZES": "w92",
    "FILTER_ENABLED": "0",
}
DISCOVER = ("tmdb_discover", "start_year=1900", "end_year=2026", "min_votes=0")

TARGETS = {
    "one page": ["/3/discover/movie"],
    "all pages": ["api"],
    "API and all CDNs": ["api", "cdn"],
}
KINDS = ("503", "reset")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--quiet", "--movies", "300") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def undisturbed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[set[int], int]:
    """The films of a crawl without a fault, and its requests."""
    sandbox.clear_log()
    home = Home(tmp_path_factory.mktemp("undisturbed"), {**SETTINGS, **sandbox.env})
    assert home.crawl(*DISCOVER, seconds=300).status == 0
    return set(home.documents()), len(sandbox.log())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("targets", list(TARGETS), ids=lambda name: name.replace(" ", "_"))
@pytest.mark.parametrize("seconds", [3, 6, 12, 25, 60, 120])
def test_an_outage_loses_nothing(
    sandbox: Sandbox, tmp_path: Path, undisturbed: tuple[set[int], int], seconds: int, targets: str, kind: str
) -> None:
    films, requests = undisturbed
    sandbox.clear_log()
    home = Home(tmp_path, {**SETTINGS, **sandbox.env})
    process = home.start_crawl(*DISCOVER)
    until(lambda: len(sandbox.log(path="/3/movie")) >= 50, process)
    sandbox.faults([{"kind": kind, "target": target} for target in TARGETS[targets]])
    time.sleep(seconds)  # as long as the outage lasts
    sandbox.faults([])
    ended = home.wait(process, seconds=600)
    probes = sum(value for name, value in home.stats.items() if name.endswith("/probes"))
    ratio = (len(sandbox.log()) - probes) / requests
    stored = set(home.documents())
    print(
        f"\n{kind} for {seconds} s, {targets}: {len(stored)} of {len(films)} films, exit {ended.status}, "
        f"{ratio:.3f} of the requests and {probes} probes"
    )
    assert home.last_run["incomplete"] if ended.status else stored == films
    assert ended.status == 0 or seconds >= 60, ended.stderr
    assert ratio <= 1.15, ended.stderr
