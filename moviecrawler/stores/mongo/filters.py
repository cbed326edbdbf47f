"""A filter as a query of MongoDB.

It finds every document that is meant; for the others the predicate has the last word (``stores.checked``). MongoDB
knows nothing of our spelling of text, so of text it only sees whether there is any; below ``not``, nothing.
"""

import re
from datetime import UTC, datetime
from typing import Any

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
from moviecrawler.stores.mongo.compare_and_set import Query
from moviecrawler.stores.timestamps import is_timestamp

_ALL: Query = {}
_NONE: Query = {"_id": {"$in": []}}
_SOME_TEXT: Query = {"$type": "string"}


def query(where: Filter, kind: str) -> Query:
    """What every document of the kind that is meant answers to. Those of an older form do, too."""
    found = _query(where.expression, where.now, kind, widen=True)
    return {"$or": [{"schema_version": {"$ne": SCHEMA_VERSION}}, found]} if found else _ALL


def _query(expression: Expression, now: datetime, kind: str, *, widen: bool) -> Query:
    if isinstance(expression, Not):
        return {"$nor": [_query(expression.part, now, kind, widen=not widen)]}
    if isinstance(expression, And | Or):
        parts = [_query(part, now, kind, widen=widen) for part in expression.parts]
        if isinstance(expression, Or):
            return {"$or": parts} if parts else _NONE
        return {"$and": parts} if parts else _ALL
    if isinstance(expression, IsKind):
        return _ALL if expression.kind == kind else _NONE
    if isinstance(expression, Disagree):
        return _ALL if widen else _NONE
    return {"$or": [_at(path, expression, now, widen) for path in expression.paths]}


def _at(path: Path, match: Match, now: datetime, widen: bool) -> Query:
    if VALUES in path or not (widen or _is_exact(match.test)):
        return _ALL if widen else _NONE
    wanted = _condition(match.test, path, now)
    for step in reversed(_steps(path)):
        wanted = {"$elemMatch": wanted} if step == ROWS else {step: wanted}
    return wanted


def _steps(path: Path) -> list[str]:
    """With the names between lists joined.

    >>> _steps(("people", "cast", "[]", "name"))
    ['people.cast', '[]', 'name']
    """
    steps: list[str] = []
    for step in path:
        if steps and ROWS not in (step, steps[-1]):
            steps[-1] += f".{step}"
        else:
            steps.append(step)
    return steps


def _is_exact(test: Test) -> bool:
    return not (isinstance(test, IsText | HasWords) or (isinstance(test, HasKey) and test.name is not None))


def _condition(test: Test, path: Path, now: datetime) -> Query:
    if isinstance(test, Within):
        return _within(test, path, now)
    if isinstance(test, IsText | HasWords):
        return _SOME_TEXT
    if isinstance(test, IsTrue):
        return {"$eq": test.value}
    if isinstance(test, IsPresent):
        return {"$exists": True, "$nin": [None, "", [], {}]}
    if isinstance(test, IsBelow):
        return {"$regex": f"^{re.escape(test.path)}(\\.|$)"}
    return {"$type": "object", "$ne": {}}  # names of locks have dots, which no query of MongoDB finds


def _within(test: Within, path: Path, now: datetime) -> Query:
    def stored(bound: int | float | str | None) -> Any:
        if not isinstance(bound, str) or not is_timestamp(path):
            return bound
        return datetime.fromisoformat(bound.removesuffix("Z")).replace(tzinfo=UTC)

    low, high = stored(bound_at(test.low, now)), stored(bound_at(test.high, now))
    above = {} if low is None else {"$gte" if test.includes_low else "$gt": low}
    below = {} if high is None else {"$lte" if test.includes_high else "$lt": high}
    return above | below
