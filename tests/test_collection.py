"""Two workers of one run collect the same tests in the same order, whatever the moment and the seed of hashes."""

import os
import subprocess
import sys

from tests.support.pages import PROJECT
from tests.support.waiting import patient


def _collecting(seed: str, days: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "tests.support.another_day",
            "-p",
            "no:cacheprovider",
        ],
        cwd=PROJECT,
        env={**os.environ, "PYTHONHASHSEED": seed, "ANOTHER_DAY": days, "PYTEST_ADDOPTS": ""},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_collections_at_different_moments_with_different_seeds_are_equal() -> None:
    running = [_collecting("1", "0"), _collecting("2", "400")]
    one, other = [process.communicate(timeout=patient(60))[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0, 0], one[-20:] + other[-20:]
    one, other = [[line for line in lines if "::" in line] for lines in (one, other)]
    assert len(one) > 5000
    assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []
