"""Titles, overviews and taglines in each language.

Tags are ``iso_639_1`` and ``iso_3166_1`` joined as BCP 47 does. ``cn`` is TMDB's code for Cantonese and stays apart
from ``zh``; ``xx`` is "no language" and no translation.
"""

from typing import Any, Literal, NamedTuple

from moviecrawler.sources.fields import country, language_code, part, rows
from moviecrawler.sources.text import prose, text
from moviecrawler.sources.tmdb.urls import primary_subtag


class Texts(NamedTuple):
    """By language tag; never empty strings."""

    titles: dict[str, str]
    overviews: dict[str, str]
    taglines: dict[str, str]


def texts(payload: dict[str, Any], language: str, name: Literal["title", "name"]) -> Texts:
    """All translations, with the answer's own texts under the ``language`` of the request.

    TMDB blanks a title that equals the original one, so an empty title beside other text means the original title; in
    the original language it does so alone (47964: en-US is ""), but for Chinese, where the script depends on the
    region. An untranslated title silently comes back as the original one, so the answer's own counts only when it
    differs from that or is in its language.
    """
    original = text(payload.get(f"original_{name}"))
    original_language = language_code(payload.get("original_language"))
    titles: dict[str, str] = {}
    overviews: dict[str, str] = {}
    taglines: dict[str, str] = {}
    for row in rows(part(payload, "translations").get("translations")):
        spoken = language_code(row.get("iso_639_1")) or ""
        tag = _tag(spoken, country(row.get("iso_3166_1")))
        if tag is None:
            continue
        data = part(row, "data")
        if overview := prose(data.get("overview")):
            overviews[tag] = overview
        if tagline := text(data.get("tagline")):
            taglines[tag] = tagline
        if title := text(data.get(name)):
            titles[tag] = title
        elif original and (overview or tagline or (spoken == original_language and spoken != "zh")):
            titles[tag] = original
    own = text(payload.get(name))
    if own and (own != original or primary_subtag(language) == original_language):
        titles.setdefault(language, own)
    for own, known in ((prose(payload.get("overview")), overviews), (text(payload.get("tagline")), taglines)):
        if own and own not in known.values():
            known[language] = own
    return Texts(titles, overviews, taglines)


def _tag(language: str, region: str | None) -> str | None:
    if not language.isalpha() or not language.isascii() or language == "xx":
        return None
    return f"{language}-{region}" if region and region.isalnum() and region.isascii() else language


def alternative_titles(values: Any) -> list[dict[str, str | None]]:
    """``{"country", "title"}`` of each, with its ``type`` if it has one, in TMDB's order, each pair once."""
    found: dict[tuple[str | None, str], dict[str, str | None]] = {}
    for row in rows(values):
        where, title, kind = country(row.get("iso_3166_1")), text(row.get("title")), text(row.get("type"))
        if title and (where, title) not in found:
            found[where, title] = {"country": where, "title": title, **({"type": kind} if kind else {})}
    return list(found.values())
