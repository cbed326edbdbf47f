"""Overviews and taglines, composed from facts: no sentence is copied from a site."""

from __future__ import annotations

from moviecrawler.sandbox.catalogue.tables import GENRES
from moviecrawler.sandbox.catalogue.works import Work

# By language: a sentence with director and year, with the director, with the year, with the cast; the name separator.
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


def overview(work: Work, language: str) -> str:
    """One to three sentences in this language; "" if there is no template for it, or no fact."""
    if language == "en":
        return _english(work)
    if language not in _OVERVIEWS:
        return ""
    both, director, year, cast, comma = _OVERVIEWS[language]
    pattern = (both if work.year else director) if work.directors else (year if work.year else "")
    names = [name for name, _ in work.cast[:3] if name]
    sentences = [pattern.format(director=comma.join(work.directors), year=work.year)]
    sentences += [cast.format(cast=comma.join(names))] if names else []
    return ("" if language in ("zh", "ja") else " ").join(filter(None, sentences))


_TAGLINE_LANGUAGES = ("fr", "de", "ja")


def tagline(work: Work, language: str) -> str:
    """In English up to three keywords as sentences ("Rescue. Future. Spacecraft."), in a few languages the year.

    "" without keywords, without a year, and in all other languages.
    """
    if language == "en":
        return " ".join(f"{word[0].upper()}{word[1:]}." for word in work.keywords[:3])
    if work.is_real or language not in _TAGLINE_LANGUAGES or not work.year:
        return ""
    return _OVERVIEWS[language][2].format(year=work.year)


def _english(work: Work) -> str:
    names = [GENRES[work.kind][genre].lower() for genre in work.row.genres[:2]]
    what = " ".join(names) + (" film" if work.kind == "movie" else " series")
    when = f" of {work.year}" if work.year else ""
    by = f", directed by {_join(work.directors)}" if work.directors else ""
    sentences = [f"{'An' if what.lstrip()[0] in 'aeiou' else 'A'} {what.lstrip()}{when}{by}."]
    if cast := [name for name, _ in work.cast[:3] if name]:
        sentences.append(f"With {_join(cast)}.")
    if work.keywords:
        sentences.append(f"It is about {_join(work.keywords[:3])}.")
    return " ".join(sentences)


def _join(names: tuple[str, ...] | list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
