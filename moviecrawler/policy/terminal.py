"""Text in lines of 80 columns: wide characters take two, controls none. What is shown is made printable first."""

import unicodedata
from collections.abc import Iterable, Iterator

from moviecrawler.policy.printable import printable

COLUMNS = 80
"""What every terminal, mail and issue has room for."""


def width(text: str) -> int:
    """Columns of a line.

    >>> width("Heat"), width("千と千尋"), width("e\\u0301")
    (4, 8, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns (2 or more), broken at spaces, or within what has none.

    >>> wrapped("A hacker learns", 8), wrapped("千と千尋の", 4), wrapped("", 8)
    (['A hacker', 'learns'], ['千と', '千尋', 'の'], [''])
    """
    lines = [""]
    for word in printable(text).split():
        separator = " " if lines[-1] else ""
        if width(lines[-1]) + len(separator) + width(word) <= columns:
            lines[-1] += separator + word
            continue
        first, *others = _pieces(word, columns)
        lines[-1:] = [*([lines[-1]] if lines[-1] else []), first, *others]
    return lines


def _pieces(word: str, columns: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and width(piece) + _width(character) > columns:
            yield piece
            piece = ""
        piece += character
    yield piece


def cut(text: str, columns: int) -> str:
    """One line of at most so many columns (4 or more); what is cut off leaves three dots.

    >>> cut("The Matrix Reloaded", 13), cut("Heat", 13)
    ('The Matrix...', 'Heat')
    """
    line = " ".join(printable(text).split())
    if width(line) <= columns:
        return line
    beginning = next(_pieces(line, columns - 3))
    return f"{beginning.rstrip() if width(beginning) <= columns - 3 else ''}..."  # one wide character may not fit


def padded(text: str, columns: int) -> str:
    """The text with spaces behind it."""
    return text + " " * (columns - width(text))


def labelled(rows: Iterable[tuple[str, str]], *, indent: str = "  ") -> Iterator[str]:
    """Label and text of each row side by side, texts wrapped below each other.

    >>> rows = [("title", "Heat"), ("overview", "A group of high-end thieves feels the heat. " * 2)]
    >>> print(*labelled(rows), sep="\\n")
      title     Heat
      overview  A group of high-end thieves feels the heat. A group of high-end
                thieves feels the heat.
    """
    rows = [(printable(label), text) for label, text in rows]
    column = max((width(label) for label, _ in rows), default=0)
    column += 2 if column else 0
    for label, text in rows:
        for line in wrapped(text, COLUMNS - len(indent) - column):
            yield f"{indent}{padded(label, column)}{line}"
            label = ""
