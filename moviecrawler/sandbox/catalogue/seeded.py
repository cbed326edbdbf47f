"""Reproducible random values: each depends only on the seed and the names that are passed."""

from __future__ import annotations

import random
from hashlib import blake2b


def bits(*what: object) -> int:
    """128 bits that depend only on ``what``.

    >>> bits(1, "movie", 5) == bits(1, "movie", 5), bits(1, "movie", 5) == bits(2, "movie", 5)
    (True, False)
    """
    text = ":".join(map(str, what))
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")


def generator(*what: object) -> random.Random:
    """A random generator whose sequence depends only on ``what``."""
    return random.Random(bits(*what))


def identifier(*what: object, below: int = 4_000_000) -> int:
    """A stable positive id (of a person, keyword, company) for a name.

    >>> identifier("person", "Hayao Miyazaki") == identifier("person", "Hayao Miyazaki") > 0
    True
    """
    return bits(*what) % below + 1


def token(*what: object, digits: int = 24) -> str:
    """Hexadecimal digits, as in credit and video ids."""
    return f"{bits(*what):032x}"[:digits]
