"""`scrapy crawl tmdb_refresh`: what the feed names, what the export has lost, what is due; each title once."""

import gzip
import json
import signal
import sqlite3
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support.ageing import age
from tests.support.crawl import Home, paths
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, json_answer
from tests.support.waiting import until

SANDBOX = ("--movies", "300")
NO_FEED = ("feed=0", "export=0")


@pytest.fixture
def stocked(home: Home, sandbox: Sandbox) -> Home:
    """The 60 most popular films, a show, and a feed that has been read to its end."""
    assert home.crawl("tmdb_catalogue", "limit=60", "min_popularity=0").status == 0
    assert home.crawl("tmdb_titles", "ids=shows/1396").status == 0
    assert home.crawl("tmdb_refresh").status == 0
    sandbox.clear_log()
    return home


def asked(sandbox: Sandbox, media: str = "movie") -> list[int]:
    """The titles that the API was asked for, in their order."""
    found = (path.split("/") for path in paths(sandbox.log(server="api")))
    return [int(parts[2]) for parts in found if parts[1] == media and parts[2].isdecimal()]


def named_today(sandbox: Sandbox) -> set[int]:
    """The films that the feed already names for this UTC day."""
    today = datetime.now(UTC).date()
    address = f"{sandbox.api}/movie/changes?start_date={today}&end_date={today}&api_key=any"
    with urllib.request.urlopen(address) as answer:
        named = {row["id"] for row in json.load(answer)["results"]}
    sandbox.clear_log()
    return named


def pages(sandbox: Sandbox) -> int:
    return sum(path.endswith("/changes") for path in paths(sandbox.log(server="api")))


def unnamed(home: Home, sandbox: Sandbox) -> list[int]:
    """Stored films that the feed does not name for today yet."""
    named = named_today(sandbox)
    return [id for id in home.documents() if id not in named]


def test_only_titles_of_the_feed_are_refreshed(stocked: Home, sandbox: Sandbox) -> None:
    ids = unnamed(stocked, sandbox)[5:8]
    unknown = next(id for id in (13, 120, 155, 603, 1891, 11) if id not in stocked.documents())
    for id in (*ids, unknown):
        sandbox.patch("movie", id, runtime=77)
    ended = stocked.crawl("tmdb_refresh", "media=movies")
    assert ended.status == 0, ended.stderr
    documents = stocked.documents()
    assert sorted(asked(sandbox)) == sorted(ids), "who was named before today was asked for today"
    for id in ids:
        assert (documents[id]["runtime"], documents[id]["last_change"]["source"]) == (77, "tmdb")
        assert documents[id]["sources"]["tmdb"]["unchanged_cycles"] == 0
    assert {row["id"] for row in stocked.records("changes").values()} >= set(ids)
    stats = stocked.stats
    assert stats["titles/updated"] == 3
    assert stats["downloader/request_count"] == len(asked(sandbox)) + pages(sandbox)
    skipped = sum(count for name, count in stats.items() if name.startswith("refresh/skipped/"))
    assert stats["titles/found"] == 3 + skipped


def test_a_title_is_requested_once_however_often_its_day_is_read(stocked: Home, sandbox: Sandbox) -> None:
    today = named_today(sandbox) & stocked.documents().keys()
    # In the first hour of a day the reading goes back to the evening before.
    assert today <= set(stocked.select_state("feed/tmdb/movies")["asked"]["ids"])
    ended = stocked.crawl("tmdb_refresh")
    assert ended.status == 0, ended.stderr
    assert (asked(sandbox), asked(sandbox, "tv")) == ([], [])
    assert pages(sandbox)


def test_a_store_of_an_older_version_asks_for_the_day_once_more(stocked: Home, sandbox: Sandbox) -> None:
    today = named_today(sandbox) & stocked.documents().keys()
    state = stocked.select_state("feed/tmdb/movies")
    connection = sqlite3.connect(stocked.database)
    with closing(connection), connection:
        row = (json.dumps({"cursor": state["cursor"]}), "feed/tmdb/movies")
        connection.execute("UPDATE state SET value = ? WHERE name = ?", row)
    assert stocked.crawl("tmdb_refresh", "media=movies").status == 0
    assert set(asked(sandbox)) == today


def test_a_show_has_a_feed_of_its_own(stocked: Home, sandbox: Sandbox) -> None:
    sandbox.patch("tv", 1396, number_of_seasons=9)
    assert stocked.crawl("tmdb_refresh", "kinds=shows").status == 0
    assert asked(sandbox, "tv") == [1396]
    assert stocked.documents("shows")[1396]["season_count"] == 9


def test_an_old_body_from_tmdbs_own_cache_is_looked_at_again_in_eight_hours(stocked: Home, sandbox: Sandbox) -> None:
    id = unnamed(stocked, sandbox)[3]
    before = stocked.documents()[id]["sources"]["tmdb"]
    sandbox.patch("movie", id, runtime=before["data"]["runtime"])  # named, and the same
    assert stocked.crawl("tmdb_refresh", "media=movies").status == 0
    slot = stocked.documents()[id]["sources"]["tmdb"]
    assert slot["next_refresh_at"] == slot["recheck_at"] > slot["fetched_at"]
    assert slot["unchanged_cycles"] == before["unchanged_cycles"], "the feed makes no cycle"
    age(stocked, 9 / 24, [id])
    sandbox.clear_log()
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert asked(sandbox) == [id]
    slot = stocked.documents()[id]["sources"]["tmdb"]
    assert slot["recheck_at"] is None
    assert slot["unchanged_cycles"] == before["unchanged_cycles"], "nor does the second look"


def test_due_titles_are_requested_and_three_unchanged_cycles_freeze_them(stocked: Home, sandbox: Sandbox) -> None:
    documents = stocked.documents()
    ids = [id for id in documents if not documents[id]["sources"]["tmdb"]["recheck_at"]][:4]
    for cycle in (1, 2, 3):
        age(stocked, 91, ids)
        sandbox.clear_log()
        assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
        assert sorted(asked(sandbox)) == sorted(ids)
        assert stocked.stats["titles/expected"] == stocked.stats["titles/found"] == 4
        slots = [stocked.documents()[id]["sources"]["tmdb"] for id in ids]
        assert [slot["unchanged_cycles"] for slot in slots] == [cycle] * 4
        assert [bool(slot["frozen_at"]) for slot in slots] == [cycle == 3] * 4
    age(stocked, 91, ids)
    sandbox.clear_log()
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert asked(sandbox) == [], "frozen for 180 days"
    sandbox.patch("movie", ids[0], runtime=78)
    assert stocked.crawl("tmdb_refresh", "media=movies", "export=0").status == 0
    assert stocked.documents()[ids[0]]["sources"]["tmdb"]["frozen_at"] is None, "a change thaws"
    age(stocked, 90, ids[1:])
    sandbox.clear_log()
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert sorted(asked(sandbox)) == sorted(ids[1:]), "no content older than six months"


def test_another_order_takes_effect_on_what_is_stored(stocked: Home, sandbox: Sandbox) -> None:
    age(stocked, 400)
    before = stocked.documents()
    popular = sorted(before, key=lambda id: -before[id]["popularity"])
    said = stocked.scrapy("due", "--source", "tmdb", REFRESH_ORDER="popular")
    advice = "titles are stored in the order newest; the next crawl, or --recompute"
    assert f"REFRESH_ORDER=popular, but {advice}" in said.stderr
    assert stocked.crawl("tmdb_refresh", "limit=3", "media=movies", *NO_FEED, REFRESH_ORDER="popular").status == 0
    assert asked(sandbox) == popular[:3]
    after = stocked.documents()
    assert [after[id] for id in popular[3:]] == [before[id] for id in popular[3:]]
    said = stocked.scrapy("due", "--json", "--next", "1", REFRESH_ORDER="popular")
    assert (json.loads(said.stdout)["movies"]["tmdb"]["next"][0]["id"], said.stderr) == (popular[3], "")


def test_a_film_that_is_gone_stays_marked_and_is_never_due_again(stocked: Home, sandbox: Sandbox) -> None:
    id = next(iter(stocked.documents()))
    age(stocked, 400, [id])
    sandbox.remove("movie", id)
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert stocked.documents()[id]["sources"]["tmdb"]["gone_at"] is None, "one day is not enough"
    sandbox.clear_log()
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert asked(sandbox) == [], "nor is it asked twice on one day"
    age(stocked, 1, [id])
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    document = stocked.documents()[id]
    assert document["sources"]["tmdb"]["gone_at"]
    assert document["title"], "kept"
    assert [slot["next_refresh_at"] for slot in document["sources"].values()] == [None] * 3
    sandbox.clear_log()
    age(stocked, 400, [id])
    assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert asked(sandbox) == []


def test_the_daily_export_shows_what_vanished_once_a_day(make_home: Callable[..., Home], sandbox: Sandbox) -> None:
    home = make_home("exports")
    assert home.crawl("tmdb_titles", "ids=238,278,680").status == 0
    sandbox.remove("movie", 680)
    sandbox.clear_log()
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    assert asked(sandbox) == [680]
    assert home.documents()[680]["sources"]["tmdb"]["gone_noted_at"]
    assert home.stats["export/lost"] == 1
    sandbox.clear_log()
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    assert sandbox.log() == [], "once a day"
    age(home, 1)
    forget_export(home)
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    assert home.documents()[680]["sources"]["tmdb"]["gone_at"]
    forget_export(home)
    sandbox.clear_log()
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    assert asked(sandbox) == [], "a tombstone that the export lacks is one"


def forget_export(home: Home) -> None:
    """As on the next day: the export has not been compared yet."""
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("DELETE FROM state WHERE name = 'export/tmdb/movies'")


def test_a_site_that_calls_everything_gone_makes_no_tombstone(make_home: Callable[..., Home], sandbox: Sandbox) -> None:
    home = make_home("elsewhere")
    assert home.crawl("tmdb_catalogue", "limit=8", "min_popularity=0").status == 0
    elsewhere = sandbox.api.removesuffix("/3")
    for _ in range(2):
        age(home, 400)
        before = home.documents()
        ended = home.crawl("tmdb_refresh", *NO_FEED, TMDB_BASE_URL=elsewhere)
        assert ended.status == 1
        (line,) = [line for line in ended.lines if "ERROR" in line]
        assert f"{elsewhere} reports 8 of 8 titles as gone" in line
        assert home.documents() == before, "all stay due"
        assert (home.last_run["finish_reason"], len(home.last_run["incomplete"])) == ("incomplete", 1)
    assert home.crawl("tmdb_refresh", *NO_FEED).status == 0
    assert home.stats["titles/unchanged"] + home.stats.get("titles/updated", 0) == 8


@pytest.mark.parametrize("spider", ["tmdb_refresh", "tmdb_catalogue"])
def test_a_tombstone_that_the_daily_export_lists_is_requested_again(
    make_home: Callable[..., Home], sandbox: Sandbox, spider: str
) -> None:
    home = make_home(f"back-{spider}")
    assert home.crawl("tmdb_titles", "ids=238,278,680").status == 0
    for _ in range(2):  # fewer than are doubted
        age(home, 1)
        home.crawl("tmdb_titles", "ids=238", TMDB_BASE_URL=sandbox.api.removesuffix("/3"))
    assert home.documents()[238]["sources"]["tmdb"]["gone_at"]
    sandbox.clear_log()
    arguments = ("media=movies", "feed=0") if spider == "tmdb_refresh" else ("min_popularity=0", "limit=400")
    assert home.crawl(spider, *arguments).status == 0
    assert 238 in asked(sandbox)
    assert not {278, 680}.intersection(asked(sandbox))
    assert home.documents()[238]["sources"]["tmdb"]["gone_at"] is None


def test_a_title_missing_from_the_export_is_gone_and_a_listed_one_is_not(
    make_home: Callable[..., Home], sandbox: Sandbox
) -> None:
    home = make_home("witness")
    assert home.crawl("tmdb_catalogue", "limit=8", "min_popularity=0").status == 0
    *lost, listed = list(home.documents())
    assert home.crawl("tmdb_catalogue", "limit=1").status == 0
    export = next((home.data / "exports").glob("movie_ids_*.json.gz"))
    for id in (*lost, listed):
        sandbox.remove("movie", id)
    lines = gzip.decompress(export.read_bytes()).splitlines(keepends=True)
    export.write_bytes(gzip.compress(b"".join(line for line in lines if json.loads(line)["id"] not in lost)))
    age(home, 400)
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    slots = {id: document["sources"]["tmdb"] for id, document in home.documents().items()}
    assert {id for id in slots if slots[id]["gone_noted_at"]} == set(lost), "two hosts say so, however many they are"
    assert slots[listed]["failures"] == 1


def test_a_title_that_only_the_export_lacks_is_not_requested_every_day(
    make_home: Callable[..., Home], sandbox: Sandbox
) -> None:
    home = make_home("alive")
    assert home.crawl("tmdb_titles", "ids=238,278").status == 0
    assert home.crawl("tmdb_catalogue", "limit=1").status == 0
    export = next((home.data / "exports").glob("movie_ids_*.json.gz"))
    lines = gzip.decompress(export.read_bytes()).splitlines(keepends=True)
    export.write_bytes(gzip.compress(b"".join(line for line in lines if b'"id": 238,' not in line)))
    sandbox.clear_log()
    assert home.crawl("tmdb_refresh", "media=movies", "feed=0").status == 0
    assert asked(sandbox) == [238]
    assert home.documents()[238]["sources"]["tmdb"]["gone_at"] is None
    state = home.select_state("export/tmdb/movies")
    assert state["alive"] == [238]


def test_a_limit_leaves_the_rest_of_the_feed_for_the_next_run(stocked: Home, sandbox: Sandbox) -> None:
    ids = unnamed(stocked, sandbox)[10:16]
    for id in ids:
        sandbox.patch("movie", id, runtime=79)
    assert stocked.crawl("tmdb_refresh", "media=movies", "limit=4").status == 0
    assert len(asked(sandbox)) == 4
    assert stocked.crawl("tmdb_refresh", "media=movies", "limit=4").status == 0
    assert {id for id in ids if stocked.documents()[id]["runtime"] == 79} == set(ids)
    assert len(asked(sandbox)) == len(set(asked(sandbox))), "nobody twice"


def test_the_next_run_completes_an_interrupted_one(stocked: Home, sandbox: Sandbox) -> None:
    ids = unnamed(stocked, sandbox)[10:40]
    for id in ids:
        sandbox.patch("movie", id, runtime=80)
    sandbox.settings(latency=200)
    crawl = stocked.start_crawl("tmdb_refresh", "media=movies", TMDB_CONCURRENCY="2")
    until(lambda: len(asked(sandbox)) >= 6)
    crawl.send_signal(signal.SIGINT)
    assert Home.wait(crawl).status == 130
    sandbox.settings(latency=0)
    done = {id for id in ids if stocked.documents()[id]["runtime"] == 80}
    assert 0 < len(done) < 30
    sandbox.clear_log()
    assert stocked.crawl("tmdb_refresh", "media=movies").status == 0
    assert not done.intersection(asked(sandbox))
    assert {id for id in ids if stocked.documents()[id]["runtime"] == 80} == set(ids)


def test_a_feed_that_cannot_be_read_is_read_again_next_time(stocked: Home, sandbox: Sandbox) -> None:
    before = stocked.select_state("feed/tmdb/movies")
    id = unnamed(stocked, sandbox)[2]
    sandbox.patch("movie", id, runtime=81)
    sandbox.faults([{"kind": "500", "target": "api", "rate": 1}])
    stocked.crawl("tmdb_refresh", "media=movies", "export=0")
    assert stocked.select_state("feed/tmdb/movies")["cursor"] == before["cursor"]
    sandbox.faults([])
    assert stocked.crawl("tmdb_refresh", "media=movies", "export=0").status == 0
    assert stocked.documents()[id]["runtime"] == 81
    assert stocked.select_state("feed/tmdb/movies")["cursor"] > before["cursor"]


def test_an_empty_page_of_the_feed_is_requested_again_and_keeps_the_cursor(make_home: Callable[..., Home]) -> None:
    empty = {2: 99}

    def answer(asked: Asked) -> Answer:
        if not asked.path.endswith("/changes"):
            return film(int(asked.path.rpartition("/")[2]))
        page = int(asked.query["page"])
        empty[page] = empty.get(page, 0) - 1
        rows = [] if empty[page] >= 0 else [{"id": page}]
        return json_answer({"results": rows, "page": page, "total_pages": 3, "total_results": 201})

    with Site(answer) as site:
        home = make_home("holes", **site.env)
        assert home.crawl("tmdb_titles", "ids=1,2,3").status == 0
        age(home, 3)
        before, site.asked[:] = home.documents(), []
        ended = home.crawl("tmdb_refresh", "media=movies", "export=0")
        assert ended.status == 1
        pages = [asked.query["page"] for asked in site.asked if asked.path.endswith("/changes")]
        assert sorted(pages) == ["1", "2", "2", "3"]
        assert [line for line in ended.lines if "ERROR" in line and "is empty, though TMDB counts more" in line]
        known = {id for id, document in home.documents().items() if document != before[id]}
        assert known >= {1, 3}, "what the other pages name"
        assert "cursor" not in home.select_state("feed/tmdb/movies"), "the feed is read again"
        empty[2] = 1
        assert home.crawl("tmdb_refresh", "media=movies", "export=0").status == 0
        assert home.select_state("feed/tmdb/movies")["cursor"]


def test_a_film_that_moved_to_another_id_is_linked_with_it(stocked: Home, sandbox: Sandbox) -> None:
    documents = stocked.documents()
    old = next(id for id, document in documents.items() if document["imdb_id"])
    new = next(id for id in (13, 120, 155, 603, 1891, 11, 550, 680) if id not in documents)
    sandbox.merge("movie", old, into=new)
    age(stocked, 400, [old])
    for _ in range(2):
        assert stocked.crawl("tmdb_refresh", *NO_FEED).status == 0
        age(stocked, 1, [old])
    assert stocked.documents()[old]["sources"]["tmdb"]["gone_at"]
    assert stocked.documents()[old]["same_as"] is None, "nobody carries its IMDb id yet"
    assert stocked.crawl("tmdb_titles", f"ids={new}").status == 0
    documents = stocked.documents()
    assert documents[new]["imdb_id"] == documents[old]["imdb_id"]
    assert (documents[old]["same_as"], documents[new]["same_as"]) == (new, old)
    assert stocked.stats["reconcile/linked"] == 1
