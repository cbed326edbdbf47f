"""Picture paths that look like TMDB's and encode the picture, so that no table of them is needed.

A made-up path is 20 bytes in base 64: owner, shape and number of the picture, masked by a keyed hash of these, and the
hash.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from hashlib import blake2b
from typing import Literal, NamedTuple, get_args

OwnerKind = Literal["movie", "tv", "person", "company", "network", "provider", "collection", "season", "episode"]
_OWNER_KINDS: tuple[OwnerKind, ...] = get_args(OwnerKind)

_LENGTH, _NAME_LENGTH = 20, 27  # bytes, and letters
_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
ORIGINAL_SIZES = {
    **{"poster": (2000, 3000), "backdrop": (3840, 2160), "logo": (1000, 400), "profile": (1000, 1500)},
    **{"still": (1920, 1080), "icon": (500, 500)},
}
"""(width, height) in pixels, by shape. An icon is the square logo of a provider."""

_SHAPES = tuple(ORIGINAL_SIZES)
_SHAPE_NUMBER = {shape: number for number, shape in enumerate(_SHAPES)}
_KIND_NUMBER = {kind: number for number, kind in enumerate(_OWNER_KINDS)}
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
    kind, shape, number, owner = picture
    payload = bytes((_KIND_NUMBER[kind], _SHAPE_NUMBER[shape], number)) + owner.to_bytes(5, "big")
    seal = _seal(payload)
    name = b2a_base64(_mask(payload, seal) + seal, newline=False)[:_NAME_LENGTH].translate(_TO_URL).decode()
    return f"/{name}{_SUFFIXES[shape][svg]}"


def decode_path(path: str) -> PictureKey | None:
    """The picture at a path; None for a path that ``encode_path`` has not made.

    >>> decode_path("/wFUkS5cnMf3I8ysIPWzIXpTsuR7.jpg") is None
    True
    """
    name, dot, suffix = path.removeprefix("/").partition(".")
    try:
        sealed = a2b_base64(name.encode("ascii").translate(_FROM_URL) + b"=", strict_mode=True)
    except ValueError:
        return None
    if len(name) != _NAME_LENGTH or len(sealed) != _LENGTH:
        return None
    payload = _mask(sealed[:8], sealed[8:])
    if _seal(payload) != sealed[8:]:
        return None
    shape = _SHAPES[payload[1]]
    if dot + suffix not in _SUFFIXES[shape]:
        return None
    return PictureKey(_OWNER_KINDS[payload[0]], shape, payload[2], int.from_bytes(payload[3:], "big"))


_KEYED = blake2b(digest_size=12, key=b"sandbox")


def _seal(payload: bytes) -> bytes:
    keyed = _KEYED.copy()
    keyed.update(payload)
    return keyed.digest()


def _mask(payload: bytes, seal: bytes) -> bytes:
    return (int.from_bytes(payload, "big") ^ int.from_bytes(seal[:8], "big")).to_bytes(8, "big")
