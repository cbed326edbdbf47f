"""What a person sees: a bar on a terminal, plain lines elsewhere, the summary at the end; and two crawls at once."""

import os
import pty
import re
import subprocess
import sys
import termios

from tests.support.crawl import ROOT, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "300")


def at_a_terminal(home: Home, *words: str) -> str:
    """Everything that ``scrapy`` wrote to a terminal."""
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *words],
        cwd=home.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CACHE_URI": "", "TERM": "xterm", **home.settings},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            break
        said += part
    os.close(terminal)
    assert process.wait(timeout=30) == 0
    return said.decode("utf-8", "replace")


def test_on_a_terminal_a_bar_that_leaves_no_trace(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=150)
    said = at_a_terminal(home, "crawl", "tmdb_trending", "-a", "pages=3")
    bars = re.findall(r"titles (\d+)/(\d+), pictures 0/0, rejects 0", said)
    assert len(bars) >= 3
    counts = [int(done) for done, _ in bars]
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= 59
    summary = said[said.index("tmdb_trending: finished") :]
    assert "59 new" in summary
    assert "\x1b" not in summary.partition("documents")[0], "the summary is plain"


def test_elsewhere_plain_lines_now_and_then(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=300)  # pages come one after the other: the run takes over a second however fast we are
    ended = home.crawl("tmdb_trending", "pages=3", PROGRESS_SECONDS="0.2")
    lines = [
        line for line in ended.lines if re.search(r"titles \d+/\d+, pictures 0/0, rejects 0, [\d.]+ requests/s", line)
    ]
    assert len(lines) >= 2
    assert "\r" not in ended.stderr
    assert "\x1b" not in ended.stderr
    assert next(line.split()[0] for line in ended.lines if line.startswith("  ")) == "titles"


def test_a_log_file_has_the_summary_too(sandbox: Sandbox, home: Home) -> None:
    ended = home.crawl("tmdb_trending", "limit=3", options=("--logfile=run.log",))
    log = (home.folder / "run.log").read_text("utf-8")
    assert "tmdb_trending: finished" in log
    assert ended.lines[0].startswith("tmdb_trending: finished"), "the person sees the summary and nothing else"


def test_two_crawls_at_once_lose_nothing_of_each_other(sandbox: Sandbox, home: Home) -> None:
    sandbox.settings(latency=5)
    crawls = [
        home.start_crawl("tmdb_trending", "pages=6", "force=1"),
        home.start_crawl("tmdb_trending", "pages=6", "window=week", "force=1"),
    ]
    for ended in map(home.wait, crawls):
        assert ended.status == 0, ended.stderr
        assert "Traceback" not in ended.stderr
    films = home.documents()
    assert home.integrity() == "ok"
    charts = home.records("charts")
    assert {id.split("/")[2] for id in charts} == {"day", "week"}
    listed = {row["id"] for chart in charts.values() for page in chart["pages"].values() for row in page["rows"]}
    assert films.keys() == listed
    runs = list(home.records("runs").values())
    assert len(runs) == 2
    assert sum(run["stats"]["titles/inserted"] for run in runs) == len(films), "each film is new once"
    assert home.records("rejects") == {}
