"""The sandbox must not be the bottleneck of what is measured against it: 1,000 answers a second, 600 first ones."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.sandbox import Sandbox
from tests.support.sandbox_client import KEY, fetch

pytestmark = pytest.mark.benchmark

REQUESTS = 4000
PARTS = (
    "alternative_titles,credits,external_ids,images,keywords,recommendations,release_dates,translations,videos,"
    "watch/providers"
)

# The baseline: the same web server with a constant body of the same size, and nothing else.
BARE = """
import sys
from aiohttp import web
async def answer(request):
    return web.Response(body=b"x" * int(sys.argv[1]))
app = web.Application()
app.add_routes([web.get("/{path:.*}", answer)])
web.run_app(app, host="127.0.0.1", port=0, access_log=None)
"""


@contextmanager
def bare_server(size: int) -> Iterator[tuple[int, str]]:
    command = [sys.executable, "-u", "-c", BARE, str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.pid, next(word for word in process.stdout.readline().split() if word.startswith("http"))
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes of memory."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024


async def load(urls: Sequence[str], count: int) -> int:
    """Fetch ``count`` answers over 16 connections; returns the bytes."""
    total = 0
    numbers = iter(range(count))
    async with aiohttp.ClientSession(headers=KEY, connector=aiohttp.TCPConnector(limit=16)) as session:

        async def worker() -> None:
            nonlocal total
            for number in numbers:
                async with session.get(urls[number % len(urls)]) as response:
                    assert response.status == 200
                    total += len(await response.read())

        await asyncio.gather(*(worker() for _ in range(16)))
    return total


def measure(pid: int, urls: Sequence[str], count: int = REQUESTS) -> tuple[float, float, int]:
    """Answers a second by the clock, answers a CPU second of the server, and the mean size."""
    os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))})
    cpu, clock = cpu_seconds(pid), time.perf_counter()
    size = asyncio.run(load(urls, count)) // count
    return count / (time.perf_counter() - clock), count / (cpu_seconds(pid) - cpu), size


def report(what: str, measured: tuple[float, float, int], baseline: tuple[float, float, int]) -> None:
    (clock, cpu, size), (bare_clock, bare_cpu, _) = measured, baseline
    print(
        f"\n{what} ({size:,} bytes): {clock:,.0f}/s by the clock, {cpu:,.0f} a CPU second; "
        f"bare aiohttp {bare_clock:,.0f}/s, {bare_cpu:,.0f} a CPU second; ratio {cpu / bare_cpu:.2f}"
    )


@pytest.mark.parametrize(("films", "what"), [(200, "films from the cache"), (4000, "films asked for once")])
def test_film_answers(films: int, what: str):
    with Sandbox("--movies", "6000") as sandbox:
        urls = [f"{sandbox.api}/movie/{5_000_000 + n}?append_to_response={PARTS}" for n in range(films)]
        if films < REQUESTS:
            asyncio.run(load(urls, films))
        measured = measure(sandbox.pid, urls)
    with bare_server(measured[2]) as (pid, url):
        baseline = measure(pid, [url])
    report(what, measured, baseline)
    assert measured[1] >= (1000 if films < REQUESTS else 600)


def test_pictures():
    with Sandbox() as sandbox:
        rows = fetch(f"{sandbox.api}/discover/movie").json["results"]
        urls = [f"{cdn}/w500{row['poster_path']}" for row, cdn in itertools.product(rows, sandbox.cdns)]
        asyncio.run(load(urls, len(urls)))
        measured = measure(sandbox.pid, urls, 2000)
    with bare_server(measured[2]) as (pid, url):
        baseline = measure(pid, [url], 2000)
    report("posters w500", measured, baseline)
    assert measured[1] >= 500


def test_omdb_answers():
    with Sandbox("--movies", "6000", "--omdb-quota", "0") as sandbox:
        urls = [f"{sandbox.omdb}/?i=tt{90_000_000 + 2 * n}&apikey=any" for n in range(2000) if n % 100 not in (1, 2)]
        measured = measure(sandbox.pid, urls, 2000)
    with bare_server(measured[2]) as (pid, url):
        baseline = measure(pid, [url], 2000)
    report("titles of OMDB", measured, baseline)
    assert measured[1] >= 1000


def test_pages_of_the_numbers():
    with Sandbox("--movies", "6000") as sandbox:
        days = [f"/box-office-chart/daily/2019/{month:02}/{day:02}" for month in range(1, 13) for day in range(1, 29)]
        films = [f"/movie/{film['slug']}" for film in sandbox.films()[:300]]
        budgets = ["/movie/budgets/all", *(f"/movie/budgets/all/{start}" for start in range(101, 1001, 100))]
        urls = [sandbox.the_numbers + path for path in days + films + budgets]
        measured = measure(sandbox.pid, urls, len(urls))
    with bare_server(measured[2]) as (pid, url):
        baseline = measure(pid, [url], len(urls))
    report("pages of The Numbers", measured, baseline)
    assert measured[1] >= 200


def test_the_first_page_of_the_numbers_with_50000_films():
    with Sandbox("--movies", "50000") as sandbox:
        before = resident(sandbox.pid)
        clock = time.perf_counter()
        assert fetch(f"{sandbox.the_numbers}/movie/budgets/all").status == 200
        first, clock = time.perf_counter() - clock, time.perf_counter()
        assert fetch(f"{sandbox.the_numbers}/movie/budgets/all/101").status == 200
        second = time.perf_counter() - clock
        after = resident(sandbox.pid)
    print(f"\nfirst page {first:.2f} s, second {second * 1000:.0f} ms; {before:.0f} MB before, {after:.0f} MB after")
    assert after < 1.3 * before


def test_start_with_50000_films():
    before = time.perf_counter()
    with Sandbox("--movies", "50000") as sandbox:
        ready = time.perf_counter() - before
        cpu = cpu_seconds(sandbox.pid)
        memory = resident(sandbox.pid)
    before = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from aiohttp import web"], check=True)
    bare = time.perf_counter() - before
    print(f"\nready with 50,000 films after {ready:.2f} s ({cpu:.2f} s CPU), {memory:.0f} MB; "
          f"importing aiohttp alone {bare:.2f} s; ratio {ready / bare:.1f}")  # fmt: skip
    assert cpu < 1
