"""The requests that we hold to be in progress are those that the engine itself counts."""

import json
import textwrap
from collections.abc import Callable

from tests.support.crawl import ROOT, Home
from tests.support.sandbox import Sandbox

SANDBOX = ("--movies", "120")

PROBE = """
    from moviecrawler.settings import *

    import asyncio
    import json
    from pathlib import Path

    from scrapy import signals

    from moviecrawler.scheduling.in_progress import in_progress

    EXTENSIONS = {**EXTENSIONS, "probing.Probe": 900}


    class Probe:
        def __init__(self, crawler):
            self.crawler, self.probes, self.most, self.different = crawler, 0, 0, 0
            crawler.signals.connect(self.opened, signals.spider_opened)
            crawler.signals.connect(self.closed, signals.spider_closed)

        @classmethod
        def from_crawler(cls, crawler):
            return cls(crawler)

        def opened(self):
            self.timer = asyncio.get_running_loop().call_soon(self.probe)

        def probe(self):
            engine = self.crawler.engine
            if engine._slot is not None:
                working = in_progress(engine)
                self.probes, self.most = self.probes + 1, max(self.most, len(working))
                self.different += working != engine._slot.inprogress
            self.timer = asyncio.get_running_loop().call_soon(self.probe)  # in every turn of the loop

        def closed(self):
            self.timer.cancel()
            Path("probed.json").write_text(json.dumps([self.probes, self.most, self.different]))
"""


def test_requests_in_progress_are_those_of_the_engine(sandbox: Sandbox, make_home: Callable[..., Home]) -> None:
    home = make_home(IMAGES_ENABLED="1", IMAGES_POSTER_SIZES="w92", IMAGES_BACKDROP_SIZES="w300")
    (home.folder / "probing.py").write_text(textwrap.dedent(PROBE))
    (home.folder / "scrapy.cfg").write_text("[settings]\ndefault = probing\n")
    sandbox.faults([{"kind": "500", "target": "/3/movie", "rate": 0.2}])
    ended = home.crawl("tmdb_trending", "limit=15", PYTHONPATH=f"{home.folder}:{ROOT}")
    assert ended.status == 0, ended.stderr
    probes, most, different = json.loads((home.folder / "probed.json").read_text())
    assert probes > 1000
    assert most > 5
    assert different == 0
