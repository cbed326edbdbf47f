"""No request too many: a film costs one, twenty films cost one listing page, and nothing else is asked for."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.crawls import UNLIMITED, films_expected, ours
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def module_sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "1500", "--years", "2024-2024", "--quiet") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Sandbox:
    module_sandbox.clear_log()
    return module_sandbox


def asked(sandbox: Sandbox, what: str, films: int, pages: int) -> Counter[tuple[str, str]]:
    """The requests by path and query, each of which went out once; as many as there must be, and no more."""
    requests = Counter((entry["path"], entry["query"]) for entry in sandbox.log())
    total, least = sum(requests.values()), films + pages
    print(f"\n{what}: {total} requests for {films} films on {pages} pages, {total / least:.3f} of films + pages")
    assert total == len(requests) == least
    return requests


def test_trending_asks_once_a_page_and_once_a_film(sandbox: Sandbox, tmp_path: Path) -> None:
    cost = ours(tmp_path, sandbox, "tmdb_trending", {"pages": 5}, UNLIMITED).wait()
    # The last film of page 1 is the first one of page 2: titles slip while one reads.
    assert cost.films == 99
    asked(sandbox, "tmdb_trending pages=5", films=99, pages=5)


def test_discover_asks_once_a_page_and_once_a_film(sandbox: Sandbox, tmp_path: Path) -> None:
    expected = films_expected(sandbox, 2024, 2024)
    arguments = {"start_year": 2024, "min_votes": 0}
    cost = ours(tmp_path, sandbox, "tmdb_discover", arguments, UNLIMITED).wait()
    assert cost.films == expected
    pages = math.ceil(expected / 20)
    asked(sandbox, "tmdb_discover start_year=2024", films=expected, pages=pages)

    sandbox.clear_log()
    ours(tmp_path, sandbox, "tmdb_discover", arguments, UNLIMITED).wait()
    requests = asked(sandbox, "the same again, nothing is due", films=0, pages=pages)
    assert not any(path.startswith("/3/movie/") for path, _ in requests)
