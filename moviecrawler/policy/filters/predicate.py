"""A filter as a function of one document: what every other form of it must agree with."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from moviecrawler.policy.filters.expressions import (
    ROWS,
    VALUES,
    And,
    Disagree,
    Expression,
    HasKey,
    HasWords,
    IsBelow,
    IsKind,
    IsPresent,
    IsText,
    IsTrue,
    Not,
    Or,
    Path,
    Test,
    Within,
    bound_at,
)
from moviecrawler.policy.filters.folding import folded, words

Predicate = Callable[[str, Mapping[str, Any]], bool]
"""Kind and document -> whether it is meant."""

_NOTHING: tuple[object, ...] = (None, "", [], {})


def predicate(expression: Expression, now: datetime) -> Predicate:
    """Whether a title is meant; never fails, whatever the document looks like.

    >>> from datetime import UTC
    >>> from moviecrawler.policy.filters.grammar import parse
    >>> is_meant = predicate(parse("year>=1999 and not genre:horror"), datetime(2026, 11, 21, tzinfo=UTC))
    >>> is_meant("movies", {"_id": 603, "year": 1999, "genres": ["Action"]}), is_meant("movies", {"_id": 604})
    (True, False)
    """
    if isinstance(expression, And):
        every = [predicate(part, now) for part in expression.parts]
        return lambda kind, document: all(one(kind, document) for one in every)
    if isinstance(expression, Or):
        some = [predicate(part, now) for part in expression.parts]
        return lambda kind, document: any(one(kind, document) for one in some)
    if isinstance(expression, Not):
        refused = predicate(expression.part, now)
        return lambda kind, document: not refused(kind, document)
    if isinstance(expression, IsKind):
        return lambda kind, document: kind == expression.kind
    if isinstance(expression, Disagree):
        return lambda kind, document: any(_disagree(document, path) for path in expression.paths)
    passes, paths = _passes(expression.test, now), expression.paths
    return lambda kind, document: any(passes(value) for path in paths for value in values_at(document, path))


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """What stands there; nothing where the document has another shape.

    >>> list(values_at({"studios": [{"name": "Silver"}, {"name": "WB"}]}, ("studios", ROWS, "name")))
    ['Silver', 'WB']
    """
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    inner: Iterable[Any] = ()
    if step == ROWS:
        inner = value if isinstance(value, list) else ()
    elif isinstance(value, dict):
        inner = value.values() if step == VALUES else (value[step],) if step in value else ()
    for one in inner:
        yield from values_at(one, rest)


def _passes(test: Test, now: datetime) -> Callable[[Any], bool]:
    if isinstance(test, Within):
        return _within(test, now)
    if isinstance(test, IsText):
        return lambda value: isinstance(value, str) and folded(value) == test.folded
    if isinstance(test, HasWords):
        return lambda value: isinstance(value, str) and test.words in words(value)
    if isinstance(test, IsTrue):
        return lambda value: value is test.value
    if isinstance(test, IsPresent):
        return lambda value: value not in _NOTHING
    if isinstance(test, IsBelow):
        return lambda value: isinstance(value, str) and _is_below(value, test.path)
    return _has_key(test)


def _has_key(test: HasKey) -> Callable[[Any], bool]:
    def passes(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        return bool(value) if test.name is None else any(_is_below(key, test.name) for key in value)

    return passes


def _is_below(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}.")


def _within(test: Within, now: datetime) -> Callable[[Any], bool]:
    low: Any = bound_at(test.low, now)
    high: Any = bound_at(test.high, now)
    of_text = isinstance(low, str) or isinstance(high, str)

    def passes(value: Any) -> bool:
        if not isinstance(value, str if of_text else int | float) or isinstance(value, bool):
            return False
        above = low is None or value > low or (test.includes_low and value == low)
        return above and (high is None or value < high or (test.includes_high and value == high))

    return passes


def _disagree(document: Mapping[str, Any], path: Path) -> bool:
    said = {
        folded(value) if isinstance(value, str) else value
        for value in values_at(document, ("sources", VALUES, "data", *path))
        if isinstance(value, str | int | float)
    }
    return len(said) > 1
