"""How often the right film is found, and what it costs."""

import time

import pytest

from tests.policy.identity import page, table

pytestmark = pytest.mark.benchmark

TARGET_MS = 1.0


def test_precision_and_recall() -> None:
    found, naive = table.figures(table.run()), table.figures(table.run(table.naive, table.exact_keys))
    print("\n" + page.generated())
    print(f"recall {found.recall / naive.recall:.2f} times that of the same title and year")
    assert found.precision >= 0.995
    assert found.recall >= 0.95


def test_cost_of_a_match() -> None:
    seconds = {}
    for name, arguments in {"match": (), "naive": (table.naive, table.exact_keys)}.items():
        table.run(*arguments)
        run = table.looked_up(*arguments)
        start = time.perf_counter()
        for matcher, record, candidates in run:
            matcher(record, candidates)
        seconds[name] = (time.perf_counter() - start) / len(run)
    cost = seconds["match"] * 1000
    print(f"\n{cost:.3f} ms per match, {seconds['match'] / seconds['naive']:.0f} times that of the same title and year")
    assert cost <= TARGET_MS
