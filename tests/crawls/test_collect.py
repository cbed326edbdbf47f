"""`scrapy collect`: discovery and refresh of all sources, together."""

import json
import re
import signal
from collections.abc import Callable

from tests.support.ageing import age
from tests.support.crawl import Document, Home, paths, queries
from tests.support.pages import names, read, rows, section
from tests.support.redis_server import redis_server
from tests.support.sandbox import Sandbox
from tests.support.waiting import until
from tests.support.workers import asked, documents, keys, number_of_workers

SANDBOX = ("--movies", "300")
DISCOVER = ("--start-year", "1990", "--end-year", "2024", "--max-pages", "3", "--min-votes", "0")


def test_discovery_and_omdb_run_at_the_same_time(home: Home, sandbox: Sandbox) -> None:
    sandbox.settings(latency=80)
    ended = home.scrapy("collect", *DISCOVER, TMDB_CONCURRENCY="2")
    assert ended.status == 0, ended.stderr
    documents = home.documents()
    assert len(documents) == 60
    with_id = [document for document in documents.values() if document["imdb_id"]]
    assert all(document["sources"]["omdb"]["fetched_at"] for document in with_id)
    log = sandbox.log()
    omdb = [entry["at"] for entry in log if entry["server"] == "omdb"]
    api = [entry["at"] for entry in log if entry["server"] == "api"]
    assert omdb[0] < api[-1], "OMDB starts on the first films"
    assert len(queries(sandbox.log(server="omdb"), "i")) == len(with_id), "each once"
    details = [path for path in paths(sandbox.log(server="api")) if path.split("/")[-1].isdecimal()]
    assert len(details) == len(set(details)) == 60


def test_one_summary_covers_all_spiders(home: Home) -> None:
    ended = home.scrapy("collect", *DISCOVER)
    (head,) = [line for line in ended.lines if " in " in line and "finished" in line and "INFO" not in line]
    assert head.startswith("tmdb_discover: finished, tmdb_refresh: finished, omdb: finished in ")
    (found,) = [line.split() for line in ended.lines if line.startswith("  tmdb_discover ")]
    (enriched,) = [line.split() for line in ended.lines if line.startswith("  omdb ")]
    assert found == ["tmdb_discover", "60", "found"]
    assert enriched == ["omdb", "60", "found"]
    assert sum(line.strip().startswith("documents") for line in ended.lines) == 1
    assert {run["spider"] for run in home.records("runs").values()} == {"tmdb_discover", "tmdb_refresh", "omdb"}


def test_a_backup_at_the_end_has_what_was_collected(home: Home) -> None:
    ended = home.scrapy("collect", *DISCOVER, "--sources", "tmdb", "--backup")
    assert ended.status == 0, ended.stderr
    listed = json.loads(home.scrapy("backup", "--list", "--json").stdout)
    (made,) = listed["backups"]
    assert made["verified_at"]
    assert made["rows"]["movies"] == len(home.documents()) == 60
    assert made["rows"]["runs"] == len(home.records("runs"))


def test_what_the_store_remembers_between_runs_is_documented(home: Home) -> None:
    assert home.scrapy("collect", *DISCOVER, REFRESH_ORDER="popular").status == 0
    documented = [names(row[0])[0] for row in rows(section(read("data-model.md"), "State"))]
    patterns = [re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(name)) for name in documented]
    found = home.state_names()
    assert len(found) >= 6
    assert [name for name in found if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []


def test_refresh_only_requests_due_titles_up_to_the_limit(home: Home, sandbox: Sandbox) -> None:
    assert home.crawl("tmdb_catalogue", "limit=30").status == 0
    home.crawl("tmdb_refresh")
    age(home, 200)
    sandbox.clear_log()
    ended = home.scrapy("collect", "--refresh-only", "--refresh-limit", "7")
    assert ended.status == 0, ended.stderr
    details = [path for path in paths(sandbox.log(server="api")) if path.split("/")[-1].isdecimal()]
    assert len(details) == 7
    assert len(sandbox.log(server="omdb")) == 7


def test_the_spiders_share_the_limit_of_requests_in_flight(home: Home, sandbox: Sandbox) -> None:
    assert home.crawl("tmdb_catalogue", "limit=40").status == 0
    age(home, 200)
    sandbox.clear_log()
    sandbox.settings(latency=100)
    assert home.scrapy("collect", *DISCOVER, "--sources", "tmdb", TMDB_CONCURRENCY="3").status == 0
    at = [entry["at"] for entry in sandbox.log(server="api", path="/3/")]
    busiest = max(sum(start <= other < start + 0.08 for other in at) for start in at)
    assert busiest <= 3, "two spiders, one cap"
    details = [path for path in paths(sandbox.log(server="api")) if path.split("/")[-1].isdecimal()]
    assert len(details) == len(set(details)), "what both of them know to be due is asked for once"


def test_a_title_of_discovery_is_not_requested_again_for_the_feed(home: Home, sandbox: Sandbox) -> None:
    known = 281957  # among the most popular ones
    assert home.crawl("tmdb_titles", f"ids={known}").status == 0
    sandbox.patch("movie", known, runtime=77)
    age(home, 200)
    sandbox.clear_log()
    slow = [{"kind": "slow", "target": f"/3/movie/{known}", "seconds": 3}]
    sandbox.faults([{"kind": "slow", "target": "/3/movie/changes", "seconds": 1}, *slow])
    ended = home.scrapy("collect", *DISCOVER, "--sources", "tmdb", "--refresh-limit", "0")
    assert ended.status == 0, ended.stderr
    details = [path for path in paths(sandbox.log(server="api")) if path.split("/")[-1].isdecimal()]
    assert f"/movie/{known}" in details
    assert len(details) == len(set(details))
    assert home.documents()[known]["runtime"] == 77


def test_titles_beyond_the_refresh_limit_are_still_discovered(home: Home, sandbox: Sandbox) -> None:
    assert home.crawl("tmdb_titles", "ids=238,278,424").status == 0
    age(home, 200)
    sandbox.clear_log()
    sandbox.faults([{"kind": "slow", "target": "/3/discover", "seconds": 1.5}])
    arguments = ("--start-year", "1972", "--end-year", "1994", "--min-votes", "0", "--sources", "tmdb")
    assert home.scrapy("collect", *arguments, "--refresh-limit", "1").status == 0
    details = [
        int(path.split("/")[-1]) for path in paths(sandbox.log(path="/3/movie/")) if path.split("/")[-1].isdecimal()
    ]
    assert {238, 278, 424} <= set(details)
    assert len(details) == len(set(details))


def without_cycles(found: dict[tuple[str, int], Document]) -> dict[tuple[str, int], Document]:
    """An unchanged answer is a cycle when its title was due, none when the feed named it: whichever came first."""
    for document in found.values():
        document["sources"]["tmdb"].pop("unchanged_cycles")
    return found


def test_two_processes_with_one_queue_do_what_one_does(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    with redis_server() as redis:
        alone, shared = make_home("alone"), make_home("shared", REDIS_URL=redis.uri)
        requests = []
        for home, processes in ((alone, 1), (shared, 2)):
            assert home.crawl("tmdb_catalogue", "limit=30", REDIS_URL="").status == 0
            age(home, 200)
            sandbox.clear_log()
            with sandbox.suspended():
                running = [home.start("collect", *DISCOVER, "--sources", "tmdb,omdb") for _ in range(processes)]
                if home is shared:
                    until(lambda: number_of_workers(redis) == 6)
            for ended in map(Home.wait, running):
                assert ended.status == 0, ended.stderr
                assert sum("set STORE_URI" in line for line in ended.lines) == (home is shared), "once, not per spider"
            requests.append(asked(sandbox))
        assert requests[0] == requests[1], "also what both discovery and refresh know to be due is asked for once"
        assert without_cycles(documents(shared)) == without_cycles(documents(alone))
        assert any(document["sources"]["omdb"]["fetched_at"] for document in shared.documents().values())
        assert keys(redis) == []


def test_the_numbers_is_left_out_with_one_line_unless_it_is_enabled(home: Home, sandbox: Sandbox) -> None:
    ended = home.scrapy("collect", "--refresh-only")
    assert sum("THE_NUMBERS_ENABLED=1" in line for line in ended.lines) == 1
    assert sandbox.log(server="the_numbers") == []
    assert home.crawl("tmdb_titles", "ids=238,278", THE_NUMBERS_ENABLED="1").status == 0
    ended = home.scrapy("collect", "--refresh-only", "--sources", "the_numbers", THE_NUMBERS_ENABLED="1")
    assert ended.status == 0, ended.stderr
    assert home.documents()[238]["box_office"]["domestic"]
    assert home.documents()[238]["provenance"]["box_office.domestic"] == "the_numbers"


def test_a_source_without_a_key_is_left_out_with_one_line(home: Home, sandbox: Sandbox) -> None:
    ended = home.scrapy("collect", *DISCOVER, OMDB_API_KEY="")
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 60
    assert (
        sum(line.startswith("OMDB is left out, since there is no key: set OMDB_API_KEY") for line in ended.lines) == 1
    )
    assert sandbox.log(server="omdb") == []
    ended = home.scrapy("stats", OMDB_API_KEY="")
    assert "60 movies, 100 % fully refreshed" in ended.stdout
    assert "omdb is not available, so nothing counts as due there: OMDB_API_KEY is not set" in ended.stdout
    due = json.loads(home.scrapy("due", "--json", OMDB_API_KEY="").stdout)
    assert due["movies"]["omdb"] == {"ages": {}, "next": []}
    assert sum(json.loads(home.scrapy("due", "--json").stdout)["movies"]["omdb"]["ages"].values()) == 60


def test_without_any_key_nothing_is_requested(home: Home, sandbox: Sandbox) -> None:
    keys = {"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": ""}
    for words in ([], ["--start-year", "1999"]):
        ended = home.scrapy("collect", *words, **keys, **({} if words else {"OMDB_API_KEY": ""}))
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert ended.lines[0].startswith("No TMDB key: ")
    assert sandbox.log() == []


def test_the_spider_does_the_same_as_the_command(home: Home) -> None:
    """Scrapyd can start nothing but spiders."""
    words = ("start_year=1990", "end_year=2024", "max_pages=1", "min_votes=0", "_job=nightly.1")
    ended = home.crawl("collect", *words)
    assert ended.status == 0, ended.stderr
    runs = home.records("runs").values()
    assert {(run["spider"], run["job"]) for run in runs} == {
        (spider, "nightly.1") for spider in ("tmdb_discover", "tmdb_refresh", "omdb")
    }
    assert len(home.documents()) == 20


def test_the_first_collect_waits_for_films_to_request_from_the_numbers(home: Home, sandbox: Sandbox) -> None:
    one_page = ("--start-year", "1990", "--end-year", "2024", "--max-pages", "1", "--min-votes", "0")
    sandbox.faults([{"kind": "slow", "target": "/3/discover", "seconds": 2}])
    ended = home.scrapy("collect", *one_page, "--sources", "tmdb,omdb,the_numbers", THE_NUMBERS_ENABLED="1")
    assert ended.status == 0, ended.stderr
    films = home.documents().values()
    assert len(films) == 20
    asked = [film["sources"]["the_numbers"] for film in films]
    assert all(slot["fetched_at"] or slot["gone_at"] or slot["failures"] for slot in asked), asked


def test_after_an_interruption_the_same_command_continues(home: Home, sandbox: Sandbox) -> None:
    sandbox.settings(latency=100)
    crawl = home.start("collect", *DISCOVER, TMDB_CONCURRENCY="3")
    until(lambda: len(home.documents()) >= 10)
    crawl.send_signal(signal.SIGINT)
    assert Home.wait(crawl).status == 130
    done = set(home.documents())
    assert len(done) < 60
    sandbox.settings(latency=0)
    sandbox.clear_log()
    assert home.scrapy("collect", *DISCOVER).status == 0
    asked = {int(path.split("/")[-1]) for path in paths(sandbox.log(server="api")) if path.split("/")[-1].isdecimal()}
    assert not done & asked
    assert len(home.documents()) == 60


def test_wrong_usage_is_one_line(home: Home, sandbox: Sandbox) -> None:
    for words, said in (
        (["--sources", "imdb"], "--sources='imdb': must be some of tmdb, omdb, the_numbers"),
        (["--start-year", "abc"], "--start-year='abc'"),
        (["--refresh-limit", "-1"], "--refresh-limit='-1'"),
        (["--start-year", "2020", "--refresh-only"], "give either --start-year or --refresh-only"),
        (["--start-year", "2020", "--sources", "omdb"], "--start-year needs TMDB"),
        (["--max-pages", "5"], "--max-pages is for discovery, which needs --start-year"),
        (["--refresh-only", "--min-votes", "5"], "--min-votes is for discovery"),
        (["--refresh-limt", "3"], "there is no option --refresh-limt; did you mean --refresh-limit?"),
    ):
        ended = home.scrapy("collect", *words)
        assert (ended.status, len(ended.lines)) == (2, 1), ended.stderr
        assert said in ended.lines[0]
    assert sandbox.log() == []
    assert json.dumps(home.documents()) == "{}"
