"""All keys by which one title can be found, each with how far it is from the whole title."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from moviecrawler.policy.identity_titles import normalise

WHOLE, DRESSED, CUT = 0, 1, 2
"""The whole title; the same in another spelling, or without a name in front; only its first or last part."""

_HOUSES = frozenset({"disney", "dreamworks", "dr seuss", "marvel", "national lampoon", "tyler perry", "walt disney"})
_POSSESSIVE = re.compile(r"^([^:]+?)(?:['’]s?)\s+((?:(?:the|an?)\s)?.+)$", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:the|an?)\s", re.IGNORECASE)
_PRESENTS = re.compile(r"^.+\bpresents:?\s+(.+)$", re.IGNORECASE)
_OR = re.compile(r"^(.+?),?\s+or(?::\s|\s*\().+$", re.IGNORECASE)
_PARENTHESES = re.compile(r"^(.*\S)\s*\(([^()]+)\)$")
_EPISODE = re.compile(r"^(.+?):?\s+ep(?:isode|\.)?\s+(?:[ivx]+|\d+)\s*[:–—-]\s*(.+)$", re.IGNORECASE)
_SUBTITLE = re.compile(r"\s*:\s+|\s+[–—-]\s+|\s*—\s*")
_COUNTED = re.compile(r"(?:(?:part|chapter|volume|episode|book) )?\d+$")
_FIRST = re.compile(r" (?:part|chapter|volume|episode|book) 1$")
_PART = re.compile(r"(?<=\S )(?:part|chapter|volume|episode|book) (?=\d)")

_COUNT = "two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen"
_DIGITS = {word: str(number) for number, word in enumerate(_COUNT.split(","), start=2)}
_WORDS = {number: word for word, number in _DIGITS.items()}
_SHORT = {"doctor": "dr", "mister": "mr", "versus": "vs"}
_LONG = {"dr": "doctor", "mr": "mister", "vs": "versus"}
_CUT_SHORT = "…"
_SLUG = re.compile(r"^(.+?)(?:-(?:The|An?))?(?:-\(\d{4}\))?$")


def names(record: Mapping[str, Any]) -> list[str]:
    """The normalised keys of a record or document: two that share none are two films. No key twice, whole titles first.

    Translations and alternatives count as they are, the main titles in all their :func:`spellings`.

    >>> names({"title": "Lee Daniels' The Butler"})
    ['lee daniels the butler', 'leedanielsthebutler', 'butler']
    """
    keys = dict.fromkeys(normalise(title) for title in all_titles(record))
    for title in main_titles(record):
        keys |= dict.fromkeys(spellings(title))
    return [key for key in keys if key]


def main_titles(record: Mapping[str, Any]) -> list[str]:
    """The title, the original and the American one; a title cut with "…" is read from the slug."""
    title = record.get("title") or ""
    if title.endswith(_CUT_SHORT) and (slug := _SLUG.match(str(record.get("source_id") or ""))):
        title = slug[1].replace("-", " ")
    found = (title, record.get("original_title"), (record.get("titles") or {}).get("en-US"))
    return [name for name in dict.fromkeys(found) if name]


def all_titles(record: Mapping[str, Any]) -> list[str]:
    """The main titles, then translations and alternatives."""
    others = [other["title"] for other in record.get("alternative_titles") or ()]
    return list(dict.fromkeys([*main_titles(record), *filter(None, (record.get("titles") or {}).values()), *others]))


@lru_cache(maxsize=1024)
def spellings(title: str, people: Collection[str] | None = None) -> dict[str, int]:
    """Keys of a title and their distance from it: ``WHOLE``, ``DRESSED`` or ``CUT``.

    A name in front ("Wes Craven's New Nightmare") counts as no part of the title where it is that of a studio or one
    of the film's ``people`` (normalised names; None: anybody's).
    """
    found: dict[str, int] = {}

    def add(text: str, distance: int) -> None:
        key = normalise(text)
        if not key:
            return
        found[key] = min(found.get(key, distance), distance)
        for respelt in _respelt(key):
            found.setdefault(respelt, max(distance, DRESSED))

    add(title, WHOLE)
    for text in _undressed(title, people):
        add(text, DRESSED)
    for text in _parts(title):
        add(text, CUT)
    return found


def _undressed(title: str, people: Collection[str] | None) -> list[str]:
    bare = [match[1] for pattern in (_PRESENTS, _OR, _PARENTHESES) if (match := pattern.match(title))]
    if episode := _EPISODE.match(title):
        bare.append(f"{episode[1]} {episode[2]}")
    if possessive := _POSSESSIVE.match(title):
        owner = normalise(possessive[1])
        if people is None or owner in _HOUSES or owner in people or _ARTICLE.match(possessive[2]):
            bare.append(possessive[2])
    return bare


def _parts(title: str) -> list[str]:
    """What may stand for the whole: not "Kill Bill" for its second volume, nor "Movie" for "...: The Movie"."""
    parts = [match[2] for match in [_PARENTHESES.match(title)] if match and not match[2].isdigit()]
    if _FIRST.search(key := normalise(title)):
        parts.append(_FIRST.sub("", key))
    for cut in _SUBTITLE.finditer(title):
        head, tail = title[: cut.start()], title[cut.end() :]
        if not _COUNTED.match(normalise(tail)):
            parts.append(head)
        if " " in normalise(tail) and not _COUNTED.match(normalise(tail)):
            parts.append(tail)
    return parts


def _respelt(key: str) -> list[str]:
    """Other spellings of a key; the last one is the same for all of them, without spaces."""
    words = key.split()
    if len(words) == 1:
        return []
    short = [_SHORT.get(word, word) for word in words]
    plain = _PART.sub("", " ".join(_DIGITS.get(word, word) for word in short)).split()
    return [
        _PART.sub("", key),
        " ".join(_DIGITS.get(word, word) for word in words),
        " ".join(_WORDS.get(word, word) for word in words),
        " ".join(short),
        " ".join(_LONG.get(word, word) for word in words),
        " ".join(word for word in words if word != "and"),
        "".join(word for word in plain if word != "and"),
    ]
