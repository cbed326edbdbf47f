"""Which stats the code counts, found by reading it: no run has to meet every fault to make them known."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_METHODS = ("inc_value", "set_value", "max_value", "min_value")
_NOTED = "stat_keys"
"""A list of stat keys that ``rendering`` fills and a pipeline counts, since that room knows no stats."""


def patterns(files: list[Path]) -> set[str]:
    """The keys, with ``*`` for what is filled in at run time; LookupError for a key that cannot be read.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
    ...     _ = file.write('stats.inc_value("found")\\ninc = stats.inc_value\\ninc(f"answers/{host}/{kind}")')
    ...     file.flush()
    ...     sorted(patterns([Path(file.name)]))
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
    tree = ast.parse(path.read_bytes())
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
            if not found and not _comes_from_notes(tree, node.args[0]):
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


def _comes_from_notes(tree: ast.Module, key: ast.expr) -> bool:
    """``for name in made.notes: stats.inc_value(name)``."""
    return any(
        isinstance(node, ast.For) and _named(node.target) == _named(key) and _named(node.iter) == _NOTED
        for node in ast.walk(tree)
    )
