"""The pictures of a film or show in TMDB's format: /movie/{id}/images and the two main paths."""

from __future__ import annotations

import functools
from typing import Any

from moviecrawler.sandbox.catalogue.tables import LANGUAGES
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.images.paths import OwnerKind, PictureKey, encode_path


def poster_path(work: Work) -> str | None:
    """The path of the main poster: from the tables, else made up."""
    return _main(work, "poster", work.poster_path)


def backdrop_path(work: Work) -> str | None:
    """The path of the main backdrop: from the tables, else made up."""
    return _main(work, "backdrop", work.backdrop_path)


def path_or_none(kind: OwnerKind, shape: str, owner: int) -> str | None:
    """The path of the picture of a person, company, season and so on; every third has none."""
    return encode_path(PictureKey(kind, shape, 0, owner)) if owner // 7 % 3 else None


def images(work: Work, language: str, included: str) -> dict[str, Any]:
    """Backdrops, logos and posters: the main picture first, as the one with the most votes.

    ``language`` hides the pictures of all other languages, unless ``included`` (``include_image_language``) names some;
    ``null`` there stands for pictures without text.
    """
    wanted = set(included.split(",")) if included else {language[:2]} if language else None
    found: dict[str, Any] = {"backdrops": [], "logos": [], "posters": []}
    if {"no pictures", "no parts"} & work.edge_cases:
        return found
    textless = "xx" if "textless xx" in work.edge_cases else None
    spoken = work.row.language if work.row.language in LANGUAGES else "en"
    many = "many pictures" in work.edge_cases
    texts: dict[str, tuple[str | None, ...]] = {
        "backdrop": (textless, "en", *(_MORE_BACKDROPS * 14 if many else _MORE_BACKDROPS)),
        "logo": ("en", *_MORE_LOGOS) if spoken in ("en", "xx") else ("en", spoken, *_MORE_LOGOS),
        "poster": (spoken, "zh", textless, *(_MORE_POSTERS * 14 if many else _MORE_POSTERS)),
    }
    for shape, languages in texts.items():
        for number, text in enumerate(languages):
            if wanted is None or (text or "null") in wanted:
                found[f"{shape}s"].append(_image(work, shape, number, text))
    return found


# The languages of the other pictures; None is a picture without text.
_MORE_BACKDROPS = (None, "en", "fr", None, "de", "ja")
_MORE_LOGOS = ("zh", "en", "fr", "ja")
_MORE_POSTERS = ("en", "fr", "de", None, "zh", "en", "ja", "es", "ko")
_SIZES = {
    "backdrop": ((3840, 2160), (1920, 1080), (1280, 720)),
    "logo": ((1000, 400), (1919, 608), (780, 217)),
    "poster": ((2000, 3000), (1000, 1500), (1400, 2100), (680, 1000)),
}


def _main(work: Work, shape: str, fact: str) -> str | None:
    if "no pictures" in work.edge_cases:
        return None
    return fact or encode_path(PictureKey(work.kind, shape, 0, work.id))


def _image(work: Work, shape: str, number: int, text: str | None) -> dict[str, Any]:
    main = {"poster": poster_path, "backdrop": backdrop_path}.get(shape) if number == 0 else None
    if main:
        path = main(work)
    else:
        svg = shape == "logo" and (number == 2 or (number == 0 and "svg logo" in work.edge_cases))
        path = encode_path(PictureKey(work.kind, shape, number, work.id), svg=svg)
    return _facts(shape, number, text) | {"file_path": path}


@functools.cache
def _facts(shape: str, number: int, text: str | None) -> dict[str, Any]:
    """All but the path; not to be changed."""
    # The sizes are said to differ, as at TMDB; what the image hosts send has always the first one.
    width, height = _SIZES[shape][number % len(_SIZES[shape])]
    return {
        "aspect_ratio": round(width / height, 3),
        "height": height,
        "iso_3166_1": None if text in (None, "xx") else LANGUAGES[text][2],
        "iso_639_1": text,
        "vote_average": max(0.0, 8.0 - number),
        "vote_count": max(0, 9 - number),
        "width": width,
    }
