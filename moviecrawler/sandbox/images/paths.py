"""Picture paths that look like TMDB's and encode the picture, so that no table of them is needed.

A made-up path is 20 bytes in base 62: kind, shape, number and work of the picture, masked by a keyed hash of these, and
the hash.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from moviecrawler.sandbox.catalogue.works import Kind

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_NAME_LENGTH = 27
ORIGINAL_SIZES = {"poster": (2000, 3000), "backdrop": (3840, 2160), "logo": (1000, 400)}
"""(width, height) in pixels, by shape."""

_SHAPES = tuple(ORIGINAL_SIZES)
_SUFFIX = {"poster": ".jpg", "backdrop": ".jpg", "logo": ".png"}


class PictureKey(NamedTuple):
    """Identifies a picture. ``owner``: the id of its work; ``number``: 0 is the main picture of this shape."""

    kind: Kind
    shape: str
    number: int
    owner: int


def encode_path(picture: PictureKey) -> str:
    """The path of a picture.

    >>> decode_path(encode_path(PictureKey("tv", "backdrop", 2, 1396)))
    PictureKey(kind='tv', shape='backdrop', number=2, owner=1396)
    """
    head = bytes((picture.kind == "tv", _SHAPES.index(picture.shape), picture.number))
    payload = head + picture.owner.to_bytes(5, "big")
    seal = _seal(payload)
    number = int.from_bytes(_mask(payload, seal) + seal, "big")
    letters = []
    for _ in range(_NAME_LENGTH):
        number, digit = divmod(number, 62)
        letters.append(_ALPHABET[digit])
    return "/" + "".join(reversed(letters)) + _SUFFIX[picture.shape]


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
    if dot + suffix != _SUFFIX[shape]:
        return None
    return PictureKey("tv" if payload[0] else "movie", shape, payload[2], int.from_bytes(payload[3:], "big"))


def _seal(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=12, key=b"sandbox").digest()


def _mask(payload: bytes, seal: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(payload, seal, strict=False))
