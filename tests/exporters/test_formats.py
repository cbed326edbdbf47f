"""Rows in each format: what comes out is what the programs that read it expect."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet
import pytest
import zstandard

from moviecrawler.documents.records import RECORDS as KINDS_OF_RECORDS
from moviecrawler.exporters import columns, formats
from moviecrawler.exporters.columns import Row, chosen, facts
from moviecrawler.exporters.compression import compressed
from moviecrawler.exporters.formats import FORMATS, Options, target_of
from tests.support.films import film
from tests.support.records import AT, RECORDS

EVIL = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil")']


def made(name: str, kind: str, rows: Iterable[Row], wanted: str = "", **options: bool) -> bytes:
    format, stream = FORMATS[name], io.BytesIO()
    of_kind = chosen(kind, wanted.split(",")) if wanted else format.columns and format.columns(kind)
    writer = format.writer(stream, of_kind, Options(**options))
    writer.write([fact for row in rows for fact in (facts(kind, row) if of_kind else [row])])
    assert writer.finish() == ""
    return stream.getvalue()


def sheet(content: bytes) -> list[list[str]]:
    """The text of each cell, by row."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(root.iter(f"{space}f")), "there is a formula"
    assert not list(root.iter(f"{space}hyperlink")), "there is a link"
    return [["".join(cell.itertext()) for cell in row] for row in root.iter(f"{space}row")]


def test_csv_for_people_begins_with_a_mark_and_runs_nothing() -> None:
    films = [film(number, title=text) for number, text in enumerate(EVIL, 1)]
    content = made("csv", "movies", films, "_id,title")
    assert content.startswith(b"\xef\xbb\xbf_id,title\r\n")
    found = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [cells[1] for cells in found[1:]] == [f"'{text}" for text in EVIL]


def test_csv_for_programs_has_no_mark_and_texts_as_they_are() -> None:
    films = [film(number, title=text) for number, text in enumerate(EVIL, 1)]
    content = made("csv", "movies", films, "title", bom=False, defuse=False)
    assert [cells[0] for cells in csv.reader(io.StringIO(content.decode(), newline=""))] == ["title", *EVIL]


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers() -> None:
    films = [film(number, title=text) for number, text in enumerate([*EVIL[:4], "https://evil"], 1)]
    found = sheet(made("xlsx", "movies", films, "title,year,adult"))
    assert [cells[0] for cells in found] == ["title", *EVIL[:4], "https://evil"]
    assert {cells[1] for cells in found[1:]} == {str(one["year"]) for one in films}


def test_a_cell_that_is_too_long_for_a_workbook_is_cut_and_counted() -> None:
    stream = io.BytesIO()
    writer = FORMATS["xlsx"].writer(stream, chosen("movies", ["overview"]), Options())
    writer.write([film(1, overview="x" * 40_000)])
    assert writer.finish() == "1 cells had more than 32,767 characters, and are cut"
    assert sheet(stream.getvalue())[1] == ["x" * 32_767]


def test_parquet_is_read_by_duckdb(tmp_path: Any) -> None:
    rich = film(603, watch={"US": {"link": "https://w", "rent": [{"id": 1, "name": "L", "logo_path": None}]}})
    poor = {"_id": 604, "title": None, "sources": {}, "locks": {}, "people": {}, "images": {}}
    path = tmp_path / "films.parquet"
    path.write_bytes(made("parquet", "movies", [rich, poor]))
    with duckdb.connect() as database:

        def ask(expression: str) -> Any:
            return database.execute(f"SELECT {expression} FROM '{path}' ORDER BY _id").fetchall()

        assert ask("title") == [(rich["title"],), (None,)]
        assert ask("year(release_date)")[0] == (rich["year"],)
        assert ask("created_at AT TIME ZONE 'UTC'")[0][0].isoformat(timespec="milliseconds") + "Z" == rich["created_at"]
        assert ask("list_filter(ratings, lambda house: house.key = 'tmdb')[1].value.score")[0] == (7.125,)
        assert ask('people."cast"[1].name')[0] == (rich["people"]["cast"][0]["name"],)
        assert ask("watch[1].value.rent[1].name")[0] == ("L",)
        assert ask("box_office.worldwide")[0] == (2_923_706_026,)
        assert "sources" not in [name for name, *_ in database.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]


@pytest.mark.parametrize("kind", ["movies", "shows", *KINDS_OF_RECORDS])
def test_every_kind_has_one_schema_whatever_its_rows_have(kind: str) -> None:
    """Also with everything that is stored as columns, slots and locks included."""
    rows = [film(1), film(2, locks={"title": "x", "runtime": 7})] if kind in columns.TITLES else [RECORDS[kind]]
    everything = ",".join(columns.fields(kind, by_fact=True))
    schemas = [pyarrow.parquet.read_schema(io.BytesIO(made("parquet", kind, some, everything))) for some in ([], rows)]
    assert schemas[0] == schemas[1]
    assert made("csv", kind, []).count(b"\n") == 1, "an empty table has its heading"


def test_row_groups_have_ten_thousand_rows() -> None:
    rows = [{"_id": number, "title": "Heat"} for number in range(700)]
    stream = io.BytesIO()
    writer = FORMATS["parquet"].writer(stream, chosen("movies", ["_id", "title"]), Options())
    for _ in range(30):
        writer.write(rows)
    writer.finish()
    file = pyarrow.parquet.ParquetFile(io.BytesIO(stream.getvalue()))
    groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [10_000, 10_000, 1_000]
    assert groups[0].column(0).compression == "ZSTD"


def test_charts_changes_and_samples_have_a_row_for_each_fact() -> None:
    page = {"at": AT, "rows": [{"rank": 1, "kind": "shows", "id": 7, "title": "Dark"}]}
    trending = {"_id": "trending/all/day/2026-11-21", "chart": "trending/all/day", "date": "2026-11-21"}
    daily = RECORDS["charts"] | {"rows": [{"rank": 1, "title": "Heat", "source_id": "Heat", "gross": 5}]}
    found = list(
        csv.DictReader(
            io.StringIO(made("csv", "charts", [daily, {**trending, "pages": {"1": page}}]).decode("utf-8-sig"))
        )
    )
    assert [(row["rank"], row["kind"], row["title"], row["gross"]) for row in found] == [
        ("1", "movies", "Heat", "5"),
        ("1", "shows", "Dark", ""),
    ]
    diff = [{"path": "runtime", "old": None, "new": 136}, {"path": "genres", "old": ["A"], "new": ["A", "B"]}]
    changes = [RECORDS["changes"] | {"diff": diff}]
    found = list(csv.DictReader(io.StringIO(made("csv", "changes", changes).decode("utf-8-sig"))))
    assert [(row["path"], row["old"], row["new"]) for row in found] == [
        ("runtime", "", "136"),
        ("genres", "A", "A | B"),
    ]
    file = pyarrow.parquet.read_table(io.BytesIO(made("parquet", "changes", changes)))
    assert file.column("new").to_pylist() == ["136", '["A","B"]']
    (sample,) = pyarrow.parquet.read_table(io.BytesIO(made("parquet", "samples", [RECORDS["samples"]]))).to_pylist()
    assert (sample["_id"], sample["popularity"], sample["ratings.imdb.score"]) == ("movies/603", 88.1, None)


def test_json_lines_hold_rows_whole_or_the_chosen_columns() -> None:
    row = film(603, title="A\x9b\u2028B")
    whole = made("jsonl", "movies", [row])
    assert json.loads(whole) == row
    assert b"A\\u009b\\u2028B" in whole
    assert json.loads(made("jsonl", "movies", [row], "title,rating,locks.box_office.budget")) == {
        "title": "A\x9b\u2028B",
        "rating": 7.125,
        "locks.box_office.budget": 1,
    }


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("compression", ["", "gz", "zst"])
def test_the_same_rows_make_the_same_bytes(name: str, compression: str) -> None:
    def once() -> bytes:
        stream = io.BytesIO()
        with compressed(stream, compression) as file:
            file.write(made(name, "movies", [film(1), film(2)], "_id,title"))
        return stream.getvalue()

    found = once()
    assert found == once()
    plain = {
        "": bytes,
        "gz": gzip.decompress,
        "zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }
    assert plain[compression](found) == made(name, "movies", [film(1), film(2)], "_id,title")


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("movies", "titel", "movies have no column 'titel'; did you mean title?"),
        ("movies", "season_count", "movies have no column 'season_count'"),
        ("movies", "ratings.imdb.scor", "did you mean ratings.imdb.score?"),
        ("charts", "ranks", "charts have no column 'ranks'; did you mean rank?"),
        ("runs", "stats.", "runs have no column 'stats.'"),
        ("movies", "", "movies have no column ''"),
    ],
)
def test_a_column_that_is_none_is_told(kind: str, name: str, says: str) -> None:
    with pytest.raises(ValueError, match="have no column") as raised:
        chosen(kind, [name])
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_name_of_a_file_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(formats, "import_module", absent)
    assert target_of("films.CSV").format.name == "csv"
    for name, package in (("a.parquet", "pyarrow"), ("a.xlsx.gz", "xlsxwriter"), ("b/c.jsonl.zst", "zstandard")):
        with pytest.raises(ValueError, match=f"{package} is not installed, which writes it: pip install {package}"):
            target_of(name)


@pytest.mark.parametrize("name", ["films", "films.gz", "films.csv.gz.gz", "films.csv.bz2", "a.csv/films", ""])
def test_other_names_of_files_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"must end in \.jsonl, \.csv, \.parquet or \.xlsx"):
        target_of(name)
