"""Hand-made JSON: what OMDB has sent is read, valid JSON is unchanged, and nothing takes long or fails."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.network.answers import decode
from moviecrawler.policy.network.tolerant_json import MAX_MENDED_BYTES, decode_text, mend


def read(body: bytes) -> Any:
    return decode(body, mended=True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(b"He walks \x1fhome.", "He walks \x1fhome.", id="a control character"),
        pytest.param(b"one\r\ntwo\tthree", "one\r\ntwo\tthree", id="line breaks and tabs"),
        pytest.param(b"a\0b", "a\0b", id="a NUL"),
        pytest.param(rb"Miles\Metres", r"Miles\Metres", id="a backslash before a letter"),
        pytest.param(rb"AC\sDC", r"AC\sDC", id="an escape that is none"),
        pytest.param(rb"It\'s \& \- over", "It's & - over", id="an escaped sign"),
        pytest.param(rb'the \\"boss\\" is here', 'the "boss" is here', id="an escaped escape"),
        pytest.param(rb"the \\\\\"boss\\\\\" is", r'the \\"boss\\" is', id="backslashes that are meant"),
        pytest.param(rb'\\"all of it\\"', '"all of it"', id="escaped escapes at both ends"),
        pytest.param(b'He said "go", and left.', 'He said "go", and left.', id="quotes in the middle"),
        pytest.param(b'"go"', '"go"', id="quotes around"),
        pytest.param(b'She said "no"', 'She said "no"', id="a quote at the end"),
        pytest.param(b'"', '"', id="a lone quote"),
        pytest.param(b'the "one": two {"x"} ["y"], "z"', 'the "one": two {"x"} ["y"], "z"', id="what looks like JSON"),
        pytest.param(b"C:\\", "C:\\", id="a backslash at the end"),
        pytest.param(b"Am\xe9lie \x93Poulain\x94", "Amélie “Poulain”", id="Latin-1 of Windows"),
        pytest.param("Am\u00e9lie".encode() + b" caf\xe9", "Amélie café", id="both"),
        pytest.param(rb"\u00e9\n\/\uD83D\uDE00 \x", "é\n/😀 \\x", id="true escapes beside a wrong one"),
        pytest.param(rb"\u12 \U00e9 \u", r"\u12 \U00e9 \u", id="escapes that are cut"),
    ],
)
def test_what_omdb_writes_is_read(written: bytes, meant: str) -> None:
    body = b'{"Title":"Quiet Harbour","Plot":"%b","Ratings":[{"Source":"%b","Value":"%b"}],"Response":"True"}'
    said = read(body % (written, written, written))
    assert said["Plot"] == said["Ratings"][0]["Source"] == said["Ratings"][0]["Value"] == meant
    assert (said["Title"], said["Response"]) == ("Quiet Harbour", "True")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'\xef\xbb\xbf{"a":"b","c":"d",}', {"a": "b", "c": "d"}),
        (b'{ "a" : [ "x" , "y "z"" , ] , "b" : 1 }', {"a": ["x", 'y "z"'], "b": 1}),
        ('{"a":"b"}'.encode("utf-16"), {"a": "b"}),
    ],
)
def test_other_oddities_are_read(body: bytes, said: Any) -> None:
    assert read(body) == said


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"b',
        b'{"a":"b"',
        b'{"a":"b" "c":"d"}',
        b'{"a":"b","c":N/A}',
        b'{"a":"b","c":\'d\'}',
        b'{"a" "b"}',
        b"<html>",
        b"",
        b'{"a":' * 20_000 + b'"\n"' + b"}" * 20_000,
    ],
)
def test_ambiguous_text_is_not_mended(body: bytes) -> None:
    assert not isinstance(read(body), dict)


@pytest.mark.parametrize("between", [",,", ",\u200b", ",\u00a0\u200b", ",;"])
def test_no_string_swallows_the_next_field(between: str) -> None:
    """No answer is better than a title that swallowed the next field."""
    assert read(f'{{"Title":"Quiet Harbour"{between}"Year":"2004","Response":"True"}}'.encode()) is None


@pytest.mark.parametrize("name", ["“Year”", '"Year\n"', '“Year"'])
def test_no_string_swallows_a_field_with_an_odd_name(name: str) -> None:
    assert read(f'{{"Title":"Quiet Harbour",{name}:"2004","Response":"True"}}'.encode()) is None


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("<br />\n<b>Warning</b>: mysql_connect() in <b>index.php</b> on line 3\n", ""),
        ("", "<!-- 12 ms -->"),
        ("", "\0\0"),
        ("\ufeff\ufeff", ""),
        ("callback(", ");"),
    ],
)
def test_output_around_the_object_is_ignored(before: str, behind: str) -> None:
    answer = '{"Title":"Quiet Harbour","Response":"True"}'
    assert read(f"{before}{answer}{behind}".encode()) == {"Title": "Quiet Harbour", "Response": "True"}
    assert read(f"<html><script>var a = {{}};</script>{behind}".encode()) is None


def test_json_of_other_sources_is_read_strictly() -> None:
    assert decode(b'{"a":"b",}') is None


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(TREES, st.booleans(), st.sampled_from([None, 1]))
def test_valid_json_is_unchanged(tree: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(tree, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    assert read(body) == decode(body) or decode(body) is None


ODD = st.text(st.sampled_from('{}[]",:\\ \n\tu0aé1'))


@given(st.dictionaries(st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True), st.text(st.characters(codec="utf-8"))))
def test_raw_strings_without_a_quote_or_backslash_survive(texts: dict[str, str]) -> None:
    texts = {name: value.translate({ord('"'): None, ord("\\"): None}) for name, value in texts.items()}
    raw = "{" + ",".join(f'"{name}":"{value}"' for name, value in texts.items()) + "}"
    assert read(raw.encode()) == texts


@given(st.binary() | ODD.map(str.encode) | ODD.map(lambda text: f'{{"a":"{text}","b":"c"}}'.encode()))
def test_any_bytes_are_either_mended_or_rejected(body: bytes) -> None:
    read(body)
    text = mend(decode_text(body))
    assert text is None or isinstance(text, str)


PIECES = ['"', "\\", '\\"', '",', '":', "{", '{"', '"a":', " ", '" ', '"a', ",", "\n", '","a":"']


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = '{"a":"' + piece * (MAX_MENDED_BYTES // len(piece))
    started = time.process_time()
    mend(text)
    assert time.process_time() - started < 2


def test_longer_bodies_are_not_mended() -> None:
    assert read(b'{"a":"%b\n"}' % (b"x" * MAX_MENDED_BYTES)) is None
