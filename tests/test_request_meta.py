"""``request_meta.RequestMeta`` names every key of ``request.meta`` that the package uses, and no other."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import moviecrawler
from moviecrawler.distributed.entry_check import _Meta as QueuedMeta
from moviecrawler.distributed.entry_check import _Target as QueuedTarget
from moviecrawler.request_meta import RequestMeta, Target

PACKAGE = Path(moviecrawler.__file__).parent
KEYS = get_type_hints(RequestMeta).keys()


def _is_meta(node: ast.AST) -> bool:
    """``request.meta``, ``meta``, ``meta_of(request)``."""
    return (
        (isinstance(node, ast.Attribute) and node.attr == "meta")
        or (isinstance(node, ast.Name) and node.id == "meta")
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "meta_of")
    )


def _keys(tree: ast.AST) -> Iterator[str]:
    """``meta["key"]``, ``meta.get("key")``, ``"key" in meta``, ``meta.update(key=...)``, ``meta={"key": ...}``."""
    for node in ast.walk(tree):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.Subscript) and _is_meta(node.value):
            found = [node.slice]
        elif isinstance(node, ast.Compare) and _is_meta(node.comparators[0]):
            found = [node.left]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_meta(node.func.value):
            found = list(node.args[:1])
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)
        elif (isinstance(node, ast.keyword) and node.arg == "meta" and isinstance(node.value, ast.Dict)) or (
            isinstance(node, ast.Assign) and _is_meta(node.targets[0]) and isinstance(node.value, ast.Dict)
        ):
            found = node.value.keys
        yield from (one.value for one in found if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _used() -> set[str]:
    files = (path for path in PACKAGE.rglob("*.py") if path.parent.name != "rendering")  # an AVIF has a meta box
    return {key for path in files for key in _keys(ast.parse(path.read_bytes()))}


def test_the_search_finds_keys_in_every_form() -> None:
    code = """
r.meta["a"]; r.meta.pop("b"); "c" in r.meta; r.meta.update(d=1); f(meta={"e": 1}); meta = {"f": 1, **more}
meta_of(r)["g"] = 1
"""
    assert sorted(_keys(ast.parse(code))) == list("abcdefg")


def test_every_key_that_the_package_uses_is_documented() -> None:
    assert _used() - KEYS == set()


def test_every_documented_key_is_used() -> None:
    assert KEYS - _used() == set()


def test_a_queued_request_has_only_documented_keys() -> None:
    assert QueuedMeta.model_fields.keys() <= KEYS
    assert QueuedTarget.model_fields.keys() == get_type_hints(Target).keys()
