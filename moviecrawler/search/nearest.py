"""The words of the index that are nearest to misspelt ones."""

import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from moviecrawler.search.index import SearchIndex

MIN_LETTERS = 3
"""A shorter word is near to too many."""


def nearest(index: SearchIndex, words: Iterable[str]) -> dict[str, str]:
    """A word of the index for each that it does not have; empty unless there is one for all that are misspelt.

    One letter may be wrong, missing, too many or swapped, in longer words two, in very long ones three. Of the words
    that are equally near the one that is in most titles.
    """
    found: dict[str, str] = {}
    for word in dict.fromkeys(words):
        if _is_there(index, word):
            continue
        if len(word) < MIN_LETTERS:
            return {}
        if (best := _best(word, index.vocabulary())) is None:
            return {}
        found[word] = best
    return found


def _is_there(index: SearchIndex, word: str) -> bool:
    return bool(index.connection.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (f'"{word}"',)).fetchone())


def _best(word: str, vocabulary: dict[str, int]) -> str | None:
    word = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    most = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
    near = process.extract(word, vocabulary.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=20)
    ranked = sorted(near, key=lambda one: (one[1], -vocabulary[one[0]], one[0]))
    return ranked[0][0] if ranked else None
