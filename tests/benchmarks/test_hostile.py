"""The whole hostile set; and where pictures are made: threads of the crawl, or processes that can be killed."""

import subprocess
import sys
import textwrap
from pathlib import Path
from statistics import median

import pytest

from tests.crawls.test_hostile import crawl, crawl_exports
from tests.support import hostile
from tests.support.crawl import ROOT

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(400)]

MAKE = """
    import os, sys, tempfile, threading, time
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from multiprocessing import get_context
    from pathlib import Path

    import psutil

    from moviecrawler.items import Artwork
    from moviecrawler.rendering.encode import Quality
    from moviecrawler.rendering.fonts import Fonts
    from moviecrawler.rendering.renderer import Renderer
    from tests.benchmarks.test_rendering import still

    FILM = {"title": "Heat", "original_title": "Heat", "original_language": "en", "year": 1995, "genres": ["Crime"]}
    RENDERER = None


    def make(folder, number, body):
        global RENDERER
        if RENDERER is None:
            sizes = {"poster": ("w500",), "backdrop": ("w1280",)}
            RENDERER = Renderer(Path(folder), sizes, Quality("medium", 10), Fonts())
        slot = "backdrop" if number % 2 else "poster"
        item = Artwork(
            kind="movies", id=number, role=slot, source_path="/a.jpg", url="https://cdn/a", body=body + bytes([number])
        )
        return len(RENDERER.make(item, FILM, []).parts)


    if __name__ == "__main__":
        body = still(3840, 2160)
        threads = sys.argv[1] == "threads"
        pool = ThreadPoolExecutor(2) if threads else ProcessPoolExecutor(2, get_context("spawn"))
        me, peak = psutil.Process(), 0

        def look():
            global peak
            while True:
                peak = max(peak, sum(one.memory_info().rss for one in (me, *me.children(recursive=True))))
                time.sleep(0.02)

        threading.Thread(target=look, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder, pool:
            list(pool.map(make, [folder] * 4, range(4), [body] * 4))
            start = time.perf_counter()
            list(pool.map(make, [folder] * 80, range(10, 90), [body] * 80))
            print(80 / (time.perf_counter() - start), peak / 1e6)
"""


def test_every_input_ends_as_a_reject_or_a_right_value(tmp_path: Path) -> None:
    answers = {name: hostile.answers(id)[name] for id, name in enumerate(hostile.answers(0), 1001)}
    names = [*hostile.PICTURES, *answers]
    assert len(names) >= 60
    assert len({name.partition(":")[0] for name in names}) >= 15
    assert "\n".join(crawl(tmp_path, hostile.PICTURES, answers)) == ""


def test_exports_of_3_gb(tmp_path: Path) -> None:
    crawl_exports(tmp_path, 3000)


def test_threads_beside_processes(tmp_path: Path) -> None:
    script = tmp_path / "make.py"
    script.write_text(textwrap.dedent(MAKE))
    found: dict[str, list[tuple[float, float]]] = {"threads": [], "processes": []}
    for _ in range(3):
        for where, figures in found.items():
            run = [sys.executable, str(script), where]
            said = subprocess.run(run, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
            assert said.returncode == 0, said.stderr
            rate, memory = map(float, said.stdout.split())
            figures.append((rate, memory))
    for where, figures in found.items():
        rate, memory = (median(column) for column in zip(*figures, strict=True))
        print(f"\n{where}: {rate:.1f} pictures a second, {memory:.0f} MB")
