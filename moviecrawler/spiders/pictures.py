"""The pictures that stored titles lack: ``scrapy pictures``, or ``scrapy crawl pictures``."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from scrapy import Request

from moviecrawler import timestamps
from moviecrawler.base_spiders.arguments import Argument, flag, title_filter
from moviecrawler.base_spiders.artwork import Subscriber
from moviecrawler.base_spiders.movie_spider import MovieSpider
from moviecrawler.documents import is_gone
from moviecrawler.exceptions import StoreError
from moviecrawler.items import KINDS
from moviecrawler.policy.documents import picture_settings
from moviecrawler.policy.documents.images import WantedImage
from moviecrawler.policy.filters.expressions import Expression, Filter
from moviecrawler.policy.identity.title_ids import parse_title_or_imdb_id
from moviecrawler.request_meta import RequestMeta
from moviecrawler.spider_protocol import CheckedPictures
from moviecrawler.stores.base import Key

_BATCH = 100
_POLL_SECONDS = 1.0


def parse_ids(text: str) -> list[Key | str]:
    """``603,movies/550,tt0133093`` -> titles and IMDb ids, each once; a bare number is a film. ValueError otherwise.

    >>> parse_ids("603, tt0903747,movies/603")
    [('movies', 603), 'tt0903747']
    """
    return list(dict.fromkeys(map(parse_title_or_imdb_id, text.split(","))))


class Pictures(MovieSpider):
    """Yields an Artwork per picture that a stored title lacks under the settings of today; no title is fetched.

    Titles are read from the store a hundred at a time, by id, and no faster than their pictures come. A run that was
    interrupted is continued by the next one: what is there is not requested. Beside other spiders in one process
    (``scrapy collect``) it begins when they have ended, since they request the pictures of their own titles.
    """

    name = "pictures"
    required_sources = ()
    accepted_arguments = {
        "ids": Argument(
            parse_ids, "titles such as 603,shows/1396,tt0133093", None, "only these stored titles, and what was gone"
        ),
        "where": title_filter(help="only stored titles that this filter means; not with ids"),
        "redraw": flag(help="also make anew what was made by other settings: another format, other texts"),
        "recent": flag(help="only titles that were written since all were last looked at"),
    }
    ids: list[Key | str] | None
    where: Expression | None
    recent: bool

    async def start(self) -> AsyncIterator[Request]:
        await self._others_ended()
        self.force = self.ids is not None
        begun = timestamps.iso(datetime.now(UTC) - timestamps.MAX_CLOCK_SKEW)
        try:
            async for request in self.backpressure.limit(self._lacking()):
                yield request
        except StoreError:
            return  # it has stopped the run and was logged
        if self.ids is None and self.where is None:
            self.checked_pictures = CheckedPictures(begun, self.redraw)

    async def _others_ended(self) -> None:
        others = [crawler for crawler in self.runtime.group.crawlers if crawler is not self.crawler]
        while any(other.crawling for other in others):  # noqa: ASYNC110  (a crawler's end has no event)
            await asyncio.sleep(_POLL_SECONDS)

    async def _lacking(self) -> AsyncIterator[Request]:
        if self.ids is not None:
            keys = await self._named(self.ids)
            self.crawler.stats.set_value("titles/expected", len(keys))
            async for request in self._of(keys):
                yield request
            return
        if self.where is not None:
            async for request in self._meant(self.where):
                yield request
            return
        since = await self._since() if self.recent else None
        if since is None:
            count = self.runtime.store.documents.count
            counts = [await self.runtime.lifecycle.retry_store(partial(count, kind)) for kind in KINDS]
            self.crawler.stats.set_value("titles/expected", sum(counts))
        for kind in KINDS:
            documents = self.runtime.store.documents
            async for ids in documents.ids(kind) if since is None else documents.written_after(kind, since):
                async for request in self._of([(kind, id) for id in ids]):
                    yield request

    async def _meant(self, where: Expression) -> AsyncIterator[Request]:
        """A store that fails ends the run, and this."""
        asked = Filter(where, datetime.now(UTC))
        try:
            for kind in KINDS:
                keys: list[Key] = []
                async for document in self.runtime.store.documents.iterate(kind, where=asked):
                    keys.append((kind, document["_id"]))
                    if len(keys) == _BATCH:
                        async for request in self._of(keys):
                            yield request
                        keys.clear()
                async for request in self._of(keys):
                    yield request
        except StoreError as error:
            self.runtime.lifecycle.stop("store_failed", f"the store failed, the run ends: {error}")

    async def _since(self) -> str | None:
        """Titles written before this have had their pictures looked at by the settings of today; None: nobody knows."""
        get = partial(self.runtime.store.state.get, picture_settings.STATE)
        known = await self.runtime.lifecycle.retry_store(get) or {}
        now = picture_settings.picture_settings(self.runtime.config)
        if picture_settings.changed(known.get("settings") or {}, now).lacking:
            return None
        return timestamps.trusted(known.get("checked_until"), datetime.now(UTC)) or None

    async def _of(self, keys: Sequence[Key]) -> AsyncIterator[Request]:
        """Requests for what these titles lack; those that TMDB no longer has keep what they have."""
        stats, documents = self.crawler.stats, self.runtime.store.documents
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            stored = await self.runtime.lifecycle.retry_store(partial(documents.get_many, batch))
            for (kind, _), document in stored.items():
                stats.inc_value("titles/found")
                wanted = stats.get_value("pictures/wanted", 0)
                if not is_gone(document):
                    for request in self.artwork_requests(kind, document):
                        yield request
                stats.inc_value("titles/checked")
                if stats.get_value("pictures/wanted", 0) > wanted:
                    stats.inc_value("titles/lacking_pictures")
            if unknown := [f"{kind}/{id}" for kind, id in batch if self.ids is not None and (kind, id) not in stored]:
                self._not_stored(unknown)

    async def _named(self, ids: Iterable[Key | str]) -> list[Key]:
        keys = [id for id in ids if not isinstance(id, str)]
        of_imdb, known = [id for id in ids if isinstance(id, str)], set[str]()
        for kind in KINDS if of_imdb else ():
            query = partial(self.runtime.store.documents.by_imdb_id, kind, of_imdb)
            found = await self.runtime.lifecycle.retry_store(query)
            known |= found.keys()
            keys += [(kind, id) for same in found.values() for id in same]
        if unknown := [id for id in of_imdb if id not in known]:
            self._not_stored(unknown)
        return list(dict.fromkeys(keys))

    def _not_stored(self, unknown: Sequence[str]) -> None:
        self.runtime.lifecycle.give_up("unknown", f"not stored, so there are no pictures to make: {', '.join(unknown)}")

    def artwork_meta(self, subscriber: Subscriber, wanted: WantedImage) -> RequestMeta:
        """A worker that takes over reads the titles again: what is queued already is not queued twice."""
        return {"dedup_key": f"picture/{subscriber.kind}/{subscriber.id}/{wanted.role}{wanted.source_path}"}
