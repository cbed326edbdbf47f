"""Picture paths that look like TMDB's and encode the picture, so that no table of them is needed.

A made-up path is 20 bytes in base 62: owner, shape and number of the picture, masked by a keyed hash of these, and the
hash.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal, NamedTuple, get_args

OwnerKind = Literal["movie", "tv", "person", "company", "network", "provider", "collection", "season", "episode"]
_OWNER_KINDS: tuple[OwnerKind, ...] = get_args(OwnerKind)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_NAME_LENGTH = 27
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
ORIGINAL_SIZES = {
    **{"poster": (2000, 3000), "backdrop": (3840, 2160), "logo": (1000, 400), "profile": (1000, 1500)},
    **{"still": (1920, 1080), "icon": (500, 500)},
}
"""(width, height) in pixels, by shape. An icon is the square logo of a provider."""

_SHAPES = tuple(ORIGINAL_SIZES)
# As at TMDB, a logo that was uploaded as SVG is also there as PNG, under the same name.
_SUFFIXES = {shape: (".png", ".svg") if shape == "logo" else (".jpg",) for shape in _SHAPES}


class PictureKey(NamedTuple):
    """Identifies a picture. ``owner``: the id of what ``kind`` names; ``number``: 0 is the main one of this shape."""

    kind: OwnerKind
    shape: str
    number: int
    owner: int


def encode_path(picture: PictureKey, *, svg: bool = False) -> str:
    """The path of a picture; ``svg``: that of a logo as it was uploaded.

    >>> decode_path(encode_path(PictureKey("tv", "backdrop", 2, 1396)))
    PictureKey(kind='tv', shape='backdrop', number=2, owner=1396)
    """
    head = bytes((_OWNER_KINDS.index(picture.kind), _SHAPES.index(picture.shape), picture.number))
    payload = head + picture.owner.to_bytes(5, "big")
    seal = _seal(payload)
    number = int.from_bytes(_mask(payload, seal) + seal, "big")
    pairs = []
    for _ in range(_NAME_LENGTH // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    pairs.append(_ALPHABET[number])
    return f"/{''.join(reversed(pairs))}{_SUFFIXES[picture.shape][svg]}"


def decode_path(path: str) -> PictureKey | None:
    """The picture at a path; None for a path that ``encode_path`` has not made.

    >>> decode_path("/wFUkS5cnMf3I8ysIPWzIXpTsuR7.jpg") is None
    True
    """
    name, dot, suffix = path.removeprefix("/").partition(".")
    if len(name) != _NAME_LENGTH or not all(letter in _VALUES for letter in name):
        return None
    number = 0
    for letter in name:
        number = number * 62 + _VALUES[letter]
    if number >> 160:
        return None
    sealed = number.to_bytes(20, "big")
    payload = _mask(sealed[:8], sealed[8:])
    if _seal(payload) != sealed[8:]:
        return None
    shape = _SHAPES[payload[1]]
    if dot + suffix not in _SUFFIXES[shape]:
        return None
    return PictureKey(_OWNER_KINDS[payload[0]], shape, payload[2], int.from_bytes(payload[3:], "big"))


def _seal(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=12, key=b"sandbox").digest()


def _mask(payload: bytes, seal: bytes) -> bytes:
    return (int.from_bytes(payload, "big") ^ int.from_bytes(seal[:8], "big")).to_bytes(8, "big")
