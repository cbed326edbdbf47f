"""The line below the title: a preferred one, and never the same title again."""

from typing import Any

import pytest

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.second_line import alike, second_line

MATRIX = {
    "title": "The Matrix",
    "original_title": "The Matrix",
    "original_language": "en",
    "titles": {
        "ar-SA": "المصفوفة",
        "en-US": "The Matrix",
        "zh-TW": "駭客任務",
        "zh-CN": "黑客帝国",
        "fr-CA": "Matrice",
    },
}
PARASITE = {
    "title": "Parasite",
    "original_title": "기생충",
    "original_language": "ko",
    "titles": {"en-US": "Parasite", "de-DE": "Parasit"},
}


@pytest.mark.parametrize(
    ("film", "languages", "choice", "line"),
    [
        (MATRIX, "en-US", "auto", None),
        (MATRIX, "en-US,zh-CN", "auto", ("黑客帝国", "zh-CN")),
        (MATRIX, "en-US,zh", "auto", ("駭客任務", "zh-TW")),
        (MATRIX, "en,fr,zh-CN", "auto", ("Matrice", "fr-CA")),
        (MATRIX, "en-US,zh-CN", "original", None),
        (MATRIX, "en-US,zh-CN", "off", None),
        (PARASITE, "en-US", "auto", ("기생충", "ko")),
        (PARASITE, "en-US,de-DE", "auto", ("기생충", "ko")),
        (PARASITE, "en-US,de-DE", "languages", ("Parasit", "de-DE")),
        (PARASITE, "en-US", "languages", None),
        (PARASITE, "en-US,ko-KR", "languages", ("기생충", "ko")),
        (PARASITE, "en-US", "off", None),
        ({"title": "Ａ計劃", "original_title": "A計劃", "titles": {"en-US": "Project A"}}, "zh-HK", "auto", None),
        ({"title": "Heat", "original_title": " ", "titles": {"en-US": None}}, "en-US", "auto", None),
        ({"original_title": "Heat", "titles": None}, "en-US", "auto", None),
        ({}, "en-US", "auto", None),
    ],
)
def test_the_second_line_is_the_original_title_or_one_in_a_preferred_language(
    film: dict[str, Any], languages: str, choice: str, line: tuple[str, str] | None
) -> None:
    assert second_line(film, Languages.parse(languages), choice) == line


@pytest.mark.parametrize(
    ("title", "other", "same"),
    [
        ("Amélie", "AMELIE", True),
        ("Łódź", "Lodz", True),
        ("Straße", "STRASSE", True),
        ("Spider-Man: No Way Home", "Spider Man — No Way Home", True),
        ("ﾊﾟﾗｻｲﾄ", "パラサイト", True),
        ("שָׁלוֹם", "שלום", True),
        ("Alien³", "Alien 3", True),
        ("Ёлки", "Елки", True),
        ("???", "!!!", False),
        ("ガ", "カ", False),
        ("तीन", "तन", False),
        ("臥虎藏龍", "卧虎藏龙", False),
        ("Up", "Up 2", False),
    ],
)
def test_width_case_punctuation_and_diacritics_make_no_other_title(title: str, other: str, same: bool) -> None:
    assert alike(title, other) is same


@pytest.mark.parametrize("value", ["", "on", "0", "auto,off"])
def test_a_wrong_choice_names_the_setting(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"OVERLAY_SUBTITLE=.*auto, original, languages, off"):
        Config.from_settings({"OVERLAY_SUBTITLE": value})
