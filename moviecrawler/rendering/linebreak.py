"""Where lines of a title may break, and where they should. The caller measures widths, in any unit.

Rules: UAX #14 in the part that titles need, JIS X 4051 / W3C JLREQ 3.1.7-3.1.8 (characters that may not begin or end a
line), and two of display type: a hyphenated name is not broken, and a dash stays at the end of its line.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate, combinations, pairwise
from typing import Final, NamedTuple

# In addition to all closing punctuation (Unicode categories Pe and Pf).
_MAY_NOT_BEGIN_LINE: Final = frozenset(
    "!?%,.:;·…‥、。，．！？：；／＝゠・ー々ゝゞヽヾ〻〜～％‰℃"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ｡､･ｰｧｨｩｪｫｬｭｮｯ"
)
_PAUSES: Final = frozenset(",:;.!?–—―|/／、。，．！？：；،؛؟।")
_DASHES: Final = frozenset("-‐–—―|/·•")

# Ideographs, kana, bopomofo and full-width forms: lines break between them. Hangul breaks at its spaces.
_BREAKS_ANYWHERE: Final = re.compile(
    "[\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\uff01-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)

_KATAKANA: Final = re.compile("[゠-ヺー-ヿㇰ-ㇿｦ-ﾟ]")
_ABBREVIATION: Final = re.compile(r"(\w{1,3}\.)+")

# The zero-width joiner, and Thai and Lao vowels that must stay on the line of their consonant.
_AFTER_ITS_CONSONANT: Final = frozenset("\u200dะาำๅๆฯະາຳໆ")
_BEFORE_ITS_CONSONANT: Final = frozenset("\u200dเแโใไເແໂໃໄ")


class Token(NamedTuple):
    """An unbreakable piece: its text, its width, and the width of the space that follows it (0: none)."""

    text: str
    width: float
    space: float


Line = Sequence[Token]


def split_at_breaks(text: str) -> list[str]:
    """The text split at every break opportunity; a space stays with the piece before it.

    >>> split_at_breaks("Spider-Man: No Way Home")
    ['Spider-Man: ', 'No ', 'Way ', 'Home']
    >>> split_at_breaks("「千と千尋」の、ショー")
    ['「千', 'と', '千', '尋」', 'の、', 'ショー']
    """
    pieces: list[str] = []
    for cluster, rest in _clusters_with_rest(text):
        if pieces and not _may_break(pieces[-1], rest):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


def grapheme_clusters(text: str) -> list[str]:
    """The text split into what readers perceive as characters: a base with its marks, a Thai or Lao consonant with its
    vowels, joined emoji (UAX #29, simplified).

    >>> grapheme_clusters("แม่น้ำ!")
    ['แม่', 'น้ำ', '!']
    """
    found: list[str] = []
    for character in text:
        joins = unicodedata.category(character)[0] == "M" or character in _AFTER_ITS_CONSONANT
        if found and (joins or found[-1][-1] in _BEFORE_ITS_CONSONANT):
            found[-1] += character
        else:
            found.append(character)
    return found


def _clusters_with_rest(text: str) -> Iterator[tuple[str, str]]:
    """(cluster, text from this cluster on)"""
    at = 0
    for cluster in grapheme_clusters(text):
        yield cluster, text[at:]
        at += len(cluster)


def _may_break(left: str, right: str) -> bool:
    before, after = left.rstrip(" ")[-1:], right[0]
    if not before or after == " " or _closes(after) or _opens(before):
        return False
    if left.endswith(" "):
        return not (after in _DASHES and right[1:2] in ("", " "))
    return bool(_BREAKS_ANYWHERE.match(before) or _BREAKS_ANYWHERE.match(after) or before in "–—―")


def _closes(character: str) -> bool:
    return character in _MAY_NOT_BEGIN_LINE or unicodedata.category(character) in {"Pe", "Pf"}


def _opens(character: str) -> bool:
    return unicodedata.category(character) in {"Ps", "Pi"}


def line_width(line: Line) -> float:
    """The width of a line, without the space at its end."""
    return sum(token.width + token.space for token in line) - line[-1].space


def fill_lines(tokens: Line, limit: float) -> list[Line]:
    """Lines filled greedily up to ``limit``; a token that is wider gets a line of its own."""
    lines: list[list[Token]] = [[]]
    used = 0.0
    for token in tokens:
        if lines[-1] and used + token.width > limit:
            lines.append([])
            used = 0.0
        lines[-1].append(token)
        used += token.width + token.space
    return list(lines)


def balance_lines(tokens: Line, lines: int, favour: float = 1.0, limit: float = math.inf) -> list[Line]:
    """Exactly ``lines`` lines (fewer if there are fewer tokens) whose widest is as narrow as possible.

    A break inside a clause counts as if it made the lines ``favour`` times as wide,
    a break inside a word as more. Lines are wider than ``limit`` only if there is no other way.
    """
    penalties = _penalties([token.text for token in tokens])
    starts = list(accumulate((token.width + token.space for token in tokens), initial=0.0))

    def cost(breaks: tuple[int, ...]) -> tuple[bool, float]:
        ends = pairwise((0, *breaks, len(tokens)))
        widest = max(starts[end] - tokens[end - 1].space - starts[start] for start, end in ends)
        return widest > limit, widest * favour ** sum(penalties[at - 1] for at in breaks)

    best = min(combinations(range(1, len(tokens)), min(lines, len(tokens)) - 1), key=cost)
    return [tokens[start:end] for start, end in pairwise((0, *best, len(tokens)))]


def _penalties(texts: Sequence[str]) -> list[float]:
    """The penalty of the break after each piece but the last; a break inside brackets costs more."""
    inside = accumulate(sum(_opens(c) - (unicodedata.category(c) in {"Pe", "Pf"}) for c in text) for text in texts)
    penalties = (_penalty(left, right) for left, right in pairwise(texts))
    return [penalty + (1.5 if depth > 0 else 0) for penalty, depth in zip(penalties, inside, strict=False)]


def _penalty(left: str, right: str) -> float:
    """How much a break here disturbs a reader: 0 at a pause, 1 between words, more within a word."""
    before, after = left.rstrip(" ")[-1], right[0]
    if _opens(after) or _ends_clause(left):
        return 0
    if left.endswith(" "):
        return 0 if _BREAKS_ANYWHERE.match(before) or _BREAKS_ANYWHERE.match(after) else 1
    if before in "・･·•＝゠":
        return 1
    if before.isdigit() or after.isdigit() or (_KATAKANA.match(before) and _KATAKANA.match(after)):
        return 3
    if "ぁ" <= before <= "ゖ" and not "ぁ" <= after <= "ゖ":  # after a particle that ends a phrase
        return 0
    return 0.8 if _KATAKANA.match(before) or _KATAKANA.match(after) else 1.5


def _ends_clause(left: str) -> bool:
    """Whether a clause or bracket ends here; the full stop of an abbreviation ("Mr.", "Vol.") does not count."""
    text = left.rstrip(" ")
    if text[-1] == ".":
        return not _ABBREVIATION.fullmatch(text)
    return text[-1] in _PAUSES or unicodedata.category(text[-1]) in {"Pe", "Pf"}
