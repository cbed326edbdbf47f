"""Keys: in which spellings they are found and redacted."""

import base64
import html
import json
import quopri
import textwrap
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.policy.secrets.redaction import Secrets

KEY = "ab+c/d=e&f%g.h-i_j"
KEYS = {
    "hexadecimal": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "short": "5d41402a",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiI1ZDQxNDAyYWJjNGIyYTc2Yjk3MTlkOTEx.k-Xz_0Qw9ErTyUiOpAsDf",
    "full of signs": KEY,
}

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "backwards": lambda key: key[::-1],
    "percent-encoded": lambda key: quote(key, safe=""),
    "percent-encoded whole": lambda key: "".join(f"%{ord(sign):02X}" for sign in key),
    "percent-encoded by JavaScript": lambda key: "".join(f"%u{ord(sign):04x}" for sign in key),
    "as JSON": lambda key: json.dumps(key).replace("/", "\\/"),
    "as JSON whole": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "as Python": repr,
    "as bytes of Python": lambda key: "".join(f"\\x{ord(sign):02x}" for sign in key),
    "as C": lambda key: "".join(f"\\{ord(sign):03o}" for sign in key),
    "as JavaScript": lambda key: "".join(f"\\u{{{ord(sign):x}}}" for sign in key),
    "as HTML": html.escape,
    "in decimal entities": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "in hexadecimal entities": lambda key: "".join(f"&#x{ord(sign):X};" for sign in key),
    "in named entities": lambda key: key.replace("&", "&AMP;").replace("+", "&plus;").replace("/", "&sol;"),
    "quoted-printable": lambda key: quopri.encodestring(("x" * 60 + key).encode()).decode(),
    "as numbers": lambda key: json.dumps(list(key.encode())),
    "in hexadecimal": lambda key: key.encode().hex(),
    "in a dump": lambda key: key.encode().hex(" "),
    "in C's hexadecimal": lambda key: ", ".join(f"0x{code:02x}" for code in key.encode()),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64 for addresses": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in base64 of a mail": lambda key: base64.encodebytes(f"Authorization: Bearer {key}".encode() * 2).decode(),
    "in base64 one further": lambda key: base64.b64encode(f"u{key}x".encode()).decode(),
    "in base64 two further": lambda key: base64.b64encode(f"us{key}xy".encode()).decode(),
    "broken as in a mail": lambda key: f"{key[:5]}=\r\n{key[5:]}",
    "broken as in a mail in JSON": lambda key: f"{key[:5]}=\\n{key[5:]}",
    "in two columns": lambda key: "\r\n\t".join(textwrap.wrap(key, 4, break_on_hyphens=False)),
    "a sign at a time": " ".join,
    "with places to break": "<wbr>".join,
    "with soft hyphens": "\u00ad".join,
    "with zero width": "\u200b".join,
    "in UTF-16": lambda key: key.encode("utf-16-le").decode("latin-1"),
    "in UTF-32": lambda key: key.encode("utf-32-be").decode("latin-1"),
}
NESTING = [
    name
    for name in ENCODINGS
    if name.startswith(("percent", "as J", "as P", "as b", "as C", "as H", "in decimal", "in hexadecimal e"))
]


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
def test_a_key_is_redacted_however_it_is_spelt(spelt: str) -> None:
    text = f"GET /3/movie/603?a={spelt}&b=2 and once more: {spelt}"
    redacted = Secrets((KEY,)).redact(text)
    assert spelt not in redacted
    assert redacted.count("[key]") == 2
    assert redacted.startswith("GET /3/movie/603?a=")
    assert redacted.count("&b=2 and once more: ") == 1


def shows(text: str, key: str) -> bool:
    """Whether half of the key can still be read in it, after decoding."""
    return key[: len(key) // 2].lower() in text.lower()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("key", KEYS)
def test_every_spelling_in_a_text_and_in_a_body(key: str, encoding: str) -> None:
    spelt = ENCODINGS[encoding](KEYS[key])
    text = f'{{"error": "Amélie & Léon: 100 % of <{spelt}> is not 5 or \\u00e9"}}'
    for redacted in (
        Secrets((KEYS[key],)).redact(text),
        Secrets((KEYS[key],)).redact_bytes(text.encode()).decode(),
    ):
        assert "[key]" in redacted
        assert redacted.startswith('{"error": "Amélie & Léon: 100 % of <')
        assert redacted.endswith('> is not 5 or \\u00e9"}')
        assert spelt not in redacted
        assert not shows(redacted, KEYS[key])


@given(st.sampled_from(sorted(KEYS)), st.sampled_from(NESTING), st.sampled_from(NESTING), st.sampled_from(NESTING))
@example("full of signs", "percent-encoded", "percent-encoded", "percent-encoded")
@example("full of signs", "as JSON", "as JSON", "as JSON")
@example("a JSON web token", "in decimal entities", "as HTML", "percent-encoded")
def test_encodings_of_encodings(key: str, first: str, second: str, third: str) -> None:
    spelt = ENCODINGS[third](ENCODINGS[second](ENCODINGS[first](KEYS[key])))
    redacted = Secrets((KEYS[key],)).redact(f"said: {spelt}")
    assert "[key]" in redacted
    assert not shows(redacted, KEYS[key])


@given(st.sampled_from(sorted(KEYS)), st.data())
def test_each_sign_in_a_spelling_of_its_own(key: str, data: st.DataObject) -> None:
    kinds = ["{0}", "%{1:02x}", "%25{1:02X}", "\\u{1:04x}", "\\x{1:02x}", "&#{1};", "&#x{1:x};", "&amp;#{1};"]
    chosen = data.draw(st.lists(st.sampled_from(kinds), min_size=len(KEYS[key]), max_size=len(KEYS[key])))
    spelt = "".join(kind.format(sign, ord(sign)) for kind, sign in zip(chosen, KEYS[key], strict=True))
    assert Secrets((KEYS[key],)).redact(f"<p>{spelt}</p>") == "<p>[key]</p>"
    assert Secrets((KEYS[key],)).redact_bytes(f"<p>{spelt}</p>".encode()) == b"<p>[key]</p>"


@given(st.text() | st.text(alphabet="abcde%0123456789\\ux&#;=\n "))
def test_a_text_without_a_key_stays_as_it_is(text: str) -> None:
    assert Secrets(tuple(KEYS.values())).redact(text) == text
    assert Secrets(tuple(KEYS.values())).redact_bytes(text.encode("utf-16")) == text.encode("utf-16")


def test_what_is_no_text_stays_as_it_is() -> None:
    body = bytes(range(256)) * 300
    assert Secrets(tuple(KEYS.values())).redact_bytes(body) == body


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("any company of many", "any company of many"),
        ("GET /?apikey=any&i=tt1", "GET /?apikey=[key]&i=tt1"),
        ("GET /?apikey=anyone&i=tt1", "GET /?apikey=anyone&i=tt1"),
        ("redis://me:any@redis.example", "redis://me:[key]@redis.example"),
        ('{"key": "any", "title": "Any"}', '{"key": "[key]", "title": "Any"}'),
        ("Authorization: Bearer any", "Authorization: Bearer [key]"),
        ("key=%61%6e%79 key=&#97;ny", "key=[key] key=[key]"),
    ],
    ids=["words", "value", "longer", "password", "JSON", "header", "escapes"],
)
def test_a_short_key_is_redacted_where_it_is_a_value(text: str, redacted: str) -> None:
    assert Secrets(("", "any")).redact(text) == redacted


def test_all_keys_and_passwords_of_the_settings() -> None:
    settings = {"TMDB_ACCESS_TOKEN": "tmdb-token", "TMDB_API_KEY": "tmdb-key", "OMDB_API_KEY": "omdb-key"}
    settings |= {"STORE_URI": "mongodb://me:store-pass@host/db", "CACHE_URI": "redis://:cache-pass@host"}
    settings |= {
        "REDIS_URL": "redis://me:redis%40pass@host/0",
        "SCRAPYD_PASSWORD": "scrapyd-pass",
        "SCRAPYD_USERNAME": "me",
    }
    settings["TMDB_IMAGE_BASE_URLS"] = (
        "https://image.tmdb.org/t/p, https://relay.example/?w=500&token=relay-token&url={url}"
    )
    secrets = Secrets.of(
        Config.from_settings(settings), {"http": "http://me:proxy-pass@proxy.example:3128", "no": "localhost,::1"}
    )
    assert {key for key in secrets.keys if key} == {
        *("tmdb-token", "tmdb-key", "omdb-key", "store-pass", "cache-pass", "redis@pass", "scrapyd-pass"),
        *("relay-token", "proxy-pass"),
    }
    assert secrets.redact_all({"a": ["tmdb-token", 5, None], "tmdb-key": {"b": "x"}}) == {
        "a": ["[key]", 5, None],
        "[key]": {"b": "x"},
    }


def test_of_source_has_only_the_keys_of_that_source() -> None:
    config = Config.from_settings(
        {"TMDB_ACCESS_TOKEN": "tmdb-token", "TMDB_API_KEY": "tmdb-key", "OMDB_API_KEY": "omdb-key"}
    )
    assert Secrets.of_source(config.tmdb).keys == ("tmdb-token", "tmdb-key")
    assert Secrets.of_source(config.omdb).keys == ("omdb-key",)
    assert Secrets.of_source(config.the_numbers).keys == ()


@pytest.mark.parametrize("before", [b"", b"u", b"us", b"user:"])
@pytest.mark.parametrize("after", [b"", b".", b"....."])
def test_a_key_inside_longer_base64_text_is_redacted(before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + KEY.encode() + after).decode()
    redacted = Secrets((KEY,)).redact(f"Basic {text}")
    left = redacted.removeprefix("Basic ").split("[key]")
    assert [len(part) for part in left] <= [len(before) * 8 // 6 + 1, len(after) * 8 // 6 + 4]
    assert len(left) == 2


def test_of_two_keys_the_longer_one_is_redacted_first() -> None:
    assert Secrets(("secret-key", "secret-key-of-mine")).redact("secret-key-of-mine, secret-key") == "[key], [key]"


def test_no_repr_shows_a_key() -> None:
    assert KEY not in repr(Secrets((KEY,)))


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ('{"key":"sandbox-movie-603"}', False),
        ('{"facebook_id":"sandbox603"}', False),
        ("https://sandbox.example/", False),
        ('{"key":"sandbox"}', True),
        ("?api_key=sandbox&page=2", True),
        ("Bearer sandbox", True),
    ],
    ids=["a longer value", "a name", "a host", "a value", "an argument", "a header"],
)
def test_a_key_that_is_a_word_is_redacted_only_as_a_whole_value(text: str, redacted: bool) -> None:
    assert (Secrets(("sandbox",)).redact(text) != text) == redacted
    assert (Secrets(("sandbox",)).redact_bytes(text.encode()) != text.encode()) == redacted
