"""docs/settings.md against the code: every setting, its default, what it must be, how Scrapy is set up."""

import ast
import re
import runpy
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from scrapy.settings import Settings, default_settings

from moviecrawler.addons import check
from moviecrawler.config import GROUPS, all_settings
from moviecrawler.config.fields import Group
from moviecrawler.config.page import with_tables
from moviecrawler.config.source_group import SourceGroup
from moviecrawler.config.urls import Serves
from moviecrawler.exceptions import ConfigurationError
from tests.support import pages
from tests.support.pages import PROJECT
from tests.support.source_code import nodes

SETTINGS = PROJECT / "moviecrawler" / "settings.py"

_USERS = "How Scrapy is set up"


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All settings of the project as they are without ``.env`` and in an empty environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        patch.setattr("os.environ", {})
        return {name: value for name, value in runpy.run_path(str(SETTINGS)).items() if name.isupper()}


def _rows_of_users() -> dict[str, pages.Row]:
    text = pages.read("settings.md")
    text = text.replace(pages.section(text, _USERS), "")
    return {pages.names(row[0])[0]: row for row in pages.rows(text)}


def test_settings_md_lists_what_users_can_set_and_nothing_else() -> None:
    assert _rows_of_users().keys() == all_settings().keys()


@pytest.mark.parametrize("name", sorted(all_settings()))
def test_a_default_in_settings_md_is_the_default(name: str, defaults: dict[str, Any]) -> None:
    default = _rows_of_users()[name][1]
    # Where the default is empty, the page says in words what happens then.
    assert default == f"`{defaults[name]}`" if defaults[name] else not default.startswith("`") or " in " in default


def test_the_tables_of_settings_md_are_those_of_the_code() -> None:
    text = pages.read("settings.md")
    assert with_tables(text) == text, "make docs"
    assert re.findall("<!-- settings: (.*) -->", text) == [model.__name__ for model in GROUPS.values()]


def _is_read_by_kind(model: type[Group], attribute: str) -> bool:
    """Base URLs and lifetimes of sources are found by their types and names (``SourceGroup``)."""
    is_url = any(isinstance(mark, Serves) for mark in model.model_fields[attribute].metadata)
    return issubclass(model, SourceGroup) and (is_url or attribute.startswith("ttl_"))


def test_every_setting_is_used() -> None:
    """Something outside of ``config`` reads the field, or a whole group that is handed over as it is."""
    read = {
        node.attr
        for path, node in nodes(ast.Attribute)
        if path.relative_to(PROJECT / "moviecrawler").parts[0] not in ("config", "sandbox") or path.name == "sources.py"
    }
    of_scrapy, of_properties = {"log_level"}, {"watch_in"}  # ``LanguageConfig.watch_regions``
    unused = {
        f"{group}.{attribute}"
        for group, model in GROUPS.items()
        for attribute in model.model_fields
        if attribute not in read | of_scrapy | of_properties and not _is_read_by_kind(model, attribute)
    }
    assert not unused


_KEYS = "0123abcd", "0123abcd0123abcd0123abcd0123abcd"
"""Shaped like a key of OMDB and one of TMDB."""

_IN_WORDS = {
    "http(s) URLs, separated by commas": (
        ["http://127.0.0.1:8420/x,https://example.org/y"],
        ["ftp://example.org/y", "x"],
    ),
    "paths, separated by commas": ([""], ["no-such-file.ttf"]),
    "a folder": (["pictures"], []),
    "a folder that can be written": (["elsewhere"], []),
    "regular expressions, separated by commas or one a line": (["talk,[0-9]{1,3}", "talk\nnews"], ["("]),
    "text; no key of OMDB": (_KEYS[1:], _KEYS[:1]),
    "text; no key of TMDB": (_KEYS[:1], _KEYS[1:]),
    "Python's level names": (["DEBUG", "WARNING"], ["LOUD"]),
    "four whole numbers from 1 to 180, none smaller than the one before": (
        ["1,1,180,180"],
        ["0,1,1,1", "1,1,1,181", "5,4,6,7", "5,15,30", "1,2,3,4.5"],
    ),
    "an http(s) URL without a user name": (["http://127.0.0.1:6800"], ["ftp://127.0.0.1", "http://me:x@127.0.0.1"]),
    "text": (["s3cret"], []),
    "text without a colon": (["me"], ["m:e"]),
    "numbers, for all spiders or as `SPIDER:NUMBER`, separated by commas, or `off`": (
        ["20", "20,tmdb_discover:1000,omdb:off"],
        ["x", "-1", "omdb:", "1,2", "omdb:1,omdb:2"],
    ),
    "shares, for all spiders or as `SPIDER:SHARE`, separated by commas, or `off`": (
        ["0.1", "off", "0,omdb:1"],
        ["1.1", "x", "omdb:2"],
    ),
    "`FIELD:SHARE`, separated by commas, such as `runtime:0.9,omdb:ratings.imdb:0.8`": (
        ["runtime:0.9", "omdb:ratings.imdb:1,movies/title:0"],
        ["runtime", "runtime:2", "no_field:1"],
    ),
    "some of `finished`, `failed`, `unhealthy`, `released`, `changed`, `changed:FIELD`": (
        ["finished,failed", "changed:title,released"],
        ["new", "changed:no_field", "failed:title"],
    ),
    "an http(s) URL": (["https://example.org/x?y=z"], ["ftp://x", "x"]),
    "a program and its arguments": (["tee 'a b'"], ["tee 'a"]),
    "apprise's URLs, separated by white space": (["json://127.0.0.1 mailto://me@example.org"], []),
}
"""What is allowed -> values that are accepted, and values that are refused, where the page says it in words."""

_EXAMPLES = {"host:port": "127.0.0.1:6379", "user:password": "me:s3cret", "database": "films", "1,3": "1,3"}


def _values(allowed: str, defaults: dict[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Values that must be accepted, and such that must be refused, by the cell "must be" of the page.

    >>> _values("whole, 1 or more", {}), _values("0 (no limit) or more", {}), _values("`0`, `1`", {})
    ((['1', '2'], ['0', '1.5', 'x']), (['0', '0.5'], ['-0.5', 'x']), (['0', '1'], ['x']))
    """
    for words, values in _IN_WORDS.items():
        if re.split(r"; (?!no )", allowed)[0] == words:
            return values
    plain = re.sub(r" \([^)]*\)", "", allowed).replace("`", "")
    plain = re.sub(r"[A-Z_]{4,}", lambda name: str(defaults.get(name[0], name[0])), plain)
    step = 1.0 if plain.startswith("whole, ") else 0.5
    no_whole = ["1.5"] if step == 1 else []
    if least := re.fullmatch(r"(?:whole, )?([\d.]+) or more", plain):
        end = float(least[1])
        return [f"{end:g}", f"{end + step:g}"], [f"{end - step:g}", *no_whole, "x"]
    if plain == "more than 0":
        return ["0.5"], ["0", "-1", "x"]
    if ends := re.fullmatch(r"(?:whole, )?([\d.]+) to ([\d.]+)", plain):
        return list(ends.groups()), ["-1", str(int(ends[2]) + 1), str(float(ends[1]) / 2 or -0.5), "x"]
    if re.fullmatch("[01], [01]", plain):
        return ["0", "1"], ["x"]
    named = pages.names(allowed)
    assert named, f"{allowed!r}: put into _IN_WORDS what that accepts and refuses"
    for word, example in _EXAMPLES.items():
        named = [name.replace(word, example) for name in named]
    return [name for name in named if not name.endswith("...") and name not in ("@", "%40")], ["x://y"]


_TOGETHER = {"SCRAPYD_USERNAME": {"SCRAPYD_PASSWORD": "x"}, "SCRAPYD_PASSWORD": {"SCRAPYD_USERNAME": "x"}}


def _allowed(name: str) -> str:
    """The cell "must be"."""
    return _rows_of_users()[name][2]


@pytest.mark.parametrize("name", sorted(all_settings()))
def test_what_settings_md_allows_is_accepted_and_nothing_else(
    name: str, defaults: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    accepted, refused = _values(_allowed(name), defaults)
    for value in accepted:
        check(Settings(defaults | _TOGETHER.get(name, {}) | {name: value}))
    for value in refused:
        with pytest.raises(ConfigurationError, match=f"^{name}"):
            check(Settings(defaults | _TOGETHER.get(name, {}) | {name: value}))


def test_settings_md_explains_how_scrapy_is_set_up(defaults: dict[str, Any]) -> None:
    rows = pages.rows(pages.section(pages.read("settings.md"), _USERS))
    said = {name for row in rows for name in pages.names(row[0])}
    assert said == defaults.keys() - all_settings().keys()
    for row in rows:
        (name, *_), value = pages.names(row[0]), row[1].strip("`")
        if row[1].startswith("`") and isinstance(defaults[name], str | int | bool) and name != "BOT_NAME":
            assert value == str(defaults[name]), name


_OF_SCRAPY = {
    name: row for row in pages.rows(pages.section(pages.read("settings.md"), _USERS)) for name in pages.names(row[0])
}


@pytest.mark.parametrize(
    "name", [name for name, row in _OF_SCRAPY.items() if re.fullmatch(r"`?(\d+|True|False|WARNING)`?", row[2])]
)
def test_scrapys_default_in_settings_md_is_scrapys_default(name: str) -> None:
    said, default = _OF_SCRAPY[name][2].strip("`"), getattr(default_settings, name)
    assert said == str(bool(default) if said in ("True", "False") else default)


@pytest.mark.parametrize("name", [name for name, row in _OF_SCRAPY.items() if row[1].startswith("`") and "," in row[1]])
def test_the_components_in_settings_md_are_those_of_the_settings(name: str, defaults: dict[str, Any]) -> None:
    """In the order in which an item or answer meets them; Scrapy adds none, since ``..._BASE`` is empty."""
    said, components = pages.names(_OF_SCRAPY[name][1]), defaults[name]
    in_order = [path.rpartition(".")[2] for path in sorted(components, key=components.get)]
    assert in_order == ([] if name.endswith("_BASE") else said)


@pytest.mark.parametrize("profile", pages.code_blocks(pages.read("settings.md"), "dotenv"))
def test_a_profile_in_settings_md_is_accepted(profile: str, defaults: dict[str, Any]) -> None:
    for text in (profile, re.sub(r"^# (?=[A-Z_]+=)", "", profile, flags=re.MULTILINE)):
        values = dotenv_values(stream=StringIO(text))
        assert set() < values.keys() <= all_settings().keys()
        check(Settings(defaults | values))


def test_the_example_of_an_env_file_names_settings() -> None:
    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    of_compose = {"REDIS_PASSWORD", "MONGODB_PASSWORD"}
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE)) <= all_settings().keys() | of_compose
