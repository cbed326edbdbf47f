"""What TMDB really sends, one surprise a test. The numbers in the names are the titles it was seen with."""

from typing import Any

import pytest

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie
from moviecrawler.sources import tmdb


def film(**changes: Any) -> Movie:
    """An English film of few fields and the given ones."""
    return tmdb.parse_movie(
        {"id": 1, "title": "A Film", "original_title": "A Film", "original_language": "en", **changes}
    )


def translated(language: str, region: str, **data: str) -> dict[str, Any]:
    return {"translations": {"translations": [{"iso_639_1": language, "iso_3166_1": region, "data": data}]}}


def released(*releases: tuple[int, str], country: str = "US") -> dict[str, Any]:
    rows = [{"type": kind, "certification": rating} for kind, rating in releases]
    return {"release_dates": {"results": [{"iso_3166_1": country, "release_dates": rows}]}}


SURPRISES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("a key that came in 2026", {"softcore": False}, "title", "A Film"),
    ("all other keys are missing", {}, "runtime", None),
    ("released without a date (1603638)", {"release_date": "", "status": "Released"}, "release_date", None),
    ("released without a date has no year", {"release_date": ""}, "year", None),
    ("an impossible day", {"release_date": "2021-02-29"}, "release_date", None),
    ("a week date", {"release_date": "2021-W07-1"}, "release_date", None),
    ("imdb_id null", {"imdb_id": None}, "imdb_id", None),
    ("imdb_id empty", {"imdb_id": ""}, "imdb_id", None),
    ("imdb_id of 7 digits", {"imdb_id": "tt0000001"}, "imdb_id", "tt0000001"),
    ("imdb_id of 8 digits", {"imdb_id": "tt10872600"}, "imdb_id", "tt10872600"),
    ("imdb_id without its zeros", {"imdb_id": "tt68646"}, "imdb_id", None),
    ("imdb_id of a person", {"imdb_id": "nm0000246"}, "imdb_id", None),
    ("imdb_id with a line end", {"imdb_id": "tt0068646\n"}, "imdb_id", "tt0068646"),
    ("imdb_id only among the external ids", {"external_ids": {"imdb_id": "tt0068646"}}, "imdb_id", "tt0068646"),
    ("runtime 0", {"runtime": 0}, "runtime", None),
    ("runtime null", {"runtime": None}, "runtime", None),
    ("homepage empty", {"homepage": ""}, "homepage", None),
    ("homepage that is a script", {"homepage": "javascript:alert(1)"}, "homepage", None),
    ("adult null", {"adult": None}, "adult", None),
    (
        "vote_average that is an int",
        {"vote_average": 8, "vote_count": 3},
        "ratings",
        {"tmdb": {"score": 8.0, "votes": 3}},
    ),
    ("no votes", {"vote_average": 0.0, "vote_count": 0}, "ratings", {}),
    ("a score without votes", {"vote_average": 7.5, "vote_count": 0}, "ratings", {}),
    ("a score beyond the scale", {"vote_average": 75, "vote_count": 9}, "ratings", {}),
    ("a budget of 7 dollars (13006) stays", {"budget": 7}, "box_office.budget", 7),
    ("a budget of 1 dollar (3082) stays", {"budget": 1}, "box_office.budget", 1),
    ("a revenue of 0 is unknown", {"revenue": 0}, "box_office.worldwide", None),
    ("a number too large for any store", {"revenue": 10**30}, "box_office.worldwide", None),
    ("an infinite popularity", {"popularity": float("inf")}, "popularity", None),
    ("a popularity that is no number", {"popularity": float("nan")}, "popularity", None),
    (
        "an empty en-US title means the original (47964)",
        {"title": "Ein Film", **translated("en", "US", title="")},
        "titles",
        {"en-US": "A Film"},
    ),
    (
        "an empty zh-TW title does not: scripts differ",
        {"original_language": "zh", "original_title": "电影", "title": "A Film", **translated("zh", "TW", title="")},
        "titles",
        {"en-US": "A Film"},
    ),
    (
        "an untranslated title comes back in its own script",
        {"title": "군체", "original_title": "군체", "original_language": "ko"},
        "titles",
        {},
    ),
    (
        "an overview that begins with U+3000",
        translated("zh", "CN", overview="\u3000\u3000布鲁斯", title=""),
        "overviews",
        {"zh-CN": "布鲁斯"},
    ),
    (
        "an untranslated overview comes back in another language",
        {"overview": "Ein Mann.", **translated("de", "DE", overview="Ein Mann.")},
        "overviews",
        {"de-DE": "Ein Mann."},
    ),
    ("a translation into no language", translated("xx", "XX", title="x"), "titles", {"en-US": "A Film"}),
    (
        "a translation without a region",
        translated("eo", "", title="Filmo"),
        "titles",
        {"en-US": "A Film", "eo": "Filmo"},
    ),
    (
        "a language code that would break a document's path",
        translated("$a.b", "US", title="x"),
        "titles",
        {"en-US": "A Film"},
    ),
    ("Cantonese is cn", translated("cn", "CN", title="電影"), "titles", {"en-US": "A Film", "cn-CN": "電影"}),
    ("premieres without a rating come first (550)", released((1, ""), (1, ""), (3, "R")), "certification", "R"),
    ("theatrical before limited", released((2, "NR"), (3, "R")), "certification", "R"),
    ("limited before all others", released((4, "PG"), (2, "R")), "certification", "R"),
    ("any other rating is better than none", released((3, ""), (5, "PG")), "certification", "PG"),
    ("no rating at all", released((3, "")), "certification", None),
    ("a rating elsewhere is none in the US", released((3, "12"), country="DE"), "certification", None),
    (
        "a type of release that does not exist",
        released((9, "R")),
        "releases",
        [{"country": "US", "type": None, "date": None, "certification": "R"}],
    ),
    ("half of a surrogate pair", {"tagline": "Fire \ud83d!"}, "tagline", "Fire \ufffd!"),
    ("both halves of one, apart", {"tagline": "\ud83d\udd25"}, "tagline", "\U0001f525"),
    ("a collection without a name", {"belongs_to_collection": {"id": 3, "name": ""}}, "collection", None),
    (
        "the same companies twice",
        {"production_companies": [{"name": "Studio"}, {"name": "Studio"}]},
        "studios",
        [{"id": None, "name": "Studio", "logo_path": None, "country": None}],
    ),
]


@pytest.mark.parametrize(("changes", "path", "expected"), [row[1:] for row in SURPRISES], ids=[r[0] for r in SURPRISES])
def test_a_surprise_is_read_as(changes: dict[str, Any], path: str, expected: Any) -> None:
    value: Any = film(**changes).model_dump()
    for name in path.split("."):
        value = value[name]
    assert value == expected


def test_a_crew_of_561_is_read_for_its_director() -> None:
    crew = [{"name": f"Person {number}", "job": "Compositor"} for number in range(560)]
    people = film(credits={"crew": [*crew, {"name": "The Director", "job": "Director"}]}).people
    assert (people.directors, people.writers) == ([{"name": "The Director"}], [])


def test_three_chinese_translations_stay_apart() -> None:
    rows = [{"iso_639_1": "zh", "iso_3166_1": region, "data": {"title": region}} for region in ("CN", "TW", "HK")]
    titles = film(translations={"translations": rows}).titles
    assert titles == {"zh-CN": "CN", "zh-TW": "TW", "zh-HK": "HK", "en-US": "A Film"}


@pytest.mark.parametrize("textless", [None, "xx", ""])
def test_a_backdrop_without_text_is_best_in_the_old_spelling_and_in_the_new(textless: str | None) -> None:
    rows = [
        {"file_path": "/english.jpg", "iso_639_1": "en", "vote_average": 9.0},
        {"file_path": "/textless.jpg", "iso_639_1": textless, "vote_average": 1.0},
    ]
    assert film(images={"backdrops": rows}).backdrop_path == "/textless.jpg"


def test_a_poster_in_english_is_better_than_one_in_a_language_nobody_asked_for() -> None:
    rows = [{"file_path": f"/{language}.jpg", "iso_639_1": language, "vote_average": 9.0} for language in ("ru", "en")]
    poster = tmdb.parse_movie({"id": 1, "title": "A Film", "images": {"posters": rows}}, "de-DE").poster_path
    assert poster == "/en.jpg"


@pytest.mark.parametrize("path", ["/../secret.jpg", "//evil.example/x.jpg", "/a.jpg?x=1", "a.jpg", "/.hidden", "/", ""])
def test_a_picture_path_that_leaves_its_place_is_none(path: str) -> None:
    assert film(poster_path=path).poster_path is None


@pytest.mark.parametrize(
    ("order", "best"),
    [
        ([("teaser", "Teaser", True), ("fan", "Trailer", False), ("real", "Trailer", True)], "real"),
        ([("teaser", "Teaser", True), ("fan", "Trailer", False)], "fan"),
        ([("clip", "Clip", True), ("teaser", "Teaser", False)], "teaser"),
        ([("one", "Trailer", True), ("two", "Trailer", True)], "one"),
    ],
)
def test_the_official_trailer_comes_before_any_trailer_and_that_before_a_teaser(
    order: list[tuple[str, str, bool]], best: str
) -> None:
    videos = [{"site": "YouTube", "key": key, "type": kind, "official": official} for key, kind, official in order]
    assert film(videos={"results": videos}).trailer == f"https://www.youtube.com/watch?v={best}"


def test_the_same_film_twice_on_a_page_counts_once_and_ranks_do_not_shift() -> None:
    rows = tmdb.parse_trending({"results": [{"id": 5}, {"id": 5}, {"id": 6}]}, page=1, media="movie")
    assert [(row.id, row.rank) for row in rows] == [(5, 1), (6, 3)]


def test_the_same_film_on_two_pages_keeps_the_rank_of_each() -> None:
    pages = [tmdb.parse_trending({"results": [{"id": 1212763}]}, page=page, media="movie") for page in (1, 2)]
    assert [row.rank for page in pages for row in page] == [1, 21]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (None, "expected a JSON object, got NoneType"),
        ([], "expected a JSON object, got list"),
        ("<html>", "expected a JSON object, got str"),
        ({}, "id is not a positive integer"),
        ({"id": "six", "title": "x"}, "id is not a positive integer"),
        ({"id": True, "title": "x"}, "id is not a positive integer"),
        ({"id": 603}, "603: neither title nor original_title"),
        ({"id": 1396, "name": "A Show"}, "1396: neither title nor original_title"),
        ({"success": False, "status_code": 34, "status_message": "Not\nthere."}, "error 34: Not there."),
        ({"errors": ["page is too large"]}, "error 22: page is too large"),
    ],
)
def test_what_is_no_film_is_one_line_that_says_why(payload: Any, words: str) -> None:
    with pytest.raises(ParseError) as raised:
        tmdb.parse_movie(payload)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("parse", "payload", "words"),
    [
        (tmdb.parse_listing, {"results": []}, "total_pages"),
        (tmdb.parse_listing, {"total_pages": 1}, "results is not a list"),
        (tmdb.parse_listing, {"errors": ["page must be less than or equal to 500"]}, "error 22"),
        (tmdb.parse_find, {"movie_results": []}, "tv_results is not a list"),
        (tmdb.parse_find, {"status_code": 34, "status_message": "No."}, "error 34"),
        (lambda payload: tmdb.parse_collection(payload, 5), {"id": 6, "parts": []}, "requested 5.* about 6"),
        (lambda payload: tmdb.parse_collection(payload, 5), {"id": 5}, "parts is not a list"),
        (lambda payload: tmdb.parse_trending(payload, 1, "all"), {"results": {}}, "results is not a list"),
        (tmdb.parse_show, {"id": 603, "title": "A Film"}, "603: neither name nor original_name"),
    ],
)
def test_what_is_no_listing_and_no_show_says_why(parse: Any, payload: Any, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse(payload)
