"""Memory keeps what was used last, within its limits."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.caching.memory import MAX_BYTES, MAX_ENTRIES, Lru, size_of
from tests.support.cache_entries import entry, key

calls = st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), st.integers(0, 8), st.integers(0, 3_000)))


@given(calls=calls, max_entries=st.integers(1, 5), max_bytes=st.integers(0, 9_000))
def test_the_bounds_hold_whatever_is_asked(calls: list[tuple[str, int, int]], max_entries: int, max_bytes: int) -> None:
    """Compared step by step with an obvious model."""
    lru = Lru(max_entries, max_bytes)
    model: OrderedDict[int, int] = OrderedDict()
    for what, number, size in calls:
        if what == "put":
            one = entry(b"x" * size)
            model.pop(number, None)
            if size_of(one) <= max_bytes:
                model[number] = size
            gone = 0
            while len(model) > max_entries or sum(size_of(entry(b"x" * n)) for n in model.values()) > max_bytes:
                model.popitem(last=False)
                gone += 1
            assert lru.put(key(number), one) == gone
        elif what == "get":
            found = lru.get(key(number))
            assert (found and len(found.body)) == model.get(number)
            if number in model:
                model.move_to_end(number)
        else:
            lru.drop(key(number))
            model.pop(number, None)
        assert len(lru) == len(model) <= max_entries
        assert lru.bytes == sum(size_of(entry(b"x" * n)) for n in model.values()) <= max_bytes


def test_the_bounds_are_a_thousand_entries_and_64_mb() -> None:
    lru = Lru()
    assert sum(lru.put(key(number), entry()) for number in range(MAX_ENTRIES + 5)) == 5
    assert len(lru) == 1_000
    assert lru.get(key(4)) is None
    assert lru.get(key(5)) is not None
    large = entry(b"x" * (10 * 2**20))
    for number in range(7):
        lru.put(key(number), large)
    assert lru.bytes <= MAX_BYTES == 64 * 1024 * 1024
    assert lru.get(key(6)) is large


def test_an_entry_that_is_too_large_only_replaces_its_older_version() -> None:
    lru = Lru(10, 5_000)
    lru.put(key(1), entry())
    lru.put(key(2), entry())
    assert lru.put(key(2), entry(b"x" * 5_000)) == 0
    assert lru.get(key(1)) is not None
    assert lru.get(key(2)) is None
