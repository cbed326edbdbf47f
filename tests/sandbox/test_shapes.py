"""The answers have the keys and types of TMDB's documentation (developer.themoviedb.org/reference).

The recordings of the live API are not part of the project; ``tests/support/check_shapes.py`` compares with those.
"""

from __future__ import annotations

import pytest

from tests.support.check_shapes import sandbox_shape
from tests.support.sandbox import Sandbox

Fields = dict[str, str]

_WORK: Fields = {
    "adult": "bool",
    "backdrop_path": "str null",
    "genre_ids": "list",
    "genre_ids[]": "int",
    "id": "int",
    "original_language": "str",
    "overview": "str",
    "popularity": "float",
    "poster_path": "str null",
    "softcore": "bool",
    "vote_average": "float int",
    "vote_count": "int",
}
FILM = _WORK | {"title": "str", "original_title": "str", "release_date": "str", "video": "bool"}
SHOW = _WORK | {
    **{"name": "str", "original_name": "str", "first_air_date": "str"},
    **{"origin_country": "list", "origin_country[]": "str"},
}
MEDIA_TYPE = {"media_type": "str"}
PERSON = {
    **{"adult": "bool", "id": "int", "name": "str", "original_name": "str", "popularity": "float", "gender": "int"},
    **{"known_for_department": "str", "profile_path": "str null", "known_for": "list", "known_for[]": "dict"},
}
PAGE = {"page": "int", "results": "list", "results[]": "dict", "total_pages": "int", "total_results": "int"}
DATES = {"dates": "dict", "dates.maximum": "str", "dates.minimum": "str"}
COLLECTION = {
    **{"id": "int", "name": "str", "original_language": "str", "original_name": "str", "overview": "str"},
    **{"poster_path": "str null", "backdrop_path": "str null", "parts": "list", "parts[]": "dict"},
}
FIND = {f"{name}_results": "list" for name in ("movie", "person", "tv", "tv_episode", "tv_season")} | {
    "movie_results[]": "dict",
    "tv_results[]": "dict",
}
PROVIDER = {"logo_path": "str", "provider_id": "int", "provider_name": "str", "display_priority": "int"}
WAYS = ("ads", "buy", "flatrate", "free", "rent")
REGIONS = ("BR", "CA", "DE", "FR", "GB", "HK", "IN", "JP", "KR", "TW", "US")
SEASON = {
    **{"air_date": "str null", "episode_count": "int", "id": "int", "name": "str", "overview": "str"},
    **{"poster_path": "str null", "season_number": "int", "vote_average": "float"},
}
EPISODE = {
    **{"id": "int", "name": "str", "overview": "str", "vote_average": "float", "vote_count": "int"},
    **{"air_date": "str null", "episode_number": "int", "episode_type": "str", "production_code": "str"},
    **{"runtime": "int null", "season_number": "int", "show_id": "int", "still_path": "str null"},
}
COMPANY = {"id": "int", "logo_path": "str null", "name": "str", "origin_country": "str"}
CREATOR = {
    **{"id": "int", "credit_id": "str", "name": "str", "original_name": "str", "gender": "int"},
    "profile_path": "str null",
}


def within(path: str, fields: Fields) -> Fields:
    return {f"{path}.{name}": types for name, types in fields.items()}


FILMS = PAGE | within("results[]", FILM)
SHOWS = PAGE | within("results[]", SHOW)
PROVIDERS: Fields = {"id": "int", "results": "dict"}
for region in REGIONS:
    PROVIDERS |= {f"results.{region}": "dict", f"results.{region}.link": "str"}
    for way in WAYS:
        PROVIDERS |= {f"results.{region}.{way}": "list", f"results.{region}.{way}[]": "dict"}
        PROVIDERS |= within(f"results.{region}.{way}[]", PROVIDER)

IDS = range(5_000_002, 5_000_060)
DOCUMENTED: dict[str, tuple[Fields, list[str]]] = {
    "search/movie": (FILMS, [f"search/movie?query={word}" for word in ("the", "sea", "dream", "wolf")]),
    "search/tv": (SHOWS, [f"search/tv?query={word}" for word in ("the", "sea", "breaking")]),
    "search/multi": (
        PAGE
        | within("results[]", FILM | SHOW | PERSON | MEDIA_TYPE)
        | within("results[].known_for[]", FILM | SHOW | MEDIA_TYPE),
        ["search/multi?query=the", "search/multi?query=christopher", "search/multi?query=tom"],
    ),
    "movie/popular": (FILMS, ["movie/popular", "movie/popular?page=2"]),
    "movie/top_rated": (FILMS, ["movie/top_rated", "movie/top_rated?page=2"]),
    "movie/now_playing": (FILMS | DATES, ["movie/now_playing"]),
    "movie/upcoming": (FILMS | DATES, ["movie/upcoming"]),
    "tv/popular": (SHOWS, ["tv/popular", "tv/popular?page=2"]),
    "tv/top_rated": (SHOWS, ["tv/top_rated"]),
    "tv/airing_today": (SHOWS, ["tv/airing_today"]),
    "tv/on_the_air": (SHOWS, ["tv/on_the_air"]),
    "discover/tv": (SHOWS, ["discover/tv?first_air_date.gte=2000-01-01&vote_count.gte=10"]),
    "movie/recommendations": (
        PAGE | within("results[]", FILM | MEDIA_TYPE),
        [f"movie/{n}/recommendations" for n in (603, 5_000_002, 5_000_003)],
    ),
    "tv/recommendations": (
        PAGE | within("results[]", SHOW | MEDIA_TYPE),
        [f"tv/{n}/recommendations" for n in (1396, 5_000_002, 5_000_003)],
    ),
    "collection": (
        COLLECTION | within("parts[]", FILM | MEDIA_TYPE),
        [f"collection/{n}" for n in (10, 264, 1241, 5_000_007, 5_000_017)],
    ),
    "find": (
        FIND | within("movie_results[]", FILM | MEDIA_TYPE) | within("tv_results[]", SHOW | MEDIA_TYPE),
        [
            "find/tt0088763?external_source=imdb_id",
            "find/81189?external_source=tvdb_id",
            "find/sandbox5000002?external_source=twitter_id",
        ],
    ),
    "movie/watch/providers": (PROVIDERS, [f"movie/{n}/watch/providers" for n in IDS]),
    "tv/watch/providers": (PROVIDERS, [f"tv/{n}/watch/providers" for n in IDS]),
}
SEASONS = {
    **{"seasons": "list", "seasons[]": "dict", **within("seasons[]", SEASON)},
    **{"last_episode_to_air": "dict null", **within("last_episode_to_air", EPISODE)},
    **{"next_episode_to_air": "dict null", **within("next_episode_to_air", EPISODE)},
    **{"networks": "list", "networks[]": "dict", **within("networks[]", COMPANY)},
    **{"production_companies": "list", "production_companies[]": "dict", **within("production_companies[]", COMPANY)},
    **{"created_by": "list", "created_by[]": "dict", **within("created_by[]", CREATOR)},
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_an_answer_has_the_documented_keys_and_types(sandbox: Sandbox, name: str):
    fields, paths = DOCUMENTED[name]
    found = sandbox_shape(sandbox.api, [f"/{path}" for path in paths])
    own = {path.removeprefix("$."): types for path, types in found.items() if path != "$"}
    own.pop("results[].undocumented", None)  # the edge case "unknown key"
    assert own.keys() == fields.keys()
    assert {path: types for path, types in own.items() if not types <= set(fields[path].split())} == {}


def test_a_show_has_the_documented_keys_and_types_of_seasons_and_companies(sandbox: Sandbox):
    found = sandbox_shape(sandbox.api, [f"/tv/{n}" for n in (1396, 456, *range(5_000_000, 5_000_020))])
    heads = {name.partition(".")[0].removesuffix("[]") for name in SEASONS}
    own = {path.removeprefix("$."): types for path, types in found.items()}
    own = {path: types for path, types in own.items() if path.partition(".")[0].removesuffix("[]") in heads}
    assert own.keys() == SEASONS.keys()
    assert {path: types for path, types in own.items() if not types <= set(SEASONS[path].split())} == {}
