"""What users take out of it: Scrapy's own feeds, and `scrapy export` of every kind."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from moviecrawler.documents import names
from tests.support.crawl import Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300", "--shows", "60")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, module_sandbox: Sandbox) -> Home:
    """Films, shows, a chart, changes, a reject, dropped titles and three runs; feeds of the first run."""
    from tests.support.crawl import FAST

    module_sandbox.faults([])
    home = Home(tmp_path_factory.mktemp("crawled"), {**FAST, **module_sandbox.env})
    feeds = ("-O", "titles.jsonl", "-O", "titles.csv")
    assert home.crawl("tmdb_trending", "media=all", "pages=3", options=feeds).status == 0
    first, second = list(home.documents())[:2]
    module_sandbox.patch("movie", first, tagline='A "quoted", line\nand a second one', runtime=123)
    module_sandbox.remove("movie", second)
    assert home.crawl("tmdb_titles", f"ids={first},{second}").status == 0
    assert home.crawl("tmdb_trending", "window=week", "pages=5", FILTER_MIN_VOTES="9000").status == 0
    return home


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_feeds_hold_films_and_shows_only(crawled: Home) -> None:
    rows = lines((crawled.folder / "titles.jsonl").read_text("utf-8"))
    assert len(rows) == 59
    assert {row["source_id"] for row in rows} == {str(row["id"]) for row in rows}
    assert all(row["title"] and "rank" not in row for row in rows)
    by_id = {str(row["id"]): row for row in rows}
    cells = table(crawled.folder / "titles.csv")
    assert [row["id"] for row in cells] == [str(row["id"]) for row in rows]
    for row in cells:
        item = by_id[row["id"]]
        assert row["title"] == item["title"]
        assert row["genres"] == " | ".join(item["genres"])
        assert row["people.directors"] == " | ".join(names(item["people"]["directors"]))
        assert row["ratings.tmdb.score"] == (str(item["ratings"]["tmdb"]["score"]) if item["ratings"] else "")


@pytest.mark.parametrize("name", ["titles.jsonl", "titles.csv"])
def test_the_same_command_on_the_next_day_gives_the_same_feed(home: Home, name: str) -> None:
    first = home.crawl("tmdb_trending", "media=all", options=("-O", name))
    before = sorted((home.folder / name).read_text("utf-8").splitlines())
    second = home.crawl("tmdb_trending", "media=all", options=("-O", name))
    assert (first.status, second.status) == (0, 0), second.stderr
    assert home.stats["refresh/skipped/not_due"] == 20
    assert sorted((home.folder / name).read_text("utf-8").splitlines()) == before
    assert "20 titles were not due: overwritten feeds have their stored data" in second.stderr


def test_a_feed_of_new_and_known_titles_holds_each_once(home: Home) -> None:
    assert home.crawl("tmdb_trending", "limit=3").status == 0
    assert home.crawl("tmdb_trending", options=("-O", "titles.jsonl")).status == 0
    rows = lines((home.folder / "titles.jsonl").read_text("utf-8"))
    assert sorted(row["id"] for row in rows) == sorted(home.documents())


def test_an_appended_feed_has_what_the_run_fetched(home: Home) -> None:
    for limit in (3, 5, 5):
        assert home.crawl("tmdb_trending", f"limit={limit}", options=("-o", "titles.jsonl")).status == 0
    rows = lines((home.folder / "titles.jsonl").read_text("utf-8"))
    assert sorted(row["id"] for row in rows) == sorted(home.documents())


def test_an_empty_run_does_not_overwrite_a_feed(home: Home) -> None:
    feed = home.folder / "titles.jsonl"
    feed.write_text("of yesterday\n")
    ended = home.crawl("tmdb_refresh", options=("-O", feed.name))
    assert ended.status == 0, ended.stderr
    assert feed.read_text() == "of yesterday\n"
    assert "titles.jsonl was not changed: this run found no title to write there" in ended.stderr


@pytest.mark.parametrize("kind", ["movies", "shows"])
def test_documents_are_exported_whole(crawled: Home, kind: str) -> None:
    ended = crawled.scrapy("export", kind, "-o", f"{kind}.jsonl")
    assert ended.status == 0, ended.stderr
    assert ended.stdout == ""
    rows = lines((crawled.folder / f"{kind}.jsonl").read_text("utf-8"))
    assert {row["_id"]: row for row in rows} == crawled.documents(kind)
    first, *others = ended.lines
    assert first.startswith(f"{len(rows)} {kind} in {kind}.jsonl: {len(rows)} rows, ")
    assert others == [
        f"next: as a table: scrapy export {kind} -o {kind}.csv",
        "where to watch: data by JustWatch",
    ]
    assert crawled.scrapy("export", kind, "-o", f"{kind}.csv").status == 0
    cells = table(crawled.folder / f"{kind}.csv")
    assert [row["_id"] for row in cells] == [str(row["_id"]) for row in rows]
    for row, document in zip(cells, rows, strict=True):
        assert row["title"] == document["title"]
        assert row["tagline"] == (document["tagline"] or "")
        assert row["trending.rank"] == str(document["trending"]["rank"])
        assert row["created_at"] == document["created_at"]
    assert [path.name for path in crawled.folder.glob("*.part")] == []


@pytest.mark.parametrize("kind", ["charts", "changes", "runs", "rejects", "dropped"])
def test_records_are_exported(crawled: Home, kind: str) -> None:
    stored = crawled.records(kind)
    assert stored, kind
    to_stdout = crawled.scrapy("export", kind)
    assert to_stdout.status == 0, to_stdout.stderr
    assert {row["_id"]: row for row in lines(to_stdout.stdout)} == stored
    assert crawled.scrapy("export", kind, "-o", "records.csv").status == 0
    cells = [row["_id"] for row in table(crawled.folder / "records.csv")]
    assert list(dict.fromkeys(cells)) == sorted(stored)
    assert (len(cells) > len(stored)) == (kind in ("charts", "changes")), "these have a row for each fact"


def test_the_rejected_film_and_the_change_are_in_the_records(crawled: Home) -> None:
    (reject,) = crawled.records("rejects").values()
    assert (reject["reason"], reject["detail"], reject["status"], reject["tries"]) == ("gone", "34", 404, 1)
    assert reject["url"].startswith("http://127.0.0.1")
    (change,) = crawled.records("changes").values()
    assert {part["path"]: part["new"] for part in change["diff"]}["runtime"] == 123
    assert [run["spider"] for run in crawled.records("runs").values()] == [
        "tmdb_trending",
        "tmdb_titles",
        "tmdb_trending",
    ]


def test_a_reader_that_closes_the_pipe_early_is_no_failure(crawled: Home) -> None:
    process = crawled.start("export", "movies")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["_id"]
    process.stdout.close()
    process.stdout = None
    ended = crawled.wait(process)
    assert (ended.status, ended.stderr) == (0, "")


def test_stdout_is_utf_8_whatever_the_encoding_of_the_terminal(crawled: Home) -> None:
    ended = crawled.scrapy("export", "movies", PYTHONIOENCODING="ascii")
    assert ended.status == 0, ended.stderr
    assert {row["_id"]: row for row in lines(ended.stdout)} == crawled.documents()
    assert not ended.stdout.isascii()


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((), 2, "name one kind: movies, shows, charts"),
        (("films",), 2, "name one kind: movies, shows, charts"),
        (("movies", "-o", "films.doc"), 2, "films.doc: must end in .jsonl, .csv, .parquet or .xlsx"),
        (("movies", "-o", "nowhere/films.csv"), 1, "nowhere/films.csv"),
        (("movies", "-s", "STORE_URI=ftp://x"), 2, "STORE_URI"),
    ],
)
def test_an_export_error_is_one_line(crawled: Home, words: tuple[str, ...], status: int, says: str) -> None:
    ended = crawled.scrapy("export", *words)
    assert (ended.status, len(ended.lines), ended.stdout) == (status, 1, "")
    assert says in ended.stderr


def test_an_export_that_fails_leaves_the_old_file(crawled: Home) -> None:
    old = crawled.folder / "old.jsonl"
    old.write_text("what was there\n")
    (crawled.folder / "broken.db").write_bytes(b"this is no database, whatever its name says" * 100)
    ended = crawled.scrapy("export", "movies", "-o", "old.jsonl", STORE_URI=f"sqlite:///{crawled.folder}/broken.db")
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert "not a SQLite database" in ended.stderr
    assert old.read_text() == "what was there\n"
