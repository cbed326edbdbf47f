"""Keys as people paste them: in the wrong setting, in quotes, with a word before them."""

import pytest

from moviecrawler.config import Config
from moviecrawler.config.api_keys import read_key
from moviecrawler.config.sources import KEY_SETTINGS, SOURCES
from moviecrawler.exceptions import ConfigurationError

V4 = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJub25lIn0.c2lnbmF0dXJl-of_nobody"
V3, OTHER_V3, OMDB = "0123456789abcdef0123456789ABCDEF", "f" * 32, "0123abcd"


@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        " {}\n",
        '"{}"',
        "'{}'",
        "\u201c{}\u201d",
        "`{}`",
        "\ufeff{}\u200b",
        "Bearer {}",
        "bearer  {}",
        '"Bearer {}"',
        'Bearer "{}"',
        "Authorization: Bearer {}",
        "api_key={}",
        "?api_key={}",
        "https://api.themoviedb.org/3/movie/550?language=en&api_key={}&page=1",
        "http://www.omdbapi.com/?i=tt3896198&apikey={}",
    ],
)
@pytest.mark.parametrize("key", [V4, V3, "any"])
def test_what_copying_added_to_a_key_is_stripped(pasted: str, key: str) -> None:
    assert read_key(pasted.format(key)) == key


def test_unusual_characters_in_a_key_are_kept() -> None:
    assert read_key(" k+e/y=1&2%3 ") == "k+e/y=1&2%3"


@pytest.mark.parametrize("value", [None, "", "  ", "\n", '""', "Bearer", "Bearer ", "api_key="])
def test_no_key(value: str | None) -> None:
    assert read_key(value) == ""


@pytest.mark.parametrize("value", ["two words", "two\nlines", "schlüssel", "a\u200bb", "nul\0", "Bearer two words"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ConfigurationError, match="TMDB_API_KEY") as error:
        Config.from_settings({"TMDB_API_KEY": value})
    assert value not in str(error.value)


@pytest.mark.parametrize("setting", KEY_SETTINGS)
@pytest.mark.parametrize("example", ["eyJ...", "...", "Bearer eyJ...", "'eyJ...'"])
def test_the_example_of_the_docs_is_refused_as_a_key(setting: str, example: str) -> None:
    with pytest.raises(
        ConfigurationError,
        match=rf"\A{setting}: must be your own complete key; this one ends with \.\.\., as an example",
    ):
        Config.from_settings({setting: example})


@pytest.mark.parametrize(
    ("token", "key", "used"),
    [
        (V4, V3, (V4, V3)),
        (V3, V4, (V4, V3)),
        (V3, "", ("", V3)),
        ("", V4, (V4, "")),
        (V3, OTHER_V3, ("", OTHER_V3)),
        (V4, V4, (V4, "")),
        ("Bearer " + V4, f"'{V3}'", (V4, V3)),
        (V3, "any", ("", "any")),
        ("any", V4, ("any", "")),
        ("any", "thing", ("any", "thing")),
        ("", "", ("", "")),
    ],
)
def test_a_key_of_tmdb_is_used_as_what_it_is(token: str, key: str, used: tuple[str, str]) -> None:
    assert Config.from_settings({"TMDB_ACCESS_TOKEN": token, "TMDB_API_KEY": key}).tmdb.token_and_key == used


@pytest.mark.parametrize(
    ("setting", "value", "belongs"),
    [
        ("TMDB_API_KEY", OMDB, "OMDB_API_KEY"),
        ("TMDB_ACCESS_TOKEN", f' "{OMDB}"', "OMDB_API_KEY"),
        ("OMDB_API_KEY", V3, "TMDB_API_KEY"),
        ("OMDB_API_KEY", f"Bearer {V4}", "TMDB_ACCESS_TOKEN"),
    ],
)
def test_a_key_of_another_source_is_one_line_that_does_not_repeat_it(setting: str, value: str, belongs: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Config.from_settings({setting: value})
    line = str(error.value)
    assert line.startswith(f"{setting}: looks like ")
    assert line.endswith(f"which belongs in {belongs}")
    assert not {OMDB, V3, V4}.intersection(line.replace(":", " ").split())


def test_every_setting_has_its_source() -> None:
    config = Config.from_settings(dict.fromkeys(KEY_SETTINGS, "any"))
    keys = {name: [key.get_secret_value() for key in source.keys] for name, source in config.sources.items()}
    assert keys == {"tmdb": ["any", "any"], "omdb": ["any"], "the_numbers": []}
    assert {name for group in SOURCES.values() for name in group.key_settings()} == {*KEY_SETTINGS}
