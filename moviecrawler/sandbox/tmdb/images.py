"""Which pictures a title has, in TMDB's shape: /movie/{id}/images and the two main paths."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import Title
from moviecrawler.sandbox.images.paths import Picture, encode

POSTER = (2000, 3000)
BACKDROP = (3840, 2160)
LOGO = (1000, 400)
_ORIGINALS = {"posters": POSTER, "backdrops": BACKDROP, "logos": LOGO}


def poster_path(title: Title) -> str | None:
    """The main poster: the one of the tables, else a made-up path."""
    return _main(title, "poster", title.poster_path)


def backdrop_path(title: Title) -> str | None:
    """The main backdrop: the one of the tables, else a made-up path."""
    return _main(title, "backdrop", title.backdrop_path)


def images(title: Title, language: str, included: str) -> dict[str, Any]:
    """Backdrops, logos and posters.

    ``language`` hides all other languages, unless ``included`` (``include_image_language``) names some; ``null`` there
    stands for pictures without text.
    """
    wanted = set(included.split(",")) if included else {language[:2]} if language else None
    found: dict[str, Any] = {"backdrops": [], "logos": [], "posters": []}
    if "no pictures" in title.odd:
        return found
    textless = "xx" if "textless xx" in title.odd else None
    spoken = title.row.language if title.row.language in LANGUAGES else "en"
    rows = (
        ("backdrops", 0, backdrop_path(title), textless),
        ("backdrops", 1, encode(Picture(title.kind, "backdrop", 1, title.id)), "en"),
        ("logos", 0, encode(Picture(title.kind, "logo", 0, title.id)), "en"),
        ("posters", 0, poster_path(title), spoken),
        ("posters", 1, encode(Picture(title.kind, "poster", 1, title.id)), "zh"),
        ("posters", 2, encode(Picture(title.kind, "poster", 2, title.id)), textless),
    )
    for shape, slot, path, text in rows:
        if wanted is None or (text or "null") in wanted:
            found[shape].append(_image(shape, slot, path, text))
    return found


def _main(title: Title, shape: str, fact: str) -> str | None:
    if "no pictures" in title.odd:
        return None
    return fact or encode(Picture(title.kind, shape, 0, title.id))


def _image(shape: str, slot: int, path: str | None, text: str | None) -> dict[str, Any]:
    width, height = _ORIGINALS[shape]
    country = None if text in (None, "xx") else LANGUAGES[text][2]
    return {
        "aspect_ratio": round(width / height, 3),
        "height": height,
        "iso_3166_1": country,
        "iso_639_1": text,
        "file_path": path,
        "vote_average": 8.0 - slot,
        "vote_count": 9 - slot,
        "width": width,
    }
