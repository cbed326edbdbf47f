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

import pytest
from scrapy.utils.misc import load_object

from tests.support.pages import PROJECT
from tests.support.source_code import (
    FILES,
    PACKAGE,
    imports,
    imports_in,
    nodes,
    place,
    room_named,
    room_of,
)

PURE = (
    "documents",
    "items",
    "config",
    "timestamps",
    "request_meta",
    "sources",
    "policy",
    "stores",
    "ingest",
    "exporters",
    "health",
    "maintain",
    "backup",
    "search",
    "rendering",
    "sandbox",
)
FRAMEWORK = ("scrapy", "twisted", "scrapy_redis")
COMPONENTS = (
    *("spiders", "base_spiders", "spidermiddlewares", "downloadermiddlewares", "downloader", "scheduling"),
    *("distributed", "pipelines", "extensions", "observability"),
)
"""What Scrapy builds; commands reach them by name, through the settings."""

EVERYBODY = {"exceptions", ""}
"""The package itself has nothing but its version."""


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
IMPORTS = [found for path in FILES for found in imports(path)]
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
    rooms = {room_of(path) for path in FILES} - {""}
    assert rooms == TABLE.keys()


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/adding-a-source.md", "CONTRIBUTING.md"])
def test_a_dotted_name_on_a_page_leads_somewhere(page: str) -> None:
    named = re.findall(r"`((?:moviecrawler\.)?\w+(?:\.\w+)+)`", (PROJECT / page).read_text(encoding="utf-8"))
    dotted = {
        name.removeprefix("moviecrawler.") for name in named if not re.search(r"\.(py|md|cfg|db|json|txt|toml)$", name)
    }
    for name in sorted(dotted):
        if name.split(".")[0] in TABLE:
            try:
                load_object(f"{PACKAGE}.{name}")
            except (NameError, ValueError):
                assert import_module(f"{PACKAGE}.{name}")


def test_the_table_of_jobs_has_every_room() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    jobs = page.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    first = [line.split("|")[1] for line in jobs.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)(?:/|\.py)`", " ".join(first))) == sorted(TABLE)


def _diagrams() -> tuple[str, str]:
    """The two pictures with which the page opens: the walk of a film, and the rooms."""
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk, rooms = re.findall(r"```text\n(.*?)```", page.partition("\n## ")[0], re.DOTALL)
    return walk, rooms


def test_the_picture_of_the_rooms_has_every_room_above_all_that_it_may_import() -> None:
    lines = [line.split("│")[1].split() for line in _diagrams()[1].splitlines() if "│" in line]
    assert sorted(room for line in lines for room in line) == sorted(TABLE)
    for number, line in enumerate(lines):
        below = {room for other in lines[number + 1 :] for room in other}
        for room in line:
            assert TABLE[room] <= below, f"{room} may import {sorted(TABLE[room] - below)}, which stand no lower"


def test_the_picture_of_the_rooms_is_straight() -> None:
    lines = _diagrams()[1].splitlines()
    assert len({len(line) for line in lines}) == 1
    assert {line[-1] for line in lines} <= set("┐│┤┘")


def test_the_picture_of_the_walk_goes_through_rooms() -> None:
    walk = _diagrams()[0]
    rooms = re.findall(r"^(\w+)/", walk, re.MULTILINE)
    assert len(rooms) > 10
    assert set(re.findall(r"(\w+)/", walk)) <= TABLE.keys()
    # The steps below tell the same walk: what the picture goes through, they name.
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    steps = page.partition("\n## The walk of one film\n")[2].partition("\n## ")[0]
    assert not [room for room in rooms if not re.search(rf"\b{room}\b", steps)]


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
    found = list(imports_in(ast.parse(forms), [PACKAGE, "policy"]))
    assert [(module, lazy) for _, module, lazy in found] == [
        ("moviecrawler.items", False),
        ("moviecrawler.stores", False),
        ("moviecrawler.exceptions", False),
        ("moviecrawler.policy", False),
        ("moviecrawler.sources", False),
        ("moviecrawler.rendering.sizes", True),
        ("scrapy", True),
    ]


@pytest.mark.parametrize("room", sorted(TABLE))
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    allowed = TABLE[room] | EVERYBODY | {room}
    wrong = [
        str(found) for found in OURS if room_of(found.importer) == room and room_named(found.module) not in allowed
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
    assert not TABLE["sandbox"] | TABLE["exceptions"] | TABLE["config"]
    assert TABLE["documents"] == {"config"}
    assert TABLE["items"] == {"documents"}


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_names_no_framework(room: str) -> None:
    wrong = [
        str(found) for found in IMPORTS if room_of(found.importer) == room and found.module.split(".")[0] in FRAMEWORK
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


@pytest.mark.parametrize("room", ["documents", "items", "sources", "policy"])
def test_a_decision_reads_no_clock(room: str) -> None:
    """The present moment is an argument there: ``datetime.now()``, ``time.time()`` and their like are not called."""
    wrong = [
        f"{place(path, node.lineno)} calls {ast.unparse(node.func)}()"
        for path, node in nodes(ast.Call)
        if room_of(path) == room
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
    # The sandbox hands the environment on to the command that it runs, with a data folder of its own. What a crawl
    # checks at its start are names: one that is nearly a setting's.
    assert readers == {"settings.py", "sandbox/cli.py", "commands/sandbox.py", "run.py"}


def test_commands_leave_scrapys_components_to_scrapy() -> None:
    wrong = [
        str(found) for found in OURS if room_of(found.importer) == "commands" and room_named(found.module) in COMPONENTS
    ]
    assert not wrong


def test_commands_import_late_because_scrapy_loads_all_of_them_at_every_start() -> None:
    wrong = [
        str(found)
        for found in OURS
        if room_of(found.importer) == "commands" and not found.lazy and room_named(found.module) != "commands"
    ]
    assert not wrong


def test_commands_say_what_they_say_in_one_place() -> None:
    """``commands.say``: a terminal obeys nothing that a site has put into it."""
    wrong = [
        place(path, node.lineno)
        for path, node in nodes(ast.Call, (PROJECT / PACKAGE / "commands").glob("[!_]*.py"))
        if re.fullmatch(r"print|sys\.std(out|err)\.write", ast.unparse(node.func))
    ]
    assert not wrong


def _dotted_paths() -> list[str]:
    """Every string in the package that is a dotted path of ours, or of Scrapy in the settings."""
    found = set()
    for path, node in nodes(ast.Constant):
        if isinstance(node.value, str):
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
