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

SHOW_GENRES = {
    10759: "action & adventure",
    **{id: FILM_GENRES[id] for id in (16, 35, 80, 99, 18, 10751)},
    10762: "kids",
    9648: "mystery",
    10763: "news",
    10764: "reality",
    10765: "sci-fi & fantasy",
    10766: "soap",
    10767: "talk",
    10768: "war & politics",
    37: "western",
}
"""``/genre/tv/list``."""

_GENRES = SHOW_GENRES | FILM_GENRES


def genre_names(ids: Iterable[int]) -> list[str]:
    """The names of a title's genres; "no genre" if it has none, or only unknown ones.

    >>> genre_names([27, 53]), genre_names([]), genre_names([4])
    (['horror', 'thriller'], ['no genre'], ['no genre'])
    """
    return [_GENRES[id] for id in ids if id in _GENRES] or ["no genre"]
