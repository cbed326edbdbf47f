"""The house stands as docs/architecture.md says: who imports whom, what is pure, and what the settings name.

The table of rooms is read from that page, so the page and the code cannot tell different stories.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Set
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from scrapy.utils.misc import load_object

PACKAGE = "moviecrawler"
PROJECT = Path(__file__).parents[1]
FILES = sorted((PROJECT / PACKAGE).rglob("*.py"))

PURE = ("items", "timestamps", "sources", "policy", "stores", "ingest", "rendering", "sandbox")
FRAMEWORK = ("scrapy", "twisted", "scrapy_redis")
COMPONENTS = (
    *("spiders", "base_spiders", "spidermiddlewares", "downloadermiddlewares", "downloader", "scheduling"),
    *("distributed", "pipelines", "extensions", "observability", "exporters"),
)
"""What Scrapy builds; commands reach them by name, through the settings."""

EVERYBODY = {"exceptions", ""}
"""The package itself has nothing but its version."""
LONGEST_FILE = 500


def _table() -> dict[str, set[str]]:
    """Room -> the rooms that it may import, beside itself and the exceptions."""
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = re.search(r"## Who may import whom\n.*?```text\n(.*?)```", page, re.DOTALL)
    assert block, "docs/architecture.md has lost its table of rooms"
    table: dict[str, set[str]] = {}
    for line in block[1].splitlines():
        rooms, _, allowed = line.partition("<-")
        names = set(re.findall(r"\w+", allowed)) if "nothing" not in allowed else set()
        table |= dict.fromkeys(re.findall(r"\w+", rooms), names)
    return table


TABLE = _table()


class Import(NamedTuple):
    """One import of ours; ``lazy``: inside a function."""

    importer: Path
    line: int
    module: str
    lazy: bool

    def __str__(self) -> str:
        return f"{self.importer.relative_to(PROJECT)}:{self.line} imports {self.module}"


def _room(dotted: str) -> str:
    """``moviecrawler.policy.documents.merge`` -> ``policy``; the package itself is the room "".

    >>> _room("moviecrawler.policy.documents.merge"), _room("moviecrawler")
    ('policy', '')
    """
    return dotted.split(".")[1] if "." in dotted else ""


def _module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> Iterator[tuple[int, str, bool]]:
    package = _module_of(path).split(".")
    return _imports_in(path.read_text(encoding="utf-8"), package if path.name == "__init__.py" else package[:-1])


def _imports_in(code: str, package: list[str]) -> Iterator[tuple[int, str, bool]]:
    """(line, module, lazy) of every import: at the top, in functions, under ``if TYPE_CHECKING``."""
    tree = ast.parse(code)
    lazy = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (start, node.module) if part)
            # `from moviecrawler import policy` names a room only in its second half.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == PACKAGE else [base]
        else:
            continue
        for name in names:
            yield node.lineno, name, id(node) in lazy


IMPORTS = [Import(path, *found) for path in FILES for found in _imports(path)]
OURS = [found for found in IMPORTS if found.module.split(".")[0] == PACKAGE]


def _closure(room: str) -> set[str]:
    """All rooms that may be loaded when this one is imported."""
    seen: set[str] = set()
    waiting = {room}
    while waiting:
        one = waiting.pop()
        seen.add(one)
        waiting |= TABLE[one] - seen
    return seen | EVERYBODY


def test_every_room_of_the_package_stands_in_the_table_and_every_room_of_the_table_exists() -> None:
    rooms = {_room(_module_of(path)) for path in FILES} - {""}
    assert rooms == TABLE.keys()


def test_the_walk_over_the_code_sees_imports_of_every_form() -> None:
    forms = """
import moviecrawler.items
from moviecrawler import stores, exceptions
from . import moments
from ..sources import tmdb
if TYPE_CHECKING:
    from moviecrawler.rendering.sizes import resize
def late():
    import scrapy
"""
    found = list(_imports_in(forms, [PACKAGE, "policy"]))
    assert [(module, lazy) for _, module, lazy in found] == [
        ("moviecrawler.items", False),
        ("moviecrawler.stores", False),
        ("moviecrawler.exceptions", False),
        ("moviecrawler.policy", False),
        ("moviecrawler.sources", False),
        ("moviecrawler.rendering.sizes", False),
        ("scrapy", True),
    ]


@pytest.mark.parametrize("room", sorted(TABLE))
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    allowed = TABLE[room] | EVERYBODY | {room}
    wrong = [
        str(found) for found in OURS if _room(_module_of(found.importer)) == room and _room(found.module) not in allowed
    ]
    assert not wrong, f"{room} may import {sorted(allowed)}"


def _imported_names(path: Path, package: list[str]) -> Iterator[str]:
    """``a.b.name`` for each imported name of the top level: a module, or something that the module ``a.b`` defines."""
    tree = ast.parse(path.read_bytes())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    lazy = {id(inner) for node in ast.walk(tree) if isinstance(node, functions) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in lazy:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            yield from (".".join([*start, *filter(None, [node.module]), alias.name]) for alias in node.names)


def _module_graph() -> dict[str, set[str]]:
    """Module -> the modules that it imports at its top level, including those under ``if TYPE_CHECKING``.

    The parent packages, which Python loads before a module, count only where they are imported by name.
    """
    paths = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES
    }
    graph: dict[str, set[str]] = {}
    for module, path in paths.items():
        package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
        names = _imported_names(path, package)
        graph[module] = {name if name in paths else name.rpartition(".")[0] for name in names} & paths.keys() - {module}
    return graph


def _find_circle(graph: Mapping[str, Set[str]]) -> list[str]:
    """One circle, its first module repeated at the end; [] if there is none.

    >>> _find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    ['b', 'c', 'b']
    >>> _find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    []
    """
    finished: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module not in finished:
            for imported in sorted(graph[module]):
                if circle := visit(imported, [*path, module]):
                    return circle
            finished.add(module)
        return []

    return next((circle for module in sorted(graph) if (circle := visit(module, []))), [])


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert _find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    graph = _module_graph()
    assert sum(map(len, graph.values())) > 500, "the walk over the code finds too few imports"
    assert not _find_circle(graph)


def test_what_must_stand_alone_stays_alone_in_the_table() -> None:
    """A sandbox that shared code with the parser would prove nothing."""
    assert not TABLE["sandbox"] | TABLE["items"] | TABLE["exceptions"] | TABLE["settings"]


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_names_no_framework(room: str) -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if _room(_module_of(found.importer)) == room and found.module.split(".")[0] in FRAMEWORK
    ]
    assert not wrong


_LOAD = """
import importlib, pkgutil, sys

package, room, blocked, allowed = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4].split(",")

class Wall:
    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        if parts[0] in blocked:
            raise ImportError(f"{name} is blocked")
        if parts[0] == package and len(parts) > 1 and parts[1] not in allowed:
            raise ImportError(f"{name} is in a room that {room} may not load")

sys.meta_path.insert(0, Wall())
top = importlib.import_module(f"{package}.{room}")
for module in pkgutil.walk_packages(getattr(top, "__path__", ()), f"{package}.{room}."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_can_be_imported_without_scrapy_and_without_the_rest_of_the_house(room: str) -> None:
    allowed = ",".join(sorted(_closure(room)))
    run = subprocess.run(
        [sys.executable, "-c", _LOAD, PACKAGE, room, ",".join(FRAMEWORK), allowed],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr


_CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}


@pytest.mark.parametrize("room", ["items", "sources", "policy"])
def test_a_decision_reads_no_clock(room: str) -> None:
    """The present moment is an argument there: ``datetime.now()``, ``time.time()`` and their like are not called."""
    wrong = [
        f"{path.relative_to(PROJECT)}:{node.lineno} calls {ast.unparse(node.func)}()"
        for path in FILES
        if _room(_module_of(path)) == room
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _CLOCKS
        and ast.unparse(node.func.value).rpartition(".")[2] in ("datetime", "date", "time")
    ]
    assert not wrong


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(PROJECT / PACKAGE))
        for path in FILES
        if re.search(r"\bos\.(environ|getenv)\b|\bfrom os import .*\b(environ|getenv)\b", path.read_text("utf-8"))
    }
    # The sandbox hands the environment on to the command that it runs, with a data folder of its own.
    assert readers == {"settings.py", "sandbox/cli.py", "commands/sandbox.py"}


def test_commands_leave_scrapys_components_to_scrapy() -> None:
    wrong = [
        str(found)
        for found in OURS
        if _room(_module_of(found.importer)) == "commands" and _room(found.module) in COMPONENTS
    ]
    assert not wrong


def test_commands_import_late_because_scrapy_loads_all_of_them_at_every_start() -> None:
    wrong = [
        str(found)
        for found in OURS
        if _room(_module_of(found.importer)) == "commands" and not found.lazy and _room(found.module) != "commands"
    ]
    assert not wrong


def test_commands_say_what_they_say_in_one_place() -> None:
    """``commands.say``: a terminal obeys nothing that a site has put into it."""
    wrong = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in (PROJECT / PACKAGE / "commands").glob("[!_]*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and re.fullmatch(r"print|sys\.std(out|err)\.write", ast.unparse(node.func))
    ]
    assert not wrong


def _dotted_paths() -> list[str]:
    """Every string in the package that is a dotted path of ours, or of Scrapy in the settings."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                ours = re.fullmatch(rf"{PACKAGE}(\.\w+)+", node.value)
                theirs = path.name == "settings.py" and re.fullmatch(r"(scrapy|twisted)(\.\w+)+", node.value)
                if (ours or theirs) and node.value != "scrapy.cfg":
                    found.add(node.value)
    return sorted(found)


def test_the_settings_name_components() -> None:
    assert len(_dotted_paths()) > 20


@pytest.mark.parametrize("dotted", _dotted_paths())
def test_a_dotted_path_leads_somewhere(dotted: str) -> None:
    try:
        load_object(dotted)
    except (NameError, ValueError):
        assert import_module(dotted)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_a_file_has_one_job_and_can_be_read_at_a_sitting(path: Path) -> None:
    name = str(path.relative_to(PROJECT))
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{name} has {lines} lines"
