"""A store in which some rows are damaged: each is one line that names it, and all others are worked with."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.crawl import FAST, Ended, Home
from tests.support.records import RECORDS, WRONG_RECORDS
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")

DAMAGE = {
    "no UTF-8": "CAST(x'7b225f6964223a20ff' AS TEXT)",
    "cut": "substr({row}, 1, length({row}) / 2)",
    "empty": "''",
    "a list": "'[]'",
    "of another one": "json_set({row}, '$._id', 'x')",
}
SHAPES = {
    "no sources": "json_remove({row}, '$.sources')",
    "a source is text": "json_set({row}, '$.sources.tmdb', 'x')",
    "a moment is none": "json_set({row}, '$.sources.tmdb.fetched_at', 'soon')",
    "a revision is text": "json_set({row}, '$.revision', 'x')",
    "a name is a number": "json_set({row}, '$.people.cast', json('[{{\"name\": 7}}]'))",
    "another title is none": "json_set({row}, '$.sources.tmdb.data.alternative_titles', json('[7]'))",
}


@pytest.fixture(scope="module")
def stocked(module_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("damaged"), {**FAST, **module_sandbox.env})
    assert home.crawl("tmdb_trending", "limit=14").status == 0
    return home


@pytest.fixture
def damaged(stocked: Home, sandbox: Sandbox, tmp_path: Path) -> tuple[Home, list[int]]:
    """Its copy, in which some documents are damaged, each in another way; and their ids."""
    home = Home(tmp_path / "copy", stocked.settings)
    home.data.mkdir()
    ids = sorted(stocked.documents())[: len(DAMAGE) + len(SHAPES)]
    with closing(sqlite3.connect(stocked.database)) as file, closing(sqlite3.connect(home.database)) as copy:
        file.backup(copy)
        for id_, expression in zip(ids, [*DAMAGE.values(), *SHAPES.values()], strict=True):
            value = expression.format(row="document")
            copy.execute(f"UPDATE documents SET document = {value} WHERE id = ?", (id_,))
        copy.commit()
    return home, ids


def says_each_once(ended: Ended, home: Home, names: list[str]) -> None:
    assert ended.status == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    for name in names:
        lines = [
            line for line in ended.lines if f"{home.database}: {name} is damaged" in line and not line.startswith("  ")
        ]
        assert len(lines) == 1, (name, ended.stderr)


def test_a_crawl_stores_all_others(damaged: tuple[Home, list[int]], sandbox: Sandbox) -> None:
    home, ids = damaged
    ended = home.crawl("tmdb_trending", "limit=14", "force=1")
    says_each_once(ended, home, [f"movies/{id_}" for id_ in ids])
    assert "tmdb_trending: incomplete" in ended.stderr
    assert home.stats["titles/unchanged"] == 14 - len(ids)
    assert home.stats["incomplete/damaged"] == len(ids)
    assert {row["detail"] for row in home.records("rejects").values()} == {"damaged"}
    assert len(home.records("rejects")) == len(ids)


def test_an_export_has_all_others(damaged: tuple[Home, list[int]]) -> None:
    """Whole documents are copied: only what is no row is seen then. Chosen columns are read, so all damage is."""
    home, ids = damaged
    says_each_once(home.scrapy("export", "movies", "-o", "films.csv"), home, [f"movies/{id_}" for id_ in ids])
    ended = home.scrapy("export", "movies", "--columns", "_id,title", "-o", "films.jsonl")
    says_each_once(ended, home, [f"movies/{id_}" for id_ in ids])
    assert exported(home) == home_ids(home) - set(ids)
    no_rows = ids[: len(DAMAGE)]
    says_each_once(home.scrapy("export", "movies", "-o", "films.jsonl"), home, [f"movies/{id_}" for id_ in no_rows])
    assert home_ids(home) - exported(home) >= set(no_rows)


def exported(home: Home) -> set[int]:
    return {json.loads(line)["_id"] for line in (home.folder / "films.jsonl").read_text().splitlines()}


def test_a_reparse_reads_all_others(damaged: tuple[Home, list[int]]) -> None:
    home, ids = damaged
    key = f"tmdb/movies/{max(home_ids(home))}"
    with closing(sqlite3.connect(home.database)) as file:
        file.execute("UPDATE records SET record = CAST(x'ff' AS TEXT) WHERE kind = 'raw' AND id = ?", (key,))
        file.commit()
    ended = home.scrapy("reparse")
    says_each_once(ended, home, [*(f"movies/{id_}" for id_ in ids), f"raw/{key}"])
    assert f"{14 - len(ids) - 1} unchanged" in ended.stdout


def home_ids(home: Home) -> set[int]:
    with closing(sqlite3.connect(home.database)) as file:
        return {id_ for (id_,) in file.execute("SELECT id FROM documents")}


@pytest.mark.parametrize(
    "words",
    [("due",), ("due", "--recompute"), ("stats",), ("match",), ("lock", "movies/ID", "runtime=9")],
    ids=["due", "recompute", "stats", "match", "lock"],
)
def test_a_command_has_no_traceback(damaged: tuple[Home, list[int]], words: tuple[str, ...]) -> None:
    home, ids = damaged
    ended = home.scrapy(*(word.replace("ID", str(ids[0])) for word in words))
    assert "Traceback" not in ended.stderr
    assert ended.status == (0 if words in (("stats",), ("match",)) else 1), ended.stderr


# --- Records ------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_records(stocked: Home, sandbox: Sandbox, tmp_path: Path) -> Home:
    """A copy with three more records of each kind: ``whole`` is one, the others have an unknown shape."""
    home = Home(tmp_path / "records", stocked.settings)
    home.data.mkdir()
    with closing(sqlite3.connect(stocked.database)) as file, closing(sqlite3.connect(home.database)) as copy:
        file.backup(copy)
        for kind, row in RECORDS.items():
            wrong = row | WRONG_RECORDS[kind][1]
            for key, one in (("a whole one", row), ("of an unknown shape", wrong), ("with nothing in it", {})):
                text = json.dumps({**one, "_id": key})
                copy.execute("INSERT INTO records (kind, id, record) VALUES (?, ?, ?)", (kind, key, text))
        copy.commit()
    return home


def of_unknown_shape(*kinds: str) -> list[str]:
    return [f"{kind}/{key}" for kind in kinds for key in ("of an unknown shape", "with nothing in it")]


@pytest.mark.parametrize("kind", RECORDS)
def test_an_export_has_all_records_of_a_known_shape(with_records: Home, kind: str) -> None:
    known = with_records.records(kind).keys() - {"of an unknown shape", "with nothing in it"}
    for words in (("-o", "rows.csv"), ("-o", "rows.jsonl", "--sort", "_id")):
        ended = with_records.scrapy("export", kind, *words)
        says_each_once(ended, with_records, of_unknown_shape(kind))
    rows = [json.loads(line) for line in (with_records.folder / "rows.jsonl").read_text().splitlines()]
    assert {row["_id"] for row in rows} == known
    assert "a whole one" in known


def test_a_reparse_reads_all_answers_of_a_known_shape(with_records: Home) -> None:
    ended = with_records.scrapy("reparse")
    says_each_once(ended, with_records, of_unknown_shape("raw"))
    assert "a whole one: the kept answer" in ended.stderr, "its shape is right, its body is no answer"
    assert "14 unchanged, 1 unreadable" in ended.stdout


def test_a_match_shows_all_films_of_a_known_shape(with_records: Home) -> None:
    ended = with_records.scrapy("match", "--all")
    says_each_once(ended, with_records, of_unknown_shape("unmatched"))
    assert "a whole one  Heat (1995)" in ended.stdout
    refused = with_records.scrapy("match", "--refuse", "of an unknown shape")
    assert refused.status == 1
    assert "Traceback" not in refused.stderr


def test_the_stats_count_what_can_be_counted(with_records: Home) -> None:
    ended = with_records.scrapy("stats")
    assert (ended.status, "Traceback" in ended.stderr) == (0, False)
    assert "14 movies" in ended.stdout


def test_a_crawl_goes_on_beside_records_of_an_unknown_shape(stocked: Home, sandbox: Sandbox, tmp_path: Path) -> None:
    """It reads the dropped titles of its listing, and at its end the unmatched films."""
    home = Home(tmp_path / "home", stocked.settings)
    assert home.crawl("tmdb_trending", "limit=2").status == 0
    titles = [f"movies/{id_}" for id_ in sorted(set(stocked.documents()) - set(home.documents()))[:3]]
    rows = [("dropped", title, {**RECORDS["dropped"], "at": 7}) for title in titles]
    rows += [("unmatched", "no film", {**RECORDS["unmatched"], **WRONG_RECORDS["unmatched"][1]})]
    with closing(sqlite3.connect(home.database)) as file:
        texts = [(kind, key, json.dumps({**row, "_id": key})) for kind, key, row in rows]
        file.executemany("INSERT INTO records (kind, id, record) VALUES (?, ?, ?)", texts)
        file.commit()
    ended = home.crawl("tmdb_trending", "limit=14")
    says_each_once(ended, home, [f"{kind}/{key}" for kind, key, _ in rows])
    assert home.documents().keys() == stocked.documents().keys(), "such a record keeps no title away"
    assert home.stats["incomplete/damaged"] == len(rows)


@pytest.mark.parametrize("table", ["state", "side_rows"])
def test_what_lies_beside_the_documents(damaged: tuple[Home, list[int]], table: str) -> None:
    home, _ = damaged
    with closing(sqlite3.connect(home.database)) as file:
        if table == "state":
            file.execute("INSERT OR REPLACE INTO state VALUES ('feed/tmdb/movies', '{')")
        else:
            file.execute("UPDATE documents SET side_rows = '{'")
        file.commit()
    ended = home.crawl("tmdb_refresh", "export=0") if table == "state" else home.scrapy("due", "--recompute")
    assert ended.status == 1
    assert "Traceback" not in ended.stderr
    if table == "state":
        assert "state/feed/tmdb/movies is damaged" in ended.stderr


@pytest.mark.parametrize("how", ["noise", "cut", "a page"])
def test_a_damaged_file_is_one_line(stocked: Home, sandbox: Sandbox, tmp_path: Path, how: str) -> None:
    home = Home(tmp_path / how, stocked.settings)
    home.data.mkdir()
    whole = stocked.database.read_bytes()
    middle = len(whole) // 2
    home.database.write_bytes(
        {
            "noise": b"\xff" * len(whole),
            "cut": whole[:middle],
            "a page": whole[: 4096 * 3] + b"\xff" * (len(whole) - 4096 * 6) + whole[-4096 * 3 :],
        }[how]
    )
    for words in (
        ("export", "movies"),
        ("due",),
        ("stats",),
        ("reparse",),
        ("crawl", "tmdb_trending", "-a", "limit=14"),
    ):
        ended = home.scrapy(*words)
        assert ended.status in (1, 2), (words, ended.stderr)
        assert "Traceback" not in ended.stderr, words
        assert str(home.database) in ended.stderr
