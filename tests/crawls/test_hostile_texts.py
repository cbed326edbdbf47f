"""What strangers put into titles and into the queue: no terminal obeys it, no key follows it."""

import json
import re
from pathlib import Path

import pytest
from redis import Redis

from tests.support.crawl import FAST, Home
from tests.support.redis_server import RedisServer
from tests.support.site import Answer, Asked, Site, film
from tests.support.waiting import until

EVIL = "\x1b]0;owned\x07\x1b[2JThe\nMatrix\x9b31m\u202e\r=1+1"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", {**FAST, "TMDB_ACCESS_TOKEN": "c4n4ry-token", "FILTER_ENABLED": "0"})


def answer(asked: Asked) -> Answer:
    number = int(asked.path.rpartition("/")[2])
    if number >= 10:
        return film(number)
    return film(number, title=EVIL, tagline="=1+1", release_date="2024-05-01", imdb_id=f"tt000000{number}")


def test_a_title_takes_no_terminal_and_no_spreadsheet(home: Home) -> None:
    with Site(answer) as site:
        places = {"TMDB_BASE_URL": f"{site.url}/3"}
        crawled = home.crawl("tmdb_titles", "ids=1,2", options=("-L", "DEBUG", "-O", "feed.csv"), **places)
    assert home.documents()[1]["title"], "it is stored, whatever it is"
    said = [
        crawled,
        home.scrapy("due", "--source", "omdb", OMDB_API_KEY="any"),
        home.scrapy("lock", "movies/1", f"tagline={EVIL}"),
        home.scrapy("export", "movies"),
        home.scrapy("match", "--accept", EVIL, "movies/1"),
        home.scrapy("export", "movies", "-o", "safe.csv"),
        home.scrapy("export", "movies", "-o", "plain.csv", CSV_DEFUSED="0"),
    ]
    for ended in said:
        assert not OBEYED.search(ended.stdout + ended.stderr), ended
    due = said[1].stdout.splitlines()
    assert sum(line.startswith("  movies/") for line in due) == 2, "a title is a line"
    assert json.loads(said[3].stdout.splitlines()[0])["locks"]["tagline"] == EVIL
    safe, plain, feed = (
        (home.folder / name).read_text(encoding="utf-8") for name in ("safe.csv", "plain.csv", "feed.csv")
    )
    assert ",'=1+1," in safe
    assert ",=1+1," not in safe
    assert ",'=1+1," in feed
    assert ",=1+1," in plain


def test_an_entry_of_the_queue_leads_no_key_elsewhere_and_sends_nothing_of_its_own(
    home: Home, redis: RedisServer
) -> None:
    with Site(answer) as site, Site(answer) as evil, Redis.from_url(redis.uri) as client:
        there = evil.url.removeprefix("http://")
        worker = home.start_crawl(
            "tmdb_titles",
            "ids=20",
            TMDB_BASE_URL=f"{site.url}/3",
            REDIS_URL=redis.uri,
            WORKER_IDLE_SECONDS="600",
        )
        until(lambda: 20 in home.documents(), worker)
        (base,) = {key.decode().rpartition("}")[0] + "}" for key in client.keys("moviecrawler:{tmdb_titles*")}
        entry = {
            "callback": "parse_title",
            "errback": "failed",
            "cb_kwargs": {"kind": "movies", "id": 21, "listed": False, "fetch_reason": "manual", "trending": None},
        }
        host = {"headers": {"Host": [{"$bytes": "ZXZpbA=="}], "Cookie": [{"$bytes": "YT1i"}]}}
        entries = [
            *({**entry, "url": url} for url in (f"{site.url}/3@{there}/3/movie/21", f"{site.url}@{there}/3/movie/21")),
            {**entry, "url": f"{evil.url}/3/movie/21"},
            {**entry, "url": f"{site.url}/3/movie/21", **host},
            {**entry, "url": f"{site.url}/3/movie/21", "meta": {"retry_times": "often"}},
            {**entry, "url": f"{site.url}/3/movie/21", "meta": {"history": {"\x1b[2J": 1}}},
        ]
        client.rpush(f"{base}:inbox", *(f"0 {site.url} {json.dumps(one)}" for one in entries))
        until(lambda: client.hlen(f"{base}:dead") == 3 and len(home.records("rejects")) == 3, worker)
        shown = home.scrapy("queue", "tmdb_titles", REDIS_URL=redis.uri, TMDB_BASE_URL=f"{site.url}/3")
        worker.terminate()
        ended = home.wait(worker)
    assert evil.asked == []
    assert [asked.path for asked in site.asked] == ["/3/movie/20"]
    assert "dead     3" in shown.stdout
    assert not OBEYED.search(shown.stdout + ended.stderr)
    assert "Traceback" not in ended.stderr
    assert {row["detail"] for row in home.records("rejects").values()} == {"unknown_host"}


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"DATA_DIR=caf\xe9\n", "not UTF-8 text"), (b"# a comment\n" * 2_000_000, "more than 1,000,000 bytes")],
    ids=["Latin-1", "24 MB"],
)
def test_an_env_file_that_cannot_be_read_is_named_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    home = Home(tmp_path)
    (tmp_path / ".env").write_bytes(content)
    ended = home.scrapy("stats")
    assert ended.status == 2
    assert [says in line and ".env" in line for line in ended.lines] == [True]
