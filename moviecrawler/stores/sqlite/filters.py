"""A filter as a condition of SQL over the stored JSON.

The condition holds for every document that is meant; for the few others the predicate has the last word
(``stores.checked``). So a question that SQL cannot answer exactly becomes the wider answer, and below ``not`` the
narrower one.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from moviecrawler.policy.documents.upgrade import SCHEMA_VERSION
from moviecrawler.policy.filters.expressions import (
    ROWS,
    VALUES,
    And,
    Disagree,
    Expression,
    Filter,
    HasKey,
    HasWords,
    IsBelow,
    IsKind,
    IsPresent,
    IsText,
    IsTrue,
    Match,
    Not,
    Or,
    Path,
    Test,
    Within,
    bound_at,
)
from moviecrawler.policy.filters.folding import folded, words

_ROUNDING = 1e-12
"""SQLite reads 7.345 from JSON with an error of the last digit; all numbers that are that near count as equal."""


class Condition(NamedTuple):
    """``sql`` is never null; ``values`` are those of its named parameters."""

    sql: str
    values: dict[str, int | float | str]


EVERY_ROW = Condition("1", {})


def condition(where: Filter, kind: str) -> Condition:
    """What holds for every document of the kind that is meant. Those that are damaged or of an older form pass."""
    compiler = _Compiler(where, kind)
    sql = compiler.expression(where.expression, widen=True)
    is_older = f"json_extract(document, '$.schema_version') IS NOT {SCHEMA_VERSION}"
    return Condition(f"CASE WHEN json_valid(document) THEN {is_older} OR {sql} ELSE 1 END", compiler.values)


def add_functions(connection: sqlite3.Connection) -> None:
    """What a :class:`Condition` calls; a second time changes nothing."""
    for name, spelling in (("filter_folded", folded), ("filter_words", words)):
        connection.create_function(name, 1, _of_text(spelling), deterministic=True)


def _of_text(spelling: Callable[[str], str]) -> Callable[[object], str | None]:
    return lambda value: spelling(value) if isinstance(value, str) else None


class _Value(NamedTuple):
    """SQL of a value, and of its type as JSON calls it."""

    value: str
    type: str


@dataclass
class _Compiler:
    where: Filter
    kind: str
    values: dict[str, int | float | str] = field(default_factory=dict)
    tables: int = 0

    def expression(self, expression: Expression, *, widen: bool) -> str:
        if isinstance(expression, And):
            return f"({' AND '.join(self.expression(part, widen=widen) for part in expression.parts) or '1'})"
        if isinstance(expression, Or):
            return f"({' OR '.join(self.expression(part, widen=widen) for part in expression.parts) or '0'})"
        if isinstance(expression, Not):
            return f"NOT {self.expression(expression.part, widen=not widen)}"
        if isinstance(expression, IsKind):
            return str(int(self.kind == expression.kind))
        if isinstance(expression, Disagree):
            return str(int(widen))
        return self._match(expression, widen)

    def _match(self, match: Match, widen: bool) -> str:
        some = " OR ".join(self._at("document", path, match.test, widen) for path in match.paths)
        return f"ifnull({some}, 0)"

    def _at(self, json: str, path: Path, test: Test, widen: bool) -> str:
        """Some value at the path, from this JSON on, passes the test."""
        many = next((place for place, step in enumerate(path) if step in (ROWS, VALUES)), None)
        name = self._bound("$" + "".join(f'."{step}"' for step in path[:many]))
        if many is None:
            return self._passes(_Value(f"json_extract({json}, {name})", f"json_type({json}, {name})"), test, widen)
        self.tables += 1
        each = f"each{self.tables}"
        shape = "array" if path[many] == ROWS else "object"
        if rest := path[many + 1 :]:
            row = f"CASE WHEN {each}.type IN ('array', 'object') THEN {each}.value END"
            inner = self._at(row, rest, test, widen)
        else:
            inner = self._passes(_Value(f"{each}.value", f"{each}.type"), test, widen)
        rows = f"EXISTS (SELECT 1 FROM json_each({json}, {name}) AS {each} WHERE {inner})"  # noqa: S608
        return f"(json_type({json}, {name}) = '{shape}' AND {rows})"

    def _passes(self, at: _Value, test: Test, widen: bool) -> str:
        value, kind = at
        if isinstance(test, Within):
            return self._within(at, test, widen)
        if isinstance(test, IsText):
            return f"({kind} = 'text' AND filter_folded({value}) = {self._bound(test.folded)})"
        if isinstance(test, HasWords):
            return f"({kind} = 'text' AND instr(filter_words({value}), {self._bound(test.words)}) > 0)"
        if isinstance(test, IsTrue):
            return f"({kind} = '{'true' if test.value else 'false'}')"
        if isinstance(test, IsPresent):
            empty = (
                f"WHEN 'text' THEN {value} <> '' WHEN 'array' THEN {value} <> '[]' WHEN 'object' THEN {value} <> '{{}}'"
            )
            return f"({kind} IS NOT NULL AND CASE {kind} WHEN 'null' THEN 0 {empty} ELSE 1 END)"
        if isinstance(test, IsBelow):
            return f"({kind} = 'text' AND {self._below(value, test.path)})"
        return self._has_key(at, test)

    def _has_key(self, at: _Value, test: HasKey) -> str:
        self.tables += 1
        each = f"each{self.tables}"
        wanted = "1" if test.name is None else self._below(f"{each}.key", test.name)
        return f"({at.type} = 'object' AND EXISTS (SELECT 1 FROM json_each({at.value}) AS {each} WHERE {wanted}))"  # noqa: S608

    def _below(self, value: str, path: str) -> str:
        return f"({value} = {self._bound(path)} OR substr({value}, 1, {len(path) + 1}) = {self._bound(f'{path}.')})"

    def _within(self, at: _Value, test: Within, widen: bool) -> str:
        low, high = bound_at(test.low, self.where.now), bound_at(test.high, self.where.now)
        if isinstance(low, str) or isinstance(high, str):
            return f"({at.type} = 'text' AND {self._between(at.value, test, low, high)})"
        exact = self._between(at.value, test, low, high)
        outwards = 1 if widen else -1
        near = self._between(at.value, test, _moved(low, -outwards), _moved(high, outwards))
        return f"CASE {at.type} WHEN 'integer' THEN {exact} WHEN 'real' THEN {near} ELSE 0 END"

    def _between(self, value: str, test: Within, low: float | str | None, high: float | str | None) -> str:
        above = "1" if low is None else f"{value} {'>=' if test.includes_low else '>'} {self._bound(low)}"
        below = "1" if high is None else f"{value} {'<=' if test.includes_high else '<'} {self._bound(high)}"
        return f"({above} AND {below})"

    def _bound(self, value: float | str) -> str:
        """The parameter of this value; the same value has one."""
        for name, known in self.values.items():
            if known == value and type(known) is type(value):
                return f":{name}"
        name = f"value{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def _moved(bound: float | None, outwards: int) -> float | None:
    return None if bound is None else bound + outwards * abs(bound) * _ROUNDING
