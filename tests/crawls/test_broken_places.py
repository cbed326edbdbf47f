"""A store or a disk that does not do its part: one clear line, no traceback, exit status not 0."""

import resource
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.crawl import FAST, ROOT, Ended, Home
from tests.support.sandbox import Sandbox
from tests.support.site import Answer, Asked, Site, film, picture

SANDBOX = ("--movies", "300")


def fails_with_one_line(ended: Ended, *says: str) -> None:
    """Exit status 1, no traceback, and one error line, which holds all of ``says``."""
    assert ended.status == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    (line,) = [line for line in ended.lines if "ERROR" in line]
    assert all(part in line for part in says), line


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"STORE_URI": "sqlite:////proc/movies.db"}, ("/proc/movies.db",)),
        ({"STORE_URI": "sqlite:///FOLDER/a-file/movies.db"}, ("a-file",)),
        ({"STORE_URI": "sqlite:///FOLDER/text.db"}, ("text.db", "not a SQLite database")),
        ({"STORE_URI": "sqlite:///FOLDER"}, ("cannot be opened",)),
        ({"STORE_URI": "sqlite:///FOLDER/theirs.db"}, ("another program",)),
        (
            {"STORE_URI": "mongodb://user:s3cret-word@127.0.0.1:1/movies?serverSelectionTimeoutMS=500"},
            ("127.0.0.1:1", "no server answers"),
        ),
        ({"DATA_DIR": "/proc/moviecrawler"}, ("DATA_DIR", "/proc/moviecrawler")),
        ({"DATA_DIR": "FOLDER/a-file"}, ("DATA_DIR", "a-file")),
        ({"IMAGES_STORE": "/proc/pictures", "IMAGES_ENABLED": "1"}, ("IMAGES_STORE", "/proc/pictures")),
        ({"IMAGES_STORE": "FOLDER/a-file", "IMAGES_ENABLED": "1"}, ("IMAGES_STORE", "a-file")),
    ],
)
def test_at_the_start(sandbox: Sandbox, home: Home, settings: dict[str, str], says: tuple[str, ...]) -> None:
    (home.folder / "a-file").write_text("no folder")
    (home.folder / "text.db").write_text("no database\n" * 1000)
    theirs = sqlite3.connect(home.folder / "theirs.db")
    theirs.execute("CREATE TABLE documents (their TEXT)")
    settings = {name: value.replace("FOLDER", str(home.folder)) for name, value in settings.items()}
    ended = home.crawl("tmdb_trending", **settings)
    assert (ended.status, len(ended.lines), ended.stdout) == (2, 1, ""), ended.stderr
    assert all(part in ended.stderr for part in says)
    assert sandbox.log() == [], "nothing is asked when there is no place for the answers"
    assert "s3cret-word" not in ended.stderr
    assert (home.folder / "text.db").read_text() == "no database\n" * 1000
    assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("documents",)]
    theirs.close()


def test_a_damaged_file_of_the_rate_budget_is_set_aside(sandbox: Sandbox, home: Home) -> None:
    budget = home.data / "budget.db"
    for turn, damage in enumerate((lambda: budget.write_text("noise" * 1000), lambda: budget.mkdir(parents=True))):
        home.data.mkdir(exist_ok=True)
        budget.unlink(missing_ok=True)
        damage()
        ended = home.crawl("tmdb_trending", "limit=2", "force=1", TMDB_RATE="20", TMDB_BURST="2")
        assert ended.status == 0, ended.stderr
        assert "Traceback" not in ended.stderr
        assert len([line for line in ended.lines if "set aside as budget.db.damaged" in line]) == 1
        assert len(sandbox.log(path="/3/movie")) == 2 * (turn + 1)
    assert home.crawl("tmdb_trending", "limit=2").lines[0].find("set aside") == -1, "and the next run has a whole one"


def file_size(limit: int) -> Callable[[], None]:
    """A disk that takes files of so many bytes and no more."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def test_a_full_disk_at_the_start(sandbox: Sandbox, home: Home) -> None:
    ended = home.wait(home.start_crawl("tmdb_trending", limit=file_size(0)))
    assert (ended.status, len(ended.lines)) == (2, 1)
    assert "cannot write there" in ended.stderr
    assert sandbox.log() == []


def test_a_disk_that_gets_full_in_mid_crawl(sandbox: Sandbox, home: Home) -> None:
    ended = home.wait(home.start_crawl("tmdb_trending", "pages=10", limit=file_size(800_000)))
    fails_with_one_line(ended, "the store failed, the run ends", "disk")
    assert "tmdb_trending: store_failed" in ended.stderr
    stored = home.documents()
    assert 0 < len(stored) < 150
    assert home.integrity() == "ok"
    assert all(film["title"] for film in stored.values())
    sandbox.clear_log()
    assert home.crawl("tmdb_trending", "pages=10").status == 0
    assert not {entry["path"] for entry in sandbox.log()} & {f"/3/movie/{id}" for id in stored}
    assert len(home.documents()) == 199


@pytest.mark.parametrize("how", ["removed", "replaced", "its folder renamed"])
def test_a_database_that_is_taken_away_in_mid_crawl(sandbox: Sandbox, home: Home, how: str) -> None:
    sandbox.settings(latency=50)
    process = home.start_crawl("tmdb_trending", "pages=5")
    while len(sandbox.log(path="/3/movie")) < 10:
        assert process.poll() is None
    if how == "removed":
        for file in home.data.glob("movies.db*"):
            file.unlink()
    elif how == "replaced":
        (home.folder / "other.db").touch()
        (home.folder / "other.db").replace(home.database)
    else:
        home.data.rename(home.folder / "elsewhere")
    ended = home.wait(process)
    fails_with_one_line(ended, "the store failed, the run ends", "movies.db", "while it was open")
    assert "tmdb_trending: store_failed" in ended.stderr
    assert len(sandbox.log(path="/3/movie")) < 90, "it ended early"


def test_a_database_that_is_taken_away_at_the_very_end(sandbox: Sandbox, home: Home) -> None:
    code = "import moviecrawler.pipelines.store as store, os, sys\n"
    code += f"store.StorePipeline.close_spider = lambda self: os.unlink({str(home.database)!r})\n"
    (home.folder / "sitecustomize.py").write_text(code)
    ended = home.crawl("tmdb_trending", "limit=2", PYTHONPATH=f"{home.folder}:{ROOT}")
    fails_with_one_line(ended, "the store failed at the end of the run", "movies.db", "while it was open")
    assert "tmdb_trending: store_failed" in ended.stderr


def test_a_disk_that_gets_full_with_pictures(tmp_path: Path) -> None:
    small, large = picture(300, 450), picture(1280, 720, noise=True)

    def answer(asked: Asked) -> Answer:
        id = asked.path.rpartition("/")[2]
        if id.isdecimal():
            return film(int(id), poster_path=f"/p{id}.jpg", backdrop_path=f"/b{id}.jpg")
        return large if id.startswith("b") else small

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1", "IMAGES_QUALITY": "high"})
        ended = home.wait(home.start_crawl("tmdb_titles", "ids=1,2,3", limit=file_size(400_000)))
        fails_with_one_line(ended, "a picture cannot be written, the run ends")
        assert len(home.documents()) == 3, "the films are there"
        images = home.data / "images"
        for stored in home.documents().values():
            for image in stored["images"].values():
                assert (images / image["file"]).exists(), "no document names a file that is not there"
        assert [path for path in images.rglob("*") if path.is_file() and path.suffix != ".jpg"] == []
        assert home.crawl("tmdb_titles", "ids=1,2,3").status == 0
    assert all(len(stored["images"]) == 3 for stored in home.documents().values())


def test_a_database_that_somebody_locks_for_seconds(sandbox: Sandbox, home: Home) -> None:
    """The crawl waits for it and loses nothing."""
    sandbox.settings(latency=20)
    process = home.start_crawl("tmdb_trending", "pages=5")
    while len(home.documents()) < 10:
        assert process.poll() is None
    blocker = sqlite3.connect(home.database, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    time.sleep(2)
    blocker.execute("COMMIT")
    blocker.close()
    ended = home.wait(process)
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == home.stats["titles/found"] > 90
    assert home.records("rejects") == {}


def test_a_cdn_that_is_dead(sandbox: Sandbox, home: Home) -> None:
    sandbox.faults([{"kind": "dead", "target": "cdn"}])
    ended = home.crawl("tmdb_trending", IMAGES_ENABLED="1", SOURCE_PATIENCE="1", RETRY_BASE="0.5", RETRY_CAP="5")
    assert (ended.status, home.last_run["finish_reason"]) == (1, "incomplete")
    assert "no picture from the image hosts of TMDB" in ended.stderr
    assert "Traceback" not in ended.stderr
    films = home.documents()
    assert len(films) == 20
    assert all(film["images"] == {} for film in films.values())
    assert home.stats["pictures/wanted"] >= 30
    assert len(home.records("rejects")) <= 2, "no picture is to blame; all stay due"


def test_a_site_that_nobody_answers_for(home: Home) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{listening.getsockname()[1]}/3"
        ended = home.crawl("tmdb_trending", TMDB_BASE_URL=nowhere)
    assert ended.status == 1
    assert "Traceback" not in ended.stderr
    assert home.stats["rejects/failed"] == 1


def test_a_process_that_may_hardly_open_a_file_needs_none_of_our_source(sandbox: Sandbox, home: Home) -> None:
    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))

    process = home.start_crawl("tmdb_trending", "limit=8", limit=few_files, IMAGES_ENABLED="1", TMDB_CONCURRENCY="16")
    ended = home.wait(process)
    assert "Traceback" not in ended.stderr, ended.stderr[-4000:]
    assert "callback" not in ended.stderr


def test_a_disk_that_is_full_before_the_budget_is_opened(sandbox: Sandbox, home: Home) -> None:
    """It had room when the places were looked at."""
    code = "import moviecrawler.places as places, asyncio\nplaces.check_places = lambda settings: asyncio.sleep(0)\n"
    (home.folder / "sitecustomize.py").write_text(code)
    (home.folder / "full").touch()
    places = {"DATA_DIR": "full", "STORE_URI": f"sqlite:///{home.database}", "PYTHONPATH": f"{home.folder}:{ROOT}"}
    home.data.mkdir()
    ended = home.crawl("tmdb_trending", "limit=2", **places, TMDB_RATE="4")
    fails_with_one_line(ended, "cannot store the rate limit")
    assert home.last_run["finish_reason"] == "store_failed"
