"""The hostile set in real crawls: each input ends as a reject or as a right value, in bounded memory."""

import base64
import json
import signal
import sqlite3
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from tests.support import hostile
from tests.support.crawl import FAST, ROOT, Home
from tests.support.site import Answer, Asked, Site, json_answer
from tests.support.waiting import patient, until

MOST_MEMORY = 400e6
SECONDS = 60


class Peak:
    """The most memory (bytes) that a process and its children held together, looked at every 10 ms."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.bytes = 0
        self._process = psutil.Process(process.pid)
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        try:
            while True:
                family = [self._process, *self._process.children(recursive=True)]
                self.bytes = max(self.bytes, sum(one.memory_info().rss for one in family))
                time.sleep(0.01)
        except psutil.NoSuchProcess:
            pass


def crawl(folder: Path, pictures: Mapping[str, hostile.Input], answers: Mapping[str, hostile.Input]) -> list[str]:
    """One crawl of a film for each input, within limits; what did not end as it should.

    ``answers`` are those of films from 1001 on, in order; the pictures are posters of the films before.
    """
    posters, films = dict(enumerate(pictures.items(), 1)), dict(enumerate(answers.items(), 1001))
    bodies = {id: given.make() for id, (_, given) in {**posters, **films}.items()}

    def answer(asked: Asked) -> Answer:
        id = int(asked.path.rpartition("/")[2].partition(".")[0])
        if asked.path.startswith("/t/p/"):
            return Answer(bodies[id], 200, {"Content-Type": "image/jpeg", **posters[id][1].headers})
        if id in films:
            return Answer(bodies[id], 200, {"Content-Type": "application/json", **films[id][1].headers})
        return Answer(hostile.film(id, poster_path=f"/{id}.jpg"))

    with Site(answer) as site:
        home = Home(folder, {**FAST, **site.env, "IMAGES_ENABLED": "1", "IMAGES_POSTER_SIZES": "w92"})
        start = time.monotonic()
        process = home.start_crawl("tmdb_titles", f"ids={','.join(map(str, bodies))}")
        peak = Peak(process)
        ended = home.wait(process, seconds=SECONDS)
        seconds = time.monotonic() - start
    print(f"\n{len(bodies)} inputs in {seconds:.1f} s, {peak.bytes / 1e6:.0f} MB at most")
    assert "Traceback" not in ended.stderr
    assert home.integrity() == "ok"
    assert peak.bytes < MOST_MEMORY
    assert home.documents().keys() >= set(posters), "a picture that is none keeps its film"
    return [*_wrong(home, posters, films)]


def _wrong(
    home: Home, posters: Mapping[int, tuple[str, hostile.Input]], films: Mapping[int, tuple[str, hostile.Input]]
) -> Iterator[str]:
    stored, rejects = home.documents(), {}
    for reject in home.records("rejects").values():
        id = int(reject["url"].partition("?")[0].rpartition("/")[2].partition(".")[0])
        rejects[id] = f"{reject['reason']}: {reject['detail']}"
    for id, (name, given) in {**posters, **films}.items():
        made = id in stored and (id in films or "poster" in stored[id]["images"])
        if made != (given.right is None) or (given.right or "") not in rejects.get(id, ""):
            yield f"{name}: should be {given.right!r}, {'made' if made else 'not made'}, {rejects.get(id)!r}"


def test_one_of_each_kind(tmp_path: Path) -> None:
    """All of them: tests/benchmarks/test_hostile.py."""
    given = {**hostile.PICTURES, **hostile.answers(0)}
    first = {name.partition(":")[0]: name for name in reversed(given)}.values()
    assert len(first) >= 15
    pictures = {name: input for name, input in hostile.PICTURES.items() if name in first}
    names = [name for name in hostile.answers(0) if name in first]
    answers = {name: hostile.answers(id)[name] for id, name in enumerate(names, 1001)}
    assert "\n".join(crawl(tmp_path, pictures, answers)) == ""


def test_pictures_of_15_mb_come_a_few_at_a_time(tmp_path: Path) -> None:
    body = hostile.with_segments(hostile.segment(0xFE, bytes(65_000)) * 230)
    pictures = {str(n): hostile.Input(lambda n=n: body + bytes([n]), None) for n in range(24)}  # type: ignore[misc]
    assert crawl(tmp_path, pictures, {}) == []


def crawl_exports(folder: Path, megabytes: int, **settings: str) -> None:
    """Each is read as far as the limits let it be, some thousands of lines at a time."""
    for what, reason, least in (
        ("newlines", "lines" if megabytes > 1000 else "MB unpacked", {7}),
        ("one line", "MB unpacked", set()),
        ("long lines", "MB unpacked", set()),
        ("rows that cannot be", "", {7, 11}),
    ):
        packed = hostile.export(what, megabytes)

        def answer(asked: Asked, packed: bytes = packed) -> Answer:
            if asked.path.endswith(".gz"):
                return Answer(packed, 200, {"Content-Type": "application/gzip"})
            return Answer(hostile.film(int(asked.path.rpartition("/")[2])))

        with Site(answer) as site:
            env = {**FAST, **site.env, "TMDB_EXPORT_BASE_URL": f"{site.url}/exports", **settings}
            home = Home(folder / what, env)
            process = home.start_crawl("tmdb_catalogue")
            peak = Peak(process)
            ended = home.wait(process, seconds=SECONDS)
        assert least <= home.documents().keys() <= {7, 11}, (what, ended.stderr)
        assert ended.status == (1 if reason else 0), (what, ended.stderr)
        assert reason in ended.stderr
        assert "Traceback" not in ended.stderr
        assert peak.bytes < MOST_MEMORY
        if not reason:
            assert home.stats["export/skipped"] == 5 * megabytes


def test_exports(tmp_path: Path) -> None:
    crawl_exports(tmp_path, 2, EXPORT_MAX_MB="1")


def test_a_kept_answer_that_is_a_bomb_is_named_by_reparse(tmp_path: Path) -> None:
    with Site(lambda asked: Answer(hostile.film(int(asked.path.rpartition("/")[2])))) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "0"})
        assert home.crawl("tmdb_titles", "ids=1,2,3").status == 0
    bombs = {"tmdb/movies/1": hostile.bomb(300 << 20), "tmdb/movies/2": zlib.compress(b"[" + b"[]," * 400_000 + b"0]")}
    with sqlite3.connect(home.database) as connection:
        for key, packed in bombs.items():
            record = {**home.records("raw")[key], "body": base64.b64encode(packed).decode()}
            connection.execute("UPDATE records SET record = ? WHERE id = ?", (json.dumps(record), key))
    connection.close()
    process = home.start("reparse")
    peak = Peak(process)
    ended = home.wait(process)
    assert ended.status == 1
    assert [line.partition(":")[0] for line in ended.lines] == list(bombs)
    assert "1 unchanged, 2 unreadable" in ended.stdout
    assert peak.bytes < 200e6


def test_a_pattern_that_takes_too_long_is_named_and_ignored(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/movie/day"):
            rows = [{"id": id, "title": "a" * 60_000 + "!", "media_type": "movie"} for id in range(1, 11)]
            return json_answer({"page": 1, "results": rows, "total_pages": 1, "total_results": 10})
        return Answer(hostile.film(int(asked.path.rpartition("/")[2]), title="a" * 60_000 + "!"))

    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "FILTER_PATTERNS": "(a|aa)+$"})
        ended = home.crawl("tmdb_trending", seconds=SECONDS)
    assert ended.status == 0, ended.stderr
    assert len(home.documents()) == 10, "what cannot be judged is kept"
    assert home.stats["filter/late"] == 3
    assert sum("FILTER_PATTERNS='(a|aa)+$'" in line for line in ended.lines) == 1


HANGS = """
import sys

class Hang:
    \"\"\"A decoder that never ends, in C, with the GIL released: a sleep that nothing interrupts.\"\"\"
    def find_spec(self, name, path=None, target=None):
        if name == "moviecrawler.rendering.renderer":
            sys.meta_path.remove(self)
            import time
            from moviecrawler.rendering import decode
            def decode_sanitised(picture, target=None, **more):
                print("a picture hangs", file=sys.stderr, flush=True)
                time.sleep(600)
            decode.decode_sanitised = decode_sanitised

sys.meta_path.insert(0, Hang())
"""


def test_the_process_ends_though_a_picture_hangs(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/t/p/"):
            return Answer(hostile.jpeg(), 200, {"Content-Type": "image/jpeg"})
        return Answer(hostile.film(int(asked.path.rpartition("/")[2]), poster_path="/a.jpg"))

    (tmp_path / "sitecustomize.py").write_text(HANGS)
    ways = {"TERM": [signal.SIGTERM], "INT twice": [signal.SIGINT, signal.SIGINT]}
    runs = {}
    with Site(answer) as site:
        for name, numbers in ways.items():
            env = {**FAST, **site.env, "IMAGES_ENABLED": "1", "PYTHONPATH": f"{tmp_path}:{ROOT}"}
            home, log = Home(tmp_path / name, env), tmp_path / f"{name}.log"
            process = home.start_crawl("tmdb_titles", "ids=1,2,3", options=(f"--logfile={log}",))
            asked = len(site.paths())
            until(lambda: "/t/p/w500/a.jpg" in site.paths()[asked:] and len(home.documents()) == 3, process)  # noqa: B023
            for number in numbers:
                process.send_signal(number)
                until(lambda: "shutting down gracefully" in log.read_text(), process)  # noqa: B023
            runs[name] = home, process, time.monotonic()
        for name, (home, process, start) in runs.items():
            ended = home.wait(process, seconds=30)
            assert time.monotonic() - start < patient(10), name
            assert "a picture hangs" in ended.stderr
            assert ended.status != 0
            assert home.integrity() == "ok"
            assert len(home.documents()) == 3
    assert runs["TERM"][0].last_run["finish_reason"] == "shutdown", "its record was written all the same"
