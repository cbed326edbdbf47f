"""``moviecrawler/documents/facts.py``, written from the models of ``moviecrawler/items.py``.

``python -m tests.support.facts`` writes them, after a field of a model was added or changed; until then
``tests/test_documents.py`` is red. A type checker cannot derive a TypedDict from a model.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

import moviecrawler.documents.facts
from moviecrawler.items import Movie, Show, Title
from moviecrawler.policy.documents.compose import FIELDS

FILE = Path(moviecrawler.documents.facts.__file__)

_FACTS = re.compile(r"(?<=\n)class .*", re.DOTALL)
_OF_THE_ITEM = ("source", "source_id", "part", "id")


def facts() -> str:
    """The source of the facts' types."""
    said_only = [name for name in Title.model_fields if name not in (*FIELDS["movies"], *_OF_THE_ITEM)]
    of_both = [name for name in FIELDS["movies"] if name in FIELDS["shows"]]
    of_one = [name for kind in FIELDS for name in FIELDS[kind] if name not in of_both]
    parts = [_part(model) for model in dict.fromkeys([*_nested(Movie), *_nested(Show)])]
    return "\n\n".join(
        [
            *parts,
            _facts("TitleFacts(TypedDict, total=False)", "Facts of films and shows.", of_both),
            _facts(
                "Facts(TitleFacts, total=False)",
                "And those that only shows have, or only films.",
                of_one,
            ),
            _facts(
                "SourceData(Facts, total=False)", "What a source said of a title: what is empty is left out.", said_only
            ),
        ]
    )


def written(code: str) -> str:
    """The code of ``facts.py`` with today's facts; the imports are for a person to change."""
    return _FACTS.sub(lambda _: facts(), code, count=1)


def _facts(heading: str, docstring: str, names: Iterable[str]) -> str:
    fields = Movie.model_fields | Show.model_fields
    lines = [f"    {name}: {_spelled(fields[name].annotation)}\n" for name in names]
    return f'class {heading}:\n    """{docstring}"""\n\n{"".join(lines)}'


def _part(model: type[BaseModel]) -> str:
    lines = []
    for name, field in model.model_fields.items():
        spelled = _spelled(field.annotation)
        lines.append(f"    {name}: {spelled if field.is_required() else f'NotRequired[{spelled}]'}\n")
    return f"class {model.__name__}(TypedDict):\n{''.join(lines)}"


def _nested(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The models inside of it, each after those that it consists of."""
    found: dict[type[BaseModel], None] = {}
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            found |= dict.fromkeys([*_nested(inner), inner])
    return list(found)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models(one)


def _spelled(annotation: Any) -> str:
    """The annotation as source code.

    >>> _spelled(dict[str, list[float | None]])
    'dict[str, list[float | None]]'
    """
    if annotation is NoneType:
        return "None"
    arguments = [_spelled(one) for one in get_args(annotation)]
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(arguments)
    return f"{annotation.__name__}[{', '.join(arguments)}]" if arguments else str(annotation.__name__)


if __name__ == "__main__":
    FILE.write_text(written(FILE.read_text(encoding="utf-8")), encoding="utf-8")
