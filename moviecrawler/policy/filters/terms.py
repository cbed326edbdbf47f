"""What one term of a filter asks: a field and a value, or a fact that the crawler itself knows of a title."""

import re
from collections.abc import Callable, Iterable

from moviecrawler.documents import SOURCES
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.filters.expressions import (
    ROWS,
    VALUES,
    Ago,
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
    Match,
    Not,
    Or,
    Test,
    Within,
)
from moviecrawler.policy.filters.fields import Field, UnknownField, field_named, names, said_by_sources
from moviecrawler.policy.filters.folding import folded, words
from moviecrawler.policy.filters.values import WrongValue, compared

ROLES = ("poster", "backdrop", "title_backdrop", "logo")

_KINDS = {"movies": "movies", "movie": "movies", "film": "movies", "films": "movies", "shows": "shows", "show": "shows"}
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}
_SINGLE_FACTS = ("year", "release_date", "runtime", "box_office.budget", "box_office.domestic", "box_office.worldwide")
"""What ``disagree`` compares: facts of which there is one truth, and which more than one source states."""


def title_words(text: str) -> Expression:
    """Words that stand next to each other in one of the titles of a film or show."""
    field = field_named("any_title")
    return Match("any_title", field.paths, HasWords(words(text)))


def compare(name: str, operator: str, value: str) -> Expression:
    """A comparison, or a fact with what it is about; UnknownField or WrongValue, with one line for the user.

    >>> compare("year", ">", "1999")  # doctest: +ELLIPSIS
    Match(name='year', paths=(('year',),), test=Within(low=1999, ...))
    """
    is_time = name in _ALSO_FIELDS and re.match(r"[0-9.]", value)
    if operator == ":" and (fact := ABOUT.get(name)) and not is_time:
        return fact(value)
    if name in ABOUT and name not in _ALSO_FIELDS:
        raise WrongValue(f"{name!r} takes ':', as in {name}:{_EXAMPLE[name]}")
    field = field_named(name)
    if operator == "!=":
        return And((_present(field), Not(_match(field, "=", value))))
    return _match(field, operator, value)


def alone(word: str) -> Expression | None:
    """The fact that a word by itself means; None for any other word."""
    fact = ALONE.get(word.lower())
    return fact() if fact else None


def _match(field: Field, operator: str, value: str) -> Match:
    return Match(field.name, field.paths, _test(field, operator, value))


def _test(field: Field, operator: str, value: str) -> Test:
    if field.type in ("number", "time"):
        return compared(operator, value, is_time=field.type == "time")
    if field.type == "object":
        raise WrongValue(f"{field.name!r} has no value of its own: name a part of it, or ask has:{field.name}")
    if operator not in (":", "="):
        what = "text" if field.type == "text" else "yes or no"
        raise WrongValue(f"{field.name!r} is {what}: compare it with ':', '=' or '!='")
    if field.type == "truth":
        if value.lower() not in _TRUTH:
            raise WrongValue(f"{value!r}: must be yes or no")
        return IsTrue(_TRUTH[value.lower()])
    return IsText(folded(value)) if operator == "=" else HasWords(words(value))


def _present(field: Field) -> Match:
    return Match(field.name, field.paths, IsPresent())


def _has(name: str) -> Expression:
    return _present(field_named(name))


def _missing(name: str) -> Expression:
    if name in SOURCES:
        return Not(_source(name))
    try:
        return Not(_has(name))
    except UnknownField:
        raise UnknownField(f"no source or field {name!r}{did_you_mean(name, (*SOURCES, *names()))}") from None


def _kind(value: str) -> Expression:
    if value.lower() not in _KINDS:
        raise WrongValue(f"{value!r}: must be movies or shows{did_you_mean(value, _KINDS)}")
    return IsKind(_KINDS[value.lower()])


def _one_of(value: str, allowed: Iterable[str], what: str) -> str:
    allowed = tuple(allowed)
    if value not in allowed:
        raise WrongValue(f"no {what} {value!r}; there are {', '.join(allowed)}{did_you_mean(value, allowed)}")
    return value


def _of_source(part: str, test: Test) -> Callable[[str], Expression]:
    def fact(source: str) -> Expression:
        path = ("sources", _one_of(source, SOURCES, "source"), part)
        return Match(part, (path,), test)

    return fact


_due = _of_source("next_refresh_at", Within(high=Ago(0)))
_frozen = _of_source("frozen_at", IsPresent())
_gone = _of_source("gone_at", IsPresent())
_source = _of_source("data", IsPresent())


def _at_any_source(fact: Callable[[str], Expression]) -> Callable[[], Expression]:
    return lambda: Or(tuple(map(fact, SOURCES)))


def _stored_names(name: str) -> tuple[str, ...]:
    """As locks and histories call it."""
    return field_named(name).own_names


def _locked(name: str | None = None) -> Expression:
    keys = (None,) if name is None else _stored_names(name)
    return Or(tuple(Match("locked", (("locks",),), HasKey(key)) for key in keys))


def _changed(name: str) -> Expression:
    path = ("last_change", "diff", ROWS, "path")
    return Or(tuple(Match("changed", (path,), IsBelow(own)) for own in _stored_names(name)))


def _disagree(name: str | None = None) -> Expression:
    fields = _SINGLE_FACTS if name is None else (name,)
    return Disagree(tuple(path for field in fields for path in said_by_sources(field)))


def _picture(role: str | None = None) -> Expression:
    step = VALUES if role is None else _one_of(role, ROLES, "picture")
    return Match("picture", (("images", step, "file"),), IsPresent())


def _missing_picture(role: str | None = None) -> Expression:
    if role is not None:
        return Not(_picture(role))
    return Or((Not(_picture("poster")), Not(_picture("backdrop"))))


ABOUT: dict[str, Callable[[str], Expression]] = {
    "kind": _kind,
    "has": _has,
    "missing": _missing,
    "due": _due,
    "frozen": _frozen,
    "gone": _gone,
    "source": _source,
    "locked": _locked,
    "changed": _changed,
    "disagree": _disagree,
    "picture": _picture,
    "missing_picture": _missing_picture,
}
"""Facts with what they are about: ``due:omdb``."""

ALONE: dict[str, Callable[[], Expression]] = {
    "due": _at_any_source(_due),
    "frozen": _at_any_source(_frozen),
    "gone": lambda: _gone("tmdb"),
    "locked": _locked,
    "changed": lambda: _has("changed"),
    "disagree": _disagree,
    "picture": _picture,
    "missing_picture": _missing_picture,
}
"""Facts that are a word by themselves. A title with such a word is asked for in quotes."""

_ALSO_FIELDS = ("changed",)
"""Names of a time as well as of a fact: ``changed:2026-11`` and ``changed:title``."""

_EXAMPLE = dict.fromkeys(ABOUT, SOURCES[1]) | {
    "kind": "movies",
    "has": "tagline",
    "missing": "tagline",
    "locked": "title",
    "disagree": "year",
    "picture": "poster",
    "missing_picture": "poster",
}
