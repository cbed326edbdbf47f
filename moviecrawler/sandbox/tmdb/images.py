"""The pictures of a film or show in TMDB's format: /movie/{id}/images and the two main paths."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.images.paths import ORIGINAL_SIZES, PictureKey, encode_path


def poster_path(work: Work) -> str | None:
    """The path of the main poster: from the tables, else made up."""
    return _main(work, "poster", work.poster_path)


def backdrop_path(work: Work) -> str | None:
    """The path of the main backdrop: from the tables, else made up."""
    return _main(work, "backdrop", work.backdrop_path)


def images(work: Work, language: str, included: str) -> dict[str, Any]:
    """Backdrops, logos and posters.

    ``language`` hides the pictures of all other languages, unless ``included`` (``include_image_language``) names some;
    ``null`` there stands for pictures without text.
    """
    wanted = set(included.split(",")) if included else {language[:2]} if language else None
    found: dict[str, Any] = {"backdrops": [], "logos": [], "posters": []}
    if "no pictures" in work.edge_cases:
        return found
    textless = "xx" if "textless xx" in work.edge_cases else None
    spoken = work.row.language if work.row.language in LANGUAGES else "en"
    rows = (
        ("backdrop", 0, backdrop_path(work), textless),
        ("backdrop", 1, encode_path(PictureKey(work.kind, "backdrop", 1, work.id)), "en"),
        ("logo", 0, encode_path(PictureKey(work.kind, "logo", 0, work.id)), "en"),
        ("poster", 0, poster_path(work), spoken),
        ("poster", 1, encode_path(PictureKey(work.kind, "poster", 1, work.id)), "zh"),
        ("poster", 2, encode_path(PictureKey(work.kind, "poster", 2, work.id)), textless),
    )
    for shape, number, path, text in rows:
        if wanted is None or (text or "null") in wanted:
            found[f"{shape}s"].append(_image(shape, number, path, text))
    return found


def _main(work: Work, shape: str, fact: str) -> str | None:
    if "no pictures" in work.edge_cases:
        return None
    return fact or encode_path(PictureKey(work.kind, shape, 0, work.id))


def _image(shape: str, number: int, path: str | None, text: str | None) -> dict[str, Any]:
    width, height = ORIGINAL_SIZES[shape]
    country = None if text in (None, "xx") else LANGUAGES[text][2]
    return {
        "aspect_ratio": round(width / height, 3),
        "height": height,
        "iso_3166_1": country,
        "iso_639_1": text,
        "file_path": path,
        "vote_average": 8.0 - number,
        "vote_count": 9 - number,
        "width": width,
    }
