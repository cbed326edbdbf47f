"""The Numbers: only who may asks, with its manners; tables, charts and film pages, in both layouts."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.support.crawl import Ended, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")
IDS = (13, 155, 278, 550, 603, 680, 19995, 27205, 157336)
SPIDERS = ("the_numbers", "the_numbers_budgets", "the_numbers_chart")


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home(THE_NUMBERS_ENABLED="1")


@pytest.fixture
def stocked(home: Home, sandbox: Sandbox) -> Home:
    """Nine films of TMDB, all of which The Numbers has."""
    assert home.crawl("tmdb_titles", f"ids={','.join(map(str, IDS))}").status == 0
    sandbox.clear_log()
    return home


def pages(sandbox: Sandbox) -> list[str]:
    """The paths that The Numbers was asked for, without its robots.txt."""
    return [entry["path"] for entry in sandbox.log(server="the_numbers") if entry["path"] != "/robots.txt"]


def film(sandbox: Sandbox, id: int) -> dict[str, Any]:
    """What The Numbers knows of a film of TMDB."""
    return next(one for one in sandbox.films() if one["tmdb_id"] == id)


def one_line(ended: Ended, text: str) -> str:
    (line,) = [line for line in ended.lines if text in line]
    return line


# --- Manners ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spider", SPIDERS)
def test_a_source_that_is_not_enabled_is_one_line_and_no_failure(sandbox: Sandbox, home: Home, spider: str) -> None:
    ended = home.crawl(spider, THE_NUMBERS_ENABLED="0", TMDB_ACCESS_TOKEN="")
    assert (ended.status, len(ended.lines), ended.stdout) == (0, 1, "")
    assert "THE_NUMBERS_ENABLED=1" in ended.stderr
    assert sandbox.log() == []
    assert not home.database.exists()


@pytest.mark.parametrize("agent", ["*", "moviecrawler"])
@pytest.mark.parametrize("spider", SPIDERS)
def test_pages_that_robots_txt_forbids_are_not_requested(
    sandbox: Sandbox, stocked: Home, spider: str, agent: str
) -> None:
    sandbox.settings(robots=f"User-agent: {agent}\nDisallow: /\n")
    ended = stocked.crawl(spider)
    assert ended.status == 1
    assert [entry["path"] for entry in sandbox.log()] == ["/robots.txt"]
    assert "robots.txt forbids http" in one_line(ended, "ERROR")
    assert stocked.last_run["finish_reason"] == "robots"
    assert stocked.records("rejects") == {}


def test_pages_that_robots_txt_allows_are_requested(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.settings(robots="User-agent: *\nDisallow: /box-office-chart/\n")
    assert stocked.crawl("the_numbers_budgets", "pages=1").status == 0
    assert pages(sandbox) == ["/movie/budgets/all"]
    assert stocked.crawl("the_numbers_chart").status == 1


@pytest.mark.parametrize("kind", ["500", "html", "blocked", "reset"])
def test_a_robots_txt_that_cannot_be_read_forbids_everything(sandbox: Sandbox, stocked: Home, kind: str) -> None:
    sandbox.faults([{"kind": kind, "target": "/robots.txt"}])
    ended = stocked.crawl("the_numbers_budgets", RETRY_TRIES="2")
    assert ended.status == 1
    assert pages(sandbox) == []
    assert one_line(ended, "ERROR")
    assert "Traceback" not in ended.stderr


def test_two_processes_keep_one_distance(sandbox: Sandbox, stocked: Home) -> None:
    runs = [
        stocked.start_crawl("the_numbers_budgets", "pages=2", THE_NUMBERS_DELAY="0.7"),
        stocked.start_crawl("the_numbers_chart", "start=2019-05-03", "end=2019-05-04", THE_NUMBERS_DELAY="0.7"),
    ]
    assert [stocked.wait(run).status for run in runs] == [0, 0]
    moments = [entry["at"] for entry in sandbox.log(server="the_numbers")]
    assert len(moments) == 6, "two pages each, and a robots.txt each"
    assert min(later - earlier for earlier, later in pairwise(moments)) > 0.65


@pytest.mark.parametrize(("kind", "reason"), [("blocked", "blocked/page"), ("403", "blocked/403")])
def test_a_block_is_the_end_and_is_never_cached(sandbox: Sandbox, stocked: Home, kind: str, reason: str) -> None:
    sandbox.faults([{"kind": kind, "target": "/movie/budgets/all/101"}])
    ended = stocked.crawl("the_numbers_budgets", CACHE_URI="sqlite:")
    assert ended.status == 1
    assert pages(sandbox) == ["/movie/budgets/all", "/movie/budgets/all/101"]
    assert f"The Numbers blocks us ({reason})" in one_line(ended, "ERROR")
    assert stocked.last_run["finish_reason"] == "blocked"
    sandbox.faults([])
    sandbox.clear_log()
    assert stocked.crawl("the_numbers_budgets", CACHE_URI="sqlite:").status == 0
    assert pages(sandbox) == [f"/movie/budgets/all/{start}" for start in (101, 201, 301)]


def test_pages_and_robots_txt_come_out_of_the_cache_within_twelve_hours(sandbox: Sandbox, stocked: Home) -> None:
    assert stocked.crawl("the_numbers_budgets", CACHE_URI="sqlite:").status == 0
    sandbox.clear_log()
    ended = stocked.crawl("the_numbers_budgets", CACHE_URI="sqlite:", THE_NUMBERS_DELAY="3600")
    assert ended.status == 0
    assert sandbox.log() == []
    assert stocked.stats["cache/hit"] == 5


# --- Budgets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["2019", "2026"])
def test_one_request_brings_the_box_office_of_a_hundred_films(sandbox: Sandbox, stocked: Home, layout: str) -> None:
    sandbox.settings(layout=layout)
    ended = stocked.crawl("the_numbers_budgets")
    assert ended.status == 0, ended.stderr
    films = sandbox.films()
    listed = sum(1 for one in films if one["budget"])
    assert pages(sandbox) == ["/movie/budgets/all", *(f"/movie/budgets/all/{n}" for n in range(101, listed + 1, 100))]
    assert stocked.stats["titles/found"] == listed
    assert stocked.stats["titles/matched"] == len(IDS)
    for id, document in stocked.documents().items():
        said, box_office = film(sandbox, id), document["box_office"]
        for field in ("budget", "domestic", "worldwide"):
            assert box_office[field] == said[field], (id, field)
            assert document["provenance"][f"box_office.{field}"] == "the_numbers"
        slot = document["sources"]["the_numbers"]
        assert (slot["source_id"], list(slot["parts"])) == (said["slug"], ["budgets"])
    unmatched = stocked.records("unmatched")
    assert len(unmatched) == stocked.stats["titles/unmatched"] == listed - len(IDS)
    assert any(f"{len(IDS)} matched, {len(unmatched)} unmatched" in line for line in ended.lines)


def test_the_same_table_again_changes_nothing(sandbox: Sandbox, stocked: Home) -> None:
    assert stocked.crawl("the_numbers_budgets", "pages=2").status == 0
    assert pages(sandbox) == ["/movie/budgets/all", "/movie/budgets/all/101"]
    before, unmatched = stocked.documents(), stocked.records("unmatched")
    assert stocked.crawl("the_numbers_budgets", "pages=2").status == 0
    after = stocked.documents()
    assert {id: one["box_office"] for id, one in after.items()} == {id: one["box_office"] for id, one in before.items()}
    assert {id: one["last_change"] for id, one in after.items()} == {
        id: one["last_change"] for id, one in before.items()
    }
    assert stocked.records("unmatched").keys() == unmatched.keys()


@pytest.mark.parametrize("kind", ["half", "500", "html"])
def test_a_page_that_cannot_be_read_does_not_hide_the_others(sandbox: Sandbox, stocked: Home, kind: str) -> None:
    sandbox.faults([{"kind": kind, "target": "/movie/budgets/all/101"}])
    ended = stocked.crawl("the_numbers_budgets", RETRY_LISTING_TRIES="1")
    assert (ended.status, stocked.last_run["finish_reason"]) == (1, "incomplete")
    assert "/movie/budgets/all/101 " in one_line(ended, "ERROR")
    assert pages(sandbox)[-2:] == ["/movie/budgets/all/201", "/movie/budgets/all/301"]
    (reject,) = stocked.records("rejects").values()
    assert reject["url"].endswith("/101")


def test_a_site_where_no_page_can_be_read_is_given_up(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.faults([{"kind": "500", "target": "/movie/budgets/"}])
    assert stocked.crawl("the_numbers_budgets", RETRY_TRIES="1", RETRY_LISTING_TRIES="1").status == 1
    assert len(pages(sandbox)) == 3


# --- Charts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["2019", "2026"])
@pytest.mark.parametrize("kind", ["daily", "weekend"])
def test_a_chart_is_kept_by_its_day_with_the_films_that_are_known(
    sandbox: Sandbox, stocked: Home, layout: str, kind: str
) -> None:
    sandbox.settings(layout=layout)
    released = date.fromisoformat(film(sandbox, 157336)["date"])
    friday = released + timedelta((4 - released.weekday()) % 7)
    ended = stocked.crawl("the_numbers_chart", f"kind={kind}", f"start={friday}")
    assert ended.status == 0, ended.stderr
    assert pages(sandbox) == [f"/box-office-chart/{kind}/{friday:%Y/%m/%d}"]
    (chart,) = stocked.records("charts").values()
    assert chart["_id"] == f"{kind}/{friday}"
    (row,) = [row for row in chart["rows"] if row["id"] == 157336]
    assert row["source_id"] == film(sandbox, 157336)["slug"]
    assert row["gross"] > 0
    assert [row["rank"] for row in chart["rows"]] == list(range(1, len(chart["rows"]) + 1))
    if layout == "2019":
        slot = stocked.documents()[157336]["sources"]["the_numbers"]
        assert slot["parts"]["chart"]["data"]["distributor"] == row["distributor"]


def test_a_range_is_every_day_or_every_friday_and_a_day_without_films_has_no_rows(
    sandbox: Sandbox, stocked: Home
) -> None:
    assert stocked.crawl("the_numbers_chart", "start=1951-03-01", "end=1951-03-03").status == 0
    assert {key: row["rows"] for key, row in stocked.records("charts").items()} == {
        f"daily/1951-03-0{day}": [] for day in (1, 2, 3)
    }
    sandbox.clear_log()
    assert stocked.crawl("the_numbers_chart", "chart=weekend", "start=2024-06-03", "end=2024-06-21").status == 0
    assert pages(sandbox) == [f"/box-office-chart/weekend/2024/06/{day}" for day in ("07", "14", "21")]
    assert stocked.last_run["arguments"] == {"chart": "weekend", "start": "2024-06-03", "end": "2024-06-21"}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("start=2026-02-30",), "2026-05-01"),
        (("start=yesterday",), "2026-05-01"),
        (("start=2026-05-02", "end=2026-05-01"), "start or later"),
        (("chart=weekend", "start=2026-05-02", "end=2026-05-06"), "a Friday"),
        (("kind=yearly",), "daily or weekend"),
        (("chart=yearly",), "daily or weekend"),
    ],
)
def test_a_wrong_day_is_one_line(sandbox: Sandbox, home: Home, arguments: tuple[str, ...], allowed: str) -> None:
    ended = home.crawl("the_numbers_chart", *arguments)
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert allowed in ended.stderr
    assert sandbox.log() == []


# --- Films ------------------------------------------------------------------------------------------------------


def undated(slug: str) -> str:
    return re.sub(r"-\(\d{4}\)$", "", slug)


def test_film_pages_of_what_is_due_the_newest_first(sandbox: Sandbox, stocked: Home) -> None:
    ended = stocked.crawl("the_numbers")
    assert ended.status == 0, ended.stderr
    documents = stocked.documents()
    for id, document in documents.items():
        said, box_office = film(sandbox, id), document["box_office"]
        assert {name: box_office[name] for name in ("budget", "domestic", "worldwide")} == {
            name: said[name] or None for name in ("budget", "domestic", "worldwide")
        }, id
        assert document["provenance"]["box_office.worldwide"] == "the_numbers"
        slot = document["sources"]["the_numbers"]
        assert slot["source_id"] == said["slug"]
        assert slot["next_refresh_at"] > slot["fetched_at"]
    assert documents[603]["box_office"]["opening_weekend"] > 0
    found = [path.removeprefix("/movie/") for path in pages(sandbox)]
    newest_first = sorted(documents.values(), key=lambda one: one["release_date"], reverse=True)
    order = [one["sources"]["the_numbers"]["source_id"] for one in newest_first]
    assert list(dict.fromkeys(map(undated, found))) == list(map(undated, order)), "first guesses, page by page"
    sandbox.clear_log()
    assert stocked.crawl("the_numbers").status == 0
    assert sandbox.log() == [], "nothing is due, and not even robots.txt is asked for"


def test_a_slug_from_a_table_is_not_guessed(sandbox: Sandbox, stocked: Home) -> None:
    assert stocked.crawl("the_numbers_budgets").status == 0
    sandbox.clear_log()
    assert stocked.crawl("the_numbers").status == 0
    assert sorted(pages(sandbox)) == sorted(f"/movie/{film(sandbox, id)['slug']}" for id in IDS)


def test_a_film_that_has_no_page_is_missed_once_and_comes_later(sandbox: Sandbox, home: Home) -> None:
    lost = film(sandbox, 122)["slug"]
    sandbox.remove_film(lost)
    assert home.crawl("tmdb_titles", "ids=122").status == 0
    sandbox.clear_log()
    ended = home.crawl("the_numbers")
    assert ended.status == 0
    tried = pages(sandbox)
    assert 2 <= len(tried) == len(set(tried)) <= 4
    (reject,) = home.records("rejects").values()
    assert reject["reason"] == "gone"
    slot = home.documents()[122]["sources"]["the_numbers"]
    assert (slot["failures"], slot["fetched_at"]) == (1, None)
    assert slot["next_refresh_at"] > home.documents()[122]["updated_at"]
    sandbox.clear_log()
    assert home.crawl("the_numbers").status == 0
    assert pages(sandbox) == []


def test_another_film_of_that_name_is_not_taken_for_it(sandbox: Sandbox, home: Home) -> None:
    sandbox.patch_film(film(sandbox, 597)["slug"], title="Titanic", year="1953", date="1953-04-16")
    assert home.crawl("tmdb_titles", "ids=597").status == 0
    before = home.documents()[597]
    assert home.crawl("the_numbers").status == 0
    after = home.documents()[597]
    assert after["box_office"] == before["box_office"]
    assert after["sources"]["the_numbers"]["source_id"] is None
    assert after["sources"]["the_numbers"]["failures"] == 1
