"""The ids of works in other houses, and the way back: /movie/{id}/external_ids and /find/{external_id}."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import Kind, Work

SOURCES = (
    *("imdb_id", "tvdb_id", "wikidata_id", "facebook_id", "instagram_id", "twitter_id"),
    *("tvrage_id", "freebase_id", "freebase_mid", "tiktok_id", "youtube_id"),
)
"""What /find accepts as ``external_source``; the sandbox has no ids of the last two."""

_ONLY_SHOWS = ("freebase_mid", "freebase_id", "tvdb_id", "tvrage_id")
_BOTH = ("wikidata_id", "facebook_id", "instagram_id", "twitter_id")
_REAL: dict[tuple[Kind, int], dict[str, str | int]] = {
    ("movie", 335984): {
        **{"wikidata_id": "Q21500755", "facebook_id": "bladerunner2049"},
        **{"instagram_id": "bladerunnermovie", "twitter_id": "bladerunner"},
    },
    ("tv", 1396): {"tvdb_id": 81189},
    ("tv", 1399): {
        **{"freebase_mid": "/m/0524b41", "freebase_id": "/en/game_of_thrones", "tvdb_id": 121361, "tvrage_id": 24493},
        **{"wikidata_id": "Q23572", "facebook_id": "GameOfThrones", "instagram_id": "gameofthrones"},
        **{"twitter_id": "GameOfThrones"},
    },
}
_HANDLE = re.compile(r"sandbox(show)?(\d+)")


def external_ids(work: Work) -> dict[str, Any]:
    """The ids in all houses, null where unknown: of real works few are known, every other invented one has all.

    An invented work whose id ends with 4 has "" instead of its Facebook name.
    """
    houses = (*_ONLY_SHOWS, *_BOTH) if work.kind == "tv" else _BOTH
    known = _REAL.get((work.kind, work.id), {}) if work.is_real else _made_up(work) if work.id % 2 == 0 else {}
    return {"imdb_id": work.imdb_id} | {house: known.get(house) for house in houses}


def _made_up(work: Work) -> dict[str, str | int]:
    handle = f"sandbox{'show' if work.kind == 'tv' else ''}{work.id}"
    found: dict[str, str | int] = dict.fromkeys((*_ONLY_SHOWS, *_BOTH), handle)
    found |= {"tvdb_id": work.id, "tvrage_id": work.id, "wikidata_id": f"Q{2 * work.id + (work.kind == 'tv')}"}
    return found | ({"facebook_id": ""} if work.id % 10 == 4 else {})


def find(catalogue: Catalogue, source: str, external_id: str) -> Iterator[Work]:
    """The works that have this id in the house ``source``, such as "imdb_id"."""
    if source == "imdb_id":
        yield from catalogue.find_by_imdb_id(external_id)
        return
    for kind, identity in dict.fromkeys(_candidates(source, external_id)):
        work = catalogue.get(kind, identity)
        if work and str(external_ids(work).get(source) or "") == external_id:
            yield work


def _candidates(source: str, external_id: str) -> Iterator[tuple[Kind, int]]:
    yield from (work for work, known in _REAL.items() if str(known.get(source)) == external_id)
    if found := _HANDLE.fullmatch(external_id):
        yield "tv" if found[1] else "movie", int(found[2])
    if source == "wikidata_id" and external_id[:1] == "Q" and external_id[1:].isdecimal():
        identity, is_show = divmod(int(external_id[1:]), 2)
        yield "tv" if is_show else "movie", identity
    if external_id.isdecimal():
        yield "tv", int(external_id)
