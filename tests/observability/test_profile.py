"""PROFILE=1 leaves a profile that a person can open, and a table that a person can read."""

import pstats
import re
from pathlib import Path

from tests.support.crawl import Ended, Home

SANDBOX = ("--movies", "600")
IDS = "ids=5000000,5000001,5000002"


def profiles(home: Home, suffix: str) -> list[Path]:
    return sorted((home.data / "profiles").glob(f"*{suffix}"))


def profiled(home: Home) -> Ended:
    ended = home.crawl("tmdb_titles", IDS, PROFILE="1")
    assert ended.status == 0
    return ended


def test_the_profile_opens_and_knows_our_functions(home: Home) -> None:
    profiled(home)
    (file,) = profiles(home, ".prof")
    stats = pstats.Stats(str(file))
    calls = {(Path(path).name, name): row[1] for (path, _, name), row in stats.stats.items()}  # type: ignore[attr-defined]
    assert calls["details.py", "parse_movie"] == 3
    assert calls["upsert.py", "_round"] >= 1, "what runs after an await is in it, too"


def test_the_table_names_run_limits_and_forty_functions(home: Home) -> None:
    profiled(home)
    (file,) = profiles(home, ".txt")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("tmdb_titles, 2")
    assert "have threads of their own" in text
    assert len(re.findall(r"^ +\d+(?:/\d+)? +[\d.]+ +[\d.]+ .*\(.*\)$|\{.*\}$", text, re.MULTILINE)) == 40


def test_the_summary_says_where_the_profile_is(home: Home) -> None:
    ended = profiled(home)
    (file,) = profiles(home, ".prof")
    assert f"  profile    {file}" in ended.lines
    assert home.stats["profile/file"] == str(file)


def test_every_run_keeps_its_own(home: Home) -> None:
    profiled(home)
    profiled(home)
    assert len(profiles(home, ".prof")) == len(profiles(home, ".txt")) == 2


def test_a_profile_that_cannot_be_written_costs_one_line_and_not_the_run(home: Home) -> None:
    home.data.mkdir()
    (home.data / "profiles").write_text("not a folder")
    ended = profiled(home)
    assert len([line for line in ended.lines if "the profile could not be written" in line]) == 1
    assert "Traceback" not in ended.stderr
    assert len(home.documents()) == 3


def test_without_it_nothing_is_written(home: Home) -> None:
    assert home.crawl("tmdb_titles", IDS).status == 0
    assert not (home.data / "profiles").exists()
    assert "profile/file" not in home.stats
