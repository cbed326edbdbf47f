"""Which films form a collection: a few real ones, and those of the invented films.

An invented film whose id ends with 7 is the first of a collection of three. The other two are in no listing, so that
only the collection (or a search) leads to them.
"""

from __future__ import annotations

from typing import NamedTuple

from moviecrawler.sandbox.catalogue.edge_cases import FIRST_INVENTED_ID

# TMDB's id -> name and those of its films that films.csv holds.
REAL = {
    10: ("Star Wars Collection", (11, 1891, 1892, 1893, 1894, 1895)),
    119: ("The Lord of the Rings Collection", (120, 121, 122)),
    230: ("The Godfather Collection", (238, 240)),
    263: ("The Dark Knight Collection", (155, 272, 49026)),
    264: ("Back to the Future Collection", (105, 165, 196)),
    1570: ("Die Hard Collection", (562, 47964)),
    1241: ("Harry Potter Collection", (671, 672, 673)),
    2344: ("The Matrix Collection", (603, 604, 605)),
    10194: ("Toy Story Collection", (862, 863, 10193)),
}
_OF_REAL_FILM = {film: identity for identity, (_, films) in REAL.items() for film in films}

_LAST_FIRST = 90_000  # invented films beyond this number begin none, so that sequels are below all other numbers
_FIRST_SEQUEL = 1_000_098  # the number of an invented work; those that end with 98 and 99 are no edge cases


class Sequel(NamedTuple):
    """The film number ``first`` begins the collection; ``part``: 2 or 3."""

    first: int
    part: int


def of_real_film(identity: int) -> int:
    """The collection of a real film; 0 without one.

    >>> of_real_film(105), of_real_film(13)
    (264, 0)
    """
    return _OF_REAL_FILM.get(identity, 0)


def begins_collection(n: int) -> bool:
    """Whether the invented film number ``n`` is the first of a collection, which then has the film's own id."""
    return n % 10 == 7 and n < _LAST_FIRST


def sequels(n: int) -> tuple[int, int]:
    """The numbers of the other two films of the collection that the invented film number ``n`` begins.

    >>> sequels(7), sequels(17), sequel_of(sequels(17)[1])
    ((1000098, 1000099), (1000198, 1000199), Sequel(first=17, part=3))
    """
    second = _FIRST_SEQUEL + 100 * (n // 10)
    return second, second + 1


def sequel_of(n: int) -> Sequel | None:
    """Whose sequel the invented film number ``n`` is; None if it is none."""
    tens, part = divmod(n - _FIRST_SEQUEL, 100)
    return Sequel(10 * tens + 7, part + 2) if 0 <= tens < _LAST_FIRST // 10 and part in (0, 1) else None


def parts(identity: int) -> tuple[int, ...]:
    """The ids of all films of a collection, whether they exist or not; () for an id that is none.

    >>> parts(264), parts(5_000_007), parts(5_000_008)
    ((105, 165, 196), (5000007, 6000098, 6000099), ())
    """
    n = identity - FIRST_INVENTED_ID
    if n < 0:
        return REAL[identity][1] if identity in REAL else ()
    return (identity, *(FIRST_INVENTED_ID + number for number in sequels(n))) if begins_collection(n) else ()
