"""A spider that is none of ours, a plain ``scrapy.Spider`` of a user, in a project that uses our settings."""

import json
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Ended, Home
from tests.support.redis_server import redis_server
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, json_answer

SANDBOX = ("--movies", "300")

SETTINGS = """
from moviecrawler.settings import *

SPIDER_MODULES = ["moviecrawler.spiders", "mine.spiders"]
"""

SPIDER = """
from dataclasses import dataclass

import scrapy


@dataclass
class Quote:
    text: str


class Quotes(scrapy.Spider):
    name = "quotes"

    async def start(self):
        for number in (1, 2, 3):
            yield scrapy.Request(f"{self.url}/quotes/{number}")
        yield scrapy.Request(f"{self.film}", self.parse_film)

    def parse(self, response):
        if response.status != 200:
            raise ValueError(f"the site said {response.status}")
        yield {"number": response.json()["number"]}
        yield Quote(response.json()["text"])

    def parse_film(self, response):
        yield {"film": response.json()["id"]}
"""


@pytest.fixture
def mine(tmp_path: Path, sandbox: Sandbox) -> Home:
    """A project of its own beside this one, with one spider."""
    home = Home(tmp_path / "project", {**FAST, **sandbox.env})
    (home.folder / "scrapy.cfg").write_text("[settings]\ndefault = mine.settings\n")
    (home.folder / "mine").mkdir()
    for name, text in {"__init__": "", "settings": SETTINGS, "spiders": SPIDER}.items():
        (home.folder / "mine" / f"{name}.py").write_text(text)
    return home


def quotes(asked: Asked) -> Answer:
    number = int(asked.path.rpartition("/")[2])
    return json_answer({"number": number, "text": "Hasta la vista"}, 200 if number < 3 else 404)


def crawl(home: Home, site: Site, sandbox: Sandbox, **settings: str) -> Ended:
    arguments = (f"url={site.url}", f"film={sandbox.api}/movie/603")
    return home.crawl("quotes", *arguments, options=("-O", "out.jsonl"), **settings)


def test_a_spider_that_is_none_of_ours_runs_to_its_end(mine: Home, sandbox: Sandbox) -> None:
    with Site(quotes) as site:
        ended = crawl(mine, site, sandbox)
        assert sorted(site.paths()) == ["/quotes/1", "/quotes/2", "/quotes/3"]
        (agent,) = {asked.headers["User-Agent"] for asked in site.asked}
        origin = site.url.removeprefix("http://")
    lines = [json.loads(line) for line in (mine.folder / "out.jsonl").read_text().splitlines()]
    items = sorted(lines, key=lambda line: sorted(line.items()).__repr__())
    assert items == [{"film": 603}, {"number": 1}, {"number": 2}, *[{"text": "Hasta la vista"}] * 2]
    assert agent.startswith("moviecrawler")

    # The third page is our callback's fault, as it would be in a spider of ours: a reject, and a traceback in the log.
    (reject,) = mine.records("rejects").values()
    assert (reject["spider"], reject["reason"], reject["status"]) == ("quotes", "callback", 404)
    assert ended.stderr.count("Traceback") == 1
    assert "ValueError: the site said 404" in ended.stderr

    summary = [line.split() for line in ended.lines]
    assert ["quotes:", "finished", "in"] in [words[:3] for words in summary]
    assert ["requests", "4:", "3", f"{origin},", "1", "TMDB"] in summary
    assert mine.last_run["finish_reason"] == "finished"
    assert (mine.last_run["spider"], mine.last_run["arguments"]) == ("quotes", {})
    assert mine.documents() == {}, "what it yields is its own"


def test_a_host_of_our_settings_gets_its_key_and_any_other_host_none(mine: Home, sandbox: Sandbox) -> None:
    with Site(quotes) as site:
        crawl(mine, site, sandbox)
        sent = [{name.lower() for name in asked.headers} for asked in site.asked]
    (film,) = sandbox.log()
    assert film["credential"] == "header"
    assert not any("authorization" in names for names in sent)


def test_a_host_that_cannot_be_reached_does_not_end_the_crawl(mine: Home, sandbox: Sandbox) -> None:
    with Site(quotes) as site:
        gone = site
    ended = crawl(mine, gone, sandbox)
    assert (ended.status, mine.last_run["finish_reason"]) == (0, "finished")
    assert json.loads((mine.folder / "out.jsonl").read_text()) == {"film": 603}


def test_one_of_our_spiders_runs_beside_it(mine: Home) -> None:
    assert mine.crawl("tmdb_titles", "ids=603").status == 0
    assert mine.documents().keys() == {603}


def test_with_redis_it_crawls_alone(mine: Home, sandbox: Sandbox) -> None:
    with redis_server() as redis, Site(quotes) as site:
        ended = crawl(mine, site, sandbox, REDIS_URL=redis.uri)
    assert "quotes is no spider of this project: it crawls alone" in ended.stderr
    assert mine.last_run["finish_reason"] == "finished"
    assert mine.stats["requests/" + site.url] == 3
