"""What users get of weekly samples: a curve of each title and source, as JSON or a table, for as long as they like."""

import csv
import json
import sqlite3
from typing import Any

from moviecrawler.ingest.samples import WALK
from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300", "--shows", "60")
TITLES = "ids=603,680,shows/1396"


def curves(home: Home) -> dict[str, Any]:
    return {id: record["curves"] for id, record in home.records("samples").items()}


def another_day_with_a_sample_of_another_year(home: Home, id: str) -> None:
    curve = {"at": ["2020-01-01T00:00:00.000Z"], "values": {"popularity": [1]}}
    with sqlite3.connect(home.database) as file:
        record = json.dumps({"_id": id, "curves": {"tmdb": curve}})
        file.execute("UPDATE records SET record = ? WHERE kind = 'samples' AND id = ?", (record, id))
        file.execute("DELETE FROM state WHERE name = ?", (WALK,))
    file.close()


def test_what_a_crawl_hears_is_the_sample_of_the_week_and_a_later_answer_takes_its_place(
    home: Home, sandbox: Sandbox
) -> None:
    assert home.crawl("tmdb_titles", TITLES).status == 0
    assert home.stats["records/samples"] == 3
    film = home.documents()[603]
    values = {"popularity": [film["popularity"]]}
    values |= {f"ratings.tmdb.{part}": [value] for part, value in film["ratings"]["tmdb"].items()}
    assert curves(home)["movies/603"] == {"tmdb": {"at": [film["sources"]["tmdb"]["fetched_at"]], "values": values}}
    sandbox.patch("movie", 603, popularity=4242.5)
    assert home.crawl("tmdb_titles", "ids=603").status == 0
    assert curves(home)["movies/603"]["tmdb"]["values"]["popularity"][-1] == 4242.5
    assert home.records("changes") == {}, "what drifts makes no history"
    assert home.crawl("omdb", "limit=1").status == 0
    (asked,) = [id for id, by_source in curves(home).items() if "omdb" in by_source]
    assert set(curves(home)[asked]["omdb"]["values"]) >= {"ratings.imdb.score", "ratings.imdb.votes"}


def test_samples_are_exported_as_records_and_as_a_table_with_a_row_for_each(home: Home) -> None:
    assert home.crawl("tmdb_titles", TITLES).status == 0
    said = home.scrapy("export", "samples")
    assert [json.loads(line) for line in said.stdout.splitlines()] == sorted(
        home.records("samples").values(), key=lambda record: record["_id"]
    )
    assert home.scrapy("export", "samples", "-o", "curves.csv").status == 0
    with (home.folder / "curves.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"movies/603", "movies/680", "shows/1396"}
    assert float(rows["movies/603"]["popularity"]) == home.documents()[603]["popularity"]
    assert (rows["shows/1396"]["source"], rows["shows/1396"]["ratings.imdb.score"]) == ("tmdb", "")


def test_samples_of_kept_answers_come_with_reparse(home: Home) -> None:
    assert home.crawl("tmdb_titles", TITLES, SAMPLES_DAYS="0").status == 0
    assert home.records("samples") == {}
    assert home.scrapy("reparse").status == 0
    assert {id: curve["tmdb"]["at"] for id, curve in curves(home).items()} == {
        record["_id"].removeprefix("tmdb/"): [record["fetched_at"]] for record in home.records("raw").values()
    }


def test_what_is_too_old_goes_at_the_end_of_a_run_also_of_a_title_that_it_does_not_meet(home: Home) -> None:
    assert home.crawl("tmdb_titles", TITLES).status == 0
    another_day_with_a_sample_of_another_year(home, "movies/680")
    assert home.crawl("tmdb_titles", "ids=603").status == 0
    assert set(curves(home)) == {"movies/603", "shows/1396"}
    assert home.stats["samples/expired"] == 1
    assert home.crawl("tmdb_titles", "ids=603", SAMPLES_DAYS="0").status == 0
    assert curves(home) == {}


def test_a_longer_time_than_the_terms_allow_is_refused_in_one_line(home: Home) -> None:
    ended = home.crawl("tmdb_titles", TITLES, SAMPLES_DAYS="181")
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert "SAMPLES_DAYS='181'" in ended.stderr
