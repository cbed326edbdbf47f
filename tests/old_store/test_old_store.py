"""A store that an older version filled works on: read, refreshed and parsed again, nothing written without a reason.

The sites answer what they answered the old version, byte for byte (its ``raw`` records).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from moviecrawler.ingest.raw import raw_body
from moviecrawler.policy.documents.upgrade import upgraded
from tests.old_store.make import load
from tests.support.crawl import FAST, Document, Home
from tests.support.site import Answer, Asked, Site, json_answer

FILMS, FROZEN, GONE = {13, 278, 550, 603, 27205}, {550, 603, 27205}, 278
READ_OTHERWISE = frozenset({"titles", "releases", "certification", "people", "in_production", "quality"})
"""Fields of documents in which today's parsers see, on purpose, something else than the old ones."""

ALL = ("feed=0", "export=0")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings that lead to TMDB, OMDB and The Numbers as the old version found them."""
    store = Home(tmp_path_factory.mktemp("old"))
    load(store.database)
    answers = {}
    for row in store.records("raw").values():
        address = urlsplit(row["url"])
        answers[address.path, parse_qs(address.query).get("i", [""])[0]] = raw_body(row)

    def answer(asked: Asked) -> Answer:
        body = None if asked.path == f"/3/movie/{GONE}" else answers.get((asked.path, asked.query.get("i", "")))
        return Answer(body) if body else json_answer({"status_code": 34}, 404)

    with Site(answer) as tmdb, Site(answer) as omdb, Site(answer) as the_numbers:
        yield {**tmdb.env, "OMDB_BASE_URL": omdb.url, "OMDB_API_KEY": "any", "THE_NUMBERS_BASE_URL": the_numbers.url}


@pytest.fixture
def home(tmp_path: Path, sites: dict[str, str]) -> Home:
    home = Home(tmp_path, {**FAST, **sites, "THE_NUMBERS_ENABLED": "1"})
    load(home.database)
    return home


def todays(rows: dict[str, dict[Any, Document]]) -> dict[str, dict[Any, Document]]:
    """Documents and records in the form in which today's version reads them."""
    return {kind: {id: upgraded(kind, row) for id, row in some.items()} for kind, some in rows.items()}


def everything(home: Home) -> dict[str, dict[Any, Document]]:
    kinds = ("changes", "charts", "dropped", "raw", "rejects", "runs")
    return {kind: home.documents(kind) for kind in ("movies", "shows")} | {kind: home.records(kind) for kind in kinds}


def known(new: Any, old: Any) -> Any:
    """Of the new value what the old version knew, too: no fields that are younger.

    >>> known({"title": "Heat", "seen": [{"by": "me", "at": "home"}]}, {"seen": [{"by": "you"}]})
    {'seen': [{'by': 'me'}]}
    """
    if isinstance(new, dict) and isinstance(old, dict):
        return {name: known(new[name], old[name]) for name in old if name in new}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [known(*pair) for pair in zip(new, old, strict=True)]
    return new


def told(document: Document) -> Document:
    """The document without what each look at a source renews, and without what is read otherwise now."""
    cycle = ("fetched_at", "hash", "unchanged_cycles", "next_refresh_at", "parts")
    slots = {
        source: {name: value for name, value in slot.items() if name not in cycle} | {"data": unmoved(slot["data"])}
        for source, slot in document["sources"].items()
    }
    renewed = {"updated_at": None, "revision": None, "last_change": None}
    return unmoved({**document, **renewed, "sources": slots, "provenance": unmoved(document["provenance"])})


def unmoved(fields: Document) -> Document:
    """Those that are read as they always were."""
    return {path: value for path, value in fields.items() if path.partition(".")[0] not in READ_OTHERWISE}


def test_reading_shows_all_and_writes_nothing(home: Home) -> None:
    before = everything(home)
    for kind in ("movies", "changes"):
        ended = home.scrapy("export", kind)
        assert ended.status == 0, ended.stderr
        exported = {row["_id"]: row for row in map(json.loads, ended.stdout.splitlines())}
        assert exported == {id: upgraded(kind, row) for id, row in before[kind].items()}
    said = json.loads(home.scrapy("stats", "--json").stdout)
    assert said["movies"]["total"] == len(FILMS)
    assert said["movies"]["sources"]["tmdb"] == {"asked": 5, "frozen": 3, "gone": 1, "due": 4}
    due = json.loads(home.scrapy("due", "--json").stdout)
    assert {row["id"] for row in due["movies"]["tmdb"]["next"]} == FILMS - {GONE}
    assert everything(home) == before


def assert_nothing_else_is_said(after: dict[str, dict[Any, Document]], before: dict[str, dict[Any, Document]]) -> None:
    """Every document says what it said, as far as the old version knew; history has no more than that."""
    after, before = todays(after), todays(before)
    for kind in ("movies", "shows"):
        for id, document in after[kind].items():
            old = before[kind][id]
            assert known(told(document), told(old)) == told(old)
    new = [after["changes"][name] for name in after["changes"].keys() - before["changes"].keys()]
    assert {part["path"].partition(".")[0] for change in new for part in change["diff"]} <= READ_OTHERWISE


def test_what_says_the_same_is_not_written_again(home: Home) -> None:
    before = everything(home)
    assert home.scrapy("reparse").status == 0
    after = everything(home)
    assert_nothing_else_is_said(after, before)
    for kind in ("movies", "shows"):
        for id, document in after[kind].items():
            old = before[kind][id]
            written = {name: document[name] for name in ("revision", "updated_at")}
            assert document == old or document != old | written, "a write has its reason"
    for command in (("reparse",), ("due", "--recompute")):
        ended = home.scrapy(*command)
        assert ended.status == 0, ended.stderr
        assert everything(home) == after, ended.stdout


def test_a_refresh_thaws_nothing_and_makes_no_history(home: Home) -> None:
    before = everything(home)
    for spider, arguments in (("tmdb_refresh", ALL), ("omdb", ("limit=0",)), ("the_numbers", ("limit=0",))):
        ended = home.crawl(spider, *arguments)
        assert ended.status == 0, ended.stderr
    after = everything(home)
    assert_nothing_else_is_said(after, before)
    assert after["movies"][GONE] == before["movies"][GONE]
    for kind in ("movies", "shows"):
        for id, document in after[kind].items():
            for source, slot in document["sources"].items():
                old = before[kind][id]["sources"][source]
                asked = id != GONE and old["fetched_at"] is not None
                assert (slot["fetched_at"] != old["fetched_at"]) is asked, (source, id)
    frozen = {id for id, document in after["movies"].items() if document["sources"]["tmdb"]["frozen_at"]}
    assert frozen == FROZEN
