"""Genres on a title backdrop are in the reader's language, by TMDB's ids; what the answer says goes first."""

from typing import Any

import pytest

from moviecrawler.policy.documents.genre_names import _BY_LANGUAGE, genres_in
from moviecrawler.policy.documents.genres import FILM_GENRES


def film(names: list[str], ids: list[int], shown: list[str] | None = None) -> dict[str, Any]:
    data = {"genres": names, "genre_ids": ids}
    return {"genres": names if shown is None else shown, "sources": {"tmdb": {"data": data}}}


@pytest.mark.parametrize(
    ("document", "language", "genres"),
    [
        (film(["Crime", "Drama"], [80, 18]), "de-DE", ["Krimi", "Drama"]),
        (film(["Crime", "Drama"], [80, 18]), "ja", ["犯罪", "ドラマ"]),
        (film(["Krimi", "Drama"], [80, 18]), "en-US", ["Crime", "Drama"]),
        (film(["犯罪"], [80]), "zh-TW", ["犯罪"]),
        (film(["科幻"], [878]), "zh-HK", ["科幻"]),
        (film(["Action & Adventure"], [10759]), "zh-CN", ["动作冒险"]),
        (film(["Scifi"], [878]), "de", ["Scifi"]),  # the answer's own word, in whatever language
        (film(["SCIENCE FICTION"], [878]), "de", ["SCIENCE FICTION"]),
        (film(["Crime"], [80]), "tlh", ["Crime"]),
        (film(["Crime"], [80], ["Noir"]), "de", ["Noir"]),  # locked
        (film(["Crime"], []), "de", ["Crime"]),
        (film(["Crime"], [4711]), "de", ["Crime"]),
        (film([], []), "de", []),
        ({"genres": None, "sources": {"tmdb": {"data": {}}}}, "de", []),
        ({"genres": ["Crime"], "sources": {"tmdb": {"data": {}}}}, "de", ["Crime"]),  # OMDB's
    ],
)
def test_a_genre_in_the_language_of_the_row(document: Any, language: str, genres: list[str]) -> None:
    assert genres_in(document, language) == genres


@pytest.mark.parametrize("language", sorted(_BY_LANGUAGE))
def test_every_language_names_every_genre_once(language: str) -> None:
    names = _BY_LANGUAGE[language]
    assert names.keys() >= FILM_GENRES.keys()
    assert len({name.casefold() for name in names.values()}) == len(names)
    assert all(name == name.strip() and name for name in names.values())
