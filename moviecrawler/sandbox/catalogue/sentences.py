"""Overviews and taglines, composed from facts by code: nobody's sentences are copied."""

from __future__ import annotations

from moviecrawler.sandbox.catalogue.tables import GENRES
from moviecrawler.sandbox.catalogue.works import Title

# By language: with director and year, director alone, year alone; the cast; how names are joined.
_OVERVIEWS = {
    "fr": (
        *("Une œuvre de {year} réalisée par {director}.", "Réalisé par {director}.", "Une œuvre de {year}."),
        *("Avec {cast}.", ", "),
    ),
    "de": (
        *("Ein Werk von {director} aus dem Jahr {year}.", "Regie: {director}.", "Ein Werk aus dem Jahr {year}."),
        *("Mit {cast}.", ", "),
    ),
    "es": (
        *("Una obra de {year} dirigida por {director}.", "Dirigida por {director}.", "Una obra de {year}."),
        *("Con {cast}.", ", "),
    ),
    "zh": ("{director}执导的{year}年作品。", "{director}执导。", "{year}年作品。", "主演：{cast}。", "、"),
    "ja": ("{director}監督による{year}年の作品。", "{director}監督作品。", "{year}年の作品。", "出演：{cast}。", "、"),
    "ko": ("{director} 감독의 {year}년 작품.", "{director} 감독 작품.", "{year}년 작품.", "출연: {cast}.", ", "),
    "hi": (
        *("{director} द्वारा निर्देशित {year} की कृति।", "{director} द्वारा निर्देशित।", "{year} की कृति।"),
        *("कलाकार: {cast}।", ", "),
    ),
    "ar": (
        *("عمل من إخراج {director} عام {year}.", "من إخراج {director}.", "عمل من عام {year}."),
        *("بطولة {cast}.", "، "),
    ),
}


def overview(title: Title, language: str) -> str:
    """One to three sentences in this language; "" when the sandbox cannot write it or knows nothing to say."""
    if language == "en":
        return _english(title)
    if language not in _OVERVIEWS:
        return ""
    both, director, year, cast, comma = _OVERVIEWS[language]
    pattern = (both if title.year else director) if title.directors else (year if title.year else "")
    names = [name for name, _ in title.cast[:3] if name]
    sentences = [pattern.format(director=comma.join(title.directors), year=title.year)]
    sentences += [cast.format(cast=comma.join(names))] if names else []
    return ("" if language in ("zh", "ja") else " ").join(filter(None, sentences))


def tagline(title: Title) -> str:
    """Up to three keywords, each as a sentence: "Rescue. Future. Spacecraft."; "" without keywords."""
    return " ".join(f"{word[0].upper()}{word[1:]}." for word in title.keywords[:3])


def _english(title: Title) -> str:
    names = [GENRES[title.kind][genre].lower() for genre in title.row.genres[:2]]
    what = " ".join(names) + (" film" if title.kind == "movie" else " series")
    when = f" of {title.year}" if title.year else ""
    by = f", directed by {_join(title.directors)}" if title.directors else ""
    sentences = [f"{'An' if what.lstrip()[0] in 'aeiou' else 'A'} {what.lstrip()}{when}{by}."]
    if cast := [name for name, _ in title.cast[:3] if name]:
        sentences.append(f"With {_join(cast)}.")
    if title.keywords:
        sentences.append(f"It is about {_join(title.keywords[:3])}.")
    return " ".join(sentences)


def _join(names: tuple[str, ...] | list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
