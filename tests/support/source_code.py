"""The package's code, read and not run: files, rooms, imports and the stats it counts."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.support.pages import PROJECT

PACKAGE = "moviecrawler"
FILES = sorted((PROJECT / PACKAGE).rglob("*.py"))

Node = TypeVar("Node", bound=ast.AST)


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def nodes(kind: type[Node], files: Iterable[Path] = FILES) -> Iterator[tuple[Path, Node]]:
    """Every node of this kind, with its file, wherever it stands in the code."""
    for path in files:
        for node in ast.walk(parse(path)):
            if isinstance(node, kind):
                yield path, node


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(PROJECT)}:{line}"


# --- Rooms and imports ------------------------------------------------------------------------------------------


def module_of(path: Path) -> str:
    """``moviecrawler/policy/printable.py`` -> ``moviecrawler.policy.printable``; a package for its ``__init__.py``."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_named(dotted: str) -> str:
    """``moviecrawler.policy.documents.merge`` -> ``policy``; the package itself is the room "".

    >>> room_named("moviecrawler.policy.documents.merge"), room_named("moviecrawler")
    ('policy', '')
    """
    return dotted.split(".")[1] if "." in dotted else ""


def room_of(path: Path) -> str:
    return room_named(module_of(path))


class Import(NamedTuple):
    """One imported module; ``lazy``: not loaded with the importer, since it is inside a function or only for types."""

    importer: Path
    line: int
    module: str
    lazy: bool

    def __str__(self) -> str:
        return f"{place(self.importer, self.line)} imports {self.module}"


def imports(path: Path) -> Iterator[Import]:
    package = module_of(path).split(".")
    found = imports_in(parse(path), package if path.name == "__init__.py" else package[:-1])
    return (Import(path, *one) for one in found)


def imports_in(tree: ast.Module, package: list[str]) -> Iterator[tuple[int, str, bool]]:
    """(line, module, lazy) of every import: at the top, in functions, under ``if TYPE_CHECKING``."""
    lazy = {id(node) for block in ast.walk(tree) for part in _lazy_parts(block) for node in ast.walk(part)}
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


def _lazy_parts(block: ast.AST) -> Sequence[ast.AST]:
    """What of this node is not run when the module is imported."""
    if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
        return block.body
    return [block] if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else []


# --- Stats ------------------------------------------------------------------------------------------------------

_METHODS = ("inc_value", "set_value", "max_value", "min_value")
_NOTED = "stat_keys"
"""A list of stat keys that ``rendering`` fills and a pipeline counts, since that room knows no stats."""


def stat_patterns(files: Iterable[Path] = FILES) -> set[str]:
    """The keys that the code counts, ``*`` for what a run fills in; LookupError for a key that cannot be read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
    ...     _ = file.write('stats.inc_value("found")\\ninc = stats.inc_value\\ninc(f"answers/{host}/{kind}")')
    ...     file.flush()
    ...     sorted(stat_patterns([Path(file.name)]))
    ['answers/*/*', 'found']
    """
    return {key for path in files for key in _keys(path)}


def covered(key: str, known: set[str]) -> bool:
    """Whether a key, with or without ``*``, is one of the known or fits one of their patterns.

    >>> covered("titles/inserted", {"titles/*"}), covered("titles/*", {"titles/inserted"})
    (True, False)
    """
    return any(fnmatchcase(key, pattern) for pattern in known)


def _keys(path: Path) -> Iterator[str]:
    tree = parse(path)
    aliases = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_method(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        noted = isinstance(called, ast.Attribute) and called.attr == "append" and _named(called.value) == _NOTED
        if _is_method(called) or noted or (isinstance(called, ast.Name) and called.id in aliases):
            found = list(_patterns(node.args[0]))
            yield from found
            if not found and not _comes_from_stat_keys(tree, node.args[0]):
                raise LookupError(f"{path}:{node.lineno}: which stat is {ast.unparse(node.args[0])}?")


def _is_method(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _METHODS


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _patterns(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _patterns(node.body)
        yield from _patterns(node.orelse)


def _comes_from_stat_keys(tree: ast.Module, key: ast.expr) -> bool:
    """``for name in made.stat_keys: stats.inc_value(name)``."""
    return any(
        isinstance(node, ast.For) and _named(node.target) == _named(key) and _named(node.iter) == _NOTED
        for node in ast.walk(tree)
    )
