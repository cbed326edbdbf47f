"""The pictures of stored titles: one request per picture, however many titles need it."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast
from weakref import WeakValueDictionary

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler import timestamps
from moviecrawler.base_spiders.errback import request_of
from moviecrawler.documents import Document, PictureRole
from moviecrawler.exceptions import AnswerError
from moviecrawler.items import Artwork, Item
from moviecrawler.policy.documents.images import (
    OVERLAY_LOGO_WIDTH,
    FileIndex,
    WantedImage,
    is_picture_gone,
    with_gone_note,
)
from moviecrawler.policy.network.hosts import origin
from moviecrawler.request_meta import RequestMeta
from moviecrawler.runtime import Runtime
from moviecrawler.sources import tmdb

PICTURE = -10
"""Request priority: pictures never go before API answers."""


class Subscriber(NamedTuple):
    """A title that gets a picture: kind, id, its present entry in ``images``, and of a backdrop the logo to show on its
    title backdrop. A list, once it has been through a queue."""

    kind: Literal["movies", "shows"]
    id: int
    part: dict[str, Any] | None
    logo_path: str | None


class Subscribers(list[Subscriber]):
    """The titles that get the picture of one request; a list that can be weakly referenced.

    It lives as long as its request: after that ends, or goes to another process through a queue, no title can join.
    """


class ArtworkMixin:
    """Picture requests for a spider, with the declared methods of :class:`movie_spider.MovieSpider`."""

    crawler: Crawler
    request: Callable[..., scrapy.Request]
    failed: Callable[[Failure], Iterator[Item]]
    force = False
    redraw = True
    """Whether pictures in another format, or title backdrops with other texts, than today's settings ask for are
    made anew. Else they count as what they are: there."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._index = FileIndex()
        self._in_flight: WeakValueDictionary[str, Subscribers] = WeakValueDictionary()

    @cached_property
    def runtime(self) -> Runtime:
        """What the components of the crawl share; there once Scrapy has loaded its add-ons, so not in ``__init__``."""
        return Runtime.of(self.crawler)

    def artwork_requests(self, kind: str, document: Document) -> Iterator[scrapy.Request]:
        """Requests for the pictures that a stored document lacks.

        None for a picture that is on disk, that its CDN recently did not have (``force`` asks again), or that is
        already requested for another title, which this one joins then.
        """
        pictures, stats = self.runtime.policies.pictures, self.crawler.stats
        monotonic, now = time.monotonic(), datetime.now(UTC)
        logo = pictures.overlay_logo_path(document)
        brings_logo = False
        for wanted in pictures.wanted(document):
            if wanted.role == "logo" and brings_logo:
                continue
            part, url = document["images"].get(wanted.role), self._url(wanted)
            if pictures.is_complete(
                wanted, document, lambda path: self._index.exists(path, monotonic), redraw=self.redraw
            ):
                stats.inc_value("pictures/hit")
                continue
            if is_picture_gone(part, url, now) and not self.force:
                stats.inc_value("pictures/gone")
                continue
            stats.inc_value("pictures/wanted")
            own_logo = logo if wanted.role == "backdrop" else None
            brings_logo = brings_logo or own_logo is not None
            kind_, id = cast(Literal["movies", "shows"], kind), document["_id"]
            subscriber = Subscriber(kind_, id, cast("dict[str, Any] | None", part), own_logo)
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
                meta=self.artwork_meta(subscriber, wanted),
                cb_kwargs={"role": wanted.role, "source_path": wanted.source_path, "subscribers": subscribers},
            )

    def artwork_meta(self, subscriber: Subscriber, wanted: WantedImage) -> RequestMeta:
        """What the request for a picture carries besides."""
        return {}

    async def parse_artwork(
        self, response: Response, subscribers: list[Subscriber], role: PictureRole, source_path: str
    ) -> AsyncIterator[Artwork]:
        self._in_flight.pop(response.url, None)
        if role == "profile":  # the person's, whichever titles have asked for it
            subscribers = subscribers[:1]
        for kind, id, _, logo_path in subscribers:
            artwork = Artwork(
                kind=kind, id=id, url=response.url, body=response.body, role=role, source_path=source_path
            )
            if logo_path is not None:
                url = self._url(WantedImage("logo", logo_path, OVERLAY_LOGO_WIDTH))
                logo = await self._logo(url)
                if logo is not None:
                    artwork.logo_path, artwork.logo = logo_path, logo
                if logo and self.runtime.policies.pictures.logo_sizes:
                    yield Artwork(kind=kind, id=id, url=url, body=logo, role="logo", source_path=logo_path)
            yield artwork

    async def _logo(self, url: str) -> bytes | None:
        """The logo; empty if its CDN does not have it, None if it cannot be had now.

        It is fetched while its backdrop waits to be drawn, so that one drawing is enough.
        """
        request = scrapy.Request(url, meta={"download_slot": origin(url)})
        try:
            response = await self.crawler.engine.download_async(request)
        except AnswerError as error:
            if error.kind == "gone":
                return b""
            self.crawler.stats.inc_value("pictures/logo_failed")
            return None
        except IgnoreRequest:
            return None
        return response.body

    def artwork_failed(self, failure: Failure) -> Iterator[Item]:
        """A reject; a picture that is gone is noted in its titles' documents, so that not every run requests it."""
        request, error = request_of(failure), failure.value
        self._in_flight.pop(request.url, None)
        if isinstance(error, AnswerError) and error.reason == "failed/source_down":
            return  # it stays due like all that were not requested; the run has logged that
        yield from self.failed(failure)
        role, source_path = request.cb_kwargs["role"], request.cb_kwargs["source_path"]
        if not isinstance(error, AnswerError) or error.kind != "gone" or role == "profile":
            return
        for kind, id, part, _ in request.cb_kwargs["subscribers"]:
            missing = Artwork(kind=kind, id=id, url=request.url, body=b"", role=role, source_path=source_path)
            note = with_gone_note(part, request.url, timestamps.iso(datetime.now(UTC)))
            missing.context.images = {missing.role: note}
            yield missing

    def _url(self, wanted: WantedImage) -> str:
        base = self.runtime.policies.hosts.bases("tmdb", "cdn")[0]
        return tmdb.image_url(base, tmdb.image_size(wanted.role, wanted.width), wanted.source_path)
