"""What the pages show is what happens: examples run against the sandbox, and a real run has only what is documented.

A console block is run line by line in an empty project folder. A line without output must end with status 0; where
output is shown, it must come like that, numbers apart; ``...`` stands for any lines, or the rest of a line.
"""

import asyncio
import doctest
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import SchemaValidator

from moviecrawler.commands.export import KINDS
from moviecrawler.documents import Document
from moviecrawler.documents.records import RECORDS
from moviecrawler.policy.documents.shape import schema
from moviecrawler.stores import open_store
from tests.support import pages
from tests.support.pages import PAGES, PROJECT
from tests.support.sandbox import Sandbox
from tests.support.source_code import FILES, covered, module_of

MODULES = [path for path in FILES if ">>>" in path.read_text("utf-8")]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def _project(folder: Path) -> Path:
    shutil.copy(PROJECT / "scrapy.cfg", folder)
    return folder


def _run(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Exit status and all output, in the order in which it came."""
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return ran.returncode, ran.stdout


# --- Examples ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", [page for page in PAGES if pages.examples(page.read_text(encoding="utf-8"))], ids=pages.name_of
)
def test_the_examples_of_a_page_run(page: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    folder, environment = _project(tmp_path), pages.environment(sandbox)
    ports = {base.split("/")[2]: name for base, name in zip([sandbox.api, *sandbox.cdns], _LIVE, strict=True)}
    for example in pages.examples(page.read_text(encoding="utf-8")):
        # Pictures take seconds: only where the example shows what becomes of them.
        pictures = "1" if any(line.startswith("  pictures") for line in example.shown) else "0"
        status, output = _run(example.command, folder, environment | {"IMAGES_ENABLED": pictures})
        for port, name in ports.items():
            output = output.replace(port, name)
        output = output.replace(str(folder), "/srv/moviecrawler")
        shown = "\n".join(example.shown)
        assert status == 0 or (shown and status == 2), f"$ {example.command}\n{output}"
        assert not shown or pages.shows(shown, output), f"$ {example.command}\n{output}"


_LIVE = ("api.themoviedb.org", "image.tmdb.org", "image.tmdb.org")


def test_the_commands_that_move_a_store_move_it(run: "Run", sandbox: Sandbox, tmp_path: Path) -> None:
    folder, new = _project(tmp_path), tmp_path / "new.db"
    section = pages.section(pages.read("operations.md"), "Moving to MongoDB")
    commands = re.findall("^scrapy .*$", section, re.MULTILINE)
    environment = pages.environment(sandbox) | {"STORE_URI": f"sqlite:///{run.store}"}
    for command in commands:
        there = command.replace("mongodb://127.0.0.1:27017/moviecrawler", f"sqlite:///{new}")
        status, output = _run(there, folder, environment)
        assert status == 0, output
    assert asyncio.run(_everything(new)) == run.rows


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_the_examples_of_a_docstring_run(path: Path) -> None:
    result = doctest.testmod(import_module(module_of(path)))
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    "name",
    [
        "support.pages",
        "support.source_code",
        "left_behind",
        "test_docs",
        "test_docs_run",
        "test_architecture",
        "old_store.test_old_store",
    ],
)
def test_the_examples_of_these_tests_run(name: str) -> None:
    assert not doctest.testmod(import_module(f"tests.{name}")).failed


# --- A real run -------------------------------------------------------------------------------------------------


class Run:
    """What some crawls have left behind: every kind of row, and where they are."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.rows = asyncio.run(_everything(store))


async def _everything(store: Path) -> dict[str, list[dict[str, Any]]]:
    opened = open_store(f"sqlite:///{store}", data_dir=store.parent)
    await opened.open()
    try:
        return {
            kind: [
                row async for row in (opened.documents if kind in ("movies", "shows") else opened.records).iterate(kind)
            ]
            for kind in KINDS
        }
    finally:
        await opened.close()


@pytest.fixture(scope="module")
def run(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Films and shows, pictures, one that is gone, a change, a reject, a dropped title: all that is documented."""
    folder = _project(tmp_path_factory.mktemp("run"))
    environment = pages.environment(sandbox)

    def crawl(arguments: str, **settings: str) -> None:
        status, output = _run(f"scrapy crawl {arguments}", folder, environment | settings)
        assert status == 0, output

    crawl("tmdb_trending -a media=all -a limit=3", IMAGES_ENABLED="1")
    crawl("tmdb_trending -a media=movies -a limit=3", FILTER_MIN_RATING="10")
    first = asyncio.run(_everything(folder / "data" / "movies.db"))["movies"][0]["_id"]
    sandbox.patch("movie", first, tagline="Seen again.", poster_path="/no/such.jpg")
    crawl(f"tmdb_titles -a ids={first},999999999,shows/1396,19995", IMAGES_ENABLED="1")
    crawl("omdb -a limit=3")
    slowly = {"THE_NUMBERS_ENABLED": "1", "THE_NUMBERS_DELAY": "0.1"}
    crawl("the_numbers_chart -a chart=daily", **slowly)
    crawl("the_numbers_budgets -a pages=1", **slowly)
    return Run(folder / "data" / "movies.db")


def test_every_stat_of_a_run_is_documented(run: Run) -> None:
    rows = [row for heading in ("Ours", "Scrapy's own") for row in pages.rows(pages.section(_STATS, heading))]
    known = {re.sub(r"<[^>]+>", "*", name) for row in rows for name in pages.names(row[0])}
    seen = {name for record in run.rows["runs"] for name in record["stats"]}
    assert "titles/inserted" in seen
    assert not {name for name in seen if not covered(name, known)}


_STATS = pages.read("stats.md")


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """``people.cast[].name``: the paths that have nothing below them, with the names that differ taken out."""
    if path in _FREE:
        yield path
    elif isinstance(value, dict) and value:
        for name, below in value.items():
            general = next((known for pattern, known in _GENERAL.items() if re.fullmatch(pattern, path)), name)
            yield from _leaves(below, f"{path}.{general}" if path else general)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for one in value:
            yield from _leaves(one, f"{path}[]")
    else:
        yield path


_ANY = ("diff[].old", "diff[].new", "last_change.diff[].old", "last_change.diff[].new")
_SAID = ("sources.<source>.data", "sources.<source>.parts.<part>.data", "said")
_FREE = (
    "titles",
    "overviews",
    "taglines",
    "curves.<source>.values",
    *_ANY,
    "locks",
    "provenance",
    *_SAID,
    "arguments",
    "versions",
    "settings",
    "coverage.<kind>.fields",
    "stats",
)
"""Objects whose names are data, or described elsewhere."""

_GENERAL = {
    "sources": "<source>",
    r"sources\.<source>\.parts": "<part>",
    "ratings": "<house>",
    "images": "<role>",
    r"images\.<role>\.files": "<size>",
    "pages": "<page>",
    "curves": "<source>",
    "coverage": "<kind>",
    "watch": "<region>",
}


def _documented(text: str) -> set[str]:
    return {name for row in pages.rows(text) for name in pages.names(row[0])}


def _undocumented(paths: Iterable[str], documented: set[str]) -> set[str]:
    """A list or object that is empty in a row has its parts on the page."""
    return {
        path
        for path in paths
        if path not in documented and not any(one.startswith((f"{path}.", f"{path}[]")) for one in documented)
    }


def test_data_model_md_has_every_field_of_a_document(run: Run) -> None:
    """That it has no others, and those that no film of the sandbox has, ``test_documents.py`` sees by the types."""
    seen = {path for row in [*run.rows["movies"], *run.rows["shows"]] for path in _leaves(row)}
    assert len(seen) > 100
    assert not _undocumented(seen, _documented(pages.section(_DATA_MODEL, "A document")))


_DATA_MODEL = pages.read("data-model.md")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"movies", "shows"}))
def test_data_model_md_has_every_field_of_a_record(kind: str, run: Run) -> None:
    assert run.rows[kind], f"the crawls of this test left no {kind}"
    seen = {path for row in run.rows[kind] for path in _leaves(row)}
    assert not _undocumented(seen, _documented(pages.section(_DATA_MODEL, kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_stores_nothing_that_the_types_do_not_have(kind: str, run: Run) -> None:
    closed = SchemaValidator(schema(RECORDS.get(kind, Document), closed=True))
    for row in run.rows[kind]:
        closed.validate_python(row)


@pytest.mark.parametrize("page", ["README.md", "docs/data-model.md"])
def test_the_example_document_has_no_field_that_documents_have_not(page: str) -> None:
    (example,) = pages.code_blocks((PROJECT / page).read_text(encoding="utf-8"), "json")
    document = json.loads(example)
    known = _documented(pages.section(_DATA_MODEL, "A document"))
    assert not _undocumented({path for path in _leaves(document) if "..." not in path}, known)
