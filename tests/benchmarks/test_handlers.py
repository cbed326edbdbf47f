"""Why the handler speaks aiohttp: CPU per answer of Scrapy's two handlers, one spider without pipelines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.crawls import PLAIN as PROJECT
from tests.benchmarks.test_cpu import ENGINE
from tests.support.sandbox import ROOT, Sandbox

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

YEAR, ROUNDS, TARGET = 2024, 5, 0.95

HANDLERS = {
    "aiohttp": "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler",
    "Twisted": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("--movies", "3000", "--years", f"{YEAR}-{YEAR}", "--quiet") as sandbox:
        yield sandbox


def test_an_answer_costs_less_by_aiohttp_than_by_twisted(sandbox: Sandbox, tmp_path: Path) -> None:
    for handler in HANDLERS.values():  # the sandbox makes its answers now, not while we measure
        seconds(tmp_path, sandbox, handler)
    sandbox.clear_log()
    costs: dict[str, list[float]] = {name: [] for name in HANDLERS}
    for _ in range(ROUNDS):
        for name, handler in HANDLERS.items():
            costs[name].append(1000 * seconds(tmp_path, sandbox, handler) / len(sandbox.log()))
            sandbox.clear_log()
    ours, theirs = (median(costs[name]) for name in HANDLERS)
    print(
        f"\nCPU per answer: aiohttp {ours:.2f} ms, Twisted {theirs:.2f} ms, ratio {ours / theirs:.2f} (target {TARGET})"
    )
    assert ours <= TARGET * theirs


def seconds(folder: Path, sandbox: Sandbox, handler: str) -> float:
    """CPU of one crawl of all films, its start included."""
    settings = {
        **ENGINE,
        "ITEM_PIPELINES": {},
        "DOWNLOAD_HANDLERS": {"http": handler},
        "LOG_LEVEL": "WARNING",
    }
    words = [word for name, value in settings.items() for word in ("-s", f"{name}={_text(value)}")]
    arguments = {"base": sandbox.api, "token": sandbox.env["TMDB_ACCESS_TOKEN"], "year": YEAR}
    words += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = plain.settings\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "films", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(PROJECT), str(ROOT)])},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, dict) else str(value)
