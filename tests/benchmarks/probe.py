"""Settings of the project with a probe in the crawl: how late the event loop is while pictures are made.

``PROBE_FILE`` gets the delays in seconds as JSON; with ``PROBE_ON_LOOP=1`` pictures are made on the loop itself, with
``PROBE_FILMS=1`` it is films that are waited for.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.items import Artwork, Movie
from moviecrawler.pipelines.images import ImagesPipeline
from moviecrawler.policy.documents.images import title_fingerprint
from moviecrawler.rendering.renderer import RenderedImages
from moviecrawler.settings import *  # noqa: F403
from moviecrawler.settings import EXTENSIONS, ITEM_PIPELINES

EXTENSIONS = {**EXTENSIONS, f"tests.benchmarks.probe.{'FilmLag' if os.environ.get('PROBE_FILMS') else 'Lag'}": 900}

if os.environ.get("PROBE_ON_LOOP"):
    ITEM_PIPELINES = {
        **ITEM_PIPELINES,
        "moviecrawler.pipelines.images.ImagesPipeline": None,
        "tests.benchmarks.probe.OnLoop": 400,
    }

_EVERY = 0.005  # seconds


class Lag:
    """Asks to be called every 5 ms and notes by how much that was late, from the first picture to the last."""

    kind: type = Artwork
    media_type = b"image/"

    def __init__(self, crawler: Crawler) -> None:
        self._delays: list[float] = []
        self._until_last = 0
        crawler.signals.connect(self._answer, signals.response_received)
        crawler.signals.connect(self._item, signals.item_scraped)
        crawler.signals.connect(self._write, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _answer(self, response: Any) -> None:
        if not self._delays and response.headers.get("Content-Type", b"").startswith(self.media_type):
            self._delays.append(0.0)
            self._ask()

    def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_EVERY, self._called, loop.time() + _EVERY)

    def _called(self, due: float) -> None:
        self._delays.append(asyncio.get_running_loop().time() - due)
        self._ask()

    def _item(self, item: Any) -> None:
        if isinstance(item, self.kind):
            self._until_last = len(self._delays)

    def _write(self) -> None:
        self._timer.cancel()
        Path(os.environ["PROBE_FILE"]).write_text(json.dumps(self._delays[: self._until_last]))


class FilmLag(Lag):
    """The same, from the first answer to the last film."""

    kind, media_type = Movie, b"application/json"


class OnLoop(ImagesPipeline):
    """As a pipeline does it that decodes and draws where it is called."""

    async def _make(self, item: Artwork, document: dict[str, Any]) -> RenderedImages:
        return self._renderer.make(item, document, title_fingerprint(document))
