"""`scrapy export`, as a user runs it: what is chosen, in which order, into which file; and what goes wrong."""

import asyncio
import csv
import errno
import gzip
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from moviecrawler.documents.records import CHARTS
from moviecrawler.exceptions import StoreUnavailable
from moviecrawler.exporters import formats, jsonl
from moviecrawler.stores.base import Store
from moviecrawler.stores.checked import CheckedStore
from tests.commands.stored import Stored
from tests.support.crawl import Ended
from tests.support.films import film, insert
from tests.support.records import RECORDS

FILMS = {1: ("Heat", 1995), 2: ("amélie", 2001), 3: ("Brazil", None), 4: ("Alien", 1979)}
CURRENT = {"schema_version": 2}


@pytest.fixture
def films(stored: Stored) -> Stored:
    async def fill(store: Store) -> None:
        titles = [insert(id, title=title, year=year, **CURRENT) for id, (title, year) in FILMS.items()]
        await store.documents.write(titles)
        rows = [{"rank": rank, "title": title, "source_id": title, "id": None} for rank, title in ((1, "B"), (2, "A"))]
        missing = dict.fromkeys(("distributor", "gross", "theaters", "total_gross", "days"))
        await store.records.put(CHARTS, [RECORDS["charts"] | {"rows": [row | missing for row in rows]}])  # type: ignore[list-item]

    stored.fill(fill)
    return stored


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (folder := tmp_path / "out").mkdir()
    return folder


def exported(films: Stored, path: Path, *words: str, **settings: str) -> Ended:
    ended = films.scrapy("export", *words, "-o", str(path), **settings)
    assert (ended.status, ended.stdout) == (0, ""), ended
    assert [path.name for path in path.parent.glob(".*")] == []
    return ended


def lines(text: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_json_lines_are_the_documents_as_they_are_stored(films: Stored, out: Path) -> None:
    ended = exported(films, out / "films.jsonl.gz", "movies")
    content = gzip.decompress((out / "films.jsonl.gz").read_bytes())
    assert lines(content) == [film(id, title=title, year=year, **CURRENT) for id, (title, year) in FILMS.items()]
    assert content.startswith(b'{"_id":1,"imdb_id":"tt0000001",')
    size = (out / "films.jsonl.gz").stat().st_size
    assert ended.lines[0] == f"4 movies in {out / 'films.jsonl.gz'}: 4 rows, {size:,} bytes"
    assert films.scrapy("export", "movies", "-o", "-").stdout.encode() == content


def test_documents_of_older_versions_have_the_form_of_today(stored: Stored) -> None:
    old = {"schema_version": 1, "studios": ["Silver"]}
    stored.fill(lambda store: store.documents.write([insert(1, **old), insert(2, **CURRENT)]))
    first, second = lines(stored.scrapy("export", "movies").stdout)
    assert (first["studios"], first["schema_version"], second["schema_version"]) == ([{"name": "Silver"}], 2, 2)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [("year", [4, 1, 2, 3]), ("-year", [2, 1, 4, 3]), ("title", [4, 2, 3, 1]), ("-title", [1, 3, 2, 4])],
)
def test_titles_are_sorted_and_those_without_a_value_come_last(films: Stored, sort: str, ids: list[int]) -> None:
    ended = films.scrapy("export", "movies", "--columns", "_id", f"--sort={sort}")
    assert [row["_id"] for row in lines(ended.stdout)] == ids
    whole = films.scrapy("export", "movies", f"--sort={sort}")
    assert [row["_id"] for row in lines(whole.stdout)] == ids
    assert lines(whole.stdout)[0]["sources"]


def test_columns_are_those_that_are_named_in_their_order(films: Stored, out: Path) -> None:
    columns = "year,title,rating,titles.de-DE,locks.box_office.budget,sources.tmdb.source_id"
    exported(films, out / "films.csv", "movies", "--columns", columns, "--where", "year>=1990", "--sort=-year")
    found = table(out / "films.csv")
    assert list(found[0]) == columns.split(",")
    assert [row["title"] for row in found] == ["amélie", "Heat"]
    assert list(found[1].values())[2:] == ["7.125", film(1)["titles"]["de-DE"], "1", "1"]


@pytest.mark.parametrize(
    ("words", "bom", "first"), [((), True, "'=1+1"), (("--no-bom",), False, "'=1+1"), (("--plain",), False, "=1+1")]
)
def test_a_table_is_for_people_unless_it_is_plain(
    stored: Stored, out: Path, words: tuple[str, ...], bom: bool, first: str
) -> None:
    stored.fill(lambda store: store.documents.write([insert(1, title="=1+1")]))
    exported(stored, out / "films.csv", "movies", "--columns", "title", *words)
    content = (out / "films.csv").read_bytes()
    assert (content.startswith(b"\xef\xbb\xbf"), content.decode("utf-8-sig")) == (bom, f"title\r\n{first}\r\n")


def test_charts_have_a_row_for_each_title_in_tables(films: Stored, out: Path) -> None:
    exported(films, out / "charts.csv", "charts", "--sort", "title")
    assert [(row["rank"], row["title"], row["kind"]) for row in table(out / "charts.csv")] == [
        ("2", "A", "movies"),
        ("1", "B", "movies"),
    ]
    ended = exported(films, out / "charts.parquet", "charts")
    assert ended.lines[0].startswith(f"1 charts in {out / 'charts.parquet'}: 2 rows, ")
    assert pyarrow.parquet.read_table(out / "charts.parquet").num_rows == 2
    assert len(lines(films.scrapy("export", "charts").stdout)) == 1


def test_another_format_goes_to_standard_output(films: Stored) -> None:
    ended = films.scrapy("export", "movies", "--format", "csv", "--columns", "_id", "--plain")
    assert (ended.status, ended.stdout) == (0, "_id\r\n1\r\n2\r\n3\r\n4\r\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("movies", "--columns", "titel"), "movies have no column 'titel'; did you mean title?"),
        (("movies", "--columns", "title,,year"), "--columns='title,,year': must be names of columns with commas"),
        (("charts", "--sort", "rank"), "charts have no column 'rank'"),
        (("charts", "--where", "year>1"), "--where and --view are for movies and shows, not for charts"),
        (("movies", "-o", "films.doc"), "films.doc: must end in .jsonl, .csv, .parquet or .xlsx"),
        (("movies", "--format", "doc"), "must end in"),
        (("movies", "-o", "films.csv", "--format", "csv"), "--format is for standard output"),
        (("film",), "name one kind: movies"),
    ],
)
def test_wrong_usage_is_one_line(stored: Stored, words: tuple[str, ...], says: str) -> None:
    assert says in stored.refused(2, "export", *words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--where", "titel:1"), ["--where: no field 'titel'; did you mean title?", "titel:1", "^"]),
        (("--where", "(year>1"), ["--where: the filter ends too early", "(year>1", "^"]),
        (("--sort", "titel"), ["--sort: no field 'titel'; did you mean title?", "titel", "^"]),
    ],
)
def test_a_wrong_filter_or_order_is_pointed_at(stored: Stored, words: tuple[str, ...], says: list[str]) -> None:
    ended = stored.scrapy("export", "movies", *words)
    assert (ended.status, ended.stdout) == (2, "")
    assert [said in line for said, line in zip(says, ended.lines, strict=True)] == [True] * 3


def test_a_view_gives_filter_order_and_columns_and_options_win(films: Stored, out: Path) -> None:
    films.done("views", "save", "old", "year<2000", "--sort=-year", "--columns", "title,year")
    exported(films, out / "films.csv", "movies", "--view", "old")
    assert [list(row.values()) for row in table(out / "films.csv")] == [["Heat", "1995"], ["Alien", "1979"]]
    words = ("--view", "old", "--where", "year>1980", "--columns", "_id", "--sort", "title")
    assert lines(films.scrapy("export", "movies", *words).stdout) == [{"_id": 1}]
    assert "did you mean old?" in films.refused(2, "export", "movies", "--view", "odl")


def test_what_is_missing_says_what_to_install(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(formats, "import_module", absent)
    line = stored.refused(2, "export", "movies", "-o", "films.parquet")
    assert line.endswith("films.parquet: pyarrow is not installed, which writes it: pip install pyarrow")


def test_more_rows_than_a_sheet_holds_are_said_before_one_is_written(
    films: Stored, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ((), ("--where", "id>0")):
        monkeypatch.setitem(
            formats.FORMATS,
            "xlsx",
            formats.FORMATS["xlsx"].__class__(**vars(formats.FORMATS["xlsx"]) | {"most_rows": 3}),
        )
        line = films.refused(1, "export", "movies", *words, "-o", str(out / "films.xlsx"))
        assert "a workbook holds 3 rows, and there are more: take .csv or .parquet" in line
        assert list(out.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_half(
    films: Stored, out: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    (path := out / "films.jsonl").write_text("old")
    lines_of = CheckedStore.lines

    async def interrupted(self: CheckedStore, kind: str) -> Any:
        async for page in lines_of(self, kind):
            yield page
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)

    monkeypatch.setattr(CheckedStore, "lines", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a command; a test may have left another
    try:
        ended = films.scrapy("export", "movies", "-o", str(path))
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ended.status, ended.stderr) == (130, "")
    assert ([one.name for one in out.iterdir()], path.read_text()) == (["films.jsonl"], "old")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_store_that_goes_away_leaves_nothing_half(films: Stored, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path := out / "films.jsonl").write_text("old")
    lines_of = CheckedStore.lines

    async def going(self: CheckedStore, kind: str) -> Any:
        async for page in lines_of(self, kind):
            yield page
            raise StoreUnavailable("the store: it does not answer")

    monkeypatch.setattr(CheckedStore, "lines", going)
    assert films.refused(1, "export", "movies", "-o", str(path)) == "scrapy export: the store: it does not answer"
    assert ([one.name for one in out.iterdir()], path.read_text()) == (["films.jsonl"], "old")


@pytest.mark.parametrize("name", ["films.jsonl", "films.csv.gz", "films.parquet", "films.xlsx"])
def test_a_full_disk_is_one_line_and_leaves_nothing_half(
    films: Stored, out: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    real = os.open

    def opening(path: Any, flags: int, *rest: int, **options: Any) -> int:
        opened = real(path, flags, *rest, **options)
        return os.dup2(full, opened) if str(path).endswith(".part") else opened

    monkeypatch.setattr(os, "open", opening)
    line = films.refused(1, "export", "movies", "-o", str(out / name))
    os.close(full)
    assert line == f"scrapy export: {out / name}: no space left on device; free some space and try again"
    assert list(out.iterdir()) == []


def test_a_full_standard_output_is_one_line(films: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: jsonl.Writer, some: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jsonl.Writer, "write_lines", full)
    ended = films.scrapy("export", "movies")
    assert ended.status == 1
    assert ended.lines == ["scrapy export: stdout: no space left on device; free some space and try again"]


def test_a_link_is_left_alone(films: Stored, out: Path) -> None:
    (out / "other").write_text("somebody's")
    (out / "films.csv").symlink_to(out / "other")
    assert "it is a link, and is left alone" in films.refused(1, "export", "movies", "-o", str(out / "films.csv"))
    assert (out / "other").read_text() == "somebody's"


def test_nothing_stored_is_one_line(stored: Stored, out: Path) -> None:
    assert "nothing is stored there yet" in stored.refused(1, "export", "movies", "-o", str(out / "films.csv"))
    assert list(out.iterdir()) == []
