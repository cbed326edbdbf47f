"""Reduces a title to one form, however a source spells it."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

_ARTICLES = (
    "the|a|an|"  # English
    "le|la|les|un|une|"  # French
    "der|die|das|ein|eine|"  # German
    "el|los|las|una|"  # Spanish
    "il|lo|gli|uno|"  # Italian
    "o|um|uma|"  # Portuguese
    "de|het|een|"  # Dutch
    "den|det|ett"  # Danish, Norwegian, Swedish
)
_LEADING_ARTICLE = re.compile(rf"^(?:({_ARTICLES})\s+|(l')\s*)(?=['\"“”«]*\w)")
_TRAILING_ARTICLE = re.compile(rf",\s*({_ARTICLES}|l')$")
_MISREAD = re.compile(r"[ÂÃâ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_][.*]){2,}(?:[^\W\d_](?!\w))?")
_VERSUS = re.compile(r"(?<= )v\.?(?= \w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NO_WORD = re.compile(r"[\W_]+", re.ASCII)

_ROMAN = "ii,iii,iv,v,vi,vii,viii,ix,x,xi,xii,xiii,xiv,xv,xvi,xvii,xviii,xix,xx"
_NUMBERS = {roman: str(number) for number, roman in enumerate(_ROMAN.split(","), start=2)}

_PARTS = {"vol": "volume", "pt": "part", "ep": "episode", "chap": "chapter"}
_PARTS |= {
    word: word for word in ("part", "chapter", "episode", "volume", "book", "teil", "kapitel", "parte", "partie")
}
_COUNTED = {"i": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
"""Numbers only after one of ``_PARTS``: "Part One", "Chapter I", but not "The King and I"."""

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys("‘’‛ʼʻ`´′＇", "'")
    | dict.fromkeys(map(chr, range(0x300, 0x370)))
)
"""Letters that Unicode does not decompose; one apostrophe for all; no accents in Latin, Greek and Cyrillic."""


@lru_cache(maxsize=1024)
def normalise(title: str) -> str:
    """One spelling for all spellings of a title: the key by which candidates are found.

    Compatibility forms, case, accents, punctuation and the article (in front, or behind a comma) do not count;
    ``&`` is "and"; Roman numerals from II on are Arabic, except in front. Other scripts are kept. A title without
    any letter or digit (``$``) is its own key.

    >>> [normalise(title) for title in ("The Godfather", "Godfather, The", "Amélie", "Rocky IV", "V for Vendetta")]
    ['godfather', 'godfather', 'amelie', 'rocky 4', 'v for vendetta']
    """
    whole = _folded(title)
    text = whole
    if found := _article(title, whole):
        text = whole[: found.start()] + whole[found.end() :]
    if "." in text or "*" in text:
        text = _INITIALS.sub(lambda match: re.sub(r"[.*]", "", match[0]) + " ", text)
    if "," in text:
        text = _THOUSANDS.sub("", text)
    text = text.replace("'", "").replace("&", " and ")
    words = (_NO_WORD.sub(" ", text) if text.isascii() else text.translate(_WORDS)).split()
    return " ".join(_unified(words)) or " ".join(whole.split())


def leading_article(title: str) -> str:
    """The article that :func:`normalise` leaves out: "Bubble" and "The Bubble" may be two films.

    >>> [leading_article(title) for title in ("The Bubble", "Bubble, The", "Bubble")]
    ['the', 'the', '']
    """
    found = _article(title, _folded(title))
    return found[found.lastindex or 0] if found else ""


def _article(title: str, whole: str) -> re.Match[str] | None:
    """Not an article: capitals before lower-case words, as in "LA Confidential"."""
    if found := _TRAILING_ARTICLE.search(whole):
        return found
    first = title.partition(" ")[0]
    in_capitals = len(first) > 1 and first.isalpha() and first.isupper() and not title.isupper()
    return None if in_capitals else _LEADING_ARTICLE.match(whole)


def _folded(title: str) -> str:
    # Composed first: what was misread has pairs of letters, of which the first may be written as two.
    title = repaired(title if title.isascii() else unicodedata.normalize("NFC", title))
    if " v" in title:
        title = _VERSUS.sub("vs", title)
    return (title.lower() if title.isascii() else _fold(title)).strip()


def repaired(title: str) -> str:
    """Repair UTF-8 that was decoded as Latin-1 or Windows-1252, and escaped apostrophes.

    >>> repaired("AmÃ©lie"), repaired(r"L\\'Atalante")
    ('Amélie', "L'Atalante")
    """
    title = title.replace("\\'", "'")
    if not title.isascii() and _MISREAD.search(title):
        for encoding in ("latin-1", "cp1252"):
            with suppress(UnicodeError):
                return title.encode(encoding).decode()
    return title


def _fold(title: str) -> str:
    decomposed = unicodedata.normalize("NFKD", title.translate(_SEPARATED))
    decomposed = unicodedata.normalize("NFKD", decomposed.casefold()).translate(_LETTERS)
    # Composed again, since a Korean syllable or a Japanese voiced sound is one letter.
    return unicodedata.normalize("NFC", decomposed)


class _Separated(dict[int, str]):
    """For ``str.translate``, filled as characters come: a superscript or fraction becomes a word of its own (Alien³,
    9½ Weeks); characters without width are dropped."""

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(character := chr(code))
        self[code] = f" {character} " if category == "No" else "" if category == "Cf" else character
        return self[code]


class _Words(dict[int, str]):
    """For ``str.translate``: what is no letter or digit becomes a space. Marks are vowels in the scripts of India and
    South-East Asia."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_kept = character.isalnum() or unicodedata.category(character)[0] == "M"
        self[code] = character if is_kept else " "
        return self[code]


_SEPARATED, _WORDS = _Separated({ord("º"): "°"}), _Words()


def _unified(words: list[str]) -> list[str]:
    for place in range(1, len(words)):
        before, word = words[place - 1], words[place]
        number = _NUMBERS.get(word, word)
        if before in _PARTS and (word in _COUNTED or number.isdigit()):
            words[place - 1], number = _PARTS[before], _COUNTED.get(word, number)
        words[place] = number
    return words
