"""Text for comparisons: case, accents and the form of letters do not count."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict.fromkeys(map(chr, range(0x300, 0x370)))
)
"""Letters that Unicode does not decompose; no accents in Latin, Greek and Cyrillic."""

_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
"""Letters of Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean, each a word by itself: nobody types whole words
there, and most of these put no blanks between them."""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text by which texts are equal.

    >>> folded("  AMÉLIE  Poulain "), folded("Straße"), folded("バットマン")
    ('amelie poulain', 'strasse', 'バットマン')
    """
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    # Composed again, since a Korean syllable or a Japanese voiced sound is one letter.
    return " ".join(unicodedata.normalize("NFC", decomposed).split())


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Its words, with a blank before each and at the end; a text without letters and digits is one word.

    >>> words("Harry Potter's"), words("の夜は"), words("$")
    (' harry potter s ', ' の 夜 は ', ' $ ')
    """
    plain = folded(text)
    if not plain.isascii():
        plain = _UNSPACED.sub(r" \1 ", plain)
    cut = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in plain)
    return f" {' '.join(cut.split()) or plain} "
