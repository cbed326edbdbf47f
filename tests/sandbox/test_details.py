"""The details of one film or show: real facts and ids, with the requested parts, in the requested language."""

from __future__ import annotations

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import KEY, fetch

ALL_PARTS = "credits,external_ids,images,keywords,release_dates,translations,alternative_titles,videos"


def test_a_real_film_has_its_facts(sandbox: Sandbox):
    film = fetch(f"{sandbox.api}/movie/603?append_to_response=credits").json
    assert (film["title"], film["imdb_id"], film["release_date"][:4]) == ("The Matrix", "tt0133093", "1999")
    assert "Keanu Reeves" in [person["name"] for person in film["credits"]["cast"]]
    assert {"id": 878, "name": "Science Fiction"} in film["genres"]


def test_a_real_show_has_its_facts(sandbox: Sandbox):
    show = fetch(f"{sandbox.api}/tv/1396?append_to_response=aggregate_credits,content_ratings,external_ids").json
    assert (show["name"], show["number_of_seasons"], show["number_of_episodes"]) == ("Breaking Bad", 5, 62)
    assert show["external_ids"]["imdb_id"] == "tt0903747"
    assert sum(season["episode_count"] for season in show["seasons"] if season["season_number"]) == 62
    assert [season["episode_count"] for season in show["seasons"]] == [9, 7, 13, 13, 13, 16]  # the specials first


def test_all_parts_can_be_appended_to_one_answer(sandbox: Sandbox):
    film = fetch(f"{sandbox.api}/movie/5000000?append_to_response={ALL_PARTS}").json
    for part in ALL_PARTS.split(","):
        alone = fetch(f"{sandbox.api}/movie/5000000/{part}").json
        assert alone.pop("id") == 5000000
        assert film[part] == alone


def test_more_than_20_parts_are_refused(sandbox: Sandbox):
    answer = fetch(f"{sandbox.api}/movie/603?append_to_response={','.join(['videos'] * 21)}")
    assert (answer.status, answer.json["status_code"]) == (400, 27)
    assert fetch(f"{sandbox.api}/movie/603?append_to_response={','.join(['videos'] * 20)}").status == 200


@pytest.mark.parametrize(
    "path", ["movie/999999999", "movie/abc", "tv/603603", "movie/603/nothing", "nowhere", "movie/-1"]
)
def test_unknown_paths_are_404_with_code_34(sandbox: Sandbox, path: str):
    answer = fetch(f"{sandbox.api}/{path}")
    assert answer.status == 404
    assert answer.json == {
        "success": False,
        "status_code": 34,
        "status_message": "The resource you requested could not be found.",
    }


def test_an_untranslated_title_silently_remains_original(sandbox: Sandbox):
    titles = {
        language: fetch(f"{sandbox.api}/movie/129?language={language}").json["title"]
        for language in ("en-US", "zh-CN", "de-DE")
    }
    assert titles == {"en-US": "Spirited Away", "zh-CN": "千与千寻", "de-DE": "千と千尋の神隠し"}


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("", {None, "en", "zh", "ja", "fr", "de", "es", "ko"}),
        ("language=en-US", {"en"}),
        ("language=en-US&include_image_language=zh,null", {"zh", None}),
        ("include_image_language=en,xx", {"en"}),
    ],
)
def test_a_language_hides_pictures_of_others(sandbox: Sandbox, query: str, languages: set):
    images = fetch(f"{sandbox.api}/movie/346/images?{query}").json  # Seven Samurai
    assert {image["iso_639_1"] for shape in ("backdrops", "posters") for image in images[shape]} == languages


def test_find_by_imdb_id(sandbox: Sandbox):
    found = fetch(f"{sandbox.api}/find/tt0133093?external_source=imdb_id").json
    assert [row["id"] for row in found["movie_results"]] == [603]
    invented = fetch(f"{sandbox.api}/movie/5000000").json["imdb_id"]
    found = fetch(f"{sandbox.api}/find/{invented}?external_source=imdb_id").json
    assert [row["id"] for row in found["movie_results"]] == [5000000]
    assert not any(fetch(f"{sandbox.api}/find/tt0000000?external_source=imdb_id").json.values())


def test_an_unchanged_answer_is_304(sandbox: Sandbox):
    first = fetch(f"{sandbox.api}/movie/603")
    etag = first.headers["ETag"]
    assert etag.startswith('W/"')
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    again = fetch(f"{sandbox.api}/movie/603", KEY | {"If-None-Match": etag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert fetch(f"{sandbox.api}/movie/603", KEY | {"If-None-Match": 'W/"other"'}).status == 200


def test_the_same_seed_gives_the_same_titles_and_another_seed_others(sandbox: Sandbox):
    paths = [f"/movie/50000{n:02}?append_to_response={ALL_PARTS}" for n in range(30)] + ["/trending/all/day"]
    here = [fetch(sandbox.api + path).body for path in paths]
    size = ("--movies", "600", "--shows", "141")
    with Sandbox(*size) as twin, Sandbox(*size, "--seed", "2") as other:
        assert [fetch(twin.api + path).body for path in paths] == here
        assert all(fetch(other.api + path).body != body for path, body in zip(paths, here, strict=True))


def test_invented_ids_start_at_5000000_for_both_kinds(sandbox: Sandbox):
    film, show = (fetch(f"{sandbox.api}/{kind}/5000000").json for kind in ("movie", "tv"))
    assert film["id"] == show["id"]
    assert film["imdb_id"] != show.get("imdb_id")
    assert film["title"] != show["name"]
