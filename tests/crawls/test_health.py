"""After crawls that went well, `scrapy health` finds nothing: what a limit or the filter leaves out is no fault."""

import json
from collections.abc import Callable

import pytest

from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "120", "--shows", "30")


@pytest.mark.parametrize("where", ["sqlite", "mongo"])
def test_a_store_of_real_crawls_is_healthy(
    where: str, request: pytest.FixtureRequest, sandbox: Sandbox, make_home: Callable[..., Home]
) -> None:
    uri = request.getfixturevalue("mongo_uri") if where == "mongo" else ""
    home = make_home(STORE_URI=uri, IMAGES_ENABLED="1", THE_NUMBERS_ENABLED="1")
    assert home.crawl("tmdb_trending", "media=all", "limit=8").status == 0
    discover = ("collect", "--start-year", "1999", "--end-year", "2001", "--max-pages", "1")
    assert home.scrapy(*discover, IMAGES_ENABLED="0").status == 0
    for words in ((), ("--full",)):
        ended = home.scrapy("health", "--json", *words)
        assert (json.loads(ended.stdout), ended.status) == ({"score": 100, "findings": []}, 0), ended
