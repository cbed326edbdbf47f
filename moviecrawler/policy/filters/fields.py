"""What a filter can ask about: every field of a document by its own name, and short names for the usual ones.

The types of ``documents`` are the list, so a new fact can be asked about without a line here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

from moviecrawler.documents import SOURCES, Document, SourceSlot
from moviecrawler.documents.facts import SourceData
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.filters.expressions import ROWS, VALUES, Path

FieldType = Literal["text", "number", "time", "truth", "object"]

_PEOPLE = ("people.creators", "people.directors", "people.writers", "people.cast", "people.crew")

SHORT: dict[str, tuple[str, ...]] = {
    "id": ("_id",),
    "any_title": ("title", "original_title", "titles", "alternative_titles.title"),
    "genre": ("genres",),
    "keyword": ("keywords",),
    "language": ("original_language",),
    "spoken": ("spoken_languages",),
    "country": ("countries", "country_codes"),
    "person": _PEOPLE,
    "creator": ("people.creators",),
    "director": ("people.directors",),
    "writer": ("people.writers",),
    "cast": ("people.cast",),
    "actor": ("people.cast",),
    "character": ("people.cast.character",),
    "crew": ("people.crew",),
    "studio": ("studios",),
    "network": ("networks",),
    "rating": ("ratings.tmdb.score",),
    "votes": ("ratings.tmdb.votes",),
    "score": ("quality.score",),
    "class": ("quality.class",),
    "recommended": ("quality.recommended",),
    "budget": ("box_office.budget",),
    "gross": ("box_office.worldwide",),
    "released": ("release_date",),
    "added": ("created_at",),
    "updated": ("updated_at",),
    "changed": ("last_change.at",),
}
"""Short name -> the fields that it means."""

HOUSES = ("tmdb", "imdb", "rotten_tomatoes", "metacritic")
"""Whose ratings are in documents; ``rating.imdb`` and ``votes.imdb`` are short, too."""

_TYPES: dict[Any, FieldType] = {str: "text", int: "number", float: "number", bool: "truth"}


@dataclass(frozen=True)
class Field:
    """``name`` as the user wrote it, ``own_names`` as documents have it; ``paths`` to its values."""

    name: str
    own_names: tuple[str, ...]
    paths: tuple[Path, ...]
    type: FieldType


class UnknownField(ValueError):
    """Says why, in words for the user."""


@cache
def field_named(name: str) -> Field:
    """The field; UnknownField with one line, which suggests another name.

    >>> field_named("rating.imdb")
    Field(name='rating.imdb', own_names=('ratings.imdb.score',), paths=(('ratings', 'imdb', 'score'),), type='number')
    >>> field_named("director").paths
    (('people', 'directors', '[]', 'name'),)
    """
    own_names = _own_names(name)
    found = [_find(own, Document) for own in own_names]
    return Field(name, own_names, tuple(path for path, _ in found), found[0][1])


def said_by_sources(name: str) -> tuple[Path, ...]:
    """The paths of a field within a source's data; UnknownField, also for lists, which no two sources have alike."""
    found = []
    for own in _own_names(name):
        path, kind = _find(own, SourceData)
        if kind == "object" or not {ROWS, VALUES}.isdisjoint(path):
            raise UnknownField(f"{name} has several values; sources can disagree about a field with one")
        found.append(path)
    return tuple(found)


@cache
def names() -> tuple[str, ...]:
    """All names, short ones first; ``*`` stands for a language, a country, a size and the like."""
    houses = (f"{what}.{house}" for what in ("rating", "votes") for house in HOUSES)
    return (*SHORT, *houses, *_listed(Document))


def _own_names(name: str) -> tuple[str, ...]:
    if name in SHORT:
        return SHORT[name]
    what, _, house = name.partition(".")
    if what in ("rating", "votes"):
        if house not in HOUSES:
            raise UnknownField(f"no rating of {house!r}; there are {', '.join(HOUSES)}{did_you_mean(house, HOUSES)}")
        return (f"ratings.{house}.{'score' if what == 'rating' else 'votes'}",)
    return (name,)


def _find(name: str, row: Any) -> tuple[Path, FieldType]:
    path: list[str] = []
    hint, parts = row, name.split(".")
    last = ""
    while True:
        hint = _plain(hint)
        origin = get_origin(hint)
        if origin is list:
            path.append(ROWS)
            hint = get_args(hint)[0]
        elif origin is dict and (parts or _named(get_args(hint)[1]) is not dict):
            key = parts.pop(0) if parts else VALUES
            hint = get_args(hint)[1]
            _check_source(key, hint)
            path.append(key)
        elif is_typeddict(hint):
            inner = get_type_hints(hint, include_extras=True)
            if not parts:
                shown = next((part for part in ("name", "title") if part in inner and path and path[-1] == ROWS), None)
                shown = shown or ("name" if path == ["collection"] else None)
                if shown is None:
                    return (*path, VALUES), "object"
                return (*path, shown), "text"
            last = parts.pop(0)
            if last not in inner:
                raise _unknown(name)
            path.append(last)
            hint = inner[last]
        elif parts:
            raise _unknown(name)
        else:
            return tuple(path), _type(hint, last)


def _named(hint: Any) -> Any:
    """``dict`` for what has parts that must be named."""
    plain = _plain(hint)
    return dict if is_typeddict(plain) or plain in (Any, object) else plain


def _check_source(key: str, hint: Any) -> None:
    if _plain(hint) is SourceSlot and key not in (*SOURCES, VALUES):
        raise UnknownField(f"no source {key!r}; there are {', '.join(SOURCES)}{did_you_mean(key, SOURCES)}")


def _plain(hint: Any) -> Any:
    """Without ``NotRequired``, ``None`` and remarks."""
    while True:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (NotRequired, Annotated):
            hint = arguments[0]
        elif origin in (Union, UnionType) and len(others := [one for one in arguments if one is not NoneType]) == 1:
            hint = others[0]
        else:
            return hint


def _type(hint: Any, name: str) -> FieldType:
    if hint is str and (name in ("at", "date") or name.endswith(("_at", "_date"))):
        return "time"
    return _TYPES.get(hint, "object")


def _unknown(name: str) -> UnknownField:
    return UnknownField(f"no field {name!r}{did_you_mean(name, names())}")


def _listed(row: Any, before: str = "") -> Iterator[str]:
    for name, hint in get_type_hints(row, include_extras=True).items():
        yield from _below(f"{before}{name}", hint)


def _below(name: str, hint: Any) -> Iterator[str]:
    plain = _plain(hint)
    origin, arguments = get_origin(plain), get_args(plain)
    if origin is list:
        yield from _below(name, arguments[0])
    elif origin is dict:
        keys: Sequence[str] = SOURCES if _plain(arguments[1]) is SourceSlot else ("*",)
        for key in keys:
            yield from _below(f"{name}.{key}", arguments[1])
    elif is_typeddict(plain):
        yield name
        yield from _listed(plain, f"{name}.")
    else:
        yield name
