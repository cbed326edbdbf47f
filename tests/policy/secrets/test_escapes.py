"""Escapes: what is left without them, positions in the original text, and the cost of a hostile number of them."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.secrets import escapes
from moviecrawler.policy.secrets.escapes import layers
from moviecrawler.policy.secrets.redaction import Secrets
from tests.policy.secrets.test_redaction import ENCODINGS, KEYS, NESTING, shows

HOSTILE = {
    "percent signs of percent signs": "%25252541",
    "percent": "%41%62%7a",
    "backslashes": "\\\\",
    "a letter each": "\\u0041\\x42\\103",
    "entities": "&#65;&#x42;&amp;#67;",
    "names": "&abcdefgh;&amp",
    "quoted-printable": "=41=30",
    "line breaks": "\\n\\t",
    "places to break": "e<wbr>y<br />",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_a_body_of_escapes_only_is_cleared_without_the_slow_search(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[str] = []
    plain = escapes._plain

    def counted(escape: str) -> str:
        worked_out.append(escape)
        return plain(escape)

    monkeypatch.setattr(escapes, "_plain", counted)
    text = unit * 20_000
    secrets = Secrets(tuple(KEYS.values()))
    assert secrets.redact(text) == text
    assert len(worked_out) < 60
    assert [span for layer in layers(text) for span in secrets._near(layer.text)] == []


def test_with_a_key_the_slow_search_reads_two_blocks_at_most() -> None:
    text = 50_000 * "%25252541" + KEYS["hexadecimal"] + 50_000 * "%25252541"
    secrets = Secrets((KEYS["hexadecimal"],))
    read = [end - start for layer in layers(text) for start, end in secrets._near(layer.text)]
    assert len(read) == 5  # each layer has the key
    assert max(read) < 10_000
    assert secrets.redact(text) == 50_000 * "%25252541" + "[key]" + 50_000 * "%25252541"


@given(
    st.sampled_from(sorted(KEYS)),
    st.lists(st.sampled_from(NESTING), max_size=3),
    st.sampled_from(sorted(HOSTILE.values())),
    st.integers(0, 3000),
)
def test_a_key_in_up_to_three_encodings_is_found_among_escapes(
    key: str, nesting: list[str], unit: str, before: int
) -> None:
    spelt = reduce(lambda text, encoding: ENCODINGS[encoding](text), nesting, KEYS[key])
    around = unit * before, unit * 500
    for redacted in (
        Secrets((KEYS[key],)).redact(f"{around[0]} <{spelt}> {around[1]}"),
        Secrets((KEYS[key],)).redact_bytes(f"{around[0]} <{spelt}> {around[1]}".encode()).decode(),
    ):
        assert "[key]" in redacted
        assert redacted.startswith(f"{around[0]} <")
        assert redacted.endswith(f"> {around[1]}")
        assert not shows(redacted, KEYS[key])


def test_a_number_of_thousands_of_digits_is_no_entity() -> None:
    text = f"%41 &#{'1' * 5000}; &#x{'f' * 5000}; \\u{{{'0' * 5000}}}"
    assert Secrets(("s3cret-key",)).redact(text) == text
    assert Secrets(("s3cret-key",)).redact(f"{text} s3cret%2Dkey") == f"{text} [key]"


@pytest.mark.parametrize("key", ["!!!!!!!!!", "пароль-пароль", "back\\slash\\key"])
def test_a_key_of_punctuation_or_of_non_ascii_letters_is_redacted(key: str) -> None:
    escaped = "".join(f"&#{ord(sign)};" for sign in key)
    assert Secrets((key,)).redact(f"a {escaped} b {key} c") == "a [key] b [key] c"


@pytest.mark.parametrize("escape", ["\\X41", "\\U{41}", "\\U00000041", "%U0041", "&#X41;", "\\101", "\\u{0041}"])
def test_escapes_in_capitals_are_taken_off(escape: str) -> None:
    assert [layer.text for layer in layers(f"b{escape}c")][1:] == ["bAc"]


@pytest.mark.parametrize("behind", ["x", "0x", "<br>", "xyz 0x"])
def test_text_behind_a_key_in_hexadecimal_does_not_hide_it(behind: str) -> None:
    spelt = b"s3cret-key-0".hex()
    assert Secrets(("s3cret-key-0",)).redact(f"<{spelt}{behind}>") == f"<[key]{behind}>"


def test_place_returns_the_position_in_the_original_text() -> None:
    text = "x&amp;#65;%2542y"
    *_, last = layers(text)
    assert last.text == "xABy"
    assert [text[slice(*last.place(at, at + 1))] for at in range(4)] == ["x", "&amp;#65;", "%2542", "y"]
    assert last.place(0, 4) == (0, len(text))
