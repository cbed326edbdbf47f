"""`scrapy due`, `stats`, `lock`, `unlock`, `match`, `reparse` and `export`, as a user runs them."""

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moviecrawler import timestamps
from moviecrawler.ingest.upsert import rewrite
from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store
from tests.support.ageing import age
from tests.support.crawl import FAST, Ended, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")
IDS = (13, 155, 278, 550, 603, 680, 19995, 27205, 157336)
TWINS = (1891, 11)
"""Two films of one title and day, so that a row of a table may be either."""

SHOW = 1396
SOURCES = ("tmdb", "omdb", "the_numbers")


@pytest.fixture(scope="module")
def stock(module_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Eleven films and a show, as all three sources know them; two films that The Numbers could mean by one row."""
    for id in TWINS:
        module_sandbox.patch("movie", id, title="The Double", original_title="The Double", release_date="2013-09-07")
    module_sandbox.patch_film(twin(module_sandbox), title="The Double", year="2013", date="2013-09-07")
    home = Home(tmp_path_factory.mktemp("stock"), {**FAST, **module_sandbox.env, "THE_NUMBERS_ENABLED": "1"})
    ids = ",".join([*map(str, (*IDS, *TWINS)), f"shows/{SHOW}"])
    for crawl in (("tmdb_titles", f"ids={ids}"), ("omdb", "limit=0"), ("the_numbers_budgets",)):
        ended = home.crawl(*crawl)
        assert ended.status == 0, ended.stderr
    return home


@pytest.fixture
def home(stock: Home, sandbox: Sandbox, tmp_path: Path) -> Home:
    """The stock, to do with as one likes."""
    shutil.copytree(stock.folder, tmp_path / "home")
    return Home(tmp_path / "home", stock.settings)


def twin(sandbox: Sandbox) -> str:
    """What The Numbers calls the film of which it says nothing but the title and the day."""
    return str(next(film["slug"] for film in sandbox.films() if film["tmdb_id"] == TWINS[0]))


def done(ended: Ended) -> str:
    assert ended.status == 0, ended.stderr
    return ended.stdout


def refused(ended: Ended, status: int) -> str:
    """The one line with which a command said no."""
    assert (ended.status, ended.stdout, len(ended.lines)) == (status, "", 1), ended.stderr
    return ended.lines[0]


def rows(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done(ended).splitlines()]


def edit(home: Home, act: Callable[[Store], Awaitable[Any]]) -> None:
    """Do something to the store by hand."""

    async def edited() -> None:
        store = open_store(f"sqlite:///{home.database}", data_dir=home.data)
        await store.open()
        try:
            await act(store)
        finally:
            await store.close()

    asyncio.run(edited())


# --- due --------------------------------------------------------------------------------------------------------


def by_age(documents: dict[int, dict[str, Any]], source: str) -> dict[str, int]:
    """How many are due, counted one by one."""
    now, today = timestamps.iso(datetime.now(UTC)), datetime.now(UTC).date()
    found: Counter[str] = Counter()
    for document in documents.values():
        if (document["sources"][source]["next_refresh_at"] or "9") <= now:
            days = (today - date.fromisoformat(document["release_date"])).days
            found["older" if days > 365 else "to_365" if days > 180 else "to_180" if days > 60 else "to_60"] += 1
    return dict(found)


def test_due_counts_every_source_and_names_the_next_in_their_order(home: Home) -> None:
    age(home, 400)
    documents, shows = home.documents(), home.documents("shows")
    found = json.loads(done(home.scrapy("due", "--json", "--next", "20")))
    for source in SOURCES:
        assert found["movies"][source]["ages"] == by_age(documents, source)
        assert found["shows"][source]["ages"] == by_age(shows, source)
    newest = sorted(documents, key=lambda id: (documents[id]["release_date"], -id), reverse=True)
    loved = sorted(documents, key=lambda id: documents[id]["popularity"], reverse=True)
    assert [title["id"] for title in found["movies"]["tmdb"]["next"]] == newest
    assert [title["id"] for title in found["movies"]["omdb"]["next"]] == [
        id for id in loved if documents[id]["sources"]["omdb"]["next_refresh_at"]
    ]
    first = found["movies"]["tmdb"]["next"][0]
    assert first == {
        "id": newest[0],
        "title": documents[newest[0]]["title"],
        "year": documents[newest[0]]["year"],
        "due_since": documents[newest[0]]["sources"]["tmdb"]["next_refresh_at"],
        "never": False,
    }


def test_due_prints_a_table(home: Home) -> None:
    age(home, 400)
    lines = done(home.scrapy("due", "--source", "tmdb", "--next", "2")).splitlines()
    documents = home.documents()
    newest = max(documents.values(), key=lambda document: document["release_date"])
    since = newest["sources"]["tmdb"]["next_refresh_at"][:10]
    assert re.split(r" {2,}", lines[0])[1:] == [
        *("unreleased", "up to 60 days", "up to 180", "up to 365", "older", "without a date", "all")
    ]
    assert lines[1].split() == ["movies", "tmdb", "0", "0", "0", "0", str(len(documents)), "0", str(len(documents))]
    assert lines[2].split()[:2] == ["shows", "tmdb"]
    assert lines[3] == "next movies of tmdb:"
    assert lines[4] == f"  movies/{newest['_id']}  {newest['title']} ({newest['year']}), due since {since}"
    assert len(lines) == 6, "two are named, and no show is due"


def test_after_a_crawl_only_titles_never_requested_are_due(home: Home) -> None:
    found = json.loads(done(home.scrapy("due", "--json")))
    assert [found["movies"][source]["ages"] for source in ("tmdb", "omdb")] == [{}, {}]
    assert found["movies"]["the_numbers"]["ages"] == {"older": len(IDS) + len(TWINS)}
    assert {title["never"] for title in found["movies"]["the_numbers"]["next"]} == {True}
    assert len(found["movies"]["the_numbers"]["next"]) == 5
    assert found["shows"]["the_numbers"] == {"ages": {}, "next": []}


def test_changed_settings_reach_stored_titles_with_recompute(home: Home) -> None:
    before = home.documents()
    words = ("due", "--recompute", "--next", "0")
    shorter = {"REFRESH_TMDB": "1,2,3,4", "THE_NUMBERS_ENABLED": "0"}
    assert f"{len(before) + 1} titles have a new date" in done(home.scrapy(*words, **shorter))
    for id, document in home.documents().items():
        slots = document["sources"]
        fetched = timestamps.parse(slots["tmdb"]["fetched_at"])
        assert slots["tmdb"]["next_refresh_at"] == timestamps.iso(fetched + timedelta(days=4))
        assert slots["the_numbers"]["next_refresh_at"] is None
        assert slots["omdb"] == before[id]["sources"]["omdb"]
    assert "0 titles have a new date" in done(home.scrapy(*words, **shorter))
    found = json.loads(done(home.scrapy("due", "--recompute", "--json")))
    assert found["movies"]["the_numbers"]["ages"] == {"older": len(before)}
    assert home.documents()[603]["sources"]["tmdb"] == before[603]["sources"]["tmdb"]


# --- stats ------------------------------------------------------------------------------------------------------


def test_stats_agree_with_counts_of_the_export(home: Home) -> None:
    age(home, 400, IDS[:3])
    found = json.loads(done(home.scrapy("stats", "--json")))
    for kind in ("movies", "shows"):
        documents = rows(home.scrapy("export", kind))
        now = timestamps.iso(datetime.now(UTC))
        assert found[kind]["total"] == len(documents)
        assert found[kind]["ages"] == {"older": len(documents)}
        for source in SOURCES:
            slots = [document["sources"][source] for document in documents]
            assert found[kind]["sources"][source] == {
                "asked": sum(slot["fetched_at"] is not None for slot in slots),
                "frozen": sum(slot["frozen_at"] is not None for slot in slots),
                "gone": sum(slot["gone_at"] is not None for slot in slots),
                "due": sum((slot["next_refresh_at"] or "9") <= now for slot in slots),
            }
        for field in ("title", "imdb_id", "tagline", "runtime", "keywords", "awards", "distributor"):
            assert found[kind]["fields"].get(field, 0) == sum(bool(document[field]) for document in documents), field
        for field in ("budget", "domestic", "opening_weekend"):
            count = sum(document["box_office"][field] is not None for document in documents)
            assert found[kind]["fields"].get(f"box_office.{field}", 0) == count, field
    assert found["movies"]["complete"] == 0, "The Numbers was asked for no film's page"
    assert found["shows"]["complete"] == 1


def test_stats_prints_a_table(home: Home) -> None:
    lines = done(home.scrapy("stats")).splitlines()
    total = len(IDS) + len(TWINS)
    assert lines[0] == f"{total} movies, 0 % fully refreshed"
    assert lines[1].split() == ["source", "asked", "due", "frozen", "gone"]
    assert lines[2].split() == ["tmdb", str(total), "0", "0", "0"]
    assert lines[4].split() == ["the_numbers", "0", str(total), "0", "0"]
    assert lines[5] == f"  age: {total} older"
    assert ["title", str(total), "100", "%"] in [line.split() for line in lines]
    assert "1 show, 100 % fully refreshed" in lines
    assert lines[-1] == f"in SQLite {home.database}"


# --- lock and unlock --------------------------------------------------------------------------------------------


def test_a_lock_survives_all_sources_until_it_is_taken_away(home: Home, sandbox: Sandbox) -> None:
    said = done(
        home.scrapy(
            "lock", "680", "title=1917", "runtime=13", "ratings.imdb.score=9.9", 'genres=["Noir"]', "tagline=null"
        )
    )
    assert said.splitlines() == [
        "movies/680 1917: 5 locks",
        '  genres = ["Noir"]',
        "  ratings.imdb.score = 9.9",
        "  runtime = 13",
        "  tagline = null",
        '  title = "1917"',
    ]
    sandbox.patch("movie", 680, tagline="Another line", runtime=99)
    ratings = [{"Source": "Internet Movie Database", "Value": "3.1/10"}]
    sandbox.patch_omdb(home.documents()[680]["imdb_id"], Ratings=ratings)
    assert home.crawl("tmdb_titles", "ids=680").status == 0
    assert home.crawl("omdb", f"imdb_ids={home.documents()[680]['imdb_id']}").status == 0
    document = home.documents()[680]
    locked = {"title": "1917", "runtime": 13, "genres": ["Noir"], "tagline": None}
    assert {name: document[name] for name in locked} == locked
    assert document["ratings"]["imdb"]["score"] == 9.9
    assert {document["provenance"][path] for path in (*locked, "ratings.imdb.score")} == {"locked"}
    assert document["sources"]["tmdb"]["data"]["runtime"] == 99

    assert "movies/680 1917: 3 locks" in done(home.scrapy("unlock", "680", "genres", "tagline"))
    assert done(home.scrapy("unlock", "movies/680", "--all")) == "movies/680 Pulp Fiction: no locks\n"
    document = home.documents()[680]
    assert (document["runtime"], document["tagline"]) == (99, "Another line")
    assert document["ratings"]["imdb"]["score"] == 3.1
    assert document["provenance"]["title"] == "tmdb"
    changes = [row for row in rows(home.scrapy("export", "changes")) if row["source"] == "lock"]
    assert [sorted(one["path"] for one in row["diff"]) for row in changes] == [
        ["genres", "runtime", "tagline", "title"],
        ["genres", "tagline"],
        ["runtime", "title"],
    ]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (
            ("lock", "603", "popularitty=1"),
            2,
            "popularitty cannot be locked: must be one of imdb_id, external_ids, title",
        ),
        (("lock", "603", "runtime=long"), 2, "runtime='long': "),
        (("lock", "603", "runtime=-5"), 2, "runtime=-5: must be 1 to"),
        (("lock", "603", "title="), 2, "title='': must be visible text"),
        (("lock", "603", "release_date=1999"), 2, "release_date='1999': must be a day"),
        (("lock", "604", "runtime=1"), 1, "movies/604 is not stored"),
        (("unlock", "603", "runtime"), 1, "runtime is not locked; locked: nothing"),
        (("unlock", "shows/603", "--all"), 1, "shows/603 is not stored"),
    ],
)
def test_an_impossible_lock_is_one_line(home: Home, words: tuple[str, ...], status: int, said: str) -> None:
    before = home.documents()
    assert refused(home.scrapy(*words), status).startswith(f"scrapy {words[0]}: {said}")
    assert home.documents() == before


# --- match ------------------------------------------------------------------------------------------------------


def test_an_ambiguous_row_is_matched_by_a_person_for_good(home: Home, sandbox: Sandbox) -> None:
    name = f"the_numbers/{twin(sandbox)}"
    lines = done(home.scrapy("match")).splitlines()
    assert lines[0] == f"{name}  The Double (2013)"
    (listed,) = rows(home.scrapy("match", "--json"))
    said = listed["said"]
    assert lines[1].startswith(f"    says: {said['release_date']}, budget ${said['box_office']['budget']:,}, ")
    assert lines[1].endswith(f", {listed['page']}")
    assert listed["page"].endswith(f"/movie/{twin(sandbox)}")
    assert sorted(line.split()[0] for line in lines[2:4]) == sorted(f"movies/{id}" for id in TWINS)
    assert all(" (2013-09-07), by " in line for line in lines[2:4])
    assert lines[4:] == ["1 to match: scrapy match --accept NAME ID, or --refuse NAME"]
    assert {candidate["_id"] for candidate in listed["candidates"]} == set(TWINS)

    sandbox.clear_log()
    assert f"{name} is movies/11  The Double" in done(home.scrapy("match", "--accept", name, "11"))
    assert sandbox.log() == []
    document, (budget,) = home.documents()[11], [listed["said"]["box_office"]["budget"]]
    assert (document["box_office"]["budget"], document["provenance"]["box_office.budget"]) == (budget, "the_numbers")
    assert done(home.scrapy("match")) == "nothing to match\n"
    assert f"{name}  The Double (2013): movies/11, settled\n" in done(home.scrapy("match", "--all"))

    sandbox.patch_film(twin(sandbox), budget=budget + 1)
    assert home.crawl("the_numbers_budgets").status == 0
    assert home.documents()[11]["box_office"]["budget"] == budget + 1
    assert done(home.scrapy("match")) == "nothing to match\n"
    sandbox.patch_film(twin(sandbox), budget=budget)

    done(home.scrapy("match", "--accept", name, "1891"))
    assert home.documents()[1891]["box_office"]["budget"] == budget + 1, "what was said last goes along"
    wrong = home.documents()[11]
    assert wrong["provenance"].get("box_office.budget") != "the_numbers", "a slip leaves nothing behind"
    assert (wrong["sources"]["the_numbers"]["data"], wrong["sources"]["the_numbers"]["source_id"]) == ({}, None)


def test_a_refused_row_is_never_listed_again(home: Home, sandbox: Sandbox) -> None:
    name, before = f"the_numbers/{twin(sandbox)}", home.documents()
    assert done(home.scrapy("match", "--refuse", name)) == f"{name} is none of the films from now on\n"
    assert home.crawl("the_numbers_budgets").status == 0
    assert done(home.scrapy("match")) == "nothing to match\n"
    for id in TWINS:
        assert home.documents()[id]["box_office"] == before[id]["box_office"]
    listed = {row["_id"]: row for row in rows(home.scrapy("match", "--all", "--json"))}
    assert listed[name]["settled"] is False
    assert listed.keys() == home.records("unmatched").keys()


def test_a_match_by_title_can_be_revoked_by_a_person(home: Home, sandbox: Sandbox) -> None:
    def owner() -> Any:
        return home.documents()[603]["sources"]["the_numbers"]["source_id"]

    twins, slug = home.records("unmatched")[f"the_numbers/{twin(sandbox)}"], owner()
    given = {**twins, "_id": f"the_numbers/{slug}", "source_id": slug, "candidates": [], "presumed": 603}
    given["said"] = {**twins["said"], "source_id": slug}
    edit(home, lambda store: store.records.put("unmatched", [given]))
    assert ": movies/603, by its title\n" in done(home.scrapy("match", "--all"))
    done(home.scrapy("match", "--refuse", given["_id"]))
    assert owner() is None
    done(home.scrapy("match", "--accept", given["_id"], "603"))
    assert owner() == slug


def test_a_wrong_match_is_one_line(home: Home, sandbox: Sandbox) -> None:
    name = f"the_numbers/{twin(sandbox)}"
    before = home.records("unmatched")
    for words, said in (
        (("--accept", "the_numbers/Nobody", "11"), "the_numbers/Nobody is not unmatched"),
        (("--accept", name, "604"), "movies/604 is not stored"),
        (("--refuse", "the_numbers/Nobody"), "the_numbers/Nobody is not unmatched"),
    ):
        assert refused(home.scrapy("match", *words), 1).startswith(f"scrapy match: {said}")
    assert home.records("unmatched") == before


# --- reparse ----------------------------------------------------------------------------------------------------


def without(source: str, *names: str) -> Callable[[Store], Awaitable[Any]]:
    """Take fields of a source out of film 603, as if its parser had not known them; freeze what is left.

    With ``tagline`` go ``taglines``, which hold it in all languages.
    """
    fields = set(names)

    def change(document: dict[str, Any], *, now: datetime) -> dict[str, Any]:
        slot = document["sources"][source]
        fetched = timestamps.parse(slot["fetched_at"])
        slot = {
            **slot,
            "hash": "of a parser of yesterday",
            "data": {
                name: value for name, value in slot["data"].items() if fields.isdisjoint((name, name.rstrip("s")))
            },
            "frozen_at": slot["fetched_at"],
            "unchanged_cycles": 3,
            "next_refresh_at": timestamps.iso(fetched + timedelta(days=180)),
        }
        empty = {name: type(document[name])() if isinstance(document[name], list) else None for name in fields}
        sources = {**document["sources"], source: slot}
        return {**document, **empty, "sources": sources, "revision": document["revision"] + 1}

    return lambda store: rewrite(store, ("movies", 603), change)


def test_a_field_that_no_parser_knew_comes_back_without_a_request(home: Home, sandbox: Sandbox) -> None:
    before = home.documents()[603]
    edit(home, without("tmdb", "tagline", "keywords"))
    edit(home, without("omdb", "awards"))
    poorer = home.documents()[603]
    assert (poorer["tagline"], poorer["keywords"], poorer["awards"]) == (None, [], None)
    sandbox.clear_log()

    answers = len(home.records("raw"))
    omdb = sum(key.startswith("omdb/") for key in home.records("raw"))
    said = done(home.scrapy("reparse", "--source", "omdb"))
    assert said == f"{omdb} answers parsed again: 1 changed, {omdb - 1} unchanged, 0 unreadable\n"
    document = home.documents()[603]
    assert (document["tagline"], document["awards"]) == (None, before["awards"])

    said = done(home.scrapy("reparse"))
    assert said == f"{answers} answers parsed again: 1 changed, {answers - 1} unchanged, 0 unreadable\n"
    document = home.documents()[603]
    assert (document["tagline"], document["keywords"]) == (before["tagline"], before["keywords"])
    for source in ("tmdb", "omdb"):
        slot, old = document["sources"][source], poorer["sources"][source]
        for name in ("fetched_at", "next_refresh_at", "frozen_at", "unchanged_cycles", "changed_at"):
            assert slot[name] == old[name], (source, name)
        assert slot["data"] == before["sources"][source]["data"]
    assert sandbox.log() == []
    changes = {row["_id"]: row for row in rows(home.scrapy("export", "changes"))}
    newest = changes[f"movies/603/{document['last_change']['revision']}"]
    assert {one["path"]: one["new"] for one in newest["diff"]} == {
        "tagline": before["tagline"],
        "keywords": before["keywords"],
    }


def test_a_damaged_stored_answer_is_named_and_stops_no_other(home: Home) -> None:
    damaged = {"tmdb/movies/13": "not base64!", "tmdb/movies/155": "AAAA", "omdb/movies/278": ""}
    edit(home, lambda store: store.records.patch("raw", [{"_id": id, "body": body} for id, body in damaged.items()]))
    edit(home, without("tmdb", "tagline"))
    before = home.documents()
    ended = home.scrapy("reparse")
    assert ended.status == 1
    assert {line.partition(":")[0] for line in ended.lines} == set(damaged)
    assert "Traceback" not in ended.stderr
    assert ", 3 unreadable\n" in ended.stdout
    assert home.documents()[603]["tagline"]
    for id in (13, 155):
        assert home.documents()[id]["sources"]["tmdb"] == before[id]["sources"]["tmdb"]


# --- export -----------------------------------------------------------------------------------------------------


def test_records_beside_the_documents_can_be_exported(home: Home, sandbox: Sandbox) -> None:
    unmatched = rows(home.scrapy("export", "unmatched"))
    assert f"the_numbers/{twin(sandbox)}" in {row["_id"] for row in unmatched}
    assert unmatched == sorted(home.records("unmatched").values(), key=lambda row: row["_id"])
    raw = rows(home.scrapy("export", "raw"))
    assert {row["_id"] for row in raw} >= {"tmdb/movies/603", "omdb/movies/603", f"tmdb/shows/{SHOW}"}
    assert "apikey" not in json.dumps([row["url"] for row in raw])
    (change, *_) = rows(home.scrapy("export", "changes"))
    assert change["_id"] == f"{change['kind']}/{change['id']}/{change['_id'].rpartition('/')[2]}"
    assert change["diff"]


# --- Usage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("due", "603"), "takes no arguments, got 603"),
        (("due", "--next", "some"), "--next='some': must be a whole number, 0 or more"),
        (("due", "--source", "imdb"), "--source='imdb': must be tmdb, omdb or the_numbers"),
        (("stats", "movies"), "takes no arguments, got movies"),
        (("lock", "99999999999", "title=x"), "'99999999999': must be a title"),
        (("lock", "603", "title"), "'title': must be FIELD=VALUE"),
        (("unlock", "603"), "name the fields, or --all"),
        (("match", "--accept", "the_numbers/x", "shows/1396"), "shows/1396: the_numbers/x can only be one of movies"),
        (
            ("match", "--accept", "the_numbers/x", "603", "--refuse", "the_numbers/y"),
            "give either --accept or --refuse",
        ),
        (("reparse", "--source", "imdb"), "--source='imdb': must be tmdb, omdb or the_numbers"),
    ],
)
def test_wrong_usage_is_one_line_and_touches_nothing(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    home = Home(tmp_path / "home")
    assert refused(home.scrapy(*words), 2).startswith(f"scrapy {words[0]}: {said}")
    assert not home.database.exists()


def test_a_wrong_setting_is_refused_before_the_store_is_opened(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", {"REFRESH_TMDB": "90,5,5,5"})
    for command in ("due", "reparse"):
        assert "REFRESH_TMDB='90,5,5,5'" in refused(home.scrapy(command), 2)
    assert not home.database.exists()


def test_a_reader_that_closes_the_pipe_is_no_error(home: Home) -> None:
    process = home.start("match", "--all", "--json")
    assert process.stdout
    assert process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    assert (Home.wait(process).status, process.returncode) == (0, 0)


def test_a_terminal_that_cannot_encode_a_title_still_shows_the_others(home: Home) -> None:
    done(home.scrapy("lock", "603", "title=守塔人"))
    said = done(home.scrapy("due", "--source", "the_numbers", "--next", "50", PYTHONIOENCODING="ascii"))
    assert r"\u5b88\u5854\u4eba (1999), never requested" in said
