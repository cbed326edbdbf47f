"""Who only reads makes nothing, finds the project's data from everywhere in it, and is told where data are."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "30")

READERS = (
    *(("stats",), ("due",), ("due", "--recompute"), ("export", "movies", "-o", "films.jsonl"), ("match",)),
    *(("match", "--refuse", "the_numbers/x"), ("lock", "603"), ("lock", "603", "title=x"), ("unlock", "603", "--all")),
    ("reparse",),
)


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_without_a_store_one_line_says_so_and_nothing_is_created(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = Home(tmp_path / "home")
    ended = home.scrapy(*words)
    assert (ended.status, ended.stdout, len(ended.lines)) == (1, "", 1), ended.stderr
    assert f"SQLite {home.database}: nothing is stored there yet; " in ended.lines[0]
    assert os.listdir(home.folder) == ["scrapy.cfg"]


def test_from_a_subfolder_the_data_are_the_project_s(home: Home) -> None:
    relative = {"STORE_URI": "sqlite:///data/movies.db", "CACHE_URI": "sqlite:///data/answers.db"}
    relative |= {"IMAGES_STORE": "data/pictures"}
    docs = home.folder / "docs"
    below = Home(docs, {**home.settings, **relative})
    (docs / "scrapy.cfg").unlink()
    ended = below.crawl("tmdb_titles", "ids=603", IMAGES_ENABLED="1")
    assert ended.status == 0, ended.stderr
    assert os.listdir(docs) == []
    assert {"movies.db", "answers.db", "pictures", "budget.db"} <= set(os.listdir(home.data))
    assert "1 movie," in replace(home, settings={}).scrapy("stats").stdout
    assert below.scrapy("export", "movies").stdout == home.scrapy("export", "movies").stdout
    assert os.listdir(docs) == []


def test_after_a_run_against_the_sandbox_the_line_says_where_its_data_are(tmp_path: Path, sandbox: Sandbox) -> None:
    home = Home(tmp_path / "home", sandbox.env | {"IMAGES_ENABLED": "0"})
    folder = home.data / "sandbox"
    assert home.crawl("tmdb_titles", "ids=603", DATA_DIR="data/sandbox").status == 0
    ended = home.scrapy("export", "movies")
    assert ended.status == 1
    assert f"the sandbox's runs have stored their data in {folder}: -s DATA_DIR={folder}" in ended.lines[0]
    ended = home.scrapy("export", "movies", "-s", f"DATA_DIR={folder}")
    assert json.loads(ended.stdout)["_id"] == 603
    assert not home.database.exists()
