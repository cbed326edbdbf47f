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
    assert found.precision >= 0.999
    assert found.recall >= 0.97


def test_cost_of_a_match() -> None:
    table.run()
    cost = _ms(table.looked_up())
    baseline = _ms(table.looked_up(table.naive, table.exact_keys))
    print(f"\n{cost:.3f} ms per match, {cost / baseline:.0f} times that of the same title and year")
    assert cost <= TARGET_MS


def _ms(calls: list[tuple[table.Matcher, table.Document, list[table.Document]]]) -> float:
    start = time.perf_counter()
    for matcher, record, candidates in calls:
        matcher(record, candidates)
    return (time.perf_counter() - start) / len(calls) * 1000
