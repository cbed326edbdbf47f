"""Locks: values that a person settled. No source overwrites them, and their provenance is ``locked``.

A lock is a path of the document and a value of its field's type: ``title``, ``box_office.domestic``,
``ratings.imdb.score``, ``titles.zh-CN``. Lists are locked as a whole.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.exceptions import MoviecrawlerError
from moviecrawler.imdb import imdb_id
from moviecrawler.policy.did_you_mean import did_you_mean
from moviecrawler.policy.documents.compose import FIELDS, MODELS, Composer, without_unasked
from moviecrawler.policy.documents.field_limits import allowed_instead, is_day, leaves
from moviecrawler.policy.documents.merge import bump_revision, set_last_change, set_refresh_dates
from moviecrawler.policy.documents.upgrade import typed
from moviecrawler.policy.freshness.refresh import Refresh

_DATES = frozenset({"release_date", "first_air_date", "last_air_date"})


class LockError(MoviecrawlerError):
    """An invalid lock: no such field, a value of another type, nothing to unlock. Raised by this module."""


def lock(
    kind: str,
    document: Document,
    *,
    values: Mapping[str, Any],
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Document:
    """The next version with these locks added; the same object if all of them are there already."""
    locks = {**document["locks"], **{path: checked_value(kind, path, value) for path, value in values.items()}}
    return _with_locks(kind, document, locks, composer, refresh, now)


def unlock(
    kind: str,
    document: Document,
    *,
    paths: Iterable[str] | None,
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Document:
    """The next version without these locks (None: without any); LockError for a path that is not locked."""
    locks = dict(document["locks"])
    for path in list(locks) if paths is None else paths:
        if path not in locks:
            raise LockError(f"{path} is not locked; locked: {', '.join(sorted(locks)) or 'nothing'}")
        del locks[path]
    return _with_locks(kind, document, locks, composer, refresh, now)


def checked_value(kind: str, path: str, value: Any) -> Any:
    """``value`` as stored in the document; LockError if there is no such path, or it cannot have this value.

    >>> checked_value("movies", "ratings.imdb", {"score": 8})
    {'score': 8.0, 'votes': None}
    """
    adapter, found = _typed(kind, path, value)
    if not _is_storable(value):
        raise LockError(f"{path}={_short(value)}: cannot be stored (NaN, an unpaired surrogate or more than 64 bits)")
    if path in _DATES and found is not None:
        _check_date(path, found)
    if path == "imdb_id" and found is not None and (found := imdb_id(found)) is None:
        raise LockError(f"{path}={_short(value)}: must be an IMDb id such as tt0133093")
    kept = adapter.dump_python(found, mode="json")
    for where, one in leaves(kept, path):
        if one is not None and (allowed := allowed_instead(where, one)):
            raise LockError(f"{where}={_short(one)}: must be {allowed}")
    return kept


def accepts(kind: str, path: str, value: Any) -> bool:
    """Whether the field has values of this type; LockError if there is no such field.

    >>> accepts("movies", "runtime", -5), accepts("movies", "title", 1917)
    (True, False)
    """
    _type_of(kind, path)
    try:
        _typed(kind, path, value)
    except LockError:
        return False
    return True


def _typed(kind: str, path: str, value: Any) -> tuple[TypeAdapter[Any], Any]:
    """The type of the field, and the value converted to it."""
    adapter = TypeAdapter(_type_of(kind, path))
    try:
        return adapter, adapter.validate_python(typed(path, value), strict=True)
    except ValidationError as error:
        reason = error.errors()[0]
        place = ".".join([path, *map(str, reason["loc"])]) if isinstance(value, dict | list) else path
        raise LockError(f"{place}={_short(value)}: {reason['msg']}") from None


def _type_of(kind: str, path: str) -> Any:
    """The type of the field at a path of the document's top level."""
    name, *parts = path.split(".")
    if name not in FIELDS[kind]:
        allowed = f"{', '.join(FIELDS[kind])}{did_you_mean(name, FIELDS[kind])}"
        raise LockError(f"{path} cannot be locked: must be one of {allowed}")
    expected: Any = MODELS[kind].model_fields[name].annotation
    for part in parts:
        expected = _certain(expected)
        if get_origin(expected) is dict and part:
            expected = get_args(expected)[1]
        elif isinstance(expected, type) and issubclass(expected, BaseModel) and part in expected.model_fields:
            expected = expected.model_fields[part].annotation
        else:
            raise LockError(f"{path}: {path.rpartition('.')[0]} has no field {part!r}{_suggestion(expected, part)}")
    return expected


def _suggestion(expected: Any, part: str) -> str:
    """A suggestion for a misspelt field of a model."""
    return did_you_mean(part, getattr(expected, "model_fields", ()))


def _certain(expected: Any) -> Any:
    """``Collection | None`` -> ``Collection``."""
    if get_origin(expected) in (Union, UnionType):
        return next(one for one in get_args(expected) if one is not type(None))
    return expected


def _is_storable(value: Any) -> bool:
    """No NaN, no unpaired surrogate, no integer beyond 64 bits."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return not isinstance(value, int) or abs(value) < 2**63


def _check_date(path: str, value: str) -> None:
    if not is_day(value):
        raise LockError(f"{path}={_short(value)}: must be a day such as 1999-03-31")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _with_locks(
    kind: str, old: Document, locks: dict[str, Any], composer: Composer, refresh: Refresh, now: datetime
) -> Document:
    if locks == old["locks"]:
        return old
    top, provenance = composer.compose(kind, old["sources"], locks)
    top = without_unasked(top, old)
    document: Document = {
        **old,
        **top,
        "sources": dict(old["sources"]),
        "locks": locks,
        "provenance": provenance,
    }
    set_refresh_dates(kind, document, refresh, timestamps.iso(now))
    set_last_change(old, bump_revision(document, timestamps.iso(now)), "lock")
    return document
