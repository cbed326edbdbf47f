"""How titles and names become words of the index, and what a person types becomes a query over them.

Text is one in all its Unicode forms (NFKC), cases and accents. Scripts that put no spaces between words, and Korean,
whose particles cling to theirs, are indexed as overlapping pairs of characters and the last one alone: any part of a
title is then a phrase of pairs, and a single character the beginning of a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from moviecrawler.policy.identity.normalise import normalise

TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
"""Of FTS5. Marks are parts of words, since they are the vowels of India and South-East Asia."""

MAX_QUERY = 300
"""Characters of a query."""

_MOST_TERMS = 32

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3031-\u3035\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Kana
    "\u3105-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Bopomofo, Han
    "\u1100-\u11ff\uac00-\ud7af"  # Korean
)
_RUN = re.compile(f"[{_UNSPACED}]+")
_PIECE = re.compile('"([^"]*)"|([^\\s"]+)')
_APOSTROPHE = re.compile(r"(?<=\w)'(?=(?:s|t|d|m|ll|re|ve)\b)")
_JOINED = re.compile(r"\w+(?:[-.·]\w+)+", re.ASCII)
_NO_WORD = re.compile(r"\W")
_PARTS = frozenset("-.·")
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
_LETTERS |= dict.fromkeys("‘’‛ʼ`´", "'")
"""What Unicode does not decompose, and one apostrophe for all."""

_LETTER = re.compile(f"[{''.join(_LETTERS)}]")


class Query(NamedTuple):
    """``match`` is an expression of FTS5, empty if there is no word in what was typed.

    ``some``: the same for titles that have only some of the words; empty for a single one. ``name``: what was typed,
    as the key of a title that is called so (:func:`name_key`). ``words``: those that may be misspelt. ``brief``: a
    letter or two, or one character of Chinese, which say too little to rank by.
    """

    match: str
    some: str
    name: str
    words: tuple[str, ...]
    brief: bool


def folded(text: str) -> str:
    """One spelling for all forms, cases and apostrophes; accents are FTS5's to remove.

    >>> folded("Ocean’s ＥＬＥＶＥＮ"), folded("Straße"), folded("Smørrebrød")
    ('oceans eleven', 'strasse', 'smorrebrod')
    """
    if text.isascii():
        return _without_apostrophes(text.lower())
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _without_apostrophes(_LETTER.sub(lambda letter: _LETTERS[letter[0]], plain))


def _without_apostrophes(plain: str) -> str:
    return _APOSTROPHE.sub("", plain) if "'" in plain else plain


def indexed(texts: Iterable[str]) -> str:
    """The words of some texts, for the index; a word of several parts also in one.

    >>> indexed(["月亮之夜"]), indexed(["3月のライオン", "Spider-Man"])
    ('月亮 亮之 之夜 夜', '3 月の のラ ライ イオ オン ン spider-man spiderman')
    """
    plain = folded("\n".join(dict.fromkeys(texts)))
    joined = [_NO_WORD.sub("", word) for word in _JOINED.findall(plain)] if _PARTS & set(plain) else []
    if not plain.isascii():
        plain = _RUN.sub(lambda run: f" {_pairs(run[0])} {run[0][-1]} ", plain)
    return " ".join([*plain.split(), *joined])


def _pairs(run: str) -> str:
    return " ".join(map("".join, pairwise(run)))


def name_key(title: str) -> str:
    """The key of a title for those who type it whole (``policy.identity.normalise``).

    >>> name_key("The Godfather"), name_key("Rocky IV"), name_key("$")
    ('=godfather', '=rocky 4', '=$')
    """
    return f"={normalise(title)}"


def read_query(text: str) -> Query:
    """What is looked for: every word, the last one also as the beginning of a longer one; "in quotes" a phrase.

    >>> read_query("dark kni").match, read_query('"dark knight"').match
    ('"dark" "kni" *', '"dark knight"')
    >>> read_query("月").match, read_query("の夜").match, read_query("月亮之 Up").some
    ('"月" *', '"の夜"', '"月亮 亮之" OR "up" *')
    >>> read_query("月亮之 Up")[2:]
    ('=月亮之 up', ('up',), False)
    """
    terms: list[str] = []
    words: list[str] = []
    for quoted, bare in _PIECE.findall(text):
        plain = folded(quoted or bare)
        parts = _split(plain)
        if quoted and not _RUN.search(plain):
            terms += [_quoted(" ".join(parts))] if parts else []
            continue
        for part in parts:
            run = _RUN.fullmatch(part)
            if run:
                terms.append(_quoted(_pairs(part)) if len(part) > 1 else f"{_quoted(part)} *")
            else:
                terms.append(_quoted(part))
                words.append(part)
    if words and terms and terms[-1] == _quoted(words[-1]) and text[-1:].isalnum():
        terms[-1] += " *"
    terms = list(dict.fromkeys(terms))[:_MOST_TERMS]
    some = " OR ".join(terms) if len(terms) > 1 else ""
    return Query(" ".join(terms), some, name_key(text), tuple(words), _is_brief(text))


def respelt(text: str, spelling: Mapping[str, str]) -> str:
    """What was typed, with other spellings of some words (``Query.words``).

    >>> respelt("Drak KNIGHT 2008", {"drak": "dark"})
    'dark knight 2008'
    """
    return " ".join(spelling.get(word, word) for word in _split(folded(text)))


def _split(plain: str) -> list[str]:
    """Words, and runs of scripts without spaces, in order."""
    spaced = _RUN.sub(lambda run: f" {run[0]} ", plain)
    kept = "".join(c if c.isalnum() or unicodedata.category(c)[0] in "MN" else " " for c in spaced)
    return kept.split()


def _is_brief(text: str) -> bool:
    plain = folded(text).strip()
    return len(plain) == 1 or (len(plain) == 2 and not _RUN.search(plain))


def _quoted(term: str) -> str:
    return '"{}"'.format(term.replace('"', '""'))
