"""Whether a source answers in another form than it used to: keys that are gone, other types, values never seen.

Learned from the kept answers alone, by the day of the answer. Answers are compared only with those to the same request
(source, kind of title, ``append_to_response``). What a source sends now and then says nothing: only what was in
*every* answer can be gone. Documented in docs/health.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from moviecrawler.documents.records import RawRecord
from moviecrawler.sources import source_named

BEFORE = 50
"""Answers of earlier days that are needed to know what is usual."""

AFTER = 20
"""Answers since then that are needed to say that it is not so any more."""

VALUES_BEFORE, VALUES_AFTER = 200, 5
"""The same for a new value of a closed list, which may just be rare."""

A_DAY = 100
"""Answers of one request and day that are read: enough to know, and the time that it takes stays small."""

DEPTH = 6
"""Levels of objects and lists that are looked at."""

_LONGEST = 40


class Request(NamedTuple):
    """What was asked; ``parts`` is TMDB's ``append_to_response``."""

    source: str
    kind: str
    parts: str


class _Shape(NamedTuple):
    """What one answer looks like, by path: objects that may have the key, those that have it, types and values."""

    objects: Counter[str]
    present: Counter[str]
    types: defaultdict[str, set[str]]
    values: defaultdict[str, set[str]]


class _Path:
    """By day, in how many answers a key was in all objects that may have it, and in any; and with which types."""

    def __init__(self) -> None:
        self.in_all: Counter[str] = Counter()
        self.in_any: Counter[str] = Counter()
        self.types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.values: defaultdict[str, Counter[str]] = defaultdict(Counter)


class _Answers:
    """To one request. ``objects``: by path and day, how many of them had such an object."""

    def __init__(self) -> None:
        self.by_day: Counter[str] = Counter()
        self.objects: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.paths: defaultdict[str, _Path] = defaultdict(_Path)


class Drift:
    """``look`` at each kept answer, then ask for the ``findings``. Memory: a few numbers for each path and day."""

    def __init__(self) -> None:
        self._answers: defaultdict[Request, _Answers] = defaultdict(_Answers)

    def look(self, row: RawRecord, body: bytes) -> None:
        """``body`` is the decompressed answer; one that is no JSON object (a page of The Numbers) is passed over."""
        query = parse_qs(urlsplit(row["url"]).query)
        answers = self._answers[Request(row["source"], row["kind"], ",".join(query.get("append_to_response", ())))]
        day = row["fetched_at"][:10]
        if answers.by_day[day] >= A_DAY or body.lstrip()[:1] != b"{":
            return
        source = source_named(row["source"])
        if not isinstance(answer := source.decode(body), dict):
            return
        answers.by_day[day] += 1
        shape = _Shape(Counter(), Counter(), defaultdict(set), defaultdict(set))
        _walk(answer, "", 0, shape, source.closed_lists)
        for path in shape.objects:
            answers.objects[path][day] += 1
        for path, present in shape.present.items():
            known = answers.paths[path]
            known.in_any[day] += 1
            known.in_all[day] += present >= shape.objects[_parent(path)]
            for type_ in shape.types.get(path, ()):
                known.types[type_][day] += 1
            for value in shape.values.get(path, ()):
                known.values[value][day] += 1

    def findings(self) -> Iterator[str]:
        """A line each: source, kind, path, what has changed, and since when."""
        for request, answers in sorted(self._answers.items()):
            for path, known in sorted(answers.paths.items()):
                name = f"{request.source} {request.kind}: {path[1:]}"
                if since := _gone_since(known, answers.objects[_parent(path)]):
                    yield f"{name} was in every answer, and is in none since {since}"
                for new, old, since in _other_types(known):
                    yield f"{name} is {new} since {since}, not {old}"
                for value, since in _new_values(known):
                    yield f"{name} is {value!r} since {since}, a value never seen before"


def _gone_since(known: _Path, possible: Mapping[str, int]) -> str:
    """The first day of answers without it; empty unless it was always there, and now never is.

    On the last day with it the source may have changed; that day counts as one before only if it was always there.
    """
    last = max(known.in_any)
    always = {day: count for day, count in possible.items() if day <= last and known.in_all[day] == count}
    never = {day: count for day, count in possible.items() if day > last}
    if sum(always.values()) < BEFORE or sum(never.values()) < AFTER:
        return ""
    return "" if any(day < last and day not in always for day in possible) else min(never)


def _other_types(known: _Path) -> Iterator[tuple[str, str, str]]:
    """(new type, old types, first day) of types that were never there before, and are in most answers since."""
    for type_, counts in known.types.items():
        since = min(counts)
        old = {other: sum(some[day] for day in some if day < since) for other, some in known.types.items()}
        later = sum(count for some in known.types.values() for day, count in some.items() if day >= since)
        if sum(old.values()) >= BEFORE and counts.total() >= AFTER and 2 * counts.total() > later:
            yield type_, " or ".join(sorted(other for other, count in old.items() if count)), since


def _new_values(known: _Path) -> Iterator[tuple[str, str]]:
    for value, counts in known.values.items():
        since = min(counts)
        before = sum(count for day, count in known.in_any.items() if day < since)
        if before >= VALUES_BEFORE and counts.total() >= VALUES_AFTER:
            yield value, since


def _walk(value: Any, path: str, depth: int, shape: _Shape, closed_lists: frozenset[str]) -> None:
    """Counts the keys below ``path``; null is there, and has no type."""
    if depth > DEPTH:
        return
    if isinstance(value, dict):
        shape.objects[path] += 1
        for key, below in value.items():
            name = f"{path}.{_name(key)}"
            shape.present[name] += 1
            if below is not None:
                shape.types[name].add(_type(below))
                if name[1:] in closed_lists and isinstance(below, str) and len(below) <= _LONGEST:
                    shape.values[name].add(below)
                _walk(below, name, depth + 1, shape, closed_lists)
    elif isinstance(value, list):
        for one in value:
            _walk(one, f"{path}[]", depth + 1, shape, closed_lists)


def _name(key: str) -> str:
    """The key; of a table by country or number, one name for all."""
    return "*" if key.isdecimal() or (len(key) == 2 and key.isupper()) else key


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names[type(value)]
