"""Sites that answer what the sandbox does not: a page that stays broken, odd bodies, other people's replicas."""

import gzip
import json
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Home
from tests.support.site import Answer, Asked, Site, film, json_answer, listing

HTML = Answer(b"<html><body>Just a moment...</body></html>", 200, {"Content-Type": "text/html"})


def film_of(asked: Asked) -> Answer:
    return film(int(asked.path.rpartition("/")[2]))


def home_of(site: Site, folder: Path, **settings: str) -> Home:
    return Home(folder, {**FAST, **site.env, **settings})


@pytest.mark.parametrize("broken", [HTML, json_answer({"page": 2, "results": "none"})], ids=["retried", "unreadable"])
def test_a_page_that_stays_broken_hides_no_other_page(tmp_path: Path, broken: Answer) -> None:
    def answer(asked: Asked) -> Answer:
        if "/movie/" in asked.path:
            return film_of(asked)
        page = int(asked.query["page"])
        return broken if page == 2 else listing(range(page * 100, page * 100 + 20), page, 4)

    with Site(answer) as site:
        home = home_of(site, tmp_path)
        ended = home.crawl("tmdb_discover", "start_year=2024")
    assert ended.status == 1, "a page is missing"
    assert home.last_run["finish_reason"] == "incomplete"
    assert {id // 100 for id in home.documents()} == {1, 3, 4}
    assert len(home.documents()) == 60
    (reject,) = home.records("rejects").values()
    assert "page=2" in reject["url"]
    assert (reject["reason"], reject["tries"]) in (("garbage", 15), ("parse", 1))
    assert "1 garbage" in ended.stderr or "1 parse" in ended.stderr


def test_a_304_that_nobody_asked_for_is_tried_again(tmp_path: Path) -> None:
    with Site(lambda asked: Answer(status=304) if len(site.asked) == 1 else film_of(asked)) as site:
        home = home_of(site, tmp_path)
        ended = home.crawl("tmdb_titles", "ids=603")
    assert (ended.status, list(home.documents())) == (0, [603]), ended.stderr
    assert home.stats["retry/garbage/304"] == 1


def test_a_listing_whose_pages_are_all_broken_is_given_up(tmp_path: Path) -> None:
    with Site(lambda asked: HTML) as site:
        home = home_of(site, tmp_path)
        ended = home.crawl("tmdb_trending", "pages=500")
    assert ended.status == 1, "nothing was found"
    assert [asked.query["page"] for asked in site.asked] == ["1"] * 15 + ["2"] * 5 + ["3"] * 5
    assert len(home.records("rejects")) == 3
    assert "Traceback" not in ended.stderr


def test_answers_that_are_compressed_moved_too_large_or_of_another_film(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        match asked.path.rpartition("/")[2]:
            case "1":
                body = gzip.compress(json.dumps({"id": 1, "title": "Packed"}).encode())
                return Answer(body, 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
            case "2":
                return Answer(b"", 301, {"Location": "http://127.0.0.1:1/3/movie/2"})
            case "3":
                return film(3, overview="x" * 200_000)
            case "4":
                return film(5)
            case "5":
                bomb = gzip.compress(b" " * 50_000_000 + b"{}")
                return Answer(bomb, 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
            case "6":
                return Answer(b"\xef\xbb\xbf" + json.dumps({"id": 6, "title": "BOM"}).encode())
            case "7":
                return film(7, title="half a pair: \ud83d")
            case "8":
                return film(8, runtime=10**30, vote_count=10**30, budget=10**30, popularity=1e308)
            case "9":
                body = gzip.compress(json.dumps({"id": 9}).encode())[:-12]
                return Answer(body, 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
            case _:
                # A 204 has no body: what follows it would spoil the connection for the next one.
                return json_answer({"id": 10, "title": "Not authorised"}, 204)._replace(headers={"Connection": "close"})

    with Site(answer) as site:
        home = home_of(site, tmp_path, DOWNLOAD_MAXSIZE="100000")
        ended = home.crawl("tmdb_titles", f"ids={','.join(map(str, range(1, 11)))}")
    films, rejects = home.documents(), home.records("rejects")
    assert ended.status == 1, "the one that has moved is missing"
    reasons = {row["url"].rpartition("/movie/")[2].partition("?")[0]: row for row in rejects.values()}
    assert films[1]["title"] == "Packed"
    assert films[6]["title"] == "BOM"
    assert (reasons["2"]["reason"], reasons["2"]["detail"], reasons["2"]["tries"]) == ("failed", "301", 5)
    assert (reasons["3"]["reason"], reasons["3"]["detail"]) == ("refused", "too_large")
    assert reasons["4"]["reason"] == "parse"
    assert (reasons["5"]["reason"], reasons["5"]["detail"]) == ("refused", "too_large")
    assert (reasons["9"]["reason"], reasons["9"]["tries"]) == ("garbage", 5)
    assert films.keys() | {int(id) for id in reasons} == set(range(1, 11)), "nothing is lost in silence"
    assert films.keys() & {int(id) for id in reasons} == set()
    assert "Traceback" not in ended.stderr


def test_a_replica_under_a_path_and_without_a_version(tmp_path: Path) -> None:
    with Site(film_of) as site:
        home = home_of(site, tmp_path, TMDB_BASE_URL=f"{site.url}/a/proxy/tmdb/")
        assert home.crawl("tmdb_titles", "ids=603").status == 0
    assert site.paths() == ["/a/proxy/tmdb/movie/603"]
    assert list(home.documents()) == [603]
