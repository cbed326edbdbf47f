"""A key is nowhere: not in a file, not in what is printed, not at a CDN; whatever goes wrong."""

import textwrap
from collections.abc import Callable

import pytest

from tests.support.crawl import Home
from tests.support.leaks import files, leaks, wrappings
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "60", "--shows", "10")
CANARY = "Canary/1+2=3&4%5.xyz~Q_w-e"

BROKEN = """
    from moviecrawler.settings import *

    import itertools

    import aiohttp
    from scrapy import signals

    ITEM_PIPELINES = {**ITEM_PIPELINES, "broken_settings.Careless": 50}
    EXTENSIONS = {**EXTENSIONS, "broken_settings.Talkative": 900}

    _get, _turn = aiohttp.ClientSession.get, itertools.count(1)


    def _fails_now_and_then(session, url, **options):
        turn = next(_turn)
        if turn % 5 == 0:
            raise aiohttp.ClientError(f"{url} {options}")
        if turn % 7 == 0:
            raise RuntimeError(f"{url} {options}")
        return _get(session, url, **options)


    aiohttp.ClientSession.get = _fails_now_and_then


    class Careless:
        def __init__(self, crawler):
            self.crawler, self.turn = crawler, itertools.count(1)

        @classmethod
        def from_crawler(cls, crawler):
            return cls(crawler)

        def process_item(self, item):
            if next(self.turn) % 6 == 0:
                key = self.crawler.settings["TMDB_ACCESS_TOKEN"] or self.crawler.settings["TMDB_API_KEY"]
                raise KeyError(f"a component that shows the key: {key}")
            return item


    class Talkative:
        def __init__(self, crawler):
            crawler.signals.connect(self.say, signals.response_received)

        @classmethod
        def from_crawler(cls, crawler):
            return cls(crawler)

        def say(self, response, request):
            raise RuntimeError(f"{request!r} {request.headers} {request.meta} {response.headers}")
"""


def test_the_search_finds_what_it_should() -> None:
    for name, text in wrappings(CANARY).items():
        assert leaks(CANARY, {name: text}), name
    assert leaks(CANARY, {"clean": b"Canary/1+2=3&4%5.xyz~Q_w-"}) == []


@pytest.mark.parametrize("name", ["TMDB_ACCESS_TOKEN", "TMDB_API_KEY"])
def test_a_key_is_nowhere_whatever_goes_wrong(sandbox: Sandbox, make_home: Callable[..., Home], name: str) -> None:
    sandbox.settings(key=CANARY)
    kinds = ("429", "500", "reset", "truncate", "html", "error200")
    rules = [{"kind": kind, "rate": 0.05, "seconds": 0.01} for kind in kinds]
    sandbox.faults([*rules, {"kind": "slow", "rate": 0.05, "seconds": 3}])
    home = make_home(IMAGES_ENABLED="1", DOWNLOAD_TIMEOUT="0.5", IMAGES_BACKDROP_SIZES="w300", PROFILE="1")
    (home.folder / "scrapy.cfg").write_text("[settings]\ndefault = broken_settings\n")
    (home.folder / "broken_settings.py").write_text(textwrap.dedent(BROKEN))
    keys = {"TMDB_ACCESS_TOKEN": "", "TMDB_API_KEY": "", name: CANARY}
    keys["CACHE_URI"] = f"sqlite:///{home.data / 'cache.db'}"
    options = ("-s", "STATS_DUMP=1", "-O", "titles.jsonl", "-O", "titles.csv")
    said = [
        home.crawl("tmdb_trending", "limit=8", options=(*options, "-L", "DEBUG"), **keys),
        home.crawl("tmdb_trending", "limit=4", "media=shows", options=("--logfile=run.log", "-L", "DEBUG"), **keys),
        home.crawl("tmdb_titles", "ids=603,1", options=("-L", "DEBUG"), **{**keys, name: f"{CANARY}-wrong"}),
        home.scrapy("export", "movies", "-o", "films.csv", **keys),
        home.scrapy("export", "runs", "-o", "runs.jsonl", **keys),
    ]
    assert home.documents()
    assert "a component that shows the key: [key]" in said[0].stderr
    assert "RuntimeError" in said[0].stderr
    assert "Traceback" in (home.folder / "run.log").read_text()

    log = sandbox.log()
    assert {entry["credential"] for entry in log if entry["server"] == "api"} == {
        "header" if name == "TMDB_ACCESS_TOKEN" else "query"
    }
    assert [entry for entry in log if entry["server"] != "api" and entry["credential"]] == []
    assert [entry for entry in log if entry["server"] != "api"], "pictures were asked for"

    texts = files(home.folder)
    assert {
        "data/movies.db",
        "data/cache.db",
        "data/budget.db",
        "titles.jsonl",
        "titles.csv",
        "films.csv",
        "runs.jsonl",
        "run.log",
    } <= texts.keys()
    assert any(path.endswith(".jpg") for path in texts)
    assert any(path.startswith("data/cache.db, ") for path in texts), "answers were cached"
    for number, ended in enumerate(said):
        texts[f"stdout {number}"] = ended.stdout.encode("utf-8", "surrogateescape")
        texts[f"stderr {number}"] = ended.stderr.encode("utf-8", "surrogateescape")
    assert leaks(CANARY, texts) == []


def test_what_a_killed_run_leaves_behind_holds_no_key(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=30)
    options = ("-L", "DEBUG", "--logfile=run.log")
    process = home.start_crawl("tmdb_trending", "pages=3", options=options, TMDB_ACCESS_TOKEN=CANARY)
    while len(sandbox.log()) < 20:
        assert process.poll() is None
    process.kill()
    process.communicate()
    texts = files(home.folder)
    assert "data/movies.db-wal" in texts
    assert leaks(CANARY, texts) == []
