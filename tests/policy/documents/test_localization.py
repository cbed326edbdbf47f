"""Which title and overview a reader sees. The films are real, the cases are TMDB's."""

import doctest
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.config import Config
from moviecrawler.exceptions import ConfigurationError
from moviecrawler.items import Movie
from moviecrawler.policy.documents import localization, writing_systems
from moviecrawler.policy.documents.localization import Languages, best_overview, best_title
from moviecrawler.policy.documents.writing_systems import written_in

CHINESE_FIRST = "zh-CN,zh-TW,zh,en-US"


def data(original: str, spoken: str, titles: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A slot's data; ``alternatives`` as {country: title}."""
    alternatives = [{"country": country, "title": title} for country, title in more.pop("alternatives", {}).items()]
    fields = {"original_title": original, "original_language": spoken, "titles": titles or {}, **more}
    return Movie(source="tmdb", source_id="1", alternative_titles=alternatives, **fields).model_dump()


INCEPTION = {"en-US": "Inception", "de-DE": "Inception", "zh-CN": "盗梦空间", "zh-TW": "全面啟動", "zh-HK": "潛行凶間"}
PARASITE = {"en-US": "Parasite", "zh-CN": "寄生虫", "zh-TW": "寄生上流", "ja-JP": "パラサイト 半地下の家族"}
ENGLISH = ("Inception", "en")

TITLES = [
    # the very tag
    ("the first preference has a translation", CHINESE_FIRST, data(*ENGLISH, INCEPTION), "盗梦空间"),
    ("the second one has it", "fr-FR,de-DE", data("기생충", "ko", {"de-DE": "Parasite"}), "Parasite"),
    ("Taiwan is not mainland China", "zh-TW,en-US", data(*ENGLISH, INCEPTION), "全面啟動"),
    ("a region that is missing is not replaced by another", "zh-SG,en-US", data(*ENGLISH, INCEPTION), "Inception"),
    (
        "an empty translation does not count",
        "zh-CN,en-US",
        data(*ENGLISH, {"zh-CN": "", "en-US": "Inception"}),
        "Inception",
    ),
    # a bare language
    ("zh is China first", "zh,en-US", data(*ENGLISH, dict(reversed(INCEPTION.items()))), "盗梦空间"),
    ("zh is then Singapore", "zh", data("Up", "en", {"zh-TW": "天外奇蹟", "zh-SG": "飞屋环游记"}), "飞屋环游记"),
    ("zh is then Taiwan", "zh", data("Up", "en", {"zh-HK": "沖天救兵", "zh-TW": "天外奇蹟"}), "天外奇蹟"),
    ("zh is then Hong Kong", "zh", data("Up", "en", {"zh-HK": "沖天救兵"}), "沖天救兵"),
    ("a bare translation suits a bare language", "eo", data("Up", "en", {"eo": "Supren"}), "Supren"),
    ("pt is Portugal first", "pt", data("Jaws", "en", {"pt-BR": "Tubarão BR", "pt-PT": "Tubarão"}), "Tubarão"),
    ("sv is whatever there is", "sv", data("Jaws", "en", {"sv-SE": "Hajen"}), "Hajen"),
    ("en is no enm", "en", data("Jaws", "fr", {"enm-GB": "Chekes"}), "Jaws"),
    # the original in disguise
    ("a copy of the original is no Chinese title", CHINESE_FIRST, data(*ENGLISH, {"zh-CN": "Inception"}), "Inception"),
    (
        "the next preference is better than a copy",
        "zh-CN,zh-TW,en-US",
        data(*ENGLISH, {"zh-CN": "Inception", "zh-TW": "全面啟動"}),
        "全面啟動",
    ),
    (
        "nor is a copy in capitals",
        "zh-CN,zh-TW",
        data(*ENGLISH, {"zh-CN": "INCEPTION", "zh-TW": "全面啟動"}),
        "全面啟動",
    ),
    (
        "a Korean title is not English",
        "en-US,de-DE",
        data("군체", "ko", {"en-US": "군체", "de-DE": "Colony"}),
        "Colony",
    ),
    (
        "nor is one that begins with Latin letters",
        "en-US,de-DE",
        data("TV 군체", "ko", {"en-US": "TV 군체", "de-DE": "X"}),
        "X",
    ),
    (
        "kana are not Chinese",
        "zh-CN,en-US",
        data("君の名は。", "ja", {"zh-CN": "君の名は。", "en-US": "Your Name."}),
        "Your Name.",
    ),
    ("but kanji may be", "zh-TW,en-US", data("羅生門", "ja", {"zh-TW": "羅生門", "en-US": "Rashomon"}), "羅生門"),
    ("a proper name is the same in German", "de-DE,zh-CN", data(*ENGLISH, INCEPTION), "Inception"),
    (
        "a French title is the English one too",
        "en-US,de-DE",
        data("Amour", "fr", {"en-US": "Amour", "de-DE": "Liebe"}),
        "Amour",
    ),
    (
        "a number is everybody's title",
        "zh-CN,en-US",
        data("1917", "en", {"zh-CN": "1917", "en-US": "Nineteen"}),
        "1917",
    ),
    ("the original is right in its own language", "en-US,zh-CN", data(*ENGLISH, INCEPTION), "Inception"),
    # the original language needs no translation
    ("an untranslated film in its own language", "fr-FR,en-US", data("Amour", "fr", {"en-US": "Love"}), "Amour"),
    ("in whatever region", "en-GB,de-DE", data("Inception", "en", {"de-DE": "Anfang"}), "Inception"),
    ("but a regional title comes first", "en-GB", data("Zootopia", "en", {"en-GB": "Zootropolis"}), "Zootropolis"),
    (
        "an English title for an American reader of a film titled elsewhere",
        "en-US",
        data("天外", "zh", {"en-US": "Up"}),
        "Up",
    ),
    # Chinese
    ("the Chinese alternative title", CHINESE_FIRST, data(*ENGLISH, alternatives={"CN": "盗梦空间"}), "盗梦空间"),
    (
        "also when the translation is a copy",
        CHINESE_FIRST,
        data(*ENGLISH, {"zh-CN": "Inception"}, alternatives={"US": "Oliver's Arrow", "CN": "盗梦空间"}),
        "盗梦空间",
    ),
    (
        "a translation is better than an alias",
        "zh-CN",
        data(*ENGLISH, INCEPTION, alternatives={"CN": "奠基"}),
        "盗梦空间",
    ),
    (
        "China before Singapore",
        "zh-CN",
        data(*ENGLISH, alternatives={"TW": "丁", "HK": "丙", "SG": "乙", "CN": "甲"}),
        "甲",
    ),
    ("Singapore before Hong Kong", "zh-CN", data(*ENGLISH, alternatives={"TW": "丁", "HK": "丙", "SG": "乙"}), "乙"),
    ("Hong Kong before Taiwan", "zh-CN", data(*ENGLISH, alternatives={"TW": "丁", "HK": "丙"}), "丙"),
    ("Taiwan at last", "zh-CN", data(*ENGLISH, alternatives={"TW": "丁"}), "丁"),
    (
        "pinyin is no Chinese title",
        "zh-CN,en-US",
        data(*ENGLISH, alternatives={"CN": "Dao Meng Kong Jian"}),
        "Inception",
    ),
    ("bare zh has aliases too", "zh,en-US", data(*ENGLISH, alternatives={"TW": "丁", "CN": "盗梦空间"}), "盗梦空间"),
    (
        "nor is an empty one",
        "zh-CN,de-DE",
        data("Jaws", "en", {"de-DE": "Der Hai"}, alternatives={"CN": ""}),
        "Der Hai",
    ),
    ("Latin letters beside are", "zh-CN", data("X-Men", "en", alternatives={"CN": "X战警"}), "X战警"),
    (
        "a reader in Taiwan is not shown China's alias",
        "zh-TW,en-US",
        data(*ENGLISH, alternatives={"CN": "盗梦空间"}),
        "Inception",
    ),
    ("but Taiwan's", "zh-TW,en-US", data(*ENGLISH, alternatives={"HK": "丙", "TW": "丁"}), "丁"),
    ("aliases are for Chinese only", "fr-FR,en-US", data(*ENGLISH, alternatives={"FR": "Origine"}), "Inception"),
    (
        "not for a Chinese film: aliases are nicknames",
        "zh-CN",
        data("英雄", "zh", alternatives={"CN": "大英雄"}),
        "英雄",
    ),
    ("a Chinese film keeps its original title", CHINESE_FIRST, data("英雄", "zh", {"en-US": "Hero"}), "英雄"),
    ("unless the region has its own", "zh-TW", data("英雄", "zh", {"zh-TW": "英雄(台)"}), "英雄(台)"),
    # Cantonese
    ("Cantonese is not merged into zh", "zh,en-US", data("Up", "en", {"cn-CN": "飛屋", "en-US": "Up"}), "Up"),
    ("nor zh into Cantonese", "cn,en-US", data("Up", "en", {"zh-HK": "沖天救兵", "en-US": "Up"}), "Up"),
    ("Cantonese when it is wanted", "cn,en-US", data("Up", "en", {"cn-CN": "飛屋"}), "飛屋"),
    (
        "a Cantonese film is foreign to zh",
        "zh-CN,en-US",
        data("無間道", "cn", {"en-US": "Infernal Affairs"}),
        "Infernal Affairs",
    ),
    ("so its aliases count", "zh-CN,en-US", data("無間道", "cn", alternatives={"CN": "无间道"}), "无间道"),
    (
        "three Chinese translations of a Cantonese film",
        CHINESE_FIRST,
        data("無間道", "cn", {"zh-TW": "無間道"}),
        "無間道",
    ),
    # nothing fits
    ("the title that was given", "fr-FR", data("기생충", "ko", PARASITE, title="Parasite"), "Parasite"),
    ("the original at last", "fr-FR", data("기생충", "ko"), "기생충"),
    ("nothing at all", "fr-FR", Movie(source="omdb", source_id="tt1").model_dump(), None),
    ("an empty slot", "fr-FR", {}, None),
    (
        "OMDB knows one title and no language",
        "zh-CN",
        Movie(source="omdb", source_id="1", title="Up").model_dump(),
        "Up",
    ),
]


@pytest.mark.parametrize(
    ("preferred", "film", "title"), [case[1:] for case in TITLES], ids=[case[0] for case in TITLES]
)
def test_the_best_title(preferred: str, film: dict[str, Any], title: str | None) -> None:
    assert best_title(film, Languages.parse(preferred)) == title


OVERVIEWS = {"en-US": "A thief.", "zh-TW": "小偷", "zh-HK": "賊", "fr-CA": ""}


@pytest.mark.parametrize(
    ("preferred", "overviews", "overview"),
    [
        ("zh-TW,en-US", OVERVIEWS, "小偷"),
        ("zh-CN,en-US", OVERVIEWS, "A thief."),
        ("zh-CN,zh,en-US", OVERVIEWS, "小偷"),
        ("fr,fr-CA,en-US", OVERVIEWS, "A thief."),
        ("de-DE", OVERVIEWS, "As given."),
        ("de-DE", {}, "As given."),
    ],
)
def test_the_best_overview(preferred: str, overviews: dict[str, str], overview: str) -> None:
    film = data("Inception", "en", overviews=overviews, overview="As given.")
    assert best_overview(film, Languages.parse(preferred)) == overview


def test_no_overview_is_none() -> None:
    assert best_overview({}, Languages.parse("en-US")) is None


@pytest.mark.parametrize(
    ("value", "preferred"),
    [
        ("en-US", ("en-US",)),
        (CHINESE_FIRST, ("zh-CN", "zh-TW", "zh", "en-US")),
        (" zh-cn , EN ", ("zh-CN", "en")),
        ("en-US,en-us,de", ("en-US", "de")),
        ("fil-PH", ("fil-PH",)),
    ],
)
def test_languages_are_read_in_order_and_spelt_as_tmdb_does(value: str, preferred: tuple[str, ...]) -> None:
    languages = Languages.parse(value)
    assert languages.preferred == preferred
    assert languages.first == preferred[0]


@pytest.mark.parametrize(
    "value", ["", ",", "en-US,", "english", "zh+CN", "zh-Hans", "zh-CN;en", "e", "12", "zh-C1", "ｅｎ"]
)
def test_a_wrong_language_names_setting_value_and_allowed_form(value: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Config.from_settings({"LANGUAGES": value})
    message = str(raised.value)
    assert message.startswith(f"LANGUAGES={value!r}: ")
    assert "must be a language such as en or en-US" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("value", "languages"),
    [
        ("en-US", ("en", "null", "xx")),
        (CHINESE_FIRST, ("zh", "en", "null", "xx")),
        ("cn,zh-HK,de-DE", ("cn", "zh", "de", "en", "null", "xx")),
    ],
)
def test_pictures_are_requested_in_all_preferred_languages_and_without_text(
    value: str, languages: tuple[str, ...]
) -> None:
    assert Languages.parse(value).image_languages() == languages


@pytest.mark.parametrize(
    ("title", "spoken", "expected"),
    [
        ("Матрица", "ru", True),
        ("Матрица: Reloaded", "ru", True),
        ("The Matrix", "ru", False),
        ("Матрица", "en", False),
        ("Amélie", "en", True),
        ("Người bất tử", "vi", True),
        ("기생충", "ko", True),
        ("千と千尋の神隠し", "ja", True),
        ("千と千尋の神隠し", "zh", False),
        ("無間道", "cn", True),
        ("الرسالة", "ar", True),
        ("ואלס עם באשיר", "he", True),
        ("दंगल", "hi", True),
        ("ต้มยำกุ้ง", "th", True),
        ("Небеса", "sr", True),
        ("Nebesa", "sr", True),
        ("2046", "zh", True),
        ("", "zh", True),
    ],
)
def test_letters_tell_languages_apart(title: str, spoken: str, expected: bool) -> None:
    assert written_in(title, spoken) is expected


TAGS = st.sampled_from(["zh-CN", "zh-TW", "zh-HK", "zh", "cn-CN", "cn", "en-US", "en", "ja-JP", "ko-KR", "de-DE"])
WORDS = st.sampled_from(["Inception", "盗梦空间", "기생충", "君の名は", "1917", "Up", ""])
FILMS = st.builds(
    data,
    WORDS,
    st.sampled_from(["en", "zh", "cn", "ko", "ja"]),
    st.dictionaries(TAGS, WORDS),
    title=WORDS,
    alternatives=st.dictionaries(st.sampled_from(["CN", "SG", "HK", "TW", "US"]), WORDS),
)


@given(film=FILMS, preferred=st.lists(TAGS, min_size=1, max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_title_is_one_of_the_films_own_and_never_empty(film: dict[str, Any], preferred: list[str]) -> None:
    title = best_title(film, Languages.parse(",".join(preferred)))
    aliases = [row["title"] for row in film["alternative_titles"]]
    known = {film["title"], film["original_title"], *film["titles"].values(), *aliases} - {"", None}
    assert title in known or (title is None and not film["title"] and not film["original_title"])


@pytest.mark.parametrize("module", [localization, writing_systems])
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
