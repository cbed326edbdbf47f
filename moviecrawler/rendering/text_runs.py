"""Split text into runs of one font and one direction, in the order in which they are drawn."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import arabic_reshaper
from bidi import algorithm  # type: ignore[import-untyped]
from bidi.mirror import MIRRORED  # type: ignore[import-untyped]

from moviecrawler.rendering.bidi_brackets import resolve_brackets
from moviecrawler.rendering.fonts import Face, Fonts

# Scripts whose letters change shape or position next to each other, beyond what Arabic presentation forms cover: the
# Indic scripts, Tibetan, Myanmar, Khmer; in Thai and Lao, a tone mark above a vowel mark (they would overlap).
_NEEDS_SHAPING: Final = re.compile(
    "[\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff]"
    "|[\u0e31\u0e34-\u0e37\u0e47\u0e4d\u0eb1\u0eb4-\u0eb7\u0ebb\u0ecd][\u0e48-\u0e4c\u0ec8-\u0ecc]"
    "|[\u0e48-\u0e4b]\u0e33|[\u0ec8-\u0ecb]\u0eb3"
)

# The bidirectional classes of all characters but formatting codes (UAX #9, table 4).
_NON_FORMATTING: Final = frozenset(["L", "R", "AL", "EN", "ES", "ET", "AN", "CS", "NSM", "B", "S", "WS", "ON"])
_ANY_RTL: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_MATHEMATICAL: Final = re.compile("[\U0001d400-\U0001d7ff]")
_NO_BREAK_SPACES: Final = "\u00a0\u202f\u2007"
_JOINERS: Final = "\u200c\u200d"


class TextRun(NamedTuple):
    """A piece of text in one font and one direction. ``text`` is in reading order, even if ``rtl``."""

    text: str
    face: Face
    rtl: bool


def clean_text(text: str) -> str:
    r"""The text in NFC, with single spaces, without invisible characters (controls, direction marks, lone surrogates).

    >>> clean_text(" Ame\u0301lie \n\u202e 2 ")
    'Amélie 2'
    """
    spaced = "".join(" " if c.isspace() and c not in _NO_BREAK_SPACES else c for c in text)
    kept = (c for c in spaced if c in _JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return re.sub(" +", " ", unicodedata.normalize("NFC", "".join(kept))).strip()


def is_rtl(text: str) -> bool:
    """Whether the first strongly directional letter runs right to left (UAX #9, rules P2 and P3).

    >>> is_rtl("3 אידיוטים"), is_rtl("3 Idiots")
    (True, False)
    """
    return bool(algorithm.get_base_level(text))


def needs_shaping(text: str) -> bool:
    """Whether the text is drawn wrongly without raqm, even after ``split_into_runs``.

    >>> [needs_shaping(text) for text in ("तीन इडियट्स", "พี่มาก", "องค์บาก", "رحلة")]
    [True, True, False, False]
    """
    return bool(_NEEDS_SHAPING.search(text))


def missing_characters(text: str, language: str, fonts: Fonts) -> str:
    """The visible characters that no font has, without duplicates."""
    return "".join(
        character
        for character in dict.fromkeys(text)
        if not (_is_invisible(character) or fonts.find(character, language))
    )


def with_drawable_letters(text: str, language: str, fonts: Fonts) -> str:
    """The text with plain letters (NFKC or NFKD) in place of characters that no font has, and of all mathematical
    letters: a font may have only a few of them."""
    for character in dict.fromkeys(missing_characters(text, language, fonts) + "".join(_MATHEMATICAL.findall(text))):
        for form in ("NFKC", "NFKD"):
            plain = unicodedata.normalize(form, character)
            if plain.strip() and not missing_characters(plain, language, fonts):
                text = text.replace(character, plain)
                break
    return text


def bidi_levels(text: str, *, rtl: bool) -> list[int]:
    """The embedding level of each character of a paragraph: odd levels run right to left (UAX #9).

    >>> bidi_levels("א (b) 1", rtl=True)
    [1, 1, 1, 2, 1, 1, 2]
    """
    if not rtl and not _ANY_RTL.search(text):
        return [0] * len(text)
    # Joiners (UAX #9, 5.2) and characters that Python's Unicode version does not know take the level of the character
    # before them; python-bidi would drop the former and refuse the latter.
    known = "".join(c if unicodedata.bidirectional(c) in _NON_FORMATTING else "\u0300" for c in text)
    storage = algorithm.get_empty_storage() | {"base_level": int(rtl), "base_dir": "LR"[rtl]}
    algorithm.get_embedding_levels(known, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    characters = storage["chars"]
    resolved = resolve_brackets(known, [character["type"] for character in characters], rtl)
    for character, kind in zip(characters, resolved, strict=True):
        character["type"] = kind
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    return [int(character["level"]) for character in characters]


def split_into_runs(
    text: str, language: str, fonts: Fonts, *, rtl: bool, line_levels: Sequence[int] | None = None
) -> list[TextRun]:
    """The runs of one line, from left to right; characters that no font has are left out.

    ``rtl``: the direction of the paragraph that the line belongs to (``is_rtl`` of the whole text); ``line_levels``:
    the line's part of the paragraph's ``bidi_levels``, if the line is not the whole paragraph.
    Without raqm, the letters of a right-to-left run are presentation forms in visual order.
    """
    found: list[TextRun] = []
    for turned, span in _spans(text, bidi_levels(text, rtl=rtl) if line_levels is None else line_levels):
        if turned and not fonts.shaping:
            found += [
                TextRun(piece, face, False) for face, piece in _by_face(_to_visual_order(span, fonts), language, fonts)
            ]
        else:
            pieces = [TextRun(piece, face, turned) for face, piece in _by_face(span, language, fonts)]
            found += reversed(pieces) if turned else pieces
    return found


def _spans(text: str, line_levels: Sequence[int]) -> list[tuple[bool, str]]:
    """(is right to left, piece of one direction) in visual order: UAX #9, rule L2, applied to whole pieces."""
    pieces = [
        (level, "".join(character for _, character in group))
        for level, group in groupby(zip(line_levels, text, strict=True), key=lambda pair: pair[0])
    ]
    for lowest in range(max((level for level, _ in pieces), default=0), 0, -1):
        regrouped = groupby(pieces, key=lambda piece: piece[0] >= lowest)
        pieces = [piece for turned, group in regrouped for piece in (list(group)[::-1] if turned else group)]
    return [(bool(level % 2), piece) for level, piece in pieces]


def _to_visual_order(span: str, fonts: Fonts) -> str:
    """A right-to-left span in visual order, with Arabic letters in their joined forms if a font has them."""
    letters = "".join(c for c in span if unicodedata.category(c) != "Mn")
    forms = arabic_reshaper.reshape(letters)
    shown = letters if missing_characters(forms, "ar", fonts) else forms
    return "".join(MIRRORED.get(character, character) for character in reversed(shown))


def _by_face(text: str, language: str, fonts: Fonts) -> Iterator[tuple[Face, str]]:
    """Split by font. Letters and digits decide; the characters between them follow, so that quotation marks and spaces
    do not change the font in the middle of a title."""
    chosen = [None if _is_neutral(c) else fonts.find(c, language) for c in text]
    before = _fill_gaps(chosen)
    after = _fill_gaps(chosen[::-1])[::-1]
    faces: list[Face | None] = []
    for number, character in enumerate(text):
        near = [before[number], after[number]]
        if unicodedata.category(character) in {"Ps", "Pi"}:
            near.reverse()
        if faces and unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf", "Sk"}:
            near.insert(0, faces[-1])
        fitting = (face for face in near if face and character in face.coverage)
        faces.append(chosen[number] or next(fitting, None) or fonts.find(character, language))
        if unicodedata.category(character) == "Me":
            _choose_enclosing_face(text, number, faces, language, fonts)
    for face, group in groupby(zip(faces, text, strict=True), key=lambda pair: pair[0]):
        if face:
            yield face, "".join(character for _, character in group)


def _choose_enclosing_face(text: str, number: int, faces: list[Face | None], language: str, fonts: Fonts) -> None:
    """An enclosing keycap or circle needs raqm and one font for both characters; without them it is left out."""
    base = len(text[:number].rstrip("\ufe0e\ufe0f")) - 1
    framed = base >= 0 and unicodedata.category(text[base])[0] in "LNPS"
    chain = [faces[base], *(fonts.chain(language) if fonts.shaping else ())] if framed else []
    both = (face for face in chain if face and text[number] in face.coverage and text[base] in face.coverage)
    if face := next(both, None):
        faces[base:] = [face] * (number + 1 - base)
    else:
        faces[number] = None


def _fill_gaps(faces: list[Face | None]) -> list[Face | None]:
    """The faces with each gap filled by the face before it."""
    last: Face | None = None
    return [last := face or last for face in faces]


def _is_neutral(character: str) -> bool:
    return unicodedata.category(character)[0] not in "LN"


def _is_invisible(character: str) -> bool:
    """Whether it is a joiner or a variation selector: these shape their neighbours and have no glyph of their own."""
    return character in _JOINERS or "\ufe00" <= character <= "\ufe0f"
