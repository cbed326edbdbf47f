"""`scrapy crawl tmdb_titles`: exactly what was named, due or not, without the filter."""

from collections import Counter

import pytest

from tests.support.ageing import age
from tests.support.crawl import Home, paths
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")


def test_both_kinds_each_once_due_or_not_and_unfiltered(sandbox: Sandbox, home: Home) -> None:
    sandbox.patch("movie", 603, adult=True, vote_count=1, runtime=3)
    ids = "ids=603, movies/550,shows/1396,movies/603"
    assert home.crawl("tmdb_titles", ids).status == 0
    assert Counter(paths(sandbox.log())) == {"/movie/603": 1, "/movie/550": 1, "/tv/1396": 1}
    assert home.documents().keys() == {603, 550}
    assert home.documents("shows").keys() == {1396}
    assert home.stats["titles/found"] == 3
    assert home.records("dropped") == {}
    assert home.documents()[603]["trending"] is None

    sandbox.clear_log()
    assert home.crawl("tmdb_titles", ids).status == 0
    assert len(sandbox.log()) == 3, "due or not"
    assert home.stats["titles/unchanged"] == 3
    assert home.documents()[603]["sources"]["tmdb"]["unchanged_cycles"] == 0, "asked for by id: no cycle"
    assert home.documents()[603]["revision"] == 2


def test_a_title_that_is_gone_is_a_reject_and_on_the_second_day_a_tombstone(sandbox: Sandbox, home: Home) -> None:
    first = home.crawl("tmdb_titles", "ids=550,551")
    assert any(line.split() == ["1", "without", "an", "answer:", "1", "gone"] for line in first.lines)
    assert "before the end" not in first.stderr, "it was asked for"
    stored = home.documents()
    assert stored.keys() == {550}
    sandbox.remove("movie", 550)
    sandbox.clear_log()
    assert home.crawl("tmdb_titles", "ids=550").status == 0
    noted = home.documents()[550]["sources"]["tmdb"]
    assert noted["gone_noted_at"]
    assert (noted["gone_at"], noted["data"]) == (None, stored[550]["sources"]["tmdb"]["data"])
    age(home, 1)
    sandbox.clear_log()
    ended = home.crawl("tmdb_titles", "ids=550")
    assert ended.status == 0
    left = home.documents()
    slots = left[550]["sources"]
    assert slots["tmdb"]["gone_at"]
    assert [slot["next_refresh_at"] for slot in slots.values()] == [None] * 3
    changing = ("sources", "revision", "updated_at")
    assert {**left[550], **dict.fromkeys(changing)} == {**stored[550], **dict.fromkeys(changing)}
    assert len(sandbox.log()) == 1, "a 404 is not asked for again"
    rejects = {row["url"].partition("?")[0].rpartition("/")[2]: row for row in home.records("rejects").values()}
    assert rejects.keys() == {"550", "551"}
    for row in rejects.values():
        assert (row["reason"], row["detail"], row["status"], row["tries"]) == ("gone", "34", 404, 1)
        assert "could not be found" in row["excerpt"]
        assert row["spider"] == "tmdb_titles"
    assert home.stats["rejects/gone"] == 1
    assert any(line.split() == ["rejected", "1:", "1", "gone"] for line in ended.lines)


def test_one_title_that_is_forbidden_comes_later_and_the_others_come_now(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=11,12,13,14").status == 0
    sandbox.faults([{"kind": "403", "target": "/3/movie/12"}])
    sandbox.clear_log()
    ended = home.crawl("tmdb_titles", "ids=11,12,13,14")
    assert ended.status == 0, ended.stderr
    assert Counter(paths(sandbox.log())) == {"/movie/11": 1, "/movie/12": 2, "/movie/13": 1, "/movie/14": 1}
    assert (home.last_run["finish_reason"], home.stats["titles/unchanged"]) == ("finished", 3)
    (reject,) = home.records("rejects").values()
    assert (reject["reason"], reject["detail"], reject["tries"]) == ("blocked", "403", 2)
    slot = home.documents()[12]["sources"]["tmdb"]
    assert (slot["failures"], slot["next_refresh_at"] > slot["failed_at"]) == (1, True)


def test_a_proved_key_is_not_wrong_because_one_title_says_so(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "error200", "code": 7, "target": "/3/movie/12"}])
    ended = home.crawl("tmdb_titles", "ids=11,12,13,14")
    assert ended.status == 0, ended.stderr
    assert Counter(paths(sandbox.log())) == {"/movie/11": 1, "/movie/12": 2, "/movie/13": 1, "/movie/14": 1}
    assert (home.last_run["finish_reason"], home.stats["titles/inserted"]) == ("finished", 3)
    (reject,) = home.records("rejects").values()
    assert (reject["reason"], reject["detail"], reject["tries"]) == ("auth", "7", 2)


def test_a_key_that_is_taken_away_in_mid_run_ends_it_after_a_few_titles(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "error200", "code": 7, "target": f"/3/movie/{number}"} for number in range(12, 41)])
    ended = home.crawl("tmdb_titles", f"ids={','.join(map(str, range(11, 41)))}")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "wrong_key")
    (line,) = [line for line in ended.lines if "ERROR" in line]
    assert "TMDB refused the key (auth/7). Check TMDB_ACCESS_TOKEN" in line
    assert len(sandbox.log()) <= 20


def test_an_api_that_forbids_everything_is_left_alone_after_a_few_titles(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "403", "target": "api"}])
    ended = home.crawl("tmdb_titles", f"ids={','.join(map(str, range(11, 41)))}")
    assert ended.status == 1
    assert home.last_run["finish_reason"] == "blocked"
    (line,) = [line for line in ended.lines if "ERROR" in line]
    assert "TMDB blocks us (blocked/403); the last answer was to http://" in line
    assert len(sandbox.log()) <= 20


def test_a_title_that_never_got_more_than_its_year_is_stored_too(sandbox: Sandbox, home: Home) -> None:
    nothing = dict.fromkeys(("overview", "tagline", "poster_path", "backdrop_path", "release_date", "imdb_id"))
    sandbox.patch("movie", 11, **nothing, genres=[], credits={}, keywords=None, translations=None, images=[])
    assert home.crawl("tmdb_titles", "ids=11", IMAGES_ENABLED="1").status == 0
    (document,) = home.documents().values()
    assert document["title"]
    assert (document["overview"], document["release_date"], document["images"]) == (None, None, {})


@pytest.mark.parametrize("fields", [{"title": 5}, {"id": "eleven"}, {"genres": "Drama"}])
def test_a_field_of_another_type_is_survived(sandbox: Sandbox, home: Home, fields: dict[str, object]) -> None:
    sandbox.patch("movie", 12, **fields)
    ended = home.crawl("tmdb_titles", "ids=12,13")
    assert ended.status == 0
    assert 13 in home.documents()
    assert (12 in home.documents()) != bool(home.records("rejects"))
    assert "Traceback" not in ended.stderr


def test_a_run_without_results_has_failed_unless_the_requested_titles_are_gone(sandbox: Sandbox, home: Home) -> None:
    assert home.crawl("tmdb_titles", "ids=551").status == 0
    sandbox.faults([{"kind": "500", "target": "/3/movie/14"}, {"kind": "500", "target": "/3/movie/15"}])
    assert home.crawl("tmdb_titles", "ids=14").status == 1
    assert home.crawl("tmdb_titles", "ids=14,15,551").status == 1
    assert home.crawl("tmdb_titles", "ids=14,15,13").status == 1, "a part of what was asked for is missing"
    assert home.crawl("tmdb_titles", "ids=551,13").status == 0
