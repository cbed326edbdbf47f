"""The parts of a title may be missing, odd, or of the wrong type: a field is absent then, and nothing else."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moviecrawler.items import Movie, Show
from moviecrawler.sources import tmdb
from moviecrawler.sources.tmdb.pictures import MAX_CANDIDATES
from moviecrawler.sources.tmdb.videos import MAX_VIDEOS

PARTS = (
    *("credits", "aggregate_credits", "external_ids", "images", "keywords", "release_dates", "content_ratings"),
    *("translations", "alternative_titles", "videos", "watch/providers", "recommendations", "seasons", "networks"),
    *("created_by", "production_companies", "spoken_languages", "origin_country", "belongs_to_collection"),
    *("next_episode_to_air", "last_episode_to_air", "adult", "video", "softcore"),
)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, -1, 7.5, "", "x", "US", "/a.jpg"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("results", "cast", "crew", "jobs", "posters", "logos", "US", "flatrate", "name", "id", "job"),
                    *("provider_id", "provider_name", "season_number", "episode_number", "site", "key", "file_path"),
                    *("published_at", "iso_639_1", "order", "roles", "titles", "note", "type", "logo_path"),
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


def film(**said: Any) -> Movie:
    return tmdb.parse_movie({"id": 1, "title": "X", **said}, "en-US", ("US",))


def show(**said: Any) -> Show:
    return tmdb.parse_show({"id": 1, "name": "X", **said}, "en-US", ("US",))


@given(st.dictionaries(st.sampled_from(PARTS), ODD, max_size=6))
@settings(deadline=None)
def test_whatever_the_parts_hold_the_title_is_read(parts: dict[str, Any]) -> None:
    for made in (film(**parts), show(**parts)):
        assert type(made).model_validate(made.model_dump()) == made


def test_a_title_without_any_of_the_parts_is_blank_there() -> None:
    made = show()
    fields = ("watch", "recommendations", "videos", "logos", "posters", "backdrops", "seasons", "networks", "studios")
    assert [getattr(made, name) for name in fields] == [{}, [], [], [], [], [], [], [], []]
    assert (made.next_episode, made.last_episode, made.people.cast) == (None, None, [])


@pytest.mark.parametrize("regions", [(), ("FR",), ("ZZ",)])
def test_only_the_regions_that_are_asked_for_are_read(regions: tuple[str, ...]) -> None:
    offers = {"flatrate": [{"provider_id": 8, "provider_name": "S"}]}
    payload = {"id": 1, "title": "X", "watch/providers": {"results": {"US": offers, "QQ": offers}}}
    assert tmdb.parse_movie(payload, "en-US", regions).watch == {}
    assert tmdb.parse_movie(payload, "en-US", (*regions, "US")).watch.keys() == {"US"}


def test_a_person_without_a_name_is_left_out() -> None:
    nameless = {"id": 5, "name": " \u200b", "character": "Ann", "job": "Editor", "jobs": [{"job": "Editor"}]}
    named = {"id": 6, "name": "B", "job": "Editor", "jobs": [{"job": "Editor"}]}
    for people in (
        film(credits={"cast": [nameless, named], "crew": [nameless, named]}).people,
        show(aggregate_credits={"cast": [nameless, named], "crew": [nameless, named]}, created_by=[nameless]).people,
    ):
        assert [one["name"] for one in people.cast] == ["B"]
        assert [one["name"] for one in people.crew] == ["B"]
        assert people.creators == []


def test_season_0_is_a_season() -> None:
    found = show(seasons=[{"season_number": 0, "episode_count": 0, "name": ""}, {"season_number": "1"}, {}]).seasons
    assert [(one["number"], one["name"], one["episodes"]) for one in found] == [(0, None, None), (1, None, None)]


def test_two_people_of_one_name_are_two_and_one_person_is_one() -> None:
    crew = [{"id": id_, "name": "P", "job": job} for id_, job in ((1, "Director"), (2, "Director"), (1, "Co-Director"))]
    assert film(credits={"crew": crew}).people.directors == [{"id": 1, "name": "P"}, {"id": 2, "name": "P"}]


def test_pictures_and_videos_to_choose_from_are_limited() -> None:
    rows = [{"file_path": f"/{n}.jpg", "iso_639_1": ("en", None, "xx")[n % 3]} for n in range(300)]
    found = film(images={"posters": rows}).posters
    assert [one["language"] for one in found].count("en") == MAX_CANDIDATES
    assert [one["language"] for one in found].count(None) == MAX_CANDIDATES
    videos = [
        {"site": "YouTube", "key": f"k{n}", "published_at": f"2020-01-01T00:00:{n % 60:02}.000Z"} for n in range(90)
    ]
    newest = film(videos={"results": videos}).videos
    assert len(newest) == MAX_VIDEOS
    assert newest == film(videos={"results": videos[::-1]}).videos, "in whatever order TMDB lists them"
    assert newest[0]["published_at"] == "2020-01-01T00:00:59.000Z"


@pytest.mark.parametrize("path", ["../../etc/passwd", "/../x.jpg", "//evil.example/x.jpg", "http://a/b.jpg", 7, "/a b"])
def test_a_path_that_is_none_is_no_picture(path: Any) -> None:
    made = film(
        images={"logos": [{"file_path": path}]},
        credits={"cast": [{"name": "A", "profile_path": path}]},
        production_companies=[{"name": "S", "logo_path": path}],
        belongs_to_collection={"id": 1, "name": "C", "poster_path": path},
    )
    assert made.logos == []
    assert "profile_path" not in made.people.cast[0]
    assert made.studios[0]["logo_path"] is None
    assert made.collection is not None
    assert made.collection.poster_path is None
