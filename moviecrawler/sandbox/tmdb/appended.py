"""The parts that ``append_to_response`` adds to a film or show (but credits: ``people``, and ``images``)."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.sentences import overview, tagline
from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import Work

# The languages in which the sandbox can write a sentence, unordered as at TMDB.
_SENTENCE_LANGUAGES = ("fr-FR", "de-DE", "es-ES", "ja-JP", "ko-KR", "hi-IN", "ar-SA")
_FESTIVALS = ("Harbour Film Festival", "Festival of the Two Lighthouses")


def translated_title(work: Work, language: str) -> str | None:
    """The title in a language such as ``zh-CN``; None without a translation. A translated title may be ""."""
    if language == "en-US":
        return "" if "en-US title empty" in work.edge_cases else work.title
    if language == "zh-CN" and "zh-CN only alternative" in work.edge_cases:
        return None
    return dict(work.translations).get(language)


def translations(work: Work) -> dict[str, Any]:
    """One entry per language and country; a missing text is ""."""
    known = [language for language, _ in work.translations]
    written = ["en-US", *dict.fromkeys((*known, *_SENTENCE_LANGUAGES))]
    if "three zh" in work.edge_cases:
        written = list(dict.fromkeys((*written, "zh-CN", "zh-TW", "zh-HK")))
    if "zh-CN only alternative" in work.edge_cases:
        written.remove("zh-CN")
    return {"translations": [_translation(work, language) for language in written]}


def _translation(work: Work, language: str) -> dict[str, Any]:
    code, country = language.split("-")
    english_name, name, _ = LANGUAGES[code]
    text = overview(work, code)
    if language == "zh-CN" and "zh-CN overview indented" in work.edge_cases:
        text = "\u3000\u3000" + text
    homepage = homepage_of(work) if code == "en" else ""
    line = tagline(work) if code == "en" else ""
    translated = translated_title(work, language) or ""
    if work.kind == "movie":
        runtime = (work.runtime or 0) if code != "zh" else 0
        data = {"homepage": homepage, "overview": text, "runtime": runtime, "tagline": line, "title": translated}
    else:
        data = {"name": translated, "overview": text, "homepage": homepage, "tagline": line}
    return {"iso_3166_1": country, "iso_639_1": code, "name": name, "english_name": english_name, "data": data}


def homepage_of(work: Work) -> str:
    """A URL at example.com; "" for real works, whose homepage is not in the tables."""
    return "" if work.is_real or "homepage empty" in work.edge_cases else f"https://example.com/{work.kind}/{work.id}"


def alternative_titles(work: Work) -> dict[str, Any]:
    """Other titles by country; the Chinese title may appear only here."""
    found = []
    if zh := dict(work.translations).get("zh-CN"):
        found.append({"iso_3166_1": "CN", "title": zh, "type": ""})
    if work.original_title != work.title:
        found.append({"iso_3166_1": "US", "title": work.original_title, "type": "original title"})
    return {"titles" if work.kind == "movie" else "results": found}


def release_dates(work: Work) -> dict[str, Any]:
    """Releases by country. Types: 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""
    if not work.row.date:
        return {"results": []}
    countries = dict.fromkeys((*work.row.countries, "US", "GB"))
    return {"results": [{"iso_3166_1": code, "release_dates": _releases(work, code)} for code in sorted(countries)]}


def _releases(work: Work, country: str) -> list[dict[str, Any]]:
    certification = work.certification if country == "US" else ""
    rows = [_release(work.row.date, 3, certification, "")]
    if country == "US" and "festival first" in work.edge_cases:
        rows = [_release(work.row.date, 1, "", festival) for festival in _FESTIVALS] + rows
    return rows


def _release(date: str, release_type: int, certification: str, note: str) -> dict[str, Any]:
    return {
        "certification": certification,
        "descriptors": [],
        "iso_639_1": "",
        "note": note,
        "release_date": f"{date}T00:00:00.000Z",
        "type": release_type,
    }


def content_ratings(work: Work) -> dict[str, Any]:
    """Ratings of a show by country."""
    rating = "NR" if work.is_real else {"G": "TV-G", "PG": "TV-PG", "R": "TV-MA"}.get(work.certification, "TV-14")
    return {"results": [{"descriptors": [], "iso_3166_1": "US", "rating": rating}]}


def keywords(work: Work) -> dict[str, Any]:
    """The keywords, of a film under ``keywords``, of a show under ``results``."""
    found = [{"id": seeded.identifier("keyword", name, below=400_000), "name": name} for name in work.keywords]
    return {"keywords" if work.kind == "movie" else "results": found}


def videos(work: Work) -> dict[str, Any]:
    """One trailer, whose key cannot be a real video (YouTube's have eleven characters)."""
    trailer = {
        "iso_639_1": "en",
        "iso_3166_1": "US",
        "name": "Official Trailer",
        "key": f"sandbox-{work.kind}-{work.id}",
        "site": "YouTube",
        "size": 1080,
        "type": "Trailer",
        "official": True,
        "published_at": f"{work.row.date or '2020-01-01'}T12:00:00.000Z",
        "id": seeded.token("video", work.kind, work.id),
    }
    return {"results": [trailer]}
