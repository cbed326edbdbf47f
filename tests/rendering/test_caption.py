"""The text of the title backdrop, from a stored document."""

from typing import Any

import pytest

from moviecrawler.rendering.caption import Caption, build_caption
from moviecrawler.rendering.duration import format_duration


def film(**fields: Any) -> Caption:
    return build_caption({"title": "Spirited Away", "original_language": "ja", **fields})


def test_a_caption_holds_all_fields_of_a_document() -> None:
    assert build_caption(
        {
            "title": "臥虎藏龍",
            "titles": {"en-US": "Crouching Tiger, Hidden Dragon", "zh-TW": "臥虎藏龍", "zh-CN": "卧虎藏龙"},
            "original_title": "臥虎藏龍",
            "original_language": "zh",
            "ratings": {"imdb": {"score": 7.9}, "tmdb": {"score": 7.4, "votes": 3200}},
            "year": 2000,
            "runtime": 120,
            "genres": ["Action", "Drama", "Romance"],
        }
    ) == Caption(
        title="臥虎藏龍",
        subtitle=None,
        rating=7.4,
        year=2000,
        runtime=120,
        genres=("Action", "Drama", "Romance"),
        language="zh-TW",
        fallbacks=(("Crouching Tiger, Hidden Dragon", "en-US"), ("卧虎藏龙", "zh-CN")),
    )


def test_the_caption_of_an_empty_document_is_empty() -> None:
    assert build_caption({}) == Caption(title="")
    empty = {"title": None, "titles": None, "original_title": None, "original_language": None, "ratings": None}
    assert build_caption({**empty, "year": None, "runtime": None, "genres": None}) == Caption(title="")


def test_the_subtitle_and_the_languages_are_arguments() -> None:
    shown = build_caption({"title": "Spirited Away"}, ("千と千尋の\n神隠し", "ja"), "de-DE")
    assert (shown.subtitle, shown.subtitle_language, shown.row_language) == ("千と千尋の 神隠し", "ja", "de-DE")


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ({"titles": {"en-US": "Spirited Away"}}, "en-US"),
        ({"titles": {"en-US": "Other"}}, "ja"),
        # TMDB repeats the original title where a translation is missing: this is Japanese, not English.
        ({"title": "千と千尋", "original_title": "千と千尋", "titles": {"en-US": "千と千尋"}}, "ja"),
        (
            {"title": "千と千尋", "original_title": "千と千尋", "titles": {"en-US": "千と千尋", "ja-JP": "千と千尋"}},
            "ja-JP",
        ),
    ],
)
def test_the_language_is_that_of_the_displayed_title(fields: dict[str, Any], language: str) -> None:
    assert film(**fields).language == language


@pytest.mark.parametrize(
    ("fields", "fallbacks"),
    [
        ({"original_title": "千と千尋"}, ["千と千尋"]),
        ({"original_title": "Le Voyage"}, ["Le Voyage"]),
        ({"original_title": "SPIRITED AWAY"}, []),
        ({"title": "3 इडियट्स", "titles": {"ta-IN": "நண்பன்", "en-US": "3 Idiots"}}, ["3 Idiots", "நண்பன்"]),
        ({"titles": {"fr-FR": "Le Voyage", "ja-JP": "千と千尋"}}, ["千と千尋", "Le Voyage"]),
    ],
)
def test_fallbacks_prefer_latin_script_then_other_scripts_than_the_titles(
    fields: dict[str, Any], fallbacks: list[str]
) -> None:
    assert [text for text, _ in film(**fields).fallbacks] == fallbacks


def test_fallbacks_prefer_the_subtitle() -> None:
    titles = {"de-DE": "Drei Idioten", "en-US": "3 Idiots"}
    shown = build_caption({"title": "3 इडियट्स", "original_title": "3 इडियट्स", "titles": titles}, ("3 Idiots", "en-US"))
    assert shown.fallbacks == (("3 Idiots", "en-US"), ("Drei Idioten", "de-DE"))


@pytest.mark.parametrize(
    ("ratings", "rating"),
    [({"tmdb": {"score": 8.5, "votes": 9}}, 8.5), ({"tmdb": {"score": 0.0, "votes": 0}}, None), ({"tmdb": None}, None)],
)
def test_a_film_without_votes_has_no_rating(ratings: dict[str, Any], rating: float | None) -> None:
    assert film(ratings=ratings).rating == rating


@pytest.mark.parametrize(("minutes", "text"), [(1, "1m"), (59, "59m"), (60, "1h"), (61, "1h 1m"), (248, "4h 8m")])
def test_a_runtime_is_formatted_in_hours_and_minutes(minutes: int, text: str) -> None:
    assert format_duration(minutes, "en-GB") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-DE", "2 Std. 16 Min."),
        ("ja-JP", "2時間16分"),
        ("ko", "2시간 16분"),
        ("zh-CN", "2小时16分钟"),
        ("zh-SG", "2小时16分钟"),
        ("zh-HK", "2小時16分鐘"),
        ("cn", "2小時16分鐘"),
        ("ru-RU", "2 ч 16 мин"),
        ("ar-SA", "2 س 16 د"),
        ("fr-FR", "2 h 16 min"),
        ("tlh", "2 h 16 min"),
        ("", "2 h 16 min"),
    ],
)
def test_a_runtime_has_the_units_of_its_language_or_si_symbols(language: str, text: str) -> None:
    assert format_duration(136, language) == text
