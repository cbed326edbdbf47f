"""The edge cases of real data, each on works that are known beforehand (listed in ``docs/sandbox.md``).

The invented work number ``n`` has the edge case number ``n % 100``; real works are listed by their id.
"""

from __future__ import annotations

from typing import TypedDict

from moviecrawler.sandbox.catalogue.works import IndexRow

FIRST_INVENTED_ID = 5_000_000

TMDB = {
    1: "imdb_id empty",
    2: "imdb_id null",
    3: "runtime 0",
    4: "runtime null",
    5: "release_date empty",
    6: "homepage empty",
    7: "budget 7",
    8: "cast name empty",
    9: "character empty",
    10: "vote_average int",
    11: "video",
    12: "unknown key",
    13: "en-US title empty",
    14: "zh-CN overview indented",
    15: "zh-CN only alternative",
    16: "language xx",
    18: "no pictures",
    20: "shared pictures",
    21: "shared pictures",
    22: "festival first",
    23: "textless xx",
    24: "long title",
    25: "large crew",
    67: "collection gone",
}
OMDB = {
    26: "OMDB entities",
    27: "OMDB no ratings",
    28: "OMDB ratings absent",
    29: "OMDB no box office",
    30: "OMDB all N/A",
    31: "OMDB other film",
    32: "OMDB unknown",
    33: "OMDB old rating",
    34: "OMDB one digit day",
    35: "OMDB other gross",
}
# TN is The Numbers.
THE_NUMBERS = {
    41: "TN year later",
    42: "TN year earlier",
    43: "TN ampersand",
    44: "TN no gross",
    45: "TN date unknown",
    46: "TN date is a year",
    47: "TN no year in slug",
    48: "TN domestic only",
    49: "TN no distributor",
    50: "TN preview",
    51: "TN theaters dash",
    52: "TN theaters blank",
    53: "TN estimate",
    54: "TN foreign title",
    55: "TN article last",
    56: "TN virtual theaters",
}
INVENTED = TMDB | OMDB | THE_NUMBERS

REAL = {
    # Only the way they are presented is unusual; their facts remain facts.
    550: ("festival first", "en-US title empty"),
    603: ("homepage empty", "en-US title empty", "unknown key"),
    47964: ("festival first", "en-US title empty", "zh-CN overview indented", "three zh"),
    129: ("three zh", "textless xx"),
    155: ("zh-CN overview indented",),
    157336: ("three zh", "en-US title empty"),
    11: ("character empty", "en-US title empty"),
    13: ("zh-CN only alternative",),
    120: ("shared pictures",),
    121: ("shared pictures",),
    672: ("shared pictures",),
    673: ("shared pictures",),
    843: ("zh-CN overview indented",),
    # Wrong facts are left to films that few people look for.
    553512: ("video",),
    852005: ("release_date empty",),
    45380: ("cast name empty",),
    21345: ("no pictures",),
    277519: ("TN year later",),
    41110: ("TN year later",),
    46332: ("TN year later", "OMDB no ratings"),
    30596: ("TN year earlier",),
    254472: ("TN year earlier",),
    20083: ("TN year earlier", "OMDB ratings absent"),
    13491: ("TN no distributor",),
    10656: ("OMDB old rating",),
    82992: ("OMDB entities",),
}

_SHARED_PICTURES = {121: 120, 673: 672}

LONG_TITLE = (
    "The Remarkable and Entirely Unexpected Adventures of the Seven Lighthouse Keepers Who Sailed "
    "Around the World in Search of the Man Who Had Sold Them the Sea"
)


class ChangedFacts(TypedDict, total=False):
    """The fields of a ``Work`` that an edge case changes."""

    title: str
    imdb_id: str | None
    runtime: int | None
    budget: int


# The edge cases that change facts; all others only change how an answer presents them.
_FACTS: dict[str, ChangedFacts] = {
    "imdb_id empty": {"imdb_id": ""},
    "imdb_id null": {"imdb_id": None},
    "runtime 0": {"runtime": 0},
    "runtime null": {"runtime": None},
    "budget 7": {"budget": 7},
    "long title": {"title": LONG_TITLE},
}


def of_invented(n: int) -> frozenset[str]:
    """The edge cases of the invented work number ``n``.

    >>> sorted(of_invented(107)), sorted(of_invented(199))
    (['budget 7'], [])
    """
    return frozenset({INVENTED[n % 100]} if n % 100 in INVENTED else ())


def of_real(identity: int) -> frozenset[str]:
    """The edge cases of a real film.

    >>> sorted(of_real(155))
    ['zh-CN overview indented']
    """
    return frozenset(REAL.get(identity, ()))


def of_id(identity: int) -> frozenset[str]:
    """The edge cases of a film by its id.

    >>> sorted(of_id(155)), sorted(of_id(5_000_007))
    (['zh-CN overview indented'], ['budget 7'])
    """
    n = identity - FIRST_INVENTED_ID
    return of_invented(n) if n >= 0 else of_real(identity)


def changed_facts(cases: frozenset[str]) -> ChangedFacts:
    """The fields of a ``Work`` that these edge cases change."""
    changed = ChangedFacts()
    for name in cases:
        changed.update(_FACTS.get(name, {}))
    return changed


def apply_to_row(row: IndexRow, cases: frozenset[str]) -> IndexRow:
    """The row as filters and listings see it with these edge cases."""
    if "release_date empty" in cases:
        return row._replace(date="")
    if "language xx" in cases:
        return row._replace(language="xx")
    if "vote_average int" in cases:
        return row._replace(average=float(round(row.average)))
    return row


def picture_owner(identity: int) -> int:
    """The id whose pictures a work shows: its own, except for the second of a pair that shares them byte for byte."""
    n = identity - FIRST_INVENTED_ID
    if n >= 0:
        return identity - 1 if n % 100 == 21 else identity
    return _SHARED_PICTURES.get(identity, identity)
