"""Where a title may be broken, and where it should be. Pure: widths are measured by the caller.

Rules: UAX #14 in the part that titles need, JIS X 4051 / W3C JLREQ 3.1.7-3.1.8 (characters that may not begin or end a
line), and two of display type: a hyphenated name stays whole, a dash stays at the end of its line.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate, combinations, pairwise
from typing import Final, NamedTuple

# Beside all closing punctuation (Unicode categories Pe and Pf).
_NOT_FIRST: Final = frozenset(
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

# Joiner first; Thai and Lao letters that no line may tear from their consonant.
_AFTER_ITS_CONSONANT: Final = frozenset("\u200dะาำๅๆฯະາຳໆ")
_BEFORE_ITS_CONSONANT: Final = frozenset("\u200dเแโใไເແໂໃໄ")


class Token(NamedTuple):
    """A piece that stays on one line: its text, its width, and the width of the space that follows it (0: none)."""

    text: str
    width: float
    space: float


Line = Sequence[Token]


def pieces(text: str) -> list[str]:
    """The text cut at every place where a line may end; a space stays with the piece before it.

    >>> pieces("Spider-Man: No Way Home")
    ['Spider-Man: ', 'No ', 'Way ', 'Home']
    >>> pieces("「千と千尋」の、ショー")
    ['「千', 'と', '千', '尋」', 'の、', 'ショー']
    """
    cut: list[str] = []
    for character, word in _clusters_with_rest(text):
        if cut and not _may_break(cut[-1], word):
            cut[-1] += character
        else:
            cut.append(character)
    return cut


def clusters(text: str) -> list[str]:
    """The text as what a reader takes for characters: a base with its marks, a Thai or Lao syllable's vowels with their
    consonant, joined emoji (UAX #29, simplified).

    >>> clusters("แม่น้ำ!")
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
    """Each cluster, and the text from there on."""
    at = 0
    for cluster in clusters(text):
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
    return character in _NOT_FIRST or unicodedata.category(character) in {"Pe", "Pf"}


def _opens(character: str) -> bool:
    return unicodedata.category(character) in {"Ps", "Pi"}


def width(line: Line) -> float:
    """Without the space at its end."""
    return sum(token.width + token.space for token in line) - line[-1].space


def fill(tokens: Line, limit: float) -> list[Line]:
    """Lines filled one after the other; a token wider than ``limit`` gets a line of its own."""
    lines: list[list[Token]] = [[]]
    used = 0.0
    for token in tokens:
        if lines[-1] and used + token.width > limit:
            lines.append([])
            used = 0.0
        lines[-1].append(token)
        used += token.width + token.space
    return list(lines)


def balance(tokens: Line, lines: int, favour: float = 1.0, limit: float = math.inf) -> list[Line]:
    """Exactly ``lines`` lines (fewer where there are fewer tokens) whose widest is as narrow as can be.

    A break in the middle of a clause counts as if it made the lines ``favour`` times as wide, one in the middle of a
    word more. Lines wider than ``limit`` come only where it cannot be helped.
    """
    strains = _strains([token.text for token in tokens])
    starts = list(accumulate((token.width + token.space for token in tokens), initial=0.0))

    def cost(breaks: tuple[int, ...]) -> tuple[bool, float]:
        ends = pairwise((0, *breaks, len(tokens)))
        widest = max(starts[end] - tokens[end - 1].space - starts[start] for start, end in ends)
        return widest > limit, widest * favour ** sum(strains[at - 1] for at in breaks)

    best = min(combinations(range(1, len(tokens)), min(lines, len(tokens)) - 1), key=cost)
    return [tokens[start:end] for start, end in pairwise((0, *best, len(tokens)))]


def _strains(texts: Sequence[str]) -> list[float]:
    """Of the break after each piece but the last; what brackets hold together is torn only where it must be."""
    inside = accumulate(sum(_opens(c) - (unicodedata.category(c) in {"Pe", "Pf"}) for c in text) for text in texts)
    strains = (_strain(left, right) for left, right in pairwise(texts))
    return [strain + (1.5 if depth > 0 else 0) for strain, depth in zip(strains, inside, strict=False)]


def _strain(left: str, right: str) -> float:
    """How much a break here disturbs a reader: 0 where one pauses, 1 between words, more within one."""
    before, after = left.rstrip(" ")[-1], right[0]
    if _opens(after) or _pauses(left):
        return 0
    if left.endswith(" "):
        return 0 if _BREAKS_ANYWHERE.match(before) or _BREAKS_ANYWHERE.match(after) else 1
    if before in "・･·•＝゠":
        return 1
    if before.isdigit() or after.isdigit() or (_KATAKANA.match(before) and _KATAKANA.match(after)):
        return 3
    if "ぁ" <= before <= "ゖ" and not "ぁ" <= after <= "ゖ":  # after the particles that end a phrase
        return 0
    return 0.8 if _KATAKANA.match(before) or _KATAKANA.match(after) else 1.5


def _pauses(left: str) -> bool:
    """After a clause or a closing bracket; not after the full stop of an abbreviation ("Mr.", "Vol.")."""
    text = left.rstrip(" ")
    if text[-1] == ".":
        return not _ABBREVIATION.fullmatch(text)
    return text[-1] in _PAUSES or unicodedata.category(text[-1]) in {"Pe", "Pf"}
