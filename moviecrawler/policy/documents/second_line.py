"""The line below the title on a title backdrop: the original title, or one in a preferred language."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from moviecrawler.documents.facts import Facts
from moviecrawler.policy.documents.localization import Languages

# Letters that Unicode does not decompose into a base and a mark.
_BASES: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})


class SecondLine(NamedTuple):
    """``language``: a BCP 47 tag."""

    text: str
    language: str


def second_line(document: Facts, languages: Languages, choice: str = "auto") -> SecondLine | None:
    """The line for a ``choice`` of OVERLAY_SUBTITLE; None if there is none.

    ``auto``: the original title if it differs, else the first different title in a language of LANGUAGES; ``original``
    and ``languages``: only the one or the other; ``off``: none.

    >>> matrix = {"title": "The Matrix", "original_title": "The Matrix", "original_language": "en",
    ...           "titles": {"ar-SA": "المصفوفة", "de-DE": "Matrix"}}
    >>> second_line(matrix, Languages.parse("en-US"))
    >>> second_line(matrix, Languages.parse("en-US,de"))
    SecondLine(text='Matrix', language='de-DE')
    """
    title = document.get("title") or document.get("original_title") or ""
    original = SecondLine(document.get("original_title") or "", document.get("original_language") or "en")
    preferred = _preferred_titles(document.get("titles") or {}, original, languages)
    candidates = {"auto": [original, *preferred], "original": [original], "languages": preferred, "off": []}[choice]
    return next((line for line in candidates if line.text.strip() and not alike(line.text, title)), None)


def _preferred_titles(titles: Mapping[str, str | None], original: SecondLine, languages: Languages) -> list[SecondLine]:
    def fitting(tag: str) -> Iterator[SecondLine]:
        for known, text in sorted(titles.items(), key=lambda row: row[0] != tag):
            if text and (known == tag or known.startswith(f"{tag}-")):
                yield SecondLine(text, known)
        if original.language == tag.partition("-")[0]:
            yield original

    return [line for tag in languages.preferred for line in fitting(tag)]


def alike(title: str, other: str) -> bool:
    """Whether two titles differ only in width, case, punctuation, spaces and diacritics.

    >>> alike("Ａ計劃", "A計劃"), alike("WALL·E", "Wall-E"), alike("Amélie", "AMELIE"), alike("ハハ", "パパ")
    (True, True, True, False)
    """
    return title == other or _plain(title) == _plain(other)


def _plain(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).casefold().translate(_BASES)
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not _is_diacritic(c))
    letters = "".join(c for c in bare if not re.match("[PZC]|Sk", unicodedata.category(c)))
    return unicodedata.normalize("NFC", letters or bare)


def _is_diacritic(character: str) -> bool:
    """Accents and the points of Hebrew and Arabic; the marks that make another letter in kana, Thai and the scripts of
    India have lower classes or classes of their own (Unicode, Canonical_Combining_Class).
    """
    combining = unicodedata.combining(character)
    return 10 <= combining <= 36 or combining >= 200
