"""Crawls from a script: the result, settings of the call, and one line where nothing can run."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.run import CollectResult, CrawlResult, project_settings
from tests.support import pages
from tests.support.sandbox import Sandbox
from tests.support.waiting import patient, until


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def _script(code: str, folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    file = folder / "script.py"
    file.write_text(code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(file)], cwd=folder, env=environment, capture_output=True, text=True, timeout=patient(60)
    )


_ASYNC = "import asyncio\nasync def main(): crawl('tmdb_trending')\nasyncio.run(main())"
_THREAD = "from concurrent.futures import ThreadPoolExecutor as P\nP().submit(crawl, 'tmdb_trending').result()"
_READ = "import asyncio\nasync def main(store):\n async with opened(store): pass\nasyncio.run(main({}))"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("crawl('tmdb_trendin')", "did you mean tmdb_trending?"),
        ("crawl('tmdb_trending', pages='many')", "tmdb_trending: argument pages='many': must be a whole number"),
        ("crawl('tmdb_trending', pags=1)", "did you mean pages?"),
        ("crawl('tmdb_trending', settings={'TMDB_RATE': -1})", "TMDB_RATE="),
        (
            "crawl('tmdb_trending', settings={'TMDB_RAET': 1})",
            "TMDB_RAET: there is no such setting; did you mean TMDB_RATE?",
        ),
        ("crawl('tmdb_trending', settings={'DATA_DIR': '/proc/none'})", "DATA_DIR=/proc/none: cannot write there"),
        ("crawl('tmdb_trending', settings={'TMDB_ACCESS_TOKEN': ''})", "No TMDB key: set TMDB_ACCESS_TOKEN"),
        ("crawl('the_numbers')", "The Numbers is not requested"),
        ("crawl('collect')", "moviecrawler.run.collect"),
        ("collect(refresh_limit='x')", "collect: argument refresh_limit='x': must be a whole number"),
        ("collect(end_year=2024)", "collect: end_year is for discovery, which needs start_year"),
        ("import twisted.internet.reactor; crawl('tmdb_trending')", "starts only once"),
        (_ASYNC, "an event loop runs here"),
        (_THREAD, "in the main thread only"),
        (_READ.format("project_store()"), "nothing is stored there yet"),
        (_READ.format("open_store('sqlite:///no/such.db', access='read')"), "nothing is stored there yet"),
        (_READ.format("open_store('oracle://x')"), "the scheme is unknown"),
    ],
)
def test_what_is_wrong_is_one_line_without_a_traceback_and_nothing_is_requested(
    code: str, line: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.clear_log()
    names = (
        "from moviecrawler.run import collect, crawl, project_store\nfrom moviecrawler.stores import open_store, opened"
    )
    ran = _script(f"{names}\n{code}", tmp_path, pages.environment(sandbox))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert line in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not sandbox.log()


def test_a_second_crawl_in_a_process_is_refused_and_the_store_can_still_be_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code = """
import asyncio, json
from moviecrawler.exceptions import CrawlError
from moviecrawler.run import crawl, project_store
from moviecrawler.stores import opened

first = crawl("tmdb_titles", ids=[603], settings={"LOG_ENABLED": False})
try:
    crawl("tmdb_titles", ids=[603])
except CrawlError as error:
    refused = str(error)

async def count():
    async with opened(project_store()) as store:
        return await store.documents.count("movies")

print(json.dumps([first.exit_status, first.arguments, refused, asyncio.run(count())]))
"""
    ran = _script(code, tmp_path, pages.environment(sandbox))
    status, arguments, refused, count = json.loads(ran.stdout)
    assert (status, arguments, count) == (0, {"ids": "603"}, 1)
    assert "starts only once" in refused


def test_a_crawl_that_came_to_nothing_has_exit_status_1(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.patch("movie", 155, id="unreadable")
    code = """
from moviecrawler.run import crawl
result = crawl("tmdb_titles", ids=155)
print(result.finish_reason, result.exit_status, [name for name in result.stats if name.startswith("rejects/")])
"""
    assert _script(code, tmp_path, pages.environment(sandbox)).stdout == "finished 1 ['rejects/parse']\n"


def test_collect_leaves_out_a_source_without_a_key_and_fails_without_any(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
from moviecrawler.run import collect
result = collect(settings={"OMDB_API_KEY": ""})
print(list(result.spiders), [line.split()[0] for line in result.left_out], result.exit_status)
collect(settings={"OMDB_API_KEY": "", "TMDB_ACCESS_TOKEN": ""})
"""
    ran = _script(code, tmp_path, {**pages.environment(sandbox), "TMDB_RAET": "8"})
    assert ran.stdout == "['tmdb_refresh'] ['OMDB', 'The'] 0\n", "a misspelt name is a line in the log, no source"
    assert "TMDB_RAET in the environment: there is no such setting; did you mean TMDB_RATE?" in ran.stderr
    assert ran.returncode == 1


def test_ctrl_c_ends_the_crawl_and_the_script_goes_on_with_its_own_handlers(sandbox: Sandbox, tmp_path: Path) -> None:
    code = """
import signal
from moviecrawler.run import crawl
before = signal.getsignal(signal.SIGINT)
result = crawl("tmdb_discover", start_year=1990, end_year=2024)
print(result.finish_reason, result.exit_status, signal.getsignal(signal.SIGINT) is before)
"""
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    environment = pages.environment(sandbox) | {"TMDB_RATE": "4", "TMDB_BURST": "4"}
    sandbox.clear_log()
    process = subprocess.Popen(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    until(lambda: len(sandbox.log()) > 3)
    os.kill(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=patient(60))
    assert output == "shutdown 130 True\n"
    assert process.returncode == 0


def test_settings_of_a_call_are_text_as_on_the_command_line() -> None:
    given: dict[str, object] = {
        "TMDB_RATE": 0.5,
        "IMAGES_ENABLED": False,
        "LANGUAGES": ["zh-CN", "en-US"],
        "DATA_DIR": Path("/srv/films"),
        "FEEDS": {"films.jsonl": {"format": "jsonlines"}},
        "SOMETHING_QUITE_DIFFERENT": 1,
    }
    settings = project_settings(given)
    assert [settings[name] for name in given] == [
        "0.5",
        "0",
        "zh-CN,en-US",
        "/srv/films",
        {"films.jsonl": {"format": "jsonlines"}},
        "1",
    ]
    with pytest.raises(ConfigurationError, match="did you mean OMDB_RATE"):
        project_settings({"OMDB_RATES": 1})


def test_the_worst_of_the_exit_statuses_counts() -> None:
    def ended(name: str, status: int) -> CrawlResult:
        return CrawlResult(name, {}, "finished", status, {})

    assert CollectResult({}).exit_status == 0
    assert CollectResult({"omdb": ended("omdb", 0), "tmdb_refresh": ended("tmdb_refresh", 1)}).exit_status == 1
