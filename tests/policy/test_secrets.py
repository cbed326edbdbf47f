"""Keys: in which spellings they are found, and which cannot be sent."""

import base64
from urllib.parse import quote

import pytest

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.secrets import Secrets, read_key

KEY = "ab+c/d=e&f%g.h-i_j"


@pytest.mark.parametrize(
    "spelt",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY),
        quote(KEY, safe="").lower(),
        quote(quote(KEY[:4], safe="")[:1]) + KEY[1:],
        base64.b64encode(KEY.encode()).decode().rstrip("="),
        repr(KEY),
    ],
)
def test_a_key_is_blotted_out_however_it_is_spelt(spelt: str) -> None:
    text = f"GET /3/movie/603?a={spelt}&b=2 and once more: {spelt}"
    blotted = Secrets((KEY,)).blot(text)
    assert spelt not in blotted
    assert blotted.count("[key]") == 2
    assert blotted.startswith("GET /3/movie/603?a=")
    assert blotted.count("&b=2 and once more: ") == 1


@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:"])
@pytest.mark.parametrize("after", [b"", b".", b"....."])
def test_inside_longer_base64_text_too(before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + KEY.encode() + after).decode()
    blotted = Secrets((KEY,)).blot(f"Basic {text}")
    left = blotted.removeprefix("Basic ").split("[key]")
    assert [len(part) for part in left] <= [len(before) * 8 // 6 + 1, len(after) * 8 // 6 + 4]
    assert len(left) == 2


def test_a_placeholder_garbles_no_ordinary_words() -> None:
    assert Secrets(("", "any")).blot("any company of many") == "any company of many"


def test_of_two_keys_the_longer_one_goes_first() -> None:
    assert Secrets(("secret-key", "secret-key-of-mine")).blot("secret-key-of-mine, secret-key") == "[key], [key]"


def test_no_repr_shows_a_key() -> None:
    assert KEY not in repr(Secrets((KEY,)))


@pytest.mark.parametrize("value", [None, "", "  ", "\n"])
def test_no_key(value: str | None) -> None:
    assert read_key("TMDB_API_KEY", value) == ""


@pytest.mark.parametrize("value", ["two words", "two\nlines", "schlüssel", "a\u200bb", "nul\0"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ConfigurationError, match="TMDB_API_KEY") as error:
        read_key("TMDB_API_KEY", value)
    assert value not in str(error.value)
