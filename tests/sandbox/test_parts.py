"""The parts of a film's or show's answer: people, pictures, videos, providers, recommendations, seasons, releases."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import fetch

FILMS = [5_000_000 + n for n in range(70)]
SHOWS = [5_000_000 + n for n in range(20)]


def part(sandbox: Sandbox, kind: str, identity: int, name: str, query: str = "") -> Any:
    return fetch(f"{sandbox.api}/{kind}/{identity}?append_to_response={name}{query}").json[name]


def test_providers_by_region_and_way(sandbox: Sandbox):
    answers = [part(sandbox, "movie", film, "watch/providers")["results"] for film in (*FILMS, 603, 550)]
    assert not all(answers)  # some works have none
    ways = Counter(way for regions in answers for offers in regions.values() for way in offers)
    assert set(ways) == {"link", "flatrate", "rent", "buy", "free", "ads"}
    assert {"US", "GB", "DE"} <= {region for regions in answers for region in regions}
    offers = next(regions["US"] for regions in answers if "US" in regions)
    providers = next(rows for way, rows in offers.items() if way != "link")
    assert set(providers[0]) == {"logo_path", "provider_id", "provider_name", "display_priority"}
    assert fetch(f"{sandbox.cdns[0]}/w92{providers[0]['logo_path']}").headers.get_content_type() == "image/jpeg"
    assert offers["link"].startswith("https://www.themoviedb.org/movie/")


def test_providers_have_their_own_path(sandbox: Sandbox):
    own = fetch(f"{sandbox.api}/tv/1396/watch/providers").json
    assert own == {"id": 1396, **part(sandbox, "tv", 1396, "watch/providers")}
    assert fetch(f"{sandbox.api}/tv/1396/watch/nothing").status == 404


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_recommendations_are_works_of_the_same_kind_and_some_are_in_no_listing(sandbox: Sandbox, kind: str):
    named: Counter[int] = Counter()
    for identity in SHOWS:
        answer = part(sandbox, kind, identity, "recommendations")
        ids = [row["id"] for row in answer["results"]]
        assert identity not in ids
        assert len(ids) == len(set(ids))
        assert {row["media_type"] for row in answer["results"]} <= {kind}
        named.update(ids)
    listed = {
        row["id"]
        for page in range(1, 31)
        for row in fetch(f"{sandbox.api}/discover/{kind}?page={page}").json["results"]
    }
    lacking = [(identity, count) for identity, count in named.most_common() if identity not in listed]
    assert lacking[0][1] >= 5  # several works recommend the same one that no listing has
    for identity, _ in lacking:
        assert fetch(f"{sandbox.api}/{kind}/{identity}").status == 200
    assert named.keys() & listed


def test_recommendations_have_pages_and_a_language(sandbox: Sandbox):
    first, second = (
        fetch(f"{sandbox.api}/movie/603/recommendations?language=zh-CN&page={page}").json for page in (1, 2)
    )
    assert first == part(sandbox, "movie", 603, "recommendations", "&language=zh-CN")
    assert (first["total_pages"], len(first["results"]), len(second["results"])) == (2, 20, first["total_results"] - 20)
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    assert "id" not in first


def test_what_a_test_changes_is_in_recommendations_too():
    with Sandbox("--movies", "20") as own:
        identity = part(own, "movie", 603, "recommendations")["results"][-1]["id"]
        own.patch("movie", identity, title="Changed")
        own.remove("movie", 5_900_080)
        for film in fetch(f"{own.api}/discover/movie").json["results"]:
            rows = part(own, "movie", film["id"], "recommendations")["results"]
            assert 5_900_080 not in [row["id"] for row in rows]
            assert all(row["title"] == "Changed" for row in rows if row["id"] == identity)


def test_a_gone_recommendation_is_404(sandbox: Sandbox):
    gone = part(sandbox, "movie", 5_000_065, "recommendations")["results"][0]["id"]
    assert fetch(f"{sandbox.api}/movie/{gone}").json["status_code"] == 34


def test_people_have_ids_jobs_and_order(sandbox: Sandbox):
    credits = part(sandbox, "movie", 5_000_002, "credits")
    assert [person["order"] for person in credits["cast"]] == list(range(len(credits["cast"])))
    jobs = {(person["department"], person["job"]) for person in credits["crew"]}
    assert {
        *(("Sound", "Original Music Composer"), ("Camera", "Director of Photography"), ("Editing", "Editor")),
        *(("Production", "Producer"), ("Directing", "Director"), ("Writing", "Screenplay")),
    } <= jobs
    assert all(person["id"] and person["credit_id"] for person in (*credits["cast"], *credits["crew"]))


def test_a_person_may_have_two_jobs_and_no_profile(sandbox: Sandbox):
    crews = [part(sandbox, "movie", film, "credits")["crew"] for film in FILMS[:20]]
    assert any(Counter(person["id"] for person in crew).most_common(1)[0][1] > 1 for crew in crews)
    profiles = {person["id"]: person["profile_path"] for crew in crews for person in crew}
    assert 0.2 < sum(path is None for path in profiles.values()) / len(profiles) < 0.5


def test_aggregate_credits_have_jobs_with_episodes(sandbox: Sandbox):
    crew = part(sandbox, "tv", 5_000_002, "aggregate_credits")["crew"]
    jobs = {job["job"]: job["episode_count"] for person in crew for job in person["jobs"]}
    assert {"Director", "Writer", "Original Music Composer", "Executive Producer"} <= set(jobs)
    created = fetch(f"{sandbox.api}/tv/5000002").json["created_by"]
    assert created[0]["id"] in [person["id"] for person in crew]


def test_seasons_may_begin_with_specials(sandbox: Sandbox):
    show = fetch(f"{sandbox.api}/tv/5000002?language=zh-CN").json
    numbers = [season["season_number"] for season in show["seasons"]]
    assert numbers == list(range(show["number_of_seasons"] + 1))
    assert sum(season["episode_count"] for season in show["seasons"][1:]) == show["number_of_episodes"]
    assert [season["name"] for season in show["seasons"]][:2] == ["特别篇", "第 1 季"]
    other = fetch(f"{sandbox.api}/tv/5000003").json
    assert other["seasons"][0]["name"] == "Season 1"
    undated = fetch(f"{sandbox.api}/tv/5000004").json["seasons"][0]
    assert (undated["season_number"], undated["air_date"]) == (0, None)


def test_an_announced_show_has_no_season(sandbox: Sandbox):
    show = fetch(f"{sandbox.api}/tv/5000019").json
    assert (show["seasons"], show["number_of_seasons"], show["number_of_episodes"]) == ([], 0, 0)
    assert [show[f"{name}_episode_to_air"] for name in ("last", "next")] == [None, None]


def test_the_last_episode_of_an_ended_show_is_its_finale(sandbox: Sandbox):
    last = fetch(f"{sandbox.api}/tv/1396").json["last_episode_to_air"]
    assert (last["season_number"], last["episode_number"], last["episode_type"]) == (5, 16, "finale")
    running = fetch(f"{sandbox.api}/tv/456").json
    assert running["last_episode_to_air"]["episode_type"] == "standard"
    assert running["next_episode_to_air"]["air_date"] > running["last_episode_to_air"]["air_date"]


def test_pictures_have_several_candidates_with_language_and_size(sandbox: Sandbox):
    images = part(sandbox, "movie", 5_000_002, "images")
    assert [len(images[shape]) for shape in ("posters", "backdrops")] == [12, 8]
    assert len(images["logos"]) in (5, 6)
    for rows in images.values():
        assert len({row["file_path"] for row in rows}) == len(rows)
        assert len({(row["width"], row["height"]) for row in rows}) > 1
        assert rows[0]["vote_average"] == max(row["vote_average"] for row in rows)
    film = fetch(f"{sandbox.api}/movie/5000002").json
    assert (images["posters"][0]["file_path"], images["backdrops"][0]["file_path"]) == (
        film["poster_path"],
        film["backdrop_path"],
    )


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("", {"en"}),
        ("&language=de-DE", {"de"}),
        ("&language=de-DE&include_video_language=zh,en,null", {"zh", "en"}),
    ],
)
def test_videos_are_in_the_languages_that_are_asked_for(sandbox: Sandbox, query: str, languages: set[str]):
    videos = part(sandbox, "movie", 5_000_003, "videos", query)["results"]
    assert {video["iso_639_1"] for video in videos} == languages


def test_videos_of_several_sites_and_types(sandbox: Sandbox):
    answers = [
        part(sandbox, "movie", film, "videos", "&include_video_language=en,zh,de,fr")["results"] for film in FILMS[:20]
    ]
    assert not all(answers)
    videos = [video for answer in answers for video in answer]
    assert {video["site"] for video in videos} == {"YouTube", "Vimeo"}
    assert {"Trailer", "Teaser", "Clip"} <= {video["type"] for video in videos}
    assert {video["official"] for video in videos} == {True, False}
    assert len({video["key"] for video in videos}) == len(videos)


def test_releases_have_notes(sandbox: Sandbox):
    def notes(identity: int) -> set[str]:
        regions = part(sandbox, "movie", identity, "release_dates")["results"]
        return {release["note"] for region in regions for release in region["release_dates"]}

    assert notes(5_000_002) == {"", "Cloudline", "DVD & Blu-ray"}
    assert notes(5_000_003) == {""}
    assert notes(550) == {"", "Harbour Film Festival", "Festival of the Two Lighthouses"}


def test_alternative_titles_have_types(sandbox: Sandbox):
    film = fetch(f"{sandbox.api}/movie/5000005?append_to_response=alternative_titles").json
    titles = film["alternative_titles"]["titles"]
    assert {"title": f"Untitled {film['title']} Project", "type": "working title", "iso_3166_1": "US"} in titles
    found = fetch(f"{sandbox.api}/search/movie?query=untitled").json["results"]
    assert 5_000_005 in [row["id"] for row in found]


def test_taglines_of_several_languages(sandbox: Sandbox):
    translations = part(sandbox, "movie", 5_000_003, "translations")["translations"]
    taglines = {one["iso_639_1"]: one["data"]["tagline"] for one in translations}
    assert {code for code, line in taglines.items() if line} == {"en", "de", "fr", "ja"}
    assert fetch(f"{sandbox.api}/movie/5000003?language=de-DE").json["tagline"] == taglines["de"]


def test_companies_and_networks_have_ids_logos_and_countries(sandbox: Sandbox):
    shows = [fetch(f"{sandbox.api}/tv/{identity}").json for identity in SHOWS]
    companies = [one for show in shows for one in (*show["networks"], *show["production_companies"])]
    assert all(set(one) == {"id", "logo_path", "name", "origin_country"} for one in companies)
    assert "" in [one["origin_country"] for one in companies]
    assert {one["logo_path"] is None for one in companies} == {True, False}
    assert {one["logo_path"][-4:] for one in companies if one["logo_path"]} == {".png"}


def test_a_work_may_have_two_languages(sandbox: Sandbox):
    spoken = [len(fetch(f"{sandbox.api}/movie/{film}").json["spoken_languages"]) for film in FILMS[:12]]
    assert set(spoken) == {1, 2}


def test_an_adult_film_is_hidden_from_searches(sandbox: Sandbox):
    film = fetch(f"{sandbox.api}/movie/5900099").json
    assert film["adult"] is True
    url = f"{sandbox.api}/search/movie?query={film['title'].replace(' ', '+')}"
    assert 5_900_099 not in [row["id"] for row in fetch(url).json["results"]]
    assert 5_900_099 in [row["id"] for row in fetch(f"{url}&include_adult=true").json["results"]]
