"""The pictures of stored titles: one request per picture, however many titles want it."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from weakref import WeakValueDictionary

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.exceptions import AnswerError
from moviecrawler.items import Artwork, Item
from moviecrawler.policy.documents.images import FileIndex, WantedImage, is_gone, with_gone_note
from moviecrawler.sources import tmdb

PICTURE = -10
"""Request priority: pictures never go in front of answers."""


Taker = tuple[Literal["movies", "shows"], int, dict[str, Any] | None]
"""Who gets a picture: kind, id, the part it has now; a list where it has been queued."""


class Subscribers(list[Taker]):
    """A list that can be referred to weakly.

    It belongs to its request: when that ends, or goes to another process through a queue, nobody can join it.
    """


class ArtworkMixin:
    """What a spider needs for pictures; ``request`` and ``failed`` are those of :class:`movie_spider.MovieSpider`."""

    force = False

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._index = FileIndex()
        self._under_way: WeakValueDictionary[str, Subscribers] = WeakValueDictionary()

    def artwork(self, kind: str, document: Mapping[str, Any]) -> Iterator[scrapy.Request]:
        """Requests for the pictures that a stored document lacks.

        None for one that is on the disk, that its CDN did not have lately (``force`` asks again), or that is on its
        way for another title.
        """
        pictures, stats = self.crawler.policies.pictures, self.crawler.stats
        monotonic, now = time.monotonic(), datetime.now(UTC)
        for wanted in pictures.wanted(document):
            part, url = document["images"].get(wanted.role), self._address(wanted)
            if pictures.is_complete(wanted, document, lambda path: self._index.exists(path, monotonic)):
                stats.inc_value("pictures/hit")
                continue
            if is_gone(part, url, now) and not self.force:
                stats.inc_value("pictures/gone")
                continue
            stats.inc_value("pictures/wanted")
            taker = [kind, document["_id"], part]
            if (takers := self._under_way.get(url)) is not None:
                stats.inc_value("pictures/joined")
                takers.append(taker)
                continue
            takers = self._under_way[url] = Subscribers([taker])
            yield self.request(
                url,
                self.parse_artwork,
                errback=self.artwork_failed,
                priority=PICTURE,
                dont_filter=True,  # what is asked for a second time is missing
                cb_kwargs={"role": wanted.role, "source_path": wanted.source_path, "takers": takers},
            )

    def parse_artwork(
        self, response: Response, takers: list[Taker], role: Literal["poster", "backdrop"], source_path: str
    ) -> Iterator[Artwork]:
        self._under_way.pop(response.url, None)
        for kind, id, _ in takers:
            yield Artwork(kind=kind, id=id, url=response.url, body=response.body, role=role, source_path=source_path)

    def artwork_failed(self, failure: Failure) -> Iterator[Item]:
        """A reject; and a picture that is gone is noted at its titles, so that not every run asks for it."""
        request, error = failure.request, failure.value
        self._under_way.pop(request.url, None)
        if isinstance(error, AnswerError) and error.reason == "failed/source_down":
            return  # it stays due, as all others that were not even asked for; the run has said so
        yield from self.failed(failure)
        if not isinstance(error, AnswerError) or error.kind != "gone":
            return
        role, source_path = request.cb_kwargs["role"], request.cb_kwargs["source_path"]
        for kind, id, part in request.cb_kwargs["takers"]:
            missing = Artwork(kind=kind, id=id, url=request.url, body=b"", role=role, source_path=source_path)
            missing.set_parts({missing.role: with_gone_note(part, request.url, timestamps.iso(datetime.now(UTC)))})
            yield missing

    def _address(self, wanted: WantedImage) -> str:
        base = self.crawler.policies.hosts.bases("tmdb", "cdn")[0]
        return tmdb.image_url(base, tmdb.image_size(wanted.role, wanted.width), wanted.source_path)
