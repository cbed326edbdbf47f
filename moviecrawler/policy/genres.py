"""TMDB's genres by id, as English names, whatever language was asked in."""

from collections.abc import Iterable

GENRES = {
    12: "adventure",
    14: "fantasy",
    16: "animation",
    18: "drama",
    27: "horror",
    28: "action",
    35: "comedy",
    36: "history",
    37: "western",
    53: "thriller",
    80: "crime",
    99: "documentary",
    878: "science fiction",
    9648: "mystery",
    10402: "music",
    10749: "romance",
    10751: "family",
    10752: "war",
    10759: "action & adventure",
    10762: "kids",
    10763: "news",
    10764: "reality",
    10765: "sci-fi & fantasy",
    10766: "soap",
    10767: "talk",
    10768: "war & politics",
    10770: "tv movie",
}
"""Of films and shows (``/genre/movie/list``, ``/genre/tv/list``); they have not changed in ten years."""


def genre_names(ids: Iterable[int]) -> list[str]:
    """The names of a title's genres; of one without any, or with unknown ones only, one that says so.

    >>> genre_names([27, 53]), genre_names([]), genre_names([4])
    (['horror', 'thriller'], ['no genre'], ['no genre'])
    """
    return [GENRES[id] for id in ids if id in GENRES] or ["no genre"]
