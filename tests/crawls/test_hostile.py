"""The hostile set in real crawls: each input ends as a reject or as a right value, in bounded memory."""

import signal
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests import hostile
from tests.crawls.run import FAST, ROOT, Home
from tests.crawls.site import Answer, Asked, Site, json_answer
from tests.crawls.test_interruptions import until

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


def test_pictures_and_answers(tmp_path: Path) -> None:
    posters = dict(enumerate(hostile.PICTURES.items(), 1))
    answers = {id: (name, hostile.answers(id)[name]) for id, name in enumerate(hostile.answers(0), 1001)}

    def answer(asked: Asked) -> Answer:
        id = int(asked.path.rpartition("/")[2].partition(".")[0])
        if asked.path.startswith("/t/p/"):
            return Answer(posters[id][1].make(), 200, {"Content-Type": "image/jpeg", **posters[id][1].headers})
        if id in answers:
            return Answer(answers[id][1].make(), 200, {"Content-Type": "application/json", **answers[id][1].headers})
        return Answer(hostile.film(id, poster_path=f"/{id}.jpg"))

    ids = f"ids={','.join(map(str, (*posters, *answers)))}"
    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1", "IMAGES_POSTER_SIZES": "w92"})
        start = time.monotonic()
        process = home.start_crawl("tmdb_titles", ids)
        peak = Peak(process)
        ended = home.wait(process, seconds=SECONDS)
        seconds = time.monotonic() - start
    print(f"{len(posters) + len(answers)} inputs in {seconds:.1f} s, {peak.bytes / 1e6:.0f} MB at most")
    films, rejects = home.documents(), {}
    for reject in home.records("rejects").values():
        id = int(reject["url"].partition("?")[0].rpartition("/")[2].partition(".")[0])
        rejects[id] = f"{reject['reason']}: {reject['detail']}"
    assert "Traceback" not in ended.stderr
    assert home.integrity() == "ok"
    assert peak.bytes < MOST_MEMORY
    wrong = []
    for id, (name, given) in {**posters, **answers}.items():
        made = id in films and (id in answers or "poster" in films[id]["images"])
        if made != (given.right is None) or (given.right or "") not in rejects.get(id, ""):
            wrong.append(f"{name}: should be {given.right!r}, {'made' if made else 'not made'}, {rejects.get(id)!r}")
    assert wrong == []
    assert set(posters) <= films.keys(), "a picture that is none keeps its film"
    assert home.stats["rejects/picture"] > 15


def test_a_pattern_that_a_title_holds_up_is_named_and_left_out(tmp_path: Path) -> None:
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
        if name == "moviecrawler.rendering.studio":
            sys.meta_path.remove(self)
            import time
            from moviecrawler.rendering import decode
            def develop(screened, target=None):
                print("a picture hangs", file=sys.stderr, flush=True)
                time.sleep(600)
            decode.develop = develop

sys.meta_path.insert(0, Hang())
"""


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["TERM", "INT twice"])
def test_an_end_comes_though_a_picture_hangs(tmp_path: Path, numbers: list[signal.Signals]) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/t/p/"):
            return Answer(hostile.jpeg(), 200, {"Content-Type": "image/jpeg"})
        return Answer(hostile.film(int(asked.path.rpartition("/")[2]), poster_path="/a.jpg"))

    (tmp_path / "sitecustomize.py").write_text(HANGS)
    with Site(answer) as site:
        home = Home(tmp_path, {**FAST, **site.env, "IMAGES_ENABLED": "1", "PYTHONPATH": f"{tmp_path}:{ROOT}"})
        log = tmp_path / "run.log"
        process = home.start_crawl("tmdb_titles", "ids=1,2,3", options=(f"--logfile={log}",))
        until(lambda: site.paths().count("/t/p/w500/a.jpg") and len(home.documents()) == 3, process)
        for number in numbers:
            process.send_signal(number)
            until(lambda: "shutting down gracefully" in log.read_text(), process)
        start = time.monotonic()
        ended = home.wait(process, seconds=30)
    assert time.monotonic() - start < 10
    assert "a picture hangs" in ended.stderr
    assert ended.status != 0
    assert home.integrity() == "ok"
    assert len(home.documents()) == 3
    if numbers == [signal.SIGTERM]:
        assert home.last_run["finish_reason"] == "shutdown", "its record was written all the same"
