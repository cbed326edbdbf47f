"""The grammar of filters, and its one entrance: :func:`parse`.

lark is imported at the first filter: no crawl needs it. It reads with a table and a list, not with Python's stack, so
nothing that is typed can exhaust that; what is too long, too deep or of too many terms is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from moviecrawler.exceptions import FilterError
from moviecrawler.policy.filters.expressions import EVERYTHING, And, Expression, Not, Or, leaves
from moviecrawler.policy.filters.fields import UnknownField
from moviecrawler.policy.filters.terms import alone, compare, title_words
from moviecrawler.policy.filters.values import WrongValue

if TYPE_CHECKING:
    from lark import Lark, Token

MAX_LENGTH = 4000
"""Characters of a filter."""

MAX_TERMS = 100
MAX_DEPTH = 40
"""Levels of ``and``, ``or`` and ``not`` within each other."""

_GRAMMAR = r"""
?start: some
?some: every (_OR every)*
?every: one (_AND? one)*
?one: _NOT one -> negated
    | "(" some ")"
    | KEY OPERATOR _value -> comparison
    | LIST_KEY _IN "(" _value ("," _value)* ")" -> listed
    | STRING -> phrase
    | WORD -> word
_value: VALUE | STRING

_AND.4: /and(?![^\s()"])/i
_OR.4: /or(?![^\s()"])/i
_NOT.4: /not(?![^\s()"])/i
_IN.4: /in(?=\s*\()/i
KEY.3: /[A-Za-z_][A-Za-z0-9_\-]*(\.[A-Za-z0-9_\-*]+)*(?=\s*([:=<>]|!=))/
LIST_KEY.3: /[A-Za-z_][A-Za-z0-9_\-]*(\.[A-Za-z0-9_\-*]+)*(?=\s+in\s*\()/i
OPERATOR: "!=" | "<=" | ">=" | ":" | "=" | "<" | ">"
STRING: /"([^"\\]|\\.)*"/s
VALUE: /[^\s()",]+/
WORD: /(?!(and|or|not)(?![^\s()"]))[^\s()":=<>,]+/i
%ignore /\s+/
"""

_EXPECTED = {
    "KEY": "a field",
    "WORD": "a word",
    "STRING": 'text in "quotes"',
    "VALUE": "a value",
    "OPERATOR": "one of : = != < <= > >=",
    "_AND": "and",
    "_OR": "or",
    "COMMA": "a comma",
    "LPAR": "(",
    "RPAR": ")",
}
"""In the order in which they are named."""


def parse(text: str) -> Expression:
    """The filter as a tree; of an empty text everything. FilterError, with the position, for what is wrong.

    >>> parse("kind:movies and not id:603").parts[0]
    IsKind(kind='movies')
    """
    _check(text)
    if not text.strip():
        return EVERYTHING
    expression = _parsed(text)
    if len(list(islice(leaves(expression), MAX_TERMS + 1))) > MAX_TERMS:
        raise FilterError(f"more than {MAX_TERMS} terms", text, len(text))
    if _depth(expression) > MAX_DEPTH:
        raise FilterError(f"more than {MAX_DEPTH} levels of and, or and not", text)
    return expression


def _check(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise FilterError(f"longer than {MAX_LENGTH:,} characters", text, MAX_LENGTH)
    for position, sign in enumerate(text):
        if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\r\n":
            raise FilterError(f"U+{ord(sign):04X} is no character of a text", text, position)


def _parsed(text: str) -> Expression:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        return _parser().parse(text)  # type: ignore[return-value]  # what the callbacks of _parser make
    except UnexpectedCharacters as error:
        position, expected = error.pos_in_stream or 0, error.allowed or ()
    except UnexpectedToken as error:
        is_end = error.token.type == "$END"
        position, expected = len(text.rstrip()) if is_end else error.token.start_pos or 0, error.accepts or ()
    except FilterError as error:
        error.text = text
        raise
    raise FilterError(_unexpected(text, position, expected), text, position)


def _unexpected(text: str, position: int, expected: Iterable[str]) -> str:
    if text.startswith('"', position):
        return 'the text in quotes has no end: another " is missing'
    found = f"{text[position]!r} cannot stand here" if position < len(text) else "the filter ends too early"
    wanted = [said for name, said in _EXPECTED.items() if name in expected]
    return (
        f"{found}; expected {', '.join(wanted[:-1])}{' or ' if len(wanted) > 1 else ''}{wanted[-1]}"
        if wanted
        else found
    )


def _depth(expression: Expression) -> int:
    deepest, waiting = 0, [(expression, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        parts = one.parts if isinstance(one, And | Or) else (one.part,) if isinstance(one, Not) else ()
        waiting.extend((part, depth + 1) for part in parts)
    return deepest


@cache
def _parser() -> Lark:
    """With callbacks that build the tree as it is read."""
    from lark import Lark, Transformer, v_args

    @v_args(inline=True)
    class Builder(Transformer):  # type: ignore[type-arg]
        def some(self, *parts: Expression) -> Expression:
            return Or(parts)

        def every(self, *parts: Expression) -> Expression:
            return And(parts)

        def negated(self, part: Expression) -> Expression:
            return Not(part)

        def comparison(self, name: Token, operator: Token, value: Token) -> Expression:
            return _term(name, operator, value)

        def listed(self, name: Token, *values: Token) -> Expression:
            return Or(tuple(_term(name, "=", value) for value in values))

        def phrase(self, text: Token) -> Expression:
            if not (inside := _unquoted(text)).strip():
                raise FilterError("nothing is in the quotes", position=_place(text))
            return title_words(inside)

        def word(self, word: Token) -> Expression:
            return alone(str(word)) or title_words(str(word))

    return Lark(_GRAMMAR, parser="lalr", transformer=Builder())


def _term(name: Token, operator: str, value: Token) -> Expression:
    key, wanted = str(name), _unquoted(value)
    operator = ":" if key == "kind" and operator == "=" else str(operator)
    try:
        return compare(key, operator, wanted)
    except UnknownField as error:
        is_about = key in ("has", "missing", "locked", "changed", "disagree")
        raise FilterError(str(error), position=_place(value if is_about else name)) from None
    except WrongValue as error:
        raise FilterError(str(error), position=_place(value)) from None


def _place(token: Any) -> int:
    return getattr(token, "start_pos", None) or 0


def _unquoted(token: Token) -> str:
    if token.type != "STRING":
        return str(token)
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
