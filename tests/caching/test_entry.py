"""Unpacking a stored entry gives what was packed, or CorruptEntry; never anything else, and it never runs code."""

import pickle
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.caching.entry import HEAD_SIZE, HEADERS, CacheEntry, CorruptEntry, stored_at
from tests.support.cache_entries import NOW, entry

values = st.binary(max_size=60).filter(lambda value: b"\n" not in value)  # aiohttp lets no such header through
entries = st.builds(
    CacheEntry,
    stored_at=st.floats(allow_nan=False),
    latency=st.floats(0, 1e6),
    status=st.integers(200, 299),
    headers=st.lists(st.tuples(st.sampled_from(HEADERS), values), unique_by=lambda header: header[0]).map(tuple),
    body=st.binary(max_size=2_000),
)


@given(entries)
def test_an_entry_survives_packing(one: CacheEntry) -> None:
    packed = one.pack()
    assert CacheEntry.unpack(packed) == one
    assert stored_at(packed[:HEAD_SIZE]) == one.stored_at


@given(one=entries, place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed_wherever_it_is(one: CacheEntry, place: int, bit: int) -> None:
    packed = bytearray(one.pack())
    packed[place % len(packed)] ^= 1 << bit
    with pytest.raises(CorruptEntry):
        CacheEntry.unpack(bytes(packed))


@given(one=entries, length=st.integers(0))
def test_a_truncated_entry_is_noticed_wherever_it_ends(one: CacheEntry, length: int) -> None:
    packed = one.pack()
    with pytest.raises(CorruptEntry):
        CacheEntry.unpack(packed[: length % len(packed)])


@given(st.binary(max_size=200))
def test_foreign_bytes_are_corrupt(foreign: bytes) -> None:
    with pytest.raises(CorruptEntry):
        CacheEntry.unpack(foreign)
    assert stored_at(foreign) == 0.0


def test_an_entry_of_another_version_is_corrupt() -> None:
    packed = bytearray(entry().pack())
    packed[3] += 1
    with pytest.raises(CorruptEntry, match="another format"):
        CacheEntry.unpack(bytes(packed))


def test_an_entry_of_the_version_before_is_read() -> None:
    packed = bytes.fromhex(
        "6d6361018e5a732841dabf61b00000003fd000000000000000c80009785e730d494cb752324c53aa56ca4c51b252303330ae05003b120573"
    )
    assert CacheEntry.unpack(packed) == CacheEntry(1_795_000_000.0, 0.25, 200, ((b"ETag", b'"1f"'),), b'{"id": 603}')


def test_a_pickle_is_never_executed() -> None:
    with pytest.raises(CorruptEntry):
        CacheEntry.unpack(pickle.dumps(Trap()))
    assert not Trap.sprung


class Trap:
    sprung = False

    def __reduce__(self) -> tuple[object, ...]:
        return setattr, (Trap, "sprung", True)


def test_an_entry_is_compressed() -> None:
    body = b'{"cast": [' + b'{"name": "Carrie-Anne Moss", "character": "Trinity"},' * 500 + b"{}]}"
    assert len(entry(body).pack()) < len(body) / 10


def test_an_entry_is_not_larger_than_it_has_to_be() -> None:
    body = bytes(range(256)) * 4
    assert len(entry(body).pack()) <= HEAD_SIZE + len(zlib.compress(body, 1)) + 100


def test_stored_at_is_read_from_the_head_of_an_entry() -> None:
    assert stored_at(entry().pack()[:HEAD_SIZE]) == NOW
