"""TMDB's addresses: the same question always gives the same URL, and no URL ever holds a credential.

``base`` is the API's address with its version (``https://api.themoviedb.org/3``) or that of an image host
(``https://image.tmdb.org/t/p``). Languages are tags as TMDB spells them (``en-US``, ``zh-CN``).
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal
from urllib.parse import quote, urlencode

_BOTH = "translations,alternative_titles,videos,watch/providers,recommendations"
MOVIE_PARTS = f"credits,external_ids,images,keywords,release_dates,{_BOTH}"
SHOW_PARTS = f"aggregate_credits,external_ids,images,keywords,content_ratings,{_BOTH}"

_WIDTHS = {
    "poster": (92, 154, 185, 342, 500, 780),
    "backdrop": (300, 780, 1280),
    "logo": (45, 92, 154, 185, 300, 500),
    "profile": (45, 185),
}
"""https://developer.themoviedb.org/docs/image-basics"""

MEDIA_TYPES: dict[str, Literal["movie", "tv", "all"]] = {"movies": "movie", "shows": "tv", "all": "all"}
"""TMDB's own words for our kinds, as its paths and ``media_type`` have them."""


def address(base: str, path: str, **parameters: object) -> str:
    """The parameters that are set, in the given order (all of ours go by name); a comma and a slash stay readable."""
    query = [(name, str(value)) for name, value in parameters.items() if value is not None]
    return f"{base.rstrip('/')}/{path}?{urlencode(query, quote_via=quote, safe=',/')}"


def trending_url(
    base: str, media: Literal["movie", "tv", "all"], window: Literal["day", "week"], page: int, language: str
) -> str:
    """One page (20 rows) of what is trending.

    >>> trending_url("https://api.themoviedb.org/3", "movie", "day", 2, "en-US")
    'https://api.themoviedb.org/3/trending/movie/day?language=en-US&page=2'
    """
    return address(base, f"trending/{media}/{window}", language=language, page=page)


def list_url(base: str, media: Literal["movie", "tv"], name: str, page: int, language: str) -> str:
    """One page (20 rows) of one of TMDB's own lists: ``popular``, ``top_rated``, ``now_playing`` and others.

    >>> list_url("https://api.themoviedb.org/3", "tv", "on_the_air", 2, "en-US")
    'https://api.themoviedb.org/3/tv/on_the_air?language=en-US&page=2'
    """
    return address(base, f"{media}/{name}", language=language, page=page)


def search_url(base: str, media: Literal["movie", "tv"], query: str, year: int | None, language: str) -> str:
    """The first 20 films or shows that TMDB finds by a title; with a year only those of which it has a date in it.

    >>> search_url("https://api.themoviedb.org/3", "movie", "The Thing", 2011, "en-US")
    'https://api.themoviedb.org/3/search/movie?include_adult=false&language=en-US&page=1&query=The%20Thing&year=2011'
    """
    parameters = {"include_adult": "false", "language": language, "page": 1, "query": query}
    return address(
        base, f"search/{media}", **parameters, **{"year" if media == "movie" else "first_air_date_year": year}
    )


def find_url(base: str, imdb_id: str, language: str) -> str:
    """What TMDB knows by an IMDb id.

    >>> find_url("https://api.themoviedb.org/3", "tt0133093", "en-US")
    'https://api.themoviedb.org/3/find/tt0133093?external_source=imdb_id&language=en-US'
    """
    return address(base, f"find/{imdb_id}", external_source="imdb_id", language=language)


def collection_url(base: str, collection_id: int, language: str) -> str:
    """A collection with all its parts.

    >>> collection_url("https://api.themoviedb.org/3", 264, "en-US")
    'https://api.themoviedb.org/3/collection/264?language=en-US'
    """
    return address(base, f"collection/{collection_id}", language=language)


def discover_url(
    base: str,
    *,
    media: Literal["movie", "tv"] = "movie",
    gte: date | str,
    lte: date | str,
    page: int,
    min_votes: int,
    region: str | None = None,
    with_original_language: str | None = None,
    genre: int | str | None = None,
    language: str,
) -> str:
    """One page of the films first released, or shows first aired, from ``gte`` to ``lte`` (both included), the most
    popular first. TMDB knows no ``region`` of shows.

    The original language is cut to its primary subtag: TMDB finds nothing for ``en-US``.

    >>> discover_url("https://api.themoviedb.org/3", gte="2024-01-01", lte="2024-03-31", page=1, min_votes=200,
    ...              with_original_language="en-US", language="de-DE")  # doctest: +NORMALIZE_WHITESPACE
    'https://api.themoviedb.org/3/discover/movie?include_adult=false&language=de-DE&page=1&primary_release_date.gte=2024-01-01&primary_release_date.lte=2024-03-31&sort_by=popularity.desc&vote_count.gte=200&with_original_language=en'
    """
    date = "primary_release_date" if media == "movie" else "first_air_date"
    parameters = {
        "include_adult": "false",
        "language": language,
        "page": page,
        f"{date}.gte": gte,
        f"{date}.lte": lte,
        "region": region,
        "sort_by": "popularity.desc",
        "vote_count.gte": min_votes,
        "with_genres": genre,
        "with_original_language": with_original_language and primary_subtag(with_original_language),
    }
    return address(base, f"discover/{media}", **parameters)


def movie_url(base: str, movie_id: int, language: str, image_languages: Iterable[str]) -> str:
    """Everything about a film in one request (TMDB allows 20 parts; the ten of MOVIE_PARTS are all we read).

    >>> movie_url("https://api.themoviedb.org/3", 603, "zh-CN", ["zh-CN", "zh-TW"])  # doctest: +ELLIPSIS
    'https://api.themoviedb.org/3/movie/603?append_to_response=credits,...&include_image_language=zh,en,null,xx&...'
    """
    return _details_url(base, f"movie/{movie_id}", language, image_languages, MOVIE_PARTS)


def show_url(base: str, show_id: int, language: str, image_languages: Iterable[str]) -> str:
    """Everything about a show in one request.

    >>> show_url("https://api.themoviedb.org/3", 1396, "en-US", ["en-US"])  # doctest: +ELLIPSIS
    'https://api.themoviedb.org/3/tv/1396?append_to_response=aggregate_credits,...&include_image_language=en,null,xx&...'
    """
    return _details_url(base, f"tv/{show_id}", language, image_languages, SHOW_PARTS)


def _details_url(base: str, path: str, language: str, image_languages: Iterable[str], parts: str) -> str:
    # `language` filters pictures and videos away; these two parameters bring the other languages back. Textless
    # pictures are "null", and "xx" since October 2025.
    wanted = ",".join(dict.fromkeys([*map(primary_subtag, image_languages), "en", "null", "xx"]))
    return address(
        base,
        path,
        append_to_response=parts,
        include_image_language=wanted,
        include_video_language=wanted,
        language=language,
    )


def image_url(base: str, size: str, path: str) -> str:
    """The address of a picture; ``path`` is TMDB's canonical one.

    >>> image_url("https://image.tmdb.org/t/p", "w500", "/f89U3ADr1oiB1s9GkdPOEpXUk5H.jpg")
    'https://image.tmdb.org/t/p/w500/f89U3ADr1oiB1s9GkdPOEpXUk5H.jpg'
    """
    return f"{base.rstrip('/')}/{size}/{quote(path.lstrip('/'))}"


def image_size(picture: Literal["poster", "backdrop", "logo", "profile"], width: int | None) -> str:
    """The smallest of TMDB's sizes that is at least ``width`` pixels wide.

    >>> image_size("poster", 500), image_size("backdrop", 500), image_size("backdrop", 1920), image_size("poster", None)
    ('w500', 'w780', 'original', 'original')
    """
    return next((f"w{size}" for size in _WIDTHS[picture] if width is not None and size >= width), "original")


def primary_subtag(tag: str) -> str:
    """The language of a language tag.

    >>> primary_subtag("zh-CN"), primary_subtag("en")
    ('zh', 'en')
    """
    return tag.partition("-")[0].lower()
