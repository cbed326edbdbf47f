"""Takes escapes off a text (percent, backslash, entity, quoted-printable), one layer at a time.

A hostile site may send any number of them: each distinct escape is decoded once, then looked up. Positions in the
original text are only computed for what was found.
"""

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

_LAYERS = 4
"""Escapes of escapes of escapes: nobody reads anything nested more deeply by accident."""

_ESCAPE = re.compile(
    r"(%(?:u00)?[0-9a-f]{2}|\\(?:(?-i:U)000000|u00|x)[0-9a-f]{2}|\\u\{0{0,6}[0-9a-f]{2}\}|\\[0-3][0-7]{2}"
    r"|&(?:\#x?[0-9a-f]{1,16}|[a-z]{1,32});?|(?:\\\\)+|\\.)",  # a run of backslashes at once: half of it is left
    re.IGNORECASE | re.DOTALL,
)
_QUOTED_PRINTABLE = re.compile(r"(=(?:[0-9A-F]{2}|\r?\n))", re.IGNORECASE)


class _Plain(dict[str, str]):
    """What each escape stands for; an escaped line break or tab counts as white space, however it is written."""

    def __missing__(self, escape: str) -> str:
        plain = self[escape] = _plain(escape)
        return plain


@dataclass(frozen=True)
class Layer:
    """What is left of ``above`` when one layer of escapes is taken off it."""

    text: str
    above: "Layer | None" = None
    escape: re.Pattern[str] = _ESCAPE

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original text the characters from ``start`` to ``end`` are; an escape counts as a whole."""
        if self.above is None:
            return start, end
        starts, plain_starts = self._starts
        first, last = bisect_right(plain_starts, start) - 1, bisect_right(plain_starts, end - 1) - 1
        verbatim = not last % 2
        return self.above.place(
            starts[first] + (0 if first % 2 else start - plain_starts[first]),
            starts[last] + end - plain_starts[last] if verbatim else starts[last + 1],
        )

    def less(self, escape: re.Pattern[str]) -> "Layer":
        return Layer("".join(_taken_off(escape, self.text)[1]), self, escape)

    @cached_property
    def _starts(self) -> tuple["array[int]", "array[int]"]:
        """Of each part, above and here; every second part is an escape."""
        assert self.above is not None
        parts, plain = _taken_off(self.escape, self.above.text)
        above = array("I", accumulate(map(len, parts), initial=0))  # 4 bytes each: there may be millions
        del parts
        return above, array("I", accumulate(map(len, plain), initial=0))


def layers(text: str) -> Iterator[Layer]:
    """The text, and what is left of it as each layer of escapes is taken off."""
    layer = Layer(text)
    yield layer
    if "=" in text:
        yield layer.less(_QUOTED_PRINTABLE)
    for _ in range(_LAYERS):
        below = layer.less(_ESCAPE)
        if below.text == layer.text:
            return
        yield below
        layer = below


def _taken_off(escape: re.Pattern[str], text: str) -> tuple[list[str], list[str]]:
    """The parts of the text, and the same parts with each escape decoded."""
    parts = escape.split(text)
    plain = parts.copy()
    plain[1::2] = map(_Plain().__getitem__, parts[1::2])
    return parts, plain


def _plain(escape: str) -> str:
    sign, kind, digits = escape[0], escape[1], escape.lstrip("%\\=uUxX{").rstrip("}")
    if sign == "&":
        return html.unescape(escape)
    if sign == "=":
        return chr(int(digits, 16)) if digits.strip() else ""
    if sign == "\\" and kind == "\\":
        return escape[: len(escape) // 2]
    if sign == "\\" and len(escape) == 2:
        return " " if kind in "nrtNRT" else kind
    return chr(int(digits, 8 if kind in "0123" and sign == "\\" else 16))
