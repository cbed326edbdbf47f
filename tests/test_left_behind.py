"""The list of words left behind is read, and each is found in every form in which it could come back."""

import pytest

from tests import left_behind
from tests.left_behind import LIST, Word, find, read_words


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("blot", "blot"),
        ("blot", "Blot it."),
        ("blot", "BLOT = 1"),
        ("blot", "def blot_all(): ..."),
        ("blot", "self._blot()"),
        ("blot", "class BlotFilter: ..."),
        ("blot", "class KeyBlot: ..."),
        ("policy.moments", "from moviecrawler.policy.moments import now"),
        ("policy.moments", "see `policy/moments.py`"),
        ("IdSet", "class IdSet: ..."),
    ],
)
def test_a_word_is_found_in_any_form(word: str, text: str) -> None:
    assert len(list(find([Word(word, "", ())], "a.py", text))) == 1


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("blot", "blotting paper, subblot"),
        ("policy.moments", "policy moments"),
        ("policy.moments", "policyXmoments"),
        ("IdSet", "idset, IdSets"),
    ],
)
def test_another_word_is_not_taken_for_it(word: str, text: str) -> None:
    assert list(find([Word(word, "", ())], "a.py", text)) == []


def test_the_name_of_a_file_counts_too() -> None:
    assert list(find([Word("blot", "redact", ())], "policy/blot.py", "")) == [
        "policy/blot.py: 'blot' is left behind; say: redact"
    ]


def test_a_word_may_stand_where_the_list_says() -> None:
    word = Word("apscheduler", "cronsim", ("docs/dependencies.md",))
    assert list(find([word], "docs/dependencies.md", "APScheduler")) == []
    assert len(list(find([word], "docs/scheduling.md", "APScheduler"))) == 1


@pytest.mark.parametrize("line", ["blot", "blot | ", " | redact", "blot redact"])
def test_a_line_of_the_list_that_says_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"must be .word \| what to say. or .allowed: FILES."):
        read_words(line)


def test_every_word_of_the_list_is_found_by_its_own_pattern_and_stands_there_once() -> None:
    words, _ = read_words(LIST.read_text(encoding="utf-8"))
    assert [word.text for word in words if not word.pattern.search(f"x {word.text} x")] == []
    assert len({word.text.lower() for word in words}) == len(words)


def test_none_of_the_words_has_come_back(capsys: pytest.CaptureFixture[str]) -> None:
    status = left_behind.main()
    assert (capsys.readouterr().out, status) == ("", 0)
