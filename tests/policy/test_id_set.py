import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.id_set import IdSet

IDS = st.integers(0, 5000)


@given(st.sets(IDS), IDS)
def test_it_holds_what_was_added_and_nothing_else(added: set[int], asked: int) -> None:
    ids = IdSet()
    for id in added:
        ids.add(id)
    assert (asked in ids) == (asked in added)


@pytest.mark.parametrize("id", [-1, 2**31])
def test_what_is_no_id_is_refused_before_it_costs_memory(id: int) -> None:
    with pytest.raises(ValueError, match="no id"):
        IdSet().add(id)
    assert id not in IdSet()
