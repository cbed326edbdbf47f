"""A page of The Numbers as a tree, and the text of its elements. A page that is too much work is a ParseError."""

import re
from collections.abc import Iterable
from typing import Any

from parsel import Selector

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.text import MAX_PROSE_LENGTH
from moviecrawler.sources.text import text as readable

MAX_TAGS = 100_000
"""The longest chart has 5,000."""

_LARGE = 50_000
"""Characters of a page; smaller ones need no check."""

_LONGEST_TAG = 4_000
"""Characters of a tag, without quoted values: libxml2 compares each attribute with all before it."""

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)"
    r"""|(?P<tag><[a-z](?:[^<>"']++|"[^"]*+"|'[^']*+')*+)""",
    re.IGNORECASE | re.DOTALL,
)
_VALUE = re.compile(r"""\"[^"]*+"|'[^']*+'""")

# The site closes body and html before its content, and libxml2 drops what comes after that.
_EARLY_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)

_END = "end-of-the-page"


def tree(html: str) -> Any:
    """The root (lxml's HtmlElement) of the page; its comments, scripts and styles are empty.

    A marker is appended after the last character: its place in the tree shows whether anything was left open
    (:func:`breaks_off`). ParseError for a page that would be too much work.
    """
    if len(html) > _LARGE and (html.count("<") > MAX_TAGS or any(map(_is_endless, _TAG.finditer(html)))):
        raise ParseError(f"The Numbers: a page of more than {MAX_TAGS:,} tags, or of {_LONGEST_TAG:,} letters in one")
    html = _EARLY_END.sub("", html).encode("utf-8", "replace").decode("utf-8")
    root = Selector(text=f'{html}\n<i id="{_END}"></i>', type="html").root
    for node in root.xpath(".//comment() | .//processing-instruction() | .//script | .//style"):
        node.text = None  # removing it would move text, and lxml cannot move control characters
    return root


def _is_endless(found: re.Match[str]) -> bool:
    tag = found["tag"]
    return tag is not None and len(tag) > _LONGEST_TAG and len(_VALUE.sub("", tag)) > _LONGEST_TAG


def breaks_off(root: Any, tables: Iterable[Any]) -> bool:
    """Whether the page ends inside one of these tables, or inside a tag, a comment or a script.

    >>> whole, cut = tree("<table><tr><td>1</td></tr></table>"), tree("<table><tr><td>1")
    >>> breaks_off(whole, whole.iter("table")), breaks_off(cut, cut.iter("table")), breaks_off(tree("<td cla"), [])
    (False, True, True)
    """
    marks = root.xpath(f".//i[@id='{_END}']")
    unclosed = set(marks[-1].iterancestors("table")) if marks else set()
    return not marks or not unclosed.isdisjoint(tables)


def text(element: Any) -> str:
    """The visible text of the element: runs of white space (also U+00A0) become one space, mojibake is repaired.

    >>> text(tree("<p>1,234&nbsp;&nbsp;<!-- virtual --> <b>(v)</b></p>"))
    '1,234 (v)'
    """
    return _readable("".join(element.itertext()))


def lines(element: Any) -> list[str]:
    """The text of a cell, split at ``<br>``, without empty lines.

    >>> lines(tree("<p>May 1st, 2026 (Wide)<br>by <a>Studio</a><br/> </p>"))
    ['May 1st, 2026 (Wide)', 'by Studio']
    """
    pieces: list[str] = [""]
    for node in element.iter():
        if node.tag == "br":
            pieces.append("")
        elif node.text:
            pieces[-1] += node.text
        for closed in _closed_by(node, element):
            pieces[-1] += closed.tail or ""
    return [line for piece in pieces if (line := _readable(piece))]


def _readable(value: str) -> str:
    return readable(repair_mojibake(" ".join(value.split())), most=MAX_PROSE_LENGTH) or ""


def _closed_by(node: Any, element: Any) -> list[Any]:
    """The elements that end where ``node`` does, the inner ones first; never ``element`` itself."""
    closed = []
    while node is not element and not len(node):
        closed.append(node)
        if node.getnext() is not None:
            break
        node = node.getparent()
    return closed


def repair_mojibake(value: str) -> str:
    """Decode UTF-8 that was read as Windows-1252; any other string stays as it is.

    Only if the original bytes are valid UTF-8, which those of ordinary text with accents are not.

    >>> repair_mojibake("PokÃ©mon"), repair_mojibake("Disneyâ€™s"), repair_mojibake("Pokémon")
    ('Pokémon', 'Disney’s', 'Pokémon')
    """
    if value.isascii():
        return value
    try:
        return b"".join(map(_byte, value)).decode("utf-8")
    except UnicodeError:
        return value


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:  # the five bytes that Windows-1252 leaves out stand for themselves
        return character.encode("latin-1")
