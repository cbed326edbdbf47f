"""What the overlay says, from a stored document."""

from typing import Any

import pytest

from moviecrawler.rendering.caption import Caption, caption
from moviecrawler.rendering.meta_row import runtime_text


def film(**fields: Any) -> Caption:
    return caption({"title": "Spirited Away", "original_language": "ja", **fields})


def test_a_full_document() -> None:
    assert caption(
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
        subtitle="Crouching Tiger, Hidden Dragon",
        rating=7.4,
        year=2000,
        runtime=120,
        genres=("Action", "Drama", "Romance"),
        language="zh-TW",
        fallback_title="Crouching Tiger, Hidden Dragon",
        subtitle_language="en-US",
        fallback_language="en-US",
    )


def test_an_empty_document_says_nothing() -> None:
    assert caption({}) == Caption(title="")
    empty = {"title": None, "titles": None, "original_title": None, "original_language": None, "ratings": None}
    assert caption({**empty, "year": None, "runtime": None, "genres": None}) == Caption(title="")


@pytest.mark.parametrize(
    ("fields", "subtitle"),
    [
        ({"original_title": "千と千尋の神隠し"}, "千と千尋の神隠し"),
        ({"original_title": "SPIRITED AWAY"}, None),
        ({"original_title": "Spirited Away", "titles": {"en-US": "Spirited Away", "fr-FR": "Le Voyage"}}, "Le Voyage"),
        ({"original_title": "", "titles": {"en-US": " ", "de-DE": "Chihiros Reise"}}, "Chihiros Reise"),
        ({}, None),
    ],
)
def test_the_subtitle_is_the_original_or_else_another_title(fields: dict[str, Any], subtitle: str | None) -> None:
    assert film(**fields).subtitle == subtitle


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
def test_the_language_is_that_of_the_title_shown(fields: dict[str, Any], language: str) -> None:
    assert film(**fields).language == language


@pytest.mark.parametrize(
    ("fields", "fallback"),
    [
        ({"original_title": "千と千尋"}, "千と千尋"),
        ({"original_title": "Le Voyage"}, None),
        ({"title": "3 इडियट्स", "titles": {"ta-IN": "நண்பன்", "en-US": "3 Idiots"}}, "3 Idiots"),
        ({"title": "3 इडियट्स", "titles": {"ta-IN": "நண்பன்"}}, "நண்பன்"),
    ],
)
def test_the_fallback_is_in_another_script_and_rather_latin(fields: dict[str, Any], fallback: str | None) -> None:
    assert film(**fields).fallback_title == fallback


@pytest.mark.parametrize(
    ("ratings", "rating"),
    [({"tmdb": {"score": 8.5, "votes": 9}}, 8.5), ({"tmdb": {"score": 0.0, "votes": 0}}, None), ({"tmdb": None}, None)],
)
def test_a_film_without_votes_has_no_rating(ratings: dict[str, Any], rating: float | None) -> None:
    assert film(ratings=ratings).rating == rating


@pytest.mark.parametrize(("minutes", "text"), [(1, "1m"), (59, "59m"), (60, "1h"), (61, "1h 1m"), (248, "4h 8m")])
def test_a_runtime_reads_in_hours_and_minutes(minutes: int, text: str) -> None:
    assert runtime_text(minutes) == text
