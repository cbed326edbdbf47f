"""`scrapy crawl omdb`: what is due, the most wanted first, within the quota of the day; every error of OMDB."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.crawl import Document, Ended, Home, queries
from tests.support.leaks import files, leaks
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film

SANDBOX = ("--movies", "300")
TITLES = "ids=11,12,13,238,278,550,603,680,shows/1396"


@pytest.fixture
def stocked(home: Home, sandbox: Sandbox) -> Home:
    """Eight films and a show of TMDB, all of which OMDB has."""
    assert home.crawl("tmdb_titles", TITLES).status == 0
    sandbox.clear_log()
    return home


def asked(sandbox: Sandbox) -> list[str]:
    """The IMDb ids that OMDB was asked for, in their order."""
    return queries(sandbox.log(server="omdb"), "i")


def titles(home: Home) -> dict[str, Document]:
    """All documents by IMDb id, the most popular first."""
    documents = [*home.documents().values(), *home.documents("shows").values()]
    return {one["imdb_id"]: one for one in sorted(documents, key=lambda one: -one["popularity"])}


def one_line(ended: Ended, text: str) -> str:
    (line,) = [line for line in ended.lines if text in line]
    return line


def test_the_most_popular_titles_never_requested_come_first(sandbox: Sandbox, stocked: Home) -> None:
    ids = list(titles(stocked))
    assert len(ids) == 9
    ended = stocked.crawl("omdb", "limit=4", OMDB_CONCURRENCY="1", TMDB_ACCESS_TOKEN="")
    assert ended.status == 0, ended.stderr
    assert asked(sandbox) == ids[:4], "no other request, in this order, and no key of TMDB is needed"
    assert {entry["query"].partition("&plot=full")[1] for entry in sandbox.log()} == {"&plot=full"}
    assert (stocked.stats["titles/found"], stocked.stats["titles/updated"]) == (4, 4)
    assert stocked.stats["downloader/request_count"] == 4
    sandbox.clear_log()
    assert stocked.crawl("omdb", OMDB_CONCURRENCY="1").status == 0
    assert asked(sandbox) == ids[4:], "what was asked is not due"
    sandbox.clear_log()
    assert stocked.crawl("omdb").status == 0
    assert sandbox.log() == []
    assert stocked.stats.get("titles/found", 0) == 0


def test_the_data_of_omdb_are_in_the_document_with_their_source(sandbox: Sandbox, stocked: Home) -> None:
    before = titles(stocked)
    assert stocked.crawl("omdb").status == 0
    for imdb_id, document in titles(stocked).items():
        slot = document["sources"]["omdb"]
        assert (slot["source_id"], slot["data"]["imdb_id"]) == (imdb_id, imdb_id)
        assert slot["next_refresh_at"] > slot["fetched_at"]
        assert slot["unchanged_cycles"] == 0
        for house in ("imdb", "metacritic", "rotten_tomatoes"):
            if house in document["ratings"]:
                assert document["provenance"][f"ratings.{house}"] == "omdb"
        assert document["title"] == before[imdb_id]["title"], "TMDB's words stay"
    matrix = stocked.documents()[603]
    assert {"imdb", "rotten_tomatoes", "tmdb"} <= matrix["ratings"].keys()
    assert stocked.documents("shows")[1396]["sources"]["omdb"]["data"]["season_count"] > 1


def test_named_titles_are_requested_due_or_not_and_force_requests_all(sandbox: Sandbox, stocked: Home) -> None:
    ids = list(titles(stocked))
    stocked.crawl("omdb")
    sandbox.clear_log()
    ended = stocked.crawl("omdb", f"imdb_ids={ids[7]},{ids[2]},tt9999999")
    assert ended.status == 0
    assert sorted(asked(sandbox)) == sorted([ids[7], ids[2]])
    assert "tt9999999: crawl it first" in one_line(ended, "no stored title")
    assert stocked.stats["titles/unchanged"] == 2
    assert titles(stocked)[ids[2]]["sources"]["omdb"]["unchanged_cycles"] == 0, "by hand: no cycle"
    sandbox.clear_log()
    assert stocked.crawl("omdb", "force=1", "limit=3", OMDB_CONCURRENCY="1").status == 0
    assert asked(sandbox) == ids[:3]


@pytest.mark.parametrize(
    ("argument", "allowed"),
    [("limit=-1", "0 or more"), ("limit=all", "0 or more"), ("imdb_ids=603", "tt0133093"), ("force=maybe", "0 or 1")],
)
def test_a_wrong_argument_is_one_line(sandbox: Sandbox, home: Home, argument: str, allowed: str) -> None:
    ended = home.crawl("omdb", argument)
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert allowed in ended.stderr


# --- The quota of the day ---------------------------------------------------------------------------------------


def test_the_quota_holds_over_runs_and_what_is_not_used_is_given_back(sandbox: Sandbox, stocked: Home) -> None:
    ids = list(titles(stocked))
    settings = {"OMDB_DAILY_QUOTA": "6", "OMDB_CONCURRENCY": "1"}
    assert stocked.crawl("omdb", "limit=4", **settings).status == 0
    assert (stocked.stats["quota/omdb/used"], stocked.stats["quota/omdb/left"]) == (4, 2)
    ended = stocked.crawl("omdb", **settings)
    assert ended.status == 0, "what could be done was done"
    assert stocked.last_run["finish_reason"] == "quota"
    assert asked(sandbox) == ids[:6], "the most popular ones got it"
    assert "what is left stays due" in one_line(ended, "daily quota is used up")
    assert "Traceback" not in ended.stderr
    assert (stocked.stats["quota/omdb/used"], stocked.stats["quota/omdb/left"]) == (2, 0)
    assert any(line.split() == ["quota", "OMDB:", "2", "requests,", "0", "left", "today"] for line in ended.lines)
    ended = stocked.crawl("omdb", **settings)
    assert (ended.status, len(asked(sandbox))) == (0, 6), "not one more"
    assert stocked.records("rejects") == {}
    sandbox.clear_log()
    assert stocked.crawl("omdb", OMDB_DAILY_QUOTA="0").status == 0
    assert sorted(asked(sandbox)) == sorted(ids[6:]), "what was left stayed due"


def test_two_workers_share_one_quota(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.settings(latency=20)
    # Either of them could use it all: what one has taken and gives back at its end, the other may not find any more.
    workers = [stocked.start_crawl("omdb", "force=1", OMDB_DAILY_QUOTA="7") for _ in range(2)]
    assert [stocked.wait(worker).status for worker in workers] == [0, 0]
    assert len(sandbox.log(server="omdb")) == 7
    runs = [run["stats"]["quota/omdb/used"] for run in stocked.records("runs").values() if run["spider"] == "omdb"]
    assert sum(runs) == 7


def test_every_try_counts_and_a_cache_hit_does_not(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.faults([{"kind": "503", "target": "omdb", "times": 2, "seconds": 0.01}])
    one = f"imdb_ids={next(iter(titles(stocked)))}"
    assert stocked.crawl("omdb", one, CACHE_URI="sqlite:").status == 0
    assert stocked.stats["quota/omdb/used"] == len(sandbox.log()) == 3
    assert stocked.crawl("omdb", one, CACHE_URI="sqlite:").status == 0
    assert len(sandbox.log()) == 3
    assert "quota/omdb/used" not in stocked.stats
    assert stocked.stats["cache/hit"] == 1


def test_a_quota_reported_by_omdb_ends_the_run_as_cleanly(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.settings(omdb_quota=3)
    ended = stocked.crawl("omdb", OMDB_CONCURRENCY="1")
    assert ended.status == 0
    assert [entry["status"] for entry in sandbox.log()] == [200, 200, 200, 401]
    assert stocked.last_run["finish_reason"] == "quota"
    assert stocked.records("rejects") == {}
    assert one_line(ended, "OMDB: 4 requests, and its own daily limit is reached")
    assert stocked.stats["titles/expected"] == 9
    sandbox.settings(omdb_quota=0)
    sandbox.clear_log()
    assert stocked.crawl("omdb").status == 0
    assert len(asked(sandbox)) == 6


# --- Keys -------------------------------------------------------------------------------------------------------


def test_a_wrong_key_costs_one_request_and_one_line(sandbox: Sandbox, stocked: Home) -> None:
    sandbox.settings(omdb_key="the-right-key")
    ended = stocked.crawl("omdb", OMDB_API_KEY="a-wrong-key")
    assert ended.status == 1
    assert len(sandbox.log()) == 1
    line = one_line(ended, "refused the key")
    assert "OMDB_API_KEY" in line
    assert "TMDB_ACCESS_TOKEN" not in line
    assert "Traceback" not in ended.stderr
    assert stocked.last_run["finish_reason"] == "wrong_key"
    assert stocked.records("rejects") == {}


def test_without_a_key_nothing_is_requested(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("omdb", OMDB_API_KEY="")
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert "No OMDB key: set OMDB_API_KEY" in ended.stderr
    assert sandbox.log() == []


def test_the_key_is_nowhere_but_in_the_query(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    key = "om/db+k3y=&%"
    sandbox.settings(omdb_key=key)
    home = make_home(OMDB_API_KEY=key, CACHE_URI="sqlite:", LOG_LEVEL="DEBUG")
    assert home.crawl("tmdb_titles", "ids=603,550,680").status == 0
    sandbox.faults(
        [
            {"kind": "truncate", "target": "omdb", "times": 1},
            {"kind": "reset", "target": "omdb", "times": 1},
            {"kind": "html", "target": "omdb", "times": 6},
        ]
    )
    ended = home.crawl("omdb", options=("--logfile", str(home.folder / "log.txt")))
    assert {entry["credential"] for entry in sandbox.log(server="omdb")} == {"query"}
    said = {"stdout": ended.stdout.encode(), "stderr": ended.stderr.encode()}
    assert leaks(key, files(home.folder) | said) == []


# --- Errors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason", "tries"),
    [
        ("Movie not found!", "gone", 1),
        ("Error getting data.", "gone", 1),
        ("Incorrect IMDb ID.", "gone", 1),
        ("Too many results.", "refused", 1),
        ("Something went wrong.", "failed", 2),
        ("A new text of theirs.", "garbage", 2),
    ],
)
def test_an_error_is_a_reject_and_the_title_comes_later(
    sandbox: Sandbox, stocked: Home, text: str, reason: str, tries: int
) -> None:
    one = next(iter(titles(stocked)))
    sandbox.faults([{"kind": "error200", "target": "omdb", "text": text, "times": tries}])
    ended = stocked.crawl("omdb", "limit=1", RETRY_TRIES="2")
    assert ended.status == (0 if reason == "gone" else 1)
    assert asked(sandbox) == [one] * tries
    (reject,) = stocked.records("rejects").values()
    assert (reject["reason"], reject["tries"], reject["spider"]) == (reason, tries, "omdb")
    slot = titles(stocked)[one]["sources"]["omdb"]
    assert (slot["failures"], slot["fetched_at"]) == (1, None)
    assert bool(slot["gone_at"]) == (reason == "gone")
    sandbox.clear_log()
    assert stocked.crawl("omdb").status == 0
    assert one not in asked(sandbox), "it does not starve the others"
    assert len(asked(sandbox)) == 8


WRITTEN_BY_HAND = (
    b'{"Title":"Film","Plot":"%b","Ratings":[{"Source":"Internet Movie Database","Value":"6.1/10"}],'
    b'"imdbRating":"6.1","imdbVotes":"1,234","imdbID":"%b","Type":"movie","Response":"True"}'
)
PLOTS = {
    "tt0000001": b'He says "go"\n, and \\s leaves\x1f.',
    "tt0000002": b'The \\\\"boss\\\\" is at the caf\xe9.',
    "tt0000003": b'It is cut", "Year": N/A, "Rated": "PG',
}


def test_answers_made_by_hand_are_read_and_what_cannot_be_costs_two_requests(make_home: Callable[..., Home]) -> None:
    def answer(asked: Asked) -> Answer:
        if "i" not in asked.query:
            id = int(asked.path.rpartition("/")[2])
            return film(id, imdb_id=f"tt000000{id}", popularity=id)
        imdb_id = asked.query["i"]
        return Answer(WRITTEN_BY_HAND % (PLOTS[imdb_id], imdb_id.encode()))

    with Site(answer) as site:
        home = make_home("by-hand", **site.env, OMDB_BASE_URL=site.url, OMDB_API_KEY="any", CACHE_URI="sqlite:")
        assert home.crawl("tmdb_titles", "ids=1,2,3").status == 0
        site.asked.clear()
        assert home.crawl("omdb").status == 0
        tries = Counter(asked.query["i"] for asked in site.asked)
        assert tries == {"tt0000001": 1, "tt0000002": 1, "tt0000003": 2}
        films = titles(home)
        assert {id for id in films if films[id]["ratings"].get("imdb")} == {"tt0000001", "tt0000002"}
        assert films["tt0000002"]["overview"] == 'The "boss" is at the café.'
        assert films["tt0000003"]["sources"]["omdb"]["failures"] == 1
        (reject,) = home.records("rejects").values()
        assert (reject["reason"], reject["detail"], reject["tries"]) == ("garbage", "unparsable", 2)
        ended = home.scrapy("reparse", "--source", "omdb")
        assert (ended.status, "0 changed" in ended.stdout) == (0, True), "kept as it came, and read as it was"
        site.asked.clear()
        assert home.crawl("omdb", "imdb_ids=tt0000001").status == 0
        assert home.stats.get("rejects/parse", 0) == 0, "and so is one out of the cache"
        assert len(site.asked) <= 1


@pytest.mark.parametrize("kind", ["429", "503", "522", "524", "html", "reset", "truncate"])
def test_a_temporary_error_is_retried(sandbox: Sandbox, stocked: Home, kind: str) -> None:
    sandbox.faults([{"kind": kind, "target": "omdb", "times": 1, "seconds": 0.01}])
    assert stocked.crawl("omdb", "limit=2").status == 0
    assert stocked.stats["titles/updated"] == 2
    assert stocked.stats["retry/count"] == 1
    assert stocked.records("rejects") == {}


@pytest.mark.parametrize("fields", [{"imdbID": "tt0000001", "Title": "Another"}, {"Type": "game"}])
def test_another_films_answer_is_rejected_and_the_film_comes_later(
    sandbox: Sandbox, stocked: Home, fields: dict[str, Any]
) -> None:
    before = titles(stocked)
    one = next(iter(before))
    original = {
        "imdbID": one,
        "Title": before[one]["title"],
        "Type": "movie" if one in {d["imdb_id"] for d in stocked.documents().values()} else "series",
    }
    sandbox.patch_omdb(one, **fields)
    stocked.crawl("omdb", "limit=1")
    (reject,) = stocked.records("rejects").values()
    assert reject["reason"] == "parse"
    after = titles(stocked)[one]
    assert (after["ratings"], after["title"]) == (before[one]["ratings"], before[one]["title"])
    assert after["sources"]["omdb"]["failures"] == 1
    assert after["sources"]["omdb"]["next_refresh_at"] > after["updated_at"]
    sandbox.patch_omdb(one, **original)
    assert stocked.crawl("omdb", f"imdb_ids={one}").status == 0
    slot = titles(stocked)[one]["sources"]["omdb"]
    assert (slot["failures"], slot["gone_at"]) == (0, None)


def test_an_answer_with_another_type_or_id_can_be_the_same_film(sandbox: Sandbox, stocked: Home) -> None:
    matrix, heat = (stocked.documents()[id]["imdb_id"] for id in (603, 550))
    sandbox.patch_omdb(matrix, Type="episode", imdbID=f" {matrix.upper()}\r")
    sandbox.patch_omdb(heat, imdbID="tt9777777")
    ended = stocked.crawl("omdb", f"imdb_ids=https://www.imdb.com/title/{matrix}/,{heat[2:]}")
    assert ended.status == 0
    assert sorted(asked(sandbox)) == sorted([matrix, heat])
    assert stocked.records("rejects") == {}
    documents = stocked.documents()
    assert all("imdb" in documents[id]["ratings"] for id in (603, 550))
    assert documents[550]["imdb_id"] == heat
    assert [documents[id]["sources"]["omdb"]["source_id"] for id in (603, 550)] == [matrix, "tt9777777"]
    read_again = stocked.scrapy("reparse", "--source", "omdb")
    assert (read_again.status, stocked.documents()[550]["sources"]["omdb"]["source_id"]) == (0, "tt9777777")


def test_an_unreadable_imdb_id_is_counted(sandbox: Sandbox, home: Home) -> None:
    sandbox.patch("movie", 603, imdb_id="tt-what", external_ids={"imdb_id": "tt12"})
    sandbox.patch("movie", 550, imdb_id="TT0137523\r")
    assert home.crawl("tmdb_titles", "ids=603,550").status == 0
    assert home.stats["titles/unread/tmdb/imdb_id"] == 1
    assert [home.documents()[id]["imdb_id"] for id in (603, 550)] == [None, "tt0137523"]
