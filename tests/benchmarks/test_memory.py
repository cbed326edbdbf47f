"""Memory does not grow with the catalogue; nor does the number of listing pages, where it is larger than TMDB shows."""

import math
from pathlib import Path

import pytest

from tests.benchmarks.crawls import UNLIMITED, films_expected, is_detail, ours
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

FIRST, LAST = 2015, 2024
TARGET = 1.15


def test_ten_times_the_films_need_no_more_memory(tmp_path: Path) -> None:
    with Sandbox("--movies", "23000", "--years", f"{FIRST}-{LAST}", "--quiet") as sandbox:
        few_expected, many_expected = films_expected(sandbox, LAST, LAST), films_expected(sandbox, FIRST, LAST)
        assert few_expected >= 2000
        assert many_expected >= 20_000
        few = ours(tmp_path / "few", sandbox, "tmdb_discover", {"start_year": LAST, "min_votes": 0}, UNLIMITED).wait()
        sandbox.clear_log()
        arguments = {"start_year": FIRST, "end_year": LAST, "min_votes": 0}
        many = ours(tmp_path / "many", sandbox, "tmdb_discover", arguments, UNLIMITED).wait()
        log = sandbox.log()
    print(
        f"\npeak memory: {many.films} films {many.peak / 2**20:.0f} MB, {few.films} films {few.peak / 2**20:.0f} MB, "
        f"ratio {many.peak / few.peak:.3f}"
    )
    pages = [entry for entry in log if not is_detail(entry)]
    windows = len({entry["query"].partition("primary_release_date.gte=")[2][:34] for entry in pages})
    least = math.ceil(many.films / 20)
    print(f"{len(log)} requests: {many.films} films, {len(pages)} listing pages in {windows} windows (least: {least})")
    assert (few.films, many.films) == (few_expected, many_expected)
    assert len({(entry["path"], entry["query"]) for entry in log}) == len(log) == many.films + len(pages)
    assert len(pages) <= least + windows  # each window has a last page that is not full, the first one only shows it
    assert many.peak <= TARGET * few.peak
