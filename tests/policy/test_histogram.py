"""Quantiles that can be trusted within 5 %, in memory that does not grow, whatever was recorded."""

import math
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.histogram import ERROR, HIGHEST, LOWEST, Histogram

SHORTEST, LONGEST = 10.0**LOWEST, 10.0**HIGHEST
ROUNDING = 1e-9  # a duration on the very bound of a bucket may be counted on either side

# Of all magnitudes alike; drawn as they are, nearly all floats would be of the largest.
durations = st.floats(LOWEST, HIGHEST).map(lambda exponent: 10.0**exponent)
quantiles = st.floats(0, 1, exclude_min=True)


def recorded(seconds: Sequence[float]) -> Histogram:
    histogram = Histogram()
    for one in seconds:
        histogram.record(one)
    return histogram


@given(st.lists(durations, min_size=1), quantiles)
def test_a_quantile_is_within_five_per_cent_of_the_duration_at_its_rank(seconds: list[float], q: float) -> None:
    exact = sorted(seconds)[math.ceil(q * len(seconds)) - 1]
    assert ERROR <= 0.05
    assert abs(recorded(seconds).quantile(q) - exact) <= (ERROR + ROUNDING) * exact


@given(st.lists(durations), st.lists(durations), st.lists(durations))
def test_histograms_add_up_as_if_all_had_been_recorded_in_one(
    first: list[float], second: list[float], third: list[float]
) -> None:
    whole = recorded(first)
    whole.add(recorded(second))
    whole.add(recorded(third))
    at_once = recorded([*first, *second, *third])
    assert list(whole.cumulative()) == list(at_once.cumulative())
    assert whole.count == len(first) + len(second) + len(third)
    assert whole.sum == pytest.approx(at_once.sum)


@given(st.lists(durations), st.sampled_from([1, 8, 24]))
def test_cumulative_counts_are_the_numbers_of_durations_up_to_each_bound(seconds: list[float], step: int) -> None:
    counts = list(recorded(seconds).cumulative(step))
    assert counts[-1] == (math.inf, len(seconds))
    for bound, below in counts[:-1]:
        surely = sum(one <= bound * (1 - ROUNDING) for one in seconds)
        perhaps = sum(one <= bound * (1 + ROUNDING) for one in seconds)
        assert surely <= below <= perhaps


@pytest.mark.parametrize("exponent", range(LOWEST, HIGHEST))
def test_a_power_of_ten_is_a_bound_and_belongs_below_it(exponent: int) -> None:
    bounds = dict(recorded([float(f"1e{exponent}")]).cumulative(8))
    assert bounds[float(f"1e{exponent}")] == 1


@pytest.mark.parametrize("seconds", [0.0, -0.001, 1e-12, SHORTEST])
def test_durations_below_the_lowest_bound_count_in_the_first_bucket(seconds: float) -> None:
    histogram = recorded([seconds])
    assert histogram.count == 1
    assert histogram.quantile(1) == pytest.approx(SHORTEST, rel=0.05)


@pytest.mark.parametrize("seconds", [LONGEST, 1e6, 1e300])
def test_durations_above_the_highest_bound_count_in_the_last_bucket(seconds: float) -> None:
    histogram = recorded([seconds])
    assert histogram.count == 1
    assert histogram.quantile(1) == pytest.approx(LONGEST, rel=0.05)
    assert list(histogram.cumulative(8))[-2:] == [(pytest.approx(4641.59), 0), (math.inf, 1)]


def test_memory_is_the_same_after_one_duration_and_after_many() -> None:
    one, many = recorded([0.5]), recorded([10.0 ** (number / 1000) for number in range(-8000, 6000)])
    assert sys.getsizeof(one._counts) == sys.getsizeof(many._counts)
    assert len(list(many.cumulative())) == len(list(one.cumulative())) == 241


@pytest.mark.parametrize(("seconds", "q"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1), ([1.0], -0.5)])
def test_there_is_no_quantile_of_nothing_and_none_beyond_the_ends(seconds: list[float], q: float) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        recorded(seconds).quantile(q)
