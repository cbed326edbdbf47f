"""All keys by which a title can be found, each with its distance from the exact title."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice
from typing import cast

from moviecrawler.documents.facts import Facts
from moviecrawler.documents.records import Said
from moviecrawler.policy.identity.normalise import normalise, repaired
from moviecrawler.policy.identity.spelling import compact_key, sorted_words_key

EXACT, ALTERED, SHORTENED, PARTIAL, REORDERED, REORDERED_UNNUMBERED = range(6)
"""The exact title; the same in another spelling, or without an owner in front; without words that say little (a part's
number, "Movie", an author in front); only a part of it; its words in another order; and that without the part's number.
"""

_HOUSES = frozenset({"disney", "dreamworks", "dr seuss", "marvel", "national lampoon", "tyler perry", "walt disney"})
_HOUSE = re.compile(rf"(?:{'|'.join(sorted(_HOUSES))})\s+(.+)$", re.IGNORECASE)
_POSSESSIVE = re.compile(r"^([^:]+?)(?:['’]s?)\s+((?:(?:the|an?)\s)?.+)$", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:the|an?)\s", re.IGNORECASE)
_SOMEBODY = re.compile(r"(?!(?:the|an?|my|our|his|her|their) )(?!.*\band\b)\S+(?: \S+){1,3}$")
_PRESENTS = re.compile(r"^.+\bpresents:?\s+(.+)$", re.IGNORECASE)
_OR = re.compile(r"^(.+?),?\s+or(?::\s|\s*\().+$", re.IGNORECASE)
_PARENTHESES = re.compile(r"^(.*\S)\s*\(([^()]+)\)$")
_EPISODE = re.compile(r"^(.+?):?\s+ep(?:isode|\.)?\s+(?:[ivx]+|\d+)\s*[:–—-]\s*(.+)$", re.IGNORECASE)
_SUBTITLE = re.compile(r"\s*:\s+|\s+[–—-]\s+|\s*—\s*")
_MARKS = re.compile("[:–—-]")
_MOST_SUBTITLES = 8
_IN_3D = re.compile(r"\s*\b3-?d\b", re.IGNORECASE)
_COUNTED = re.compile(r"(?:(?:part|chapter|volume|episode|book) )?\d+$")
_COUNT = re.compile(r" (?:(?:part|chapter|volume|episode|book) )?\d+$")
_FIRST = re.compile(r" (?:part|chapter|volume|episode|book) 1$")
_CUT_SHORT = "…"
_SLUG = re.compile(r"^(.+?)(?:-(?:The|An?))?(?:-\(\d{4}\))?$")


def title_keys(record: Facts) -> list[str]:
    """The keys of a record or document: two that share none are two films. No duplicates, exact titles first.

    Translations and alternatives have one key each, the main titles all their :func:`spellings`.

    >>> title_keys({"title": "Lee Daniels' The Butler"})
    ['lee daniels the butler', 'leedanielsbutler', 'butler']
    """
    keys = dict.fromkeys(normalise(title) for title in all_titles(record))
    for title in main_titles(record):
        keys |= dict.fromkeys(spellings(title))
    return [key for key in keys if key]


def main_titles(record: Facts) -> list[str]:
    """The title (without a year after it), the original title and the American one.

    A title truncated with "…" is completed from the slug.
    """
    title = (record.get("title") or "").removesuffix(f" ({record.get('year')})")
    if title.endswith(_CUT_SHORT) and (slug := _SLUG.match(cast("Said", record).get("source_id") or "")):
        title = slug[1].replace("-", " ")
    found = (title, record.get("original_title"), (record.get("titles") or {}).get("en-US"))
    return [repaired(name) for name in dict.fromkeys(found) if name]


def all_titles(record: Facts) -> list[str]:
    """The main titles, then translations and alternatives."""
    others = [other["title"] for other in record.get("alternative_titles") or ()]
    return list(dict.fromkeys([*main_titles(record), *filter(None, (record.get("titles") or {}).values()), *others]))


@lru_cache(maxsize=1024)
def spellings(title: str, people: Collection[str] | None = None) -> dict[str, int]:
    """Keys of a title with their distance from it: ``EXACT``, ``ALTERED``, ``SHORTENED`` and so on.

    A name in front ("Wes Craven's New Nightmare") is not part of the title if it is that of a studio or one of the
    film's ``people`` (normalised names; None: anybody's).
    """
    found: dict[str, int] = {}

    def add(text: str, distance: int) -> None:
        key = normalise(text)
        if not key:
            return
        found[key] = min(found.get(key, distance), distance)
        if " " in key:
            found.setdefault(compact_key(key), max(distance, ALTERED))

    add(title, EXACT)
    for text in _altered(title, people):
        add(text, ALTERED)
    for text in _shortened(title):
        add(text, SHORTENED if " " in normalise(text) else PARTIAL)
    for text in _partial(title):
        add(text, PARTIAL)
    for distance, text in enumerate(_unnumbered(title), start=REORDERED):
        found.setdefault(sorted_words_key(text), min(distance, REORDERED_UNNUMBERED))
    return found


def distance_between(one: int, other: int) -> int | None:
    """The distance of two titles that share a key; ``one`` and ``other`` are their distances from it.

    None: no conclusion, since both are parts ("Paradise: Love" and "Paradise: Faith").
    """
    near, far = sorted((one, other))
    if near == REORDERED:
        return SHORTENED
    return far if far <= PARTIAL and near <= ALTERED else None


def _altered(title: str, people: Collection[str] | None) -> Iterator[str]:
    folded = title.casefold()
    for needed, pattern in (("presents", _PRESENTS), ("or", _OR), (")", _PARENTHESES)):
        if needed in folded and (match := pattern.match(title)):
            yield match[1]
    if "ep" in folded and (episode := _EPISODE.match(title)):
        yield f"{episode[1]} {episode[2]}"
    if bare := _IN_3D.sub("", title).strip() if "3" in title else "":
        yield bare
    if _has_apostrophe(title) and (possessive := _POSSESSIVE.match(title)):
        owner = normalise(possessive[1])
        if people is None or owner in _HOUSES or owner in people or _ARTICLE.match(possessive[2]):
            yield possessive[2]


def _has_apostrophe(title: str) -> bool:
    return "'" in title or "’" in title


def _shortened(title: str) -> Iterator[str]:
    key = normalise(title)
    if _FIRST.search(key):
        yield _FIRST.sub("", key)
    if key.endswith(" 3d"):
        yield key[:-1]
    if key.endswith(" movie"):
        yield key.removesuffix(" movie")
    if bare := _without_owner(title):
        yield bare
    yield from list(_unnumbered(title))[1:]


def _without_owner(title: str) -> str:
    """Without a full name in front ("Tim Burton's Corpse Bride"), or a studio's ("Disney Planes")."""
    if house := _HOUSE.match(title):
        return house[1]
    possessive = _POSSESSIVE.match(title) if _has_apostrophe(title) else None
    return possessive[2] if possessive and _SOMEBODY.match(possessive[1].lower()) else ""


def _partial(title: str) -> Iterator[str]:
    """Parts that can stand for the whole: not "Kill Bill" for its second volume, nor "Movie" for "...: The Movie"."""
    if (match := _PARENTHESES.match(title)) and not match[2].isdigit():
        yield match[2]
    for cut in _subtitles(title):
        tail = normalise(title[cut.end() :])
        if not _COUNTED.match(tail):
            yield title[: cut.start()]
            if tail != "movie":
                yield tail


def _subtitles(title: str) -> Iterator[re.Match[str]]:
    if not _MARKS.search(title):
        return iter(())
    return islice(_SUBTITLE.finditer(title), _MOST_SUBTITLES)


def _unnumbered(title: str) -> Iterator[str]:
    """A title with a subtitle, normalised, and without the part's number before it ("Crank 2: High Voltage")."""
    if not _MARKS.search(title) or not _SUBTITLE.search(title):
        return
    yield normalise(title)
    for cut in _subtitles(title):
        head = normalise(title[: cut.start()])
        if (bare := _COUNT.sub("", head)) != head:
            yield f"{bare} {normalise(title[cut.end() :])}"
