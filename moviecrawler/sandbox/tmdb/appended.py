"""The parts of a title that ``append_to_response`` adds (but credits: ``people``, and images: ``pictures_of``)."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.sentences import overview, tagline
from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import Title

# The languages in which the sandbox can write a sentence, as TMDB orders them: no order.
_WRITTEN = ("fr-FR", "de-DE", "es-ES", "ja-JP", "ko-KR", "hi-IN", "ar-SA")
_FESTIVALS = ("Harbour Film Festival", "Festival of the Two Lighthouses")


def title_in(title: Title, language: str) -> str | None:
    """The title in a language (``zh-CN``); None without a translation. A translated title may be ""."""
    if language == "en-US":
        return "" if "en-US title empty" in title.odd else title.title
    if language == "zh-CN" and "zh-CN only alternative" in title.odd:
        return None
    return dict(title.translations).get(language)


def translations(title: Title) -> dict[str, Any]:
    """One entry a language and country; a text that is missing is ""."""
    known = [language for language, _ in title.translations]
    written = ["en-US", *dict.fromkeys((*known, *_WRITTEN))]
    if "three zh" in title.odd:
        written = list(dict.fromkeys((*written, "zh-CN", "zh-TW", "zh-HK")))
    if "zh-CN only alternative" in title.odd:
        written.remove("zh-CN")
    return {"translations": [_translation(title, language) for language in written]}


def _translation(title: Title, language: str) -> dict[str, Any]:
    code, country = language.split("-")
    english_name, name, _ = LANGUAGES[code]
    text = overview(title, code)
    if language == "zh-CN" and "zh-CN overview indented" in title.odd:
        text = "\u3000\u3000" + text
    homepage = homepage_of(title) if code == "en" else ""
    line = tagline(title) if code == "en" else ""
    translated = title_in(title, language) or ""
    if title.kind == "movie":
        runtime = (title.runtime or 0) if code != "zh" else 0
        data = {"homepage": homepage, "overview": text, "runtime": runtime, "tagline": line, "title": translated}
    else:
        data = {"name": translated, "overview": text, "homepage": homepage, "tagline": line}
    return {"iso_3166_1": country, "iso_639_1": code, "name": name, "english_name": english_name, "data": data}


def homepage_of(title: Title) -> str:
    """An address of example.com; "" for real titles, whose own is not in the tables."""
    return "" if title.real or "homepage empty" in title.odd else f"https://example.com/{title.kind}/{title.id}"


def alternative_titles(title: Title) -> dict[str, Any]:
    """Other titles, by country; the Chinese one may stand only here."""
    found = []
    if zh := dict(title.translations).get("zh-CN"):
        found.append({"iso_3166_1": "CN", "title": zh, "type": ""})
    if title.original_title != title.title:
        found.append({"iso_3166_1": "US", "title": title.original_title, "type": "original title"})
    return {"titles" if title.kind == "movie" else "results": found}


def release_dates(title: Title) -> dict[str, Any]:
    """Releases by country. Types: 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""
    if not title.row.date:
        return {"results": []}
    countries = dict.fromkeys((*title.row.countries, "US", "GB"))
    return {"results": [{"iso_3166_1": code, "release_dates": _releases(title, code)} for code in sorted(countries)]}


def _releases(title: Title, country: str) -> list[dict[str, Any]]:
    certification = title.certification if country == "US" else ""
    rows = [_release(title.row.date, 3, certification, "")]
    if country == "US" and "festival first" in title.odd:
        rows = [_release(title.row.date, 1, "", festival) for festival in _FESTIVALS] + rows
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


def content_ratings(title: Title) -> dict[str, Any]:
    """Ratings of a show by country."""
    rating = "NR" if title.real else {"G": "TV-G", "PG": "TV-PG", "R": "TV-MA"}.get(title.certification, "TV-14")
    return {"results": [{"descriptors": [], "iso_3166_1": "US", "rating": rating}]}


def keywords(title: Title) -> dict[str, Any]:
    """Films have them under ``keywords``, shows under ``results``."""
    found = [{"id": seeded.identifier("keyword", name, below=400_000), "name": name} for name in title.keywords]
    return {"keywords" if title.kind == "movie" else "results": found}


def external_ids(title: Title) -> dict[str, Any]:
    """The ids of other sites. The tables know only IMDb's; half of the invented titles have all."""
    found: dict[str, Any] = {"imdb_id": title.imdb_id}
    made_up = not title.real and title.id % 2 == 0
    handle = f"sandbox{title.id}" if made_up else None
    number = title.id if made_up else None
    if title.kind == "tv":
        found |= {"freebase_mid": handle, "freebase_id": handle, "tvdb_id": number, "tvrage_id": number}
    return found | {
        "wikidata_id": f"Q{number}" if number else None,
        "facebook_id": handle,
        "instagram_id": handle,
        "twitter_id": handle,
    }


def videos(title: Title) -> dict[str, Any]:
    """One trailer, whose key cannot be a real video (YouTube's have eleven characters)."""
    trailer = {
        "iso_639_1": "en",
        "iso_3166_1": "US",
        "name": "Official Trailer",
        "key": f"sandbox-{title.kind}-{title.id}",
        "site": "YouTube",
        "size": 1080,
        "type": "Trailer",
        "official": True,
        "published_at": f"{title.row.date or '2020-01-01'}T12:00:00.000Z",
        "id": seeded.token("video", title.kind, title.id),
    }
    return {"results": [trailer]}
