"""Makes ``cb62d87.sql``, a small store that the version of commit cb62d87 filled with everything that it could keep.

``python -m tests.old_store.make``, in a clone with its history. That version crawls its own sandbox; then all moments
are moved into the past, so that whatever clock reads it finds it due. The text is kept beside the script, since a
shallow clone has no such commit, and six crawls of it are too slow for a test.
"""

import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

COMMIT = "cb62d87"
ROOT = Path(__file__).resolve().parents[2]
DUMP = Path(__file__).with_name(f"{COMMIT}.sql")

_LAST_DAY = date(2025, 1, 15)
"""On which the old version is said to have run."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_CRAWLS = """
import sys
from pathlib import Path

from tests.crawls.ageing import age
from tests.crawls.run import FAST, Home
from tests.sandbox.process import Sandbox

CHANGED, GONE, LOCKED, *OTHERS = 13, 278, 603, 550, 27205

with Sandbox("--movies", "120", "--quiet") as sandbox:
    home = Home(Path(sys.argv[1]), {**FAST, **sandbox.env, "THE_NUMBERS_ENABLED": "1"})

    def scrapy(*words):
        ended = home.scrapy(*words)
        assert ended.status == 0, ended.stderr

    def refresh():
        scrapy("crawl", "tmdb_refresh", "-a", "feed=0", "-a", "export=0")

    scrapy("crawl", "tmdb_titles", "-a", f"ids={CHANGED},{GONE},{LOCKED},{OTHERS[0]},{OTHERS[1]},shows/1396")
    scrapy("crawl", "tmdb_refresh")
    for _ in range(3):
        age(home, 91, [LOCKED, *OTHERS])
        refresh()
    sandbox.patch("movie", CHANGED, runtime=141, tagline="Cut anew")
    age(home, 91, [CHANGED])
    refresh()
    scrapy("crawl", "omdb")
    scrapy("crawl", "the_numbers")
    scrapy("crawl", "the_numbers_chart", "-a", "start=1999-04-02")
    scrapy("crawl", "tmdb_trending", "-a", "limit=3", "-s", "FILTER_MIN_VOTES=1000000")
    sandbox.gone("movie", GONE)
    age(home, 91, [GONE])
    refresh()
    scrapy("lock", f"movies/{LOCKED}", "tagline=Settled by hand")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        old, home = Path(folder, "old"), Path(folder, "home")
        archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(old, filter="data")
        subprocess.run([sys.executable, "-c", _CRAWLS, str(home)], cwd=old, check=True)
        with closing(sqlite3.connect(home / "data" / "movies.db")) as store:
            header = [f"PRAGMA {name} = {value};" for name, value in _header(store).items()]
            text = "\n".join([*header, *store.iterdump()])
    DUMP.write_text(_in_the_past(text) + "\n", encoding="utf-8")


def load(database: Path) -> None:
    """Write the store into a new file."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as store:
        store.executescript(DUMP.read_text(encoding="utf-8"))


def _header(store: sqlite3.Connection) -> dict[str, int]:
    return {name: store.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")}


def _in_the_past(text: str) -> str:
    today = datetime.now(UTC).date()
    back = today - _LAST_DAY

    def moved(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[0]) - back
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    text = _MOMENT.sub(moved, text)
    for day in (today, today - timedelta(days=1)):
        for spelling in ("%Y-%m-%d", "%Y%m%d"):
            text = text.replace(day.strftime(spelling), (day - back).strftime(spelling))
    return text


if __name__ == "__main__":
    main()
