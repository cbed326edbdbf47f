"""Values of a document as a person reads them: names instead of objects, one line each. Any JSON can be shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moviecrawler.documents import FieldChange

MOST = 10
"""Parts of a list that are shown; the others are counted."""

NOTHING = "nothing"
"""What an unknown value is called in a change."""

_LABELS = ("name", "title", "score")
"""What an object is called by: a person, a studio, an alternative title, a rating."""

_IDENTIFIERS = frozenset({"id", "key", "order", "department"})
"""What only programs need, like everything that ends with ``_path``."""

_RELEASES = {1: "premiere", 2: "limited", 3: "theatrical", 4: "digital", 5: "physical", 6: "TV"}

_BY_LANGUAGE = frozenset({"titles", "overviews", "taglines"})

_NO_FACTS = frozenset(
    {
        *("_id", "schema_version", "images", "same_as", "sources", "provenance", "locks", "last_change"),
        *("created_at", "updated_at", "revision"),
    }
)


def facts(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Path, text and provenance of everything that is known of a title, in the order of the document.

    The provenance is a source, ``locked``, or empty for what nobody said: it is computed, or of a chart.

    >>> film = {"title": "Heat", "year": None, "ratings": {"imdb": {"score": 8.3, "votes": 700000}}}
    >>> film["provenance"] = {"title": "tmdb", "ratings.imdb": "omdb"}
    >>> list(facts(film))
    [('title', 'Heat', 'tmdb'), ('ratings.imdb', '8.3 (700,000 votes)', 'omdb')]
    """
    provenance = document.get("provenance") or {}
    for name, value in document.items():
        if name not in _NO_FACTS:
            for path, text in _rows(name, value):
                yield path, text, _provenance(provenance, path)


def text_of(value: Any, path: str = "") -> str:
    """One line; ``path`` is the field, for its unit. Empty where nothing is known.

    >>> text_of([{"id": 1, "name": "K. Reeves", "character": "Neo"}, {"id": 2, "name": "C. Moss"}])
    'K. Reeves (Neo), C. Moss'
    >>> text_of(63000000, "box_office.budget"), text_of(136, "runtime"), text_of(True), text_of(None)
    ('$63,000,000', '136 minutes', 'yes', '')
    >>> text_of({"score": 86.0}), text_of({"score": 8.1, "votes": 1200})
    ('86', '8.1 (1,200 votes)')
    >>> text_of([{"country": "US", "type": 3, "date": "1999-03-31", "certification": "R"}], "releases")
    'US theatrical 1999-03-31 R'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, path)
    if isinstance(value, Mapping):
        return _object(value, path)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _listed([text for one in value if (text := text_of(one, path))])
    return str(value)


def change_text(change: FieldChange) -> str:
    """One line on what has changed; of lists only what was added and removed.

    >>> change_text({"path": "runtime", "old": None, "new": 136})
    'runtime: nothing -> 136 minutes'
    >>> change_text({"path": "genres", "old": ["Action", "Drama"], "new": ["Drama", "Crime"]})
    'genres: + Crime; - Action'
    >>> change_text({"path": "genres", "old": ["Action", "Drama"], "new": ["Drama", "Action"]})
    'genres: in another order'
    """
    path, old, new = change["path"], change["old"], change["new"]
    if isinstance(old, list) and isinstance(new, list) and old and new:
        before, after = ([text_of(one, path) for one in some] for some in (old, new))
        added, removed = _without(after, before), _without(before, after)
        parts = [f"{sign} {_listed(some)}" for sign, some in (("+", added), ("-", removed)) if some]
        what = "in another order" if before != after else "details that are not shown here"
        return f"{path}: {'; '.join(parts) or what}"
    before_text, after_text = text_of(old, path) or NOTHING, text_of(new, path) or NOTHING
    if before_text == after_text and old != new:
        return f"{path}: details that are not shown here"
    return f"{path}: {before_text} -> {after_text}"


def _rows(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and path in _BY_LANGUAGE:
        if value:
            yield path, f"in {_listed([str(tag) for tag in value])}"
    elif isinstance(value, Mapping) and not _is_one(value):
        for name, part in value.items():
            yield from _rows(f"{path}.{name}", part)
    elif text := text_of(value, path):
        yield path, text


def _is_one(value: Mapping[str, Any]) -> bool:
    """Whether an object is one thing, and not a folder of fields."""
    return any(label in value for label in _LABELS)


def _provenance(provenance: Mapping[str, str], path: str) -> str:
    """That of the path, or of the nearest object around it."""
    parts = path.split(".")
    above = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((provenance[name] for name in above if name in provenance), "")


def _object(value: Mapping[str, Any], path: str) -> str:
    label = next((text for name in _LABELS if (text := text_of(value.get(name)))), "")
    if isinstance(width := value.get("width"), int) and isinstance(height := value.get("height"), int):
        value = {**value, "width": f"{width}x{height}", "height": None}
    details = [
        text
        for name, part in value.items()
        if name not in (*_LABELS, *_IDENTIFIERS) and not name.endswith("_path") and (text := _detail(name, part, path))
    ]
    if not label:
        return " ".join(details)
    return f"{label} ({', '.join(details)})" if details else label


def _detail(name: str, value: Any, path: str) -> str:
    """A part of an object; a bare number says nothing without its name."""
    if path == "releases" and name == "type" and isinstance(value, int):
        return _RELEASES.get(value, f"type {value}")
    if isinstance(value, bool):
        return name if value else ""
    if name == "votes" and isinstance(value, int):
        return f"{value:,} votes"
    text = text_of(value)
    return f"{name} {text}" if text and isinstance(value, int | float) else text


def _number(value: float, path: str) -> str:
    if path.startswith("box_office."):
        return f"${value:,}"
    if path.endswith(".votes"):
        return f"{value:,}"
    return f"{value} minutes" if path == "runtime" else str(value).removesuffix(".0")


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - MOST
    return ", ".join(texts[:MOST]) + (f", and {more:,} more" if more > 0 else "")


def _without(texts: Sequence[str], others: Sequence[str]) -> list[str]:
    left_out = set(others)
    return [text for text in texts if text and text not in left_out]
