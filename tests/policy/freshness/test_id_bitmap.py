import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.freshness.id_bitmap import IdBitmap

IDS = st.integers(0, 5000) | st.integers(65_000, 66_000) | st.integers(2**31 - 9, 2**31)


@given(st.sets(IDS), IDS)
def test_it_holds_what_was_added_and_nothing_else(added: set[int], asked: int) -> None:
    ids = IdBitmap()
    for id in added:
        ids.add(id)
    assert (asked in ids) == (asked in added)


def test_a_negative_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"id=.*: must be"):
        IdBitmap().add(-1)
    assert -1 not in IdBitmap()


@pytest.mark.parametrize("id", [2**31 - 1, 2**53])
def test_an_id_far_from_all_others_costs_no_more(id: int) -> None:
    """An export in which a single line names one must not cost a quarter of a gigabyte."""
    ids = IdBitmap()
    tracemalloc.start()
    ids.add(id)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert id in ids
    assert peak < 100_000
