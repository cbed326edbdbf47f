"""docs/python.md: its scripts run, print what is shown, and import only what the page calls public."""

import ast
import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from scrapy.utils.misc import load_object

from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Write
from tests.support import pages
from tests.support.mongo_server import mongo_database, mongo_server
from tests.support.pages import PROJECT
from tests.support.sandbox import Sandbox

PAGE = pages.read("python.md")
PUBLIC = [pages.names(row[0])[0] for row in pages.rows(pages.section(PAGE, "What is public"))]
MONGO = "mongodb://127.0.0.1:27017/moviecrawler"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with mongo_server() as server, mongo_database(server) as uri:
        yield uri


async def _copy_shows(source: str, target: str) -> None:
    async with opened(open_store(source)) as old, opened(open_store(target)) as new:
        async for show in old.documents.iterate("shows"):
            await new.documents.write([Write("shows", show["_id"], {**show, "revision": 1}, None)])


def test_the_scripts_of_the_page_print_what_it_shows(tmp_path: Path, database: str) -> None:
    """One after the other, in one folder without ``scrapy.cfg``, as somebody would who reads the page."""
    with Sandbox() as sandbox:
        for number, (code, shown) in enumerate(pages.scripts(PAGE)):
            if MONGO in code:
                asyncio.run(_copy_shows(f"sqlite:///{tmp_path}/data/movies.db", database))
            script = tmp_path / f"script{number}.py"
            script.write_text(code.replace(MONGO, database), encoding="utf-8")
            ran = subprocess.run(
                [sys.executable, script.name],
                cwd=tmp_path,
                env=pages.environment(sandbox),
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert ran.returncode == 0, f"{code}\n{ran.stderr}"
            output = ran.stdout.replace(database, MONGO)
            assert pages.shows("\n".join(shown), output), f"{code}\n{''.join(pages.shape(output))}\n{ran.stderr}"


def _imported() -> set[str]:
    """The names of ours that the scripts import, with their modules."""
    return {
        f"{node.module}.{alias.name}"
        for code, _ in pages.scripts(PAGE)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("moviecrawler")
        for alias in node.names
    }


def test_what_the_scripts_import_is_public() -> None:
    assert len(_imported()) > 8
    assert _imported() <= set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_with_docstring_and_types(name: str) -> None:
    thing = load_object(name)
    assert inspect.getdoc(thing)
    for function in _functions_of(thing):
        signature = inspect.signature(function)
        untyped = [one.name for one in signature.parameters.values() if one.annotation is one.empty]
        assert set(untyped) <= {"self", "cls"}, f"{name}: {function.__qualname__}"
        assert signature.return_annotation is not signature.empty, f"{name}: {function.__qualname__}"


def _functions_of(thing: Any) -> list[FunctionType]:
    """The function itself, or what a class of ours defines for its users."""
    if not inspect.isclass(thing):
        return [inspect.unwrap(thing)]
    return [method for name, method in vars(thing).items() if inspect.isfunction(method) and not name.startswith("_")]


def test_every_error_of_the_page_is_public() -> None:
    errors = set(re.findall(r"`(\w+(?:Error|Absent))`", PAGE))
    assert {f"moviecrawler.exceptions.{error}" for error in errors} <= set(PUBLIC)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "CONTRIBUTING.md"])
def test_the_page_is_found_from_where_people_begin(page: str) -> None:
    assert any("python.md" in link for link in pages.links((PROJECT / page).read_text(encoding="utf-8")))
