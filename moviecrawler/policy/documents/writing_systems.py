"""The letters that a language is written in: enough to tell a title from its untranslated original."""

import re
from functools import cache

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_CYRILLIC = "\u0400-\u052f"
_ARABIC = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff"
_HEBREW = "\u0590-\u05ff"
_DEVANAGARI = "\u0900-\u097f"
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u02af\u1e00-\u1eff\uff21-\uff5a"

# Letters by TMDB's language codes; all other languages count as written in Latin letters.
_LETTERS = {
    **dict.fromkeys(("zh", "cn"), _HAN),
    "ja": _HAN + _KANA,
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "tg", "uk"), _CYRILLIC),
    "sr": _CYRILLIC + _LATIN,
    **dict.fromkeys(("ar", "fa", "ps", "ug", "ur"), _ARABIC),
    **dict.fromkeys(("he", "yi"), _HEBREW),
    **dict.fromkeys(("hi", "mr", "ne"), _DEVANAGARI),
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hy": "\u0530-\u058f",
    "bn": "\u0980-\u09ff",
    "pa": "\u0a00-\u0a7f",
    "gu": "\u0a80-\u0aff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "kn": "\u0c80-\u0cff",
    "ml": "\u0d00-\u0d7f",
    "si": "\u0d80-\u0dff",
    "th": "\u0e00-\u0e7f",
    "lo": "\u0e80-\u0eff",
    "my": "\u1000-\u109f",
    "ka": "\u10a0-\u10ff",
    "am": "\u1200-\u137f",
    "km": "\u1780-\u17ff",
}


def written_in(title: str, language: str) -> bool:
    """Whether ``title`` can be in ``language``: it is written in the language's letters, possibly with Latin ones.

    A title without letters ("1917") fits every language.

    >>> [written_in(title, "zh") for title in ("X战警", "1917", "Inception", "君の名は。")]
    [True, True, False, False]
    """
    letters = "".join(filter(str.isalpha, title))
    own, own_or_latin = _patterns(_LETTERS.get(language, _LATIN))
    return not letters or (own.search(letters) is not None and own_or_latin.fullmatch(letters) is not None)


@cache
def _patterns(letters: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(f"[{letters}]"), re.compile(f"[{letters}{_LATIN}]+")
