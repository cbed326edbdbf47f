"""TMDB's genres by id, as English names, independent of the request's language."""

from collections.abc import Iterable

FILM_GENRES = {
    28: "action",
    12: "adventure",
    16: "animation",
    35: "comedy",
    80: "crime",
    99: "documentary",
    18: "drama",
    10751: "family",
    14: "fantasy",
    36: "history",
    27: "horror",
    10402: "music",
    9648: "mystery",
    10749: "romance",
    878: "science fiction",
    53: "thriller",
    10770: "tv movie",
    10752: "war",
    37: "western",
}
"""``/genre/movie/list``; unchanged for ten years."""

_GENRES = FILM_GENRES | {
    10759: "action & adventure",
    10762: "kids",
    10763: "news",
    10764: "reality",
    10765: "sci-fi & fantasy",
    10766: "soap",
    10767: "talk",
    10768: "war & politics",
}
"""Also those that only shows have (``/genre/tv/list``)."""


def genre_names(ids: Iterable[int]) -> list[str]:
    """The names of a title's genres; "no genre" if it has none, or only unknown ones.

    >>> genre_names([27, 53]), genre_names([]), genre_names([4])
    (['horror', 'thriller'], ['no genre'], ['no genre'])
    """
    return [_GENRES[id] for id in ids if id in _GENRES] or ["no genre"]
