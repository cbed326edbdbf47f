"""The Lua files: complete when they are loaded, compiled by a real Redis, and all of them used."""

import re

import pytest
from redis import Redis

from moviecrawler.distributed import lua_scripts
from moviecrawler.distributed.lua_scripts import load_script, queue_script, read_script
from moviecrawler.distributed.rate_limit import rate_limit_script
from tests.support.pages import PROJECT

FOLDER = PROJECT / "moviecrawler" / "distributed"
COMMON = {"clock", "common", "current"}
NAMES = sorted({path.stem for path in (FOLDER / "lua").iterdir()} - COMMON)


@pytest.mark.parametrize("name", NAMES)
def test_a_script_compiles_and_has_a_comment(raw_redis: "Redis", name: str) -> None:
    code = rate_limit_script() if name == "rate_limit" else queue_script(name)
    assert raw_redis.script_load(code)
    lines = read_script(name).splitlines()
    assert sum(line.startswith("-- ") and not line.startswith("-- include") for line in lines) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_used(name: str) -> None:
    code = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    assert re.search(rf'["(]{name}"', code)


def test_common_parts_stand_in_front_in_the_order_in_which_they_are_named() -> None:
    code = queue_script("renew")
    places = [code.index(read_script(name)) for name in ("clock", "common", "current", "renew")]
    assert places == sorted(places)
    assert code.startswith("local ENTRY_VERSION = 'm")


def test_a_script_without_common_parts_is_the_file_itself() -> None:
    assert load_script("reserve_quota") == read_script("reserve_quota")


def test_a_script_that_does_not_exist_is_an_error_that_names_it() -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.lua"):
        lua_scripts.read_script("nothing")
