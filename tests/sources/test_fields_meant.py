"""What a site means is what the field says: blank, false, zero, codes and jobs, one meaning a test."""

import re
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents import names
from moviecrawler.items import Movie, Show
from moviecrawler.policy.documents.compose import FIELDS
from moviecrawler.policy.documents.source_slots import EMPTY_SLOT, slot_of
from moviecrawler.sources import omdb, tmdb
from tests.support.policies import composer

ID = "tt9900001"


def film(language: str = "en-US", **said: Any) -> Movie:
    return tmdb.parse_movie({"id": 1, "title": "X", "original_title": "X", "original_language": "en", **said}, language)


def show(**said: Any) -> Show:
    return tmdb.parse_show({"id": 1, "name": "X", "original_name": "X", "original_language": "en", **said})


def rated(**said: str) -> Movie | Show:
    return omdb.parse_title({"imdbID": ID, "Type": "movie", "Response": "True", **said}, "movies", ID)


def document(*titles: Movie | Show, languages: str = "en-US") -> dict[str, Any]:
    """The top level that these answers make."""
    sources = {source: {**EMPTY_SLOT, "data": {}} for source in ("tmdb", "omdb", "the_numbers")}
    for title in titles:
        title.set_fetch("2026-11-21T12:00:00.000Z")
        sources[title.source] |= slot_of(title)
    return composer(languages).compose(titles[0].kind, sources, {})[0]


def translations(**rows: dict[str, str]) -> dict[str, Any]:
    """``de_DE={"title": ...}`` as TMDB says it."""
    return {
        "translations": {
            "translations": [
                {"iso_639_1": tag[:2], "iso_3166_1": tag[3:], "data": {"title": "", **data}}
                for tag, data in rows.items()
            ]
        }
    }


# --- false ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [(False, False), (True, True), (None, None), ("no", None), ("false", False), (0, False), ("True", True), (2, None)],
)
def test_a_show_that_has_ended_is_not_in_production(said: Any, kept: bool | None) -> None:
    assert document(show(in_production=said))["in_production"] is kept


@pytest.mark.parametrize(("said", "adult"), [(True, True), ("true", True), (1, True), ("0", False), ("", None)])
def test_what_is_for_adults_is_known_however_it_is_written(said: Any, adult: bool | None) -> None:
    assert film(adult=said).adult is adult


def test_the_documents_say_of_each_field_what_blank_means() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text(encoding="utf-8")
    table = page.split("## What blank, false and zero mean\n")[1].split("\n## ")[0]
    first_cells = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    said = {name.partition(".")[0].partition("[")[0] for name in re.findall("`([^`]+)`", first_cells)}
    assert {name for fields in FIELDS.values() for name in fields} <= said


# --- zero -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "kept"), [(0.0, 0.0), ("0", 0.0), (None, None), (-1, None)])
def test_a_popularity_of_zero_is_a_number(said: Any, kept: float | None) -> None:
    assert document(film(popularity=said))["popularity"] == kept
    assert document(show(popularity=said))["popularity"] == kept


# --- blank ------------------------------------------------------------------------------------------------------

BLANK = translations(
    de_DE={"overview": "Text"},
    fr_FR={"tagline": "Texte", "title": " \u200b"},
    fr_CA={"title": "Titre du Quebec"},
    ru_RU={"title": "Русское"},
    it_IT={},
)


def test_a_blank_title_beside_any_text_is_the_original_title() -> None:
    assert film(**BLANK).titles == {
        **{"de-DE": "X", "fr-FR": "X", "fr-CA": "Titre du Quebec", "ru-RU": "Русское", "en-US": "X"},
    }


@pytest.mark.parametrize(("languages", "title"), [("de-DE,ru-RU", "X"), ("fr", "X"), ("it,ru", "Русское")])
def test_the_title_is_in_the_language_of_the_text(languages: str, title: str) -> None:
    assert document(film(**BLANK), languages=languages)["title"] == title


def test_a_blank_chinese_title_is_no_title_in_other_letters() -> None:
    said = {"original_title": "Breaking Bad", **translations(de_DE={"overview": "T"}, zh_CN={"title": "绝命毒师"})}
    assert document(film(**said), languages="de-DE,zh-CN")["title"] == "Breaking Bad"


TEXTS = translations(
    en_US={"overview": "A thief.", "tagline": "Run."},
    fr_FR={"overview": "Un voleur.", "tagline": "Courez."},
    pt_PT={"overview": "Um ladrão."},
    zh_TW={"overview": "小偷", "tagline": "跑"},
)


@pytest.mark.parametrize(
    ("languages", "overview", "tagline"),
    [
        ("en-GB", "A thief.", "Run."),
        ("en-GB,fr-FR", "A thief.", "Run."),
        ("pt-BR,fr", "Um ladrão.", "Courez."),
        ("fr-CA,en-US", "Un voleur.", "Courez."),
        ("zh-CN,en-US", "A thief.", "Run."),
        ("zh-CN,ja-JP", "小偷", "跑"),
        ("ja-JP", None, None),
    ],
)
def test_a_region_without_texts_gets_those_of_its_language(
    languages: str, overview: str | None, tagline: str | None
) -> None:
    made = document(film(overview="", tagline="", **TEXTS), languages=languages)
    assert (made["overview"], made["tagline"]) == (overview, tagline)


def test_the_tagline_of_the_answer_is_newer_than_that_of_the_translations() -> None:
    assert document(film(tagline="Another line", **TEXTS))["tagline"] == "Another line"


# --- the runtime of a show --------------------------------------------------------------------------------------


def aired(minutes: Any, kind: str | None = "standard", season: int = 3) -> dict[str, Any]:
    return {"runtime": minutes, "episode_type": kind, "season_number": season}


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ({"episode_run_time": [22]}, 22),
        ({"episode_run_time": [60, 22, 25]}, 25),
        ({"episode_run_time": [0, "45"]}, 45),
        ({"episode_run_time": [99_999]}, None),
        ({"last_episode_to_air": aired(48, "finale")}, None),
        ({"last_episode_to_air": aired(48, "mid_season")}, None),
        ({"last_episode_to_air": aired(90, "standard", season=0)}, None),
        ({"last_episode_to_air": aired(48, "finale"), "next_episode_to_air": aired(24)}, 24),
        ({"last_episode_to_air": aired(24), "next_episode_to_air": aired(26)}, 24),
        ({"last_episode_to_air": aired(24, None)}, 24),
        ({"last_episode_to_air": None}, None),
    ],
)
def test_no_finale_speaks_for_a_show(said: dict[str, Any], minutes: int | None) -> None:
    assert show(**{"episode_run_time": [], **said}).runtime == minutes


def test_omdb_knows_better_than_a_finale() -> None:
    said = omdb.parse_title({"imdbID": ID, "Type": "series", "Response": "True", "Runtime": "22 min"}, "shows", ID)
    assert document(show(episode_run_time=[], last_episode_to_air=aired(48, "finale")), said)["runtime"] == 22


# --- certifications ---------------------------------------------------------------------------------------------


def released(*rows: tuple[int, str, str]) -> dict[str, Any]:
    dated = [{"type": kind, "certification": rating, "release_date": day} for kind, rating, day in rows]
    return {"release_dates": {"results": [{"iso_3166_1": "US", "release_dates": dated}]}}


@pytest.mark.parametrize(
    "unrated",
    [
        *("NR", "Not Rated", "nr", "Unrated", "UR", "NOT RATED", "not-rated", "Not Yet Rated", "N.R.", "(NR)", "n.a."),
        *("Not rated by the MPAA", "Unrated Version", "Rating pending", "TBA", "-"),
    ],
)
def test_not_rated_hides_no_rating(unrated: str) -> None:
    assert film(**released((3, unrated, ""), (4, "R", ""))).certification == "R"
    assert document(film(**released((3, unrated, ""))), rated(Rated="R"))["certification"] == "R"
    ratings = [{"iso_3166_1": "US", "rating": unrated}, {"iso_3166_1": "US", "rating": "TV-14"}]
    assert show(content_ratings={"results": ratings}).certification == "TV-14"


def test_the_first_theatrical_release_is_the_first_by_date() -> None:
    dates = released((3, "R", "1999-05-01T00:00:00.000Z"), (3, "X", ""), (3, "PG", "1989-05-01T00:00:00.000Z"))
    assert film(**dates).certification == "PG"


# --- countries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made_in", "origin", "shown", "codes"),
    [
        ([], ["US", "DE"], ["United States of America", "Germany"], ["US", "DE"]),
        ([{"iso_3166_1": "FR", "name": "France"}], ["US"], ["France"], ["FR"]),
        ([{"iso_3166_1": "FR", "name": ""}], [], ["France"], ["FR"]),
        ([{"iso_3166_1": "FR", "name": "FR"}], [], ["France"], ["FR"]),
        ([{"name": "France"}], [], ["France"], ["FR"]),
        ([{"iso_3166_1": "SU", "name": "Soviet Union"}], [], ["Soviet Union"], ["SU"]),
        ([], ["us", "QQ", None, 7], ["United States of America"], ["US"]),
        (None, "US", [], []),
    ],
)
def test_countries_are_names_and_codes_have_a_field_of_their_own(
    made_in: Any, origin: Any, shown: list[str], codes: list[str]
) -> None:
    for made in (
        film(production_countries=made_in, origin_country=origin),
        show(production_countries=made_in, origin_country=origin),
    ):
        assert (made.countries, made.country_codes) == (shown, codes)


def test_every_source_calls_a_country_the_same() -> None:
    made = rated(Country="USA, UK, West Germany, Korea")
    assert made.countries == ["United States of America", "United Kingdom", "West Germany", "South Korea"]
    assert made.country_codes == ["US", "GB", "DE", "KR"]


def test_a_code_is_the_same_in_capitals_and_in_small_letters() -> None:
    said = {
        "release_dates": {"results": [{"iso_3166_1": "us", "release_dates": [{"type": 3, "certification": "R"}]}]},
        "alternative_titles": {"titles": [{"iso_3166_1": "cn", "title": "黑客帝国"}]},
        "translations": {
            "translations": [{"iso_639_1": "DE", "iso_3166_1": "de", "data": {"title": "", "overview": "Text"}}]
        },
    }
    made = film(original_language="EN", **said)
    assert (made.certification, made.original_language, made.titles["de-DE"]) == ("R", "en", "X")
    assert document(made, languages="zh-CN")["title"] == "黑客帝国"
    assert show(content_ratings={"results": [{"iso_3166_1": "us", "rating": "TV-14"}]}).certification == "TV-14"


# --- people -----------------------------------------------------------------------------------------------------

DIRECTORS = ("Director", "Co-Director", "Series Director")
WRITERS = (
    *("Screenplay", "Writer", "Story", "Teleplay", "Screenstory", "Series Composition", "Dialogue", "Idea"),
    *("Original Concept", "Adaptation", "Original Story", "Co-Writer", "Staff Writer"),
)


@pytest.mark.parametrize("job", [*DIRECTORS, *WRITERS, "Novel", "Script Supervisor", "Assistant Director"])
def test_a_job_makes_a_director_a_writer_or_neither(job: str) -> None:
    expected = (["P"] if job in DIRECTORS else [], ["P"] if job in WRITERS else [])
    people = film(credits={"crew": [{"name": "P", "job": job}]}).people
    assert (names(people.directors), names(people.writers)) == expected
    people = show(aggregate_credits={"crew": [{"name": "P", "jobs": [{"job": job, "episode_count": 1}]}]}).people
    assert (names(people.directors), names(people.writers)) == expected


def test_what_cannot_be_seen_about_a_word_of_tmdb_s_does_not_hide_it() -> None:
    dirt = "\u00a0{}\u200b\r\n".format
    crew = [{"name": "P", "job": dirt("Director")}, {"name": "W", "job": dirt("Writer")}]
    video = {"site": dirt("YouTube"), "key": dirt("abc"), "type": dirt("Trailer"), "official": "true"}
    made = film(credits={"crew": crew}, videos={"results": [video]}, poster_path=dirt("/a.jpg"))
    assert (names(made.people.directors), names(made.people.writers)) == (["P"], ["W"])
    assert (made.trailer, made.poster_path) == ("https://www.youtube.com/watch?v=abc", "/a.jpg")
    jobs = {"name": "P", "jobs": [{"job": dirt("Director"), "episode_count": "3"}]}
    ended = {"runtime": 48, "episode_type": dirt("standard"), "season_number": "1"}
    seen = show(aggregate_credits={"crew": [jobs]}, last_episode_to_air=ended)
    assert (names(seen.people.directors), seen.runtime) == (["P"], 48)
    assert show(last_episode_to_air={**ended, "season_number": "0"}).runtime is None


def test_creators_are_no_directors_and_the_cast_comes_as_billed() -> None:
    cast = [
        {"name": "Guest", "order": 2, "total_episode_count": 99},
        {"name": "Second", "order": 1, "total_episode_count": 60},
        {"name": "First", "order": "0", "total_episode_count": 62},
        {"name": "Extra", "total_episode_count": 3},
    ]
    made = document(show(created_by=[{"name": "C"}], aggregate_credits={"cast": cast}))
    assert (names(made["people"]["creators"]), made["people"]["directors"]) == (["C"], [])
    assert [one["name"] for one in made["people"]["cast"]] == ["First", "Second", "Guest", "Extra"]


# --- numbers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ({"runtime": "136"}, "runtime", 136),
        ({"runtime": "136.0"}, "runtime", 136),
        ({"runtime": "136.5"}, "runtime", None),
        ({"runtime": "1 420"}, "runtime", 1420),
        ({"runtime": "136\u200b"}, "runtime", 136),
        ({"runtime": 51_420}, "runtime", 51_420),
        ({"runtime": 600_000}, "runtime", None),
        ({"popularity": "8.1"}, "popularity", 8.1),
        ({"popularity": 9e12}, "popularity", None),
        ({"release_date": "0001-01-01"}, "release_date", None),
        ({"release_date": "\ufeff1999-03-31"}, "release_date", "1999-03-31"),
        ({"release_date": "1999-03-31 00:00:00 UTC"}, "release_date", "1999-03-31"),
        ({"release_date": "1999-03-315"}, "release_date", None),
        ({"release_date": "9999-12-31"}, "year", None),
        ({"release_date": "1874-12-09"}, "year", 1874),
        ({"release_date": "2115-11-18"}, "year", 2115),
        ({"vote_average": "8.1", "vote_count": "1,234"}, "ratings", {"tmdb": {"score": 8.1, "votes": 1234}}),
        ({"vote_average": 8.1, "vote_count": 10**12}, "ratings", {}),
        ({"id": "603"}, "id", 603),
    ],
)
def test_a_number_is_read_as_text_too_and_an_incredible_one_is_none(
    said: dict[str, Any], field: str, value: Any
) -> None:
    assert film(**said).model_dump()[field] == value


@pytest.mark.parametrize("pages", [4, "4", 4.0])
def test_the_number_of_pages_is_read_as_text_too(pages: Any) -> None:
    """A listing that is not read to its end leaves films out."""
    page = {"page": "2", "results": [{"id": "7"}], "total_pages": pages, "total_results": "61"}
    listing = tmdb.parse_listing(page)
    assert (listing.page, listing.total_pages, listing.total_results, listing.rows[0].rank) == (2, 4, 61, 21)
    assert tmdb.parse_changes(page).pages == 4
    assert tmdb.is_unexpectedly_empty({**page, "results": []}, 2)
    assert not tmdb.is_unexpectedly_empty({"results": [], "total_pages": "1", "total_results": "0"}, 1)


def test_a_show_has_no_million_episodes() -> None:
    made = show(number_of_seasons=10**9, number_of_episodes="1,024")
    assert (made.season_count, made.episode_count) == (None, 1024)


@pytest.mark.parametrize(("dollars", "value"), [("90000000", 90_000_000), (10**13, None), ("$5", None), (0, None)])
def test_money_is_credible_or_unknown(dollars: Any, value: int | None) -> None:
    box_office = film(budget=dollars, revenue=dollars).box_office
    assert (box_office.budget, box_office.worldwide) == (value, value)


# --- ids --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "id", "unread"),
    [
        ({"imdb_id": "tt9001001\r"}, "tt9001001", ()),
        ({"imdb_id": "https://www.imdb.com/title/tt9001001/"}, "tt9001001", ()),
        ({"imdb_id": "x", "external_ids": {"imdb_id": "9001001"}}, "tt9001001", ()),
        ({"imdb_id": "tt12"}, None, ("imdb_id",)),
        ({"imdb_id": "", "external_ids": {"imdb_id": None}}, None, ()),
    ],
)
def test_an_id_that_cannot_be_read_is_noted(said: dict[str, Any], id: str | None, unread: list[str]) -> None:
    for made in (film(**said), show(**said)):
        assert (made.imdb_id, made.context.unreadable) == (id, unread)
