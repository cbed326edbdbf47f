"""The shape that a stored row must have to be used: another program, or a failing disk, may have left something else.

The types of ``documents`` say what it is, down to the last value. Fields that they do not name may hold anything: a
newer version wrote them. Locks, and the values in a history, may be any JSON.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema
from typing_extensions import is_typeddict

from moviecrawler.documents import SOURCES, Document, Source, SourceSlot
from moviecrawler.documents.facts import SourceData
from moviecrawler.documents.records import RECORDS, Curve, Said

_ALWAYS_THERE = frozenset(
    {"title", "imdb_id", "year", "release_date", "original_title", "titles", "runtime", "people", "box_office"}
)
"""Facts that every version has stored in every document: code reads them without asking whether they are there."""

_DAY = "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIMESTAMP = rf"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z"
"""Most of those that there are."""

_PLAIN: dict[Any, CoreSchema] = {
    str: core_schema.str_schema(strict=True),
    int: core_schema.int_schema(strict=True, ge=-(2**63), lt=2**63),  # what stores can hold
    float: core_schema.float_schema(strict=True),  # also takes whole numbers
    bool: core_schema.bool_schema(strict=True),
    NoneType: core_schema.none_schema(),
    Any: core_schema.any_schema(),
    object: core_schema.any_schema(),
}


def defect(kind: str, row: Mapping[str, Any], fields: tuple[str, ...] = ()) -> str | None:
    """What is wrong with a document or record, in a few words; None: nothing. ``fields``: all that was read of it.

    >>> defect("movies", {"_id": 603, "revision": 1})
    'it has no imdb_id'
    """
    validator = _validator(kind, fields)
    if validator is None or validator.isinstance_python(row):
        return None
    try:
        validator.validate_python(row)
    except ValidationError as error:
        return _told(error)
    return None


@cache
def _validator(kind: str, fields: tuple[str, ...]) -> SchemaValidator | None:
    """None for a kind of record that nothing is known of."""
    row = Document if kind in ("movies", "shows") else RECORDS.get(kind)
    if row is None:
        return None
    whole: Any = schema(row)
    if fields:
        whole = {**whole, "fields": {name: one for name, one in whole["fields"].items() if name in fields}}
    return SchemaValidator(whole)


def schema(row: type, *, closed: bool = False) -> CoreSchema:
    """What rows of this TypedDict look like. ``closed``: without any other fields."""
    return _schema_of(row, closed)


def _schema_of(annotation: Any, closed: bool) -> CoreSchema:
    if annotation == Source:
        return core_schema.literal_schema(list(SOURCES))
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if is_typeddict(annotation):
        fields = _schema_of_fields(annotation, closed)
        return core_schema.no_info_after_validator_function(_check_lengths, fields) if annotation is Curve else fields
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return core_schema.literal_schema(list(arguments))
    if origin in (Union, UnionType):
        others = [_schema_of(one, closed) for one in arguments if one is not NoneType]
        inner = others[0] if len(others) == 1 else core_schema.union_schema([*others])
        return core_schema.nullable_schema(inner) if NoneType in arguments else inner
    if origin is list:
        return core_schema.list_schema(_schema_of(arguments[0], closed), strict=True)
    assert origin is dict, annotation
    return core_schema.dict_schema(_schema_of(arguments[0], closed), _schema_of(arguments[1], closed), strict=True)


def _schema_of_fields(row: Any, closed: bool) -> CoreSchema:
    fields, facts = {}, SourceData.__annotations__ if row in (Document, Said, SourceData) else {}
    for name, annotation in get_type_hints(row, include_extras=True).items():
        plain = get_args(annotation)[0] if get_origin(annotation) is NotRequired else annotation
        inner = _dated(name, _schema_of(plain, closed))
        required = name in row.__required_keys__ or (row is Document and name in _ALWAYS_THERE)
        if name in facts and not required:
            inner = core_schema.nullable_schema(inner)
        fields[name] = core_schema.typed_dict_field(inner, required=required)
    if row is Document:
        fields["sources"] = core_schema.typed_dict_field(_sources(closed), required=True)
    return core_schema.typed_dict_schema(fields, strict=True, extra_behavior="forbid" if closed else "ignore")


def _sources(closed: bool) -> CoreSchema:
    """Every document has a slot for each source; one that only a newer version knows may be anything."""
    slot = core_schema.typed_dict_field(_schema_of(SourceSlot, closed), required=True)
    return core_schema.typed_dict_schema(
        dict.fromkeys(SOURCES, slot), strict=True, extra_behavior="forbid" if closed else "ignore"
    )


def _dated(name: str, inner: CoreSchema) -> CoreSchema:
    """With a check of the text, where the name says that it is a timestamp or a day."""
    if name == "at" or name.endswith("_at"):
        return _quickly(_TIMESTAMP, core_schema.no_info_after_validator_function(_check_timestamp, inner))
    if name == "date" or name.endswith("_date"):
        return _quickly(_DAY, core_schema.no_info_after_validator_function(_check_day, inner))
    return inner


def _quickly(pattern: str, check: core_schema.AfterValidatorFunctionSchema) -> CoreSchema:
    """Null, where it is allowed, and a text that fits the ``pattern`` need no ``check``, which is slower."""
    fits = core_schema.str_schema(strict=True, pattern=f"^{pattern}$")
    either = core_schema.union_schema(
        [fits, check], mode="left_to_right", custom_error_type="date", custom_error_message="no date"
    )
    return core_schema.nullable_schema(either) if check["schema"]["type"] == "nullable" else either


def _check_timestamp(value: str | list[str] | None) -> str | list[str] | None:
    for text in value if isinstance(value, list) else [value]:
        if text is not None and datetime.fromisoformat(text).tzinfo is None:
            raise ValueError(text)
    return value


def _check_day(text: str | None) -> str | None:
    if text is not None:
        date.fromisoformat(text[:10])
    return text


def _check_lengths(curve: Curve) -> Curve:
    if any(len(values) != len(curve["at"]) for values in curve["values"].values()):
        raise ValueError("lists of different lengths")
    return curve


def _told(error: ValidationError) -> str:
    """The first of the errors in a few words."""
    first = error.errors(include_url=False, include_context=False)[0]
    place, where = list(first["loc"]), ""
    if place[0] == "sources" and len(place) > 2:
        where, place = f"in sources.{place[1]} ", place[2:]
    path = ".".join(map(str, place))
    return f"{where}it has no {path}" if first["type"] == "missing" else f"{where}its {path} is {first['input']!r:.40}"
