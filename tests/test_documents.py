"""The types of ``documents/``: the facts are those of the models, and ``docs/data-model.md`` has every field."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

import pytest
from typing_extensions import is_typeddict

from moviecrawler.commands.export import KINDS
from moviecrawler.documents import Document, has_changed, is_gone, is_new, is_show
from moviecrawler.documents.facts import Facts, SourceData
from moviecrawler.documents.records import RECORDS, Said, is_settled
from moviecrawler.policy.freshness.refresh import AGE_LIMITS
from tests.support import facts, pages

_NAMED = {
    "sources": "<source>",
    "parts": "<part>",
    "ratings": "<house>",
    "images": "<role>",
    "files": "<size>",
    "pages": "<page>",
    "curves": "<source>",
    "watch": "<region>",
    "coverage": "<kind>",
}
"""Objects with names of their own, and what the page calls these."""

_ELSEWHERE = (SourceData, Said)
"""The page describes what a source said in one row."""


def _paths(annotation: Any, path: str = "") -> Iterator[str]:
    """``people.cast[].name``: the paths of a type that have nothing below them, as the page writes them."""
    if get_origin(annotation) is NotRequired:
        (annotation,) = get_args(annotation)
    inner = [one for one in get_args(annotation) if one is not NoneType]
    if is_typeddict(annotation) and annotation not in _ELSEWHERE:
        for name, below in get_type_hints(annotation, include_extras=True).items():
            yield from _paths(below, f"{path}.{name}" if path else name)
    elif get_origin(annotation) is list and is_typeddict(inner[0]):
        yield from _paths(inner[0], f"{path}[]")
    elif get_origin(annotation) is dict and is_typeddict(inner[1]):
        yield from _paths(inner[1], f"{path}.{_NAMED[path.rpartition('.')[2]]}")
    elif len(inner) == 1 and is_typeddict(inner[0]):  # or null
        yield from _paths(inner[0], path)
    else:
        yield path


def _documented(heading: str) -> list[str]:
    return [
        name for row in pages.rows(pages.section(pages.read("data-model.md"), heading)) for name in pages.names(row[0])
    ]


def test_the_facts_are_those_of_the_models() -> None:
    code = facts.FILE.read_text(encoding="utf-8")
    assert facts.written(code) == code, "python -m tests.support.facts writes them"


def test_the_facts_are_found_in_the_file_and_written_anew() -> None:
    code = facts.FILE.read_text(encoding="utf-8")
    assert facts.written(code.replace("    runtime: int | None\n", "")) == code
    assert set(get_type_hints(Facts)) < set(get_type_hints(SourceData))


def test_data_model_md_has_every_field_of_the_type_of_a_document() -> None:
    assert sorted(_documented("A document")) == sorted(_paths(Document))


@pytest.mark.parametrize("kind", sorted(RECORDS))
def test_data_model_md_has_every_field_of_the_type_of_a_record(kind: str) -> None:
    assert sorted(_documented(kind)) == sorted(_paths(RECORDS[kind]))


def test_data_model_md_has_what_only_slots_say() -> None:
    rows = pages.rows(pages.section(pages.read("data-model.md"), "Where it comes from"))
    (said,) = (row[1] for row in rows if pages.names(row[0]) == ["sources.<source>.data"])
    assert set(pages.names(said)) == get_type_hints(SourceData).keys() - get_type_hints(Facts).keys()


def test_every_kind_of_record_has_a_type() -> None:
    assert RECORDS.keys() == set(KINDS) - {"movies", "shows"}


# --- What they mean -----------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "new"),
    [
        ({}, True),
        ({"release_date": "soon"}, True),
        ({"release_date": "2027-05-01"}, True),
        ({"release_date": "2026-09-22"}, True),
        ({"release_date": "2026-09-21"}, False),
        ({"first_air_date": "2001-01-01", "in_production": True, "last_air_date": "2026-11-20"}, True),
        ({"first_air_date": "2001-01-01", "in_production": False, "last_air_date": "2026-11-20"}, False),
    ],
)
def test_a_title_is_new_for_as_long_as_the_first_row_of_the_refresh_table(facts: Facts, new: bool) -> None:
    assert is_new(facts, NOW) is new
    assert AGE_LIMITS[0] == 60


@pytest.mark.parametrize(
    ("sources", "gone"),
    [
        ({"tmdb": {"gone_at": "2026-11-21T08:15:30.123Z"}}, True),
        ({"tmdb": {"gone_at": None}, "omdb": {"gone_at": "2026-11-21T08:15:30.123Z"}}, False),
        ({}, False),
    ],
)
def test_only_tmdb_makes_a_tombstone(sources: Any, gone: bool) -> None:
    assert is_gone({"_id": 603, "sources": sources}) is gone


def test_a_document_has_changed_when_its_version_brought_the_last_change() -> None:
    change = {"source": "tmdb", "at": "2026-11-21T08:15:30.123Z", "revision": 2, "diff": []}
    assert has_changed({"revision": 2, "last_change": change})
    assert not has_changed({"revision": 3, "last_change": change})
    assert not has_changed({"revision": 3, "last_change": {**change, "revision": None}})
    assert not has_changed({"revision": 1, "last_change": None})


@pytest.mark.parametrize(("settled", "expected"), [(None, False), (603, True), (False, True)])
def test_a_person_may_also_settle_that_it_is_no_film(settled: Any, expected: bool) -> None:
    assert is_settled({"_id": "the_numbers/Heat", "settled": settled}) is expected


def test_a_show_is_known_by_its_facts() -> None:
    assert is_show({"season_count": 1})
    assert not is_show({"title": "Heat"})


# --- Add a field --------------------------------------------------------------------------------------------------


def test_a_field_is_the_parser_the_model_a_fixture_and_its_row(tmp_path: Path) -> None:
    """As CONTRIBUTING.md shows it, in a copy of the project: nothing else has to be touched."""
    project = pages.copy_of_the_project(tmp_path / "project", "pool", "crawls")
    guide = (project / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (diff,) = pages.code_blocks(pages.section(guide, "Add a field"), "diff")
    assert pages.apply_diff(diff, project) == [
        "moviecrawler/items.py",
        "moviecrawler/sources/tmdb/details.py",
        "tests/sources/fixtures/tmdb/show_full/expected.json",
        "docs/data-model.md",
    ]
    python = [sys.executable, "-P", "-m"]
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: str) -> None:
        ran = subprocess.run(
            [*python, *words], cwd=project, env=environment, capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    run("tests.support.facts")
    assert "    tvrage_id: int | None\n" in (project / "moviecrawler" / "documents" / "facts.py").read_text(
        encoding="utf-8"
    )
    quiet = ("-q", "-p", "no:cacheprovider", "-k")
    by_field = [f"tests/sources/test_{name}.py" for name in ("tmdb_fixtures", "omdb_fixtures", "fields_meant")]
    by_field += ["tests/policy/documents/test_merge.py", "tests/policy/documents/test_shape.py"]
    run("pytest", *quiet, "not is_the_parser_the_model", "tests/test_documents.py", *by_field)
    run("pytest", *quiet, "data_model", "tests/test_docs.py")
