"""Which workers may work on the same crawl."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import moviecrawler
from moviecrawler.distributed.crawl_key import describe_differences, worker_version
from moviecrawler.distributed.lua_scripts import ENTRY_VERSION, queue_script


def test_the_version_names_project_entries_and_code() -> None:
    assert re.fullmatch(rf"{re.escape(moviecrawler.__version__)}/{ENTRY_VERSION}/[0-9a-f]{{8}}", worker_version())
    assert f"local ENTRY_VERSION = '{ENTRY_VERSION}'" in queue_script("pop")


def test_a_crawl_without_a_version_is_another_crawl() -> None:
    ours = {"version": "0.1.0/m2/0123abcd", "store": "movies"}
    assert describe_differences({"store": "movies"}, ours) == "version is None there and '0.1.0/m2/0123abcd' here"


def test_a_worker_without_a_version_refuses_to_join_a_crawl_with_one() -> None:
    agreed = {"version": "0.1.0/m2/0123abcd", "store": "movies", "titles in": ["en-US"]}
    assert describe_differences(agreed, {"store": "movies", "languages": ["en-US"]}).startswith(
        "languages is None there"
    )


def test_the_version_depends_on_all_code_that_writes_or_reads_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    for name in ("distributed/lua/pop.lua", "scheduling/a.py", "base_spiders/b.py", "spiders/c.py", "sources/d.py"):
        (package / name).parent.mkdir(parents=True)
        (package / name).write_text("first")
    monkeypatch.setattr("moviecrawler.distributed.crawl_key.files", lambda module: package)
    known = {worker_version.__wrapped__()}
    for path in sorted(package.rglob("*.*")):
        path.write_text("second")
        known.add(worker_version.__wrapped__())
    assert len(known) == 6


@pytest.mark.parametrize("name", ["crawl_key", "lua_scripts", "serializer"])
def test_the_examples_in_docstrings_run(name: str) -> None:
    tested = doctest.testmod(importlib.import_module(f"moviecrawler.distributed.{name}"))
    assert (tested.failed, tested.attempted > 0) == (0, True)
