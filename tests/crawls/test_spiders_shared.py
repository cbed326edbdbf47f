"""Every spider does with two workers on one queue what it does with one: the same requests, the same documents."""

import pytest

from tests.support.ageing import age
from tests.support.crawl import Home
from tests.support.redis_server import RedisServer
from tests.support.sandbox import Sandbox
from tests.support.workers import asked, crawl, documents, keys

SANDBOX = ("--movies", "300", "--shows", "20")
TITLES = "ids=" + ",".join(map(str, (13, 155, 278, 550, 603, 680, 19995, 27205, 157336)))


@pytest.fixture
def home(shared_home: Home) -> Home:
    return shared_home


CRAWLS = [
    ("tmdb_discover", "start_year=1990", "end_year=2024", "max_pages=4", "min_votes=0"),
    ("tmdb_trending", "media=all", "pages=3"),
    ("tmdb_trending", "media=shows", "limit=7"),
    ("tmdb_titles", f"{TITLES},shows/1396"),
    ("tmdb_titles", "ids=tt0133093,tt0245429,tt0903747,550"),
    ("tmdb_search", "query=The Matrix (1999)"),
    ("tmdb_list", "name=top_rated", "limit=30"),
    ("tmdb_discover", "media=shows", "start_year=1990", "end_year=2024", "min_votes=0"),
    ("tmdb_catalogue", "limit=30"),
    ("the_numbers_budgets",),
    ("the_numbers_chart",),
]


@pytest.mark.parametrize("arguments", CRAWLS, ids="-".join)
def test_two_workers_do_what_one_does(
    sandbox: Sandbox, redis: RedisServer, alone: Home, home: Home, arguments: tuple[str, ...]
) -> None:
    assert alone.crawl(*arguments).status == 0
    wanted = asked(sandbox)
    sandbox.clear_log()
    crawl(sandbox, home, *arguments)
    requests = asked(sandbox)
    for log in (wanted, requests):  # each worker reads the rules of the site for itself
        log.pop(("the_numbers", "/robots.txt", ""), None)
    assert requests == wanted
    assert documents(home) == documents(alone)
    assert keys(redis) == []


@pytest.mark.parametrize(
    "arguments",
    [("omdb",), ("omdb", "limit=4"), ("the_numbers",), ("tmdb_refresh",), ("tmdb_refresh", "limit=3")],
    ids="-".join,
)
def test_two_workers_refresh_what_one_refreshes(
    sandbox: Sandbox, redis: RedisServer, alone: Home, home: Home, arguments: tuple[str, ...]
) -> None:
    for one in (alone, home):
        assert one.crawl("tmdb_titles", TITLES, REDIS_URL="").status == 0
        age(one, 40)
    sandbox.touch("movie", 603)
    sandbox.clear_log()
    assert alone.crawl(*arguments).status == 0
    wanted = asked(sandbox)
    assert wanted
    sandbox.clear_log()
    crawl(sandbox, home, *arguments)
    requests = asked(sandbox)
    for log in (wanted, requests):
        log.pop(("the_numbers", "/robots.txt", ""), None)
    assert requests == wanted
    assert documents(home) == documents(alone)
    assert home.select_state("feed/tmdb/movies") is None or arguments[0] == "tmdb_refresh"
    assert keys(redis) == []
