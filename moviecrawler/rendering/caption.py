"""The text of a title backdrop, from the stored document of a film or show."""

import unicodedata
from dataclasses import dataclass

from moviecrawler.documents.facts import Facts
from moviecrawler.rendering.text_runs import clean_text


@dataclass(frozen=True)
class Caption:
    """``rating``: TMDB's, 0-10; ``other_ratings``: (house, score) of others, each on its own scale; ``runtime``:
    minutes; all languages are BCP 47 tags; ``row_language``: of runtime and genres (default: ``language``).

    ``fallbacks``: (title, language) of other titles, in case the first cannot be drawn; the best first.
    """

    title: str
    subtitle: str | None = None
    rating: float | None = None
    year: int | None = None
    runtime: int | None = None
    genres: tuple[str, ...] = ()
    language: str = "en"
    row_language: str = ""
    fallbacks: tuple[tuple[str, str], ...] = ()
    subtitle_language: str = "en"
    other_ratings: tuple[tuple[str, float], ...] = ()


def build_caption(
    document: Facts,
    subtitle: tuple[str, str] | None = None,
    row_language: str = "",
    ratings: tuple[str, ...] = ("tmdb",),
) -> Caption:
    """The caption of a stored film or show.

    ``subtitle``: the line below the title, and its language; ``row_language``: the language of genres and runtime;
    ``ratings``: the houses whose ratings are shown.

    >>> shown = build_caption({"title": "Spirited Away", "original_title": "千と千尋の神隠し",
    ...                        "original_language": "ja", "titles": {"en-US": "Spirited Away"}, "year": 2001,
    ...                        "runtime": 125, "ratings": {"tmdb": {"score": 8.5, "votes": 17000}}})
    >>> shown.title, shown.language, shown.subtitle, shown.fallbacks
    ('Spirited Away', 'en-US', None, (('千と千尋の神隠し', 'ja'),))
    """
    original = (clean_text(document.get("original_title") or ""), document.get("original_language") or "en")
    titles = [(clean_text(text or ""), tag) for tag, text in (document.get("titles") or {}).items()]
    known = [(text, tag) for text, tag in [original, *titles] if text]
    title = clean_text(document.get("title") or "") or next((text for text, _ in known), "")
    language = _language(title, original, titles)
    below = (clean_text(subtitle[0]), subtitle[1]) if subtitle else ("", "en")
    others = [(text, tag) for text, tag in [below, *known] if text and text.casefold() != title.casefold()]
    # Without votes the score is 0, which means unknown.
    rated = document.get("ratings") or {}
    scores = {house: rating["score"] for house in ratings if (rating := rated.get(house)) and rating["score"]}
    return Caption(
        title=title,
        subtitle=below[0] or None,
        rating=scores.get("tmdb"),
        year=document.get("year"),
        runtime=document.get("runtime"),
        genres=tuple(document.get("genres") or ()),
        language=language,
        row_language=row_language,
        fallbacks=tuple(sorted(dict.fromkeys(others), key=lambda other: _fallback_rank(other[0], title))),
        subtitle_language=below[1],
        other_ratings=tuple((house, score) for house, score in scores.items() if house != "tmdb"),
    )


def _fallback_rank(text: str, title: str) -> int:
    """The rank of a replacement for a title that cannot be drawn: Latin script first, the scripts of the title last."""
    if _scripts(text) & _scripts(title):
        return 2
    return 0 if _scripts(text) == {"LATIN"} else 1


def _language(title: str, original: tuple[str, str], titles: list[tuple[str, str]]) -> str:
    """The language of the title shown. A source repeats the original title where a translation is missing, so the tag
    of an original title must agree with its language ("zh-TW" is more specific than "zh", "en-US" would be wrong)."""
    tags = [tag for text, tag in titles if text == title]
    if title == original[0]:
        tags = [tag for tag in tags if tag.split("-")[0] == original[1]]
    return tags[0] if tags else original[1]


def _scripts(text: str) -> set[str]:
    """The scripts of the letters: the first words of their Unicode names.

    >>> sorted(_scripts("千と WALL·E 2"))
    ['CJK', 'HIRAGANA', 'LATIN']
    """
    return {unicodedata.name(c, "UNNAMED").split()[0] for c in text if unicodedata.category(c).startswith("L")}
