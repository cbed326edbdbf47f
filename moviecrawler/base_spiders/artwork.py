"""The pictures of stored titles: one request per picture, however many titles need it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from weakref import WeakValueDictionary

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.documents import Document
from moviecrawler.exceptions import AnswerError
from moviecrawler.items import Artwork, Item
from moviecrawler.policy.documents.images import FileIndex, WantedImage, is_picture_gone, with_gone_note
from moviecrawler.sources import tmdb

PICTURE = -10
"""Request priority: pictures never go before API answers."""


Subscriber = tuple[Literal["movies", "shows"], int, dict[str, Any] | None]
"""A title that gets a picture: kind, id, its present entry in ``images``. A list, once it has been through a queue."""


class Subscribers(list[Subscriber]):
    """The titles that get the picture of one request; a list that can be weakly referenced.

    It lives as long as its request: after that ends, or goes to another process through a queue, no title can join.
    """


class ArtworkMixin:
    """Picture requests for a spider; ``request`` and ``failed`` are those of :class:`movie_spider.MovieSpider`."""

    force = False

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._index = FileIndex()
        self._in_flight: WeakValueDictionary[str, Subscribers] = WeakValueDictionary()

    def artwork_requests(self, kind: str, document: Document) -> Iterator[scrapy.Request]:
        """Requests for the pictures that a stored document lacks.

        None for a picture that is on disk, that its CDN recently did not have (``force`` asks again), or that is
        already requested for another title, which this one joins then.
        """
        pictures, stats = self.crawler.policies.pictures, self.crawler.stats
        monotonic, now = time.monotonic(), datetime.now(UTC)
        for wanted in pictures.wanted(document):
            part, url = document["images"].get(wanted.role), self._url(wanted)
            if pictures.is_complete(wanted, document, lambda path: self._index.exists(path, monotonic)):
                stats.inc_value("pictures/hit")
                continue
            if is_picture_gone(part, url, now) and not self.force:
                stats.inc_value("pictures/gone")
                continue
            stats.inc_value("pictures/wanted")
            subscriber = [kind, document["_id"], part]
            if (subscribers := self._in_flight.get(url)) is not None:
                stats.inc_value("pictures/joined")
                subscribers.append(subscriber)
                continue
            subscribers = self._in_flight[url] = Subscribers([subscriber])
            yield self.request(
                url,
                self.parse_artwork,
                errback=self.artwork_failed,
                priority=PICTURE,
                dont_filter=True,  # a picture requested again is missing
                cb_kwargs={"role": wanted.role, "source_path": wanted.source_path, "subscribers": subscribers},
            )

    def parse_artwork(
        self, response: Response, subscribers: list[Subscriber], role: Literal["poster", "backdrop"], source_path: str
    ) -> Iterator[Artwork]:
        self._in_flight.pop(response.url, None)
        for kind, id, _ in subscribers:
            yield Artwork(kind=kind, id=id, url=response.url, body=response.body, role=role, source_path=source_path)

    def artwork_failed(self, failure: Failure) -> Iterator[Item]:
        """A reject; a picture that is gone is noted in its titles' documents, so that not every run requests it."""
        request, error = failure.request, failure.value
        self._in_flight.pop(request.url, None)
        if isinstance(error, AnswerError) and error.reason == "failed/source_down":
            return  # it stays due like all that were not requested; the run has logged that
        yield from self.failed(failure)
        if not isinstance(error, AnswerError) or error.kind != "gone":
            return
        role, source_path = request.cb_kwargs["role"], request.cb_kwargs["source_path"]
        for kind, id, part in request.cb_kwargs["subscribers"]:
            missing = Artwork(kind=kind, id=id, url=request.url, body=b"", role=role, source_path=source_path)
            note = with_gone_note(part, request.url, timestamps.iso(datetime.now(UTC)))
            missing.context.images = {missing.role: note}
            yield missing

    def _url(self, wanted: WantedImage) -> str:
        base = self.crawler.policies.hosts.bases("tmdb", "cdn")[0]
        return tmdb.image_url(base, tmdb.image_size(wanted.role, wanted.width), wanted.source_path)
