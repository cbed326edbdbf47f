"""The box office of single films that are due: ``scrapy crawl the_numbers``."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, cast

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler.base_spiders.arguments import whole_number
from moviecrawler.base_spiders.errback import is_gone, request_of
from moviecrawler.base_spiders.movie_spider import DETAIL, fetched_at, now
from moviecrawler.documents import Document
from moviecrawler.documents.records import Said
from moviecrawler.exceptions import ParseError, StoreError
from moviecrawler.items import FailedLookup, Item, Raw
from moviecrawler.policy import identity
from moviecrawler.sources import the_numbers
from moviecrawler.spiders.the_numbers import TheNumbersSpider, html
from moviecrawler.stores.base import Key

_NEXT_GUESS = DETAIL + 1  # one film after the other


class TheNumbersFilms(TheNumbersSpider):
    """Yields a Movie per stored film that is due, by REFRESH_ORDER. Path: ``/movie/Avatar-(2009)``.

    The slug is the one that the tables link to. For a film that was in no table it is guessed, and the page must be
    about that film: its heading, date and people are compared with the stored document.
    """

    name = "the_numbers"
    accepted_arguments = {"limit": whole_number(100, least=0, help="how many films; 0: all that are due")}
    limit: int

    async def start(self) -> AsyncIterator[Request | Item]:
        async for output in self.backpressure.limit(self._wanted()):
            self.crawler.stats.inc_value("titles/found")
            yield output

    async def _wanted(self) -> AsyncIterator[Request | Item]:
        async for films in self.due_as_found("the_numbers", kinds=("movies",), limit=self.limit or None):
            for document in (await self._stored(film.id for film in films)).values():
                known, id = document["sources"]["the_numbers"].get("source_id"), document["_id"]
                slugs = [known] if known else _guesses(document)
                if slugs:
                    yield self._page(id, slugs, DETAIL, known=bool(known))
                else:
                    yield FailedLookup(**_about(id), reason="gone", at=now())

    async def _stored(self, ids: Iterable[int]) -> Mapping[Key, Document]:
        """Documents by key, in the order of ``ids``; none after a StoreError, which has stopped the run."""
        keys: list[Key] = [("movies", id) for id in ids]
        try:
            found = await self.runtime.lifecycle.retry_store(lambda: self.runtime.store.documents.get_many(keys))
        except StoreError:
            return {}
        return {key: found[key] for key in keys if key in found}

    def _page(self, id: int, slugs: list[str], priority: int, *, known: bool) -> Request:
        """The request for the first of these slugs; the others are tried if that is another film's page, or none."""
        return self.request(
            the_numbers.film_url(self.base, slugs[0]),
            self.parse_film,
            errback=self.film_failed,
            priority=priority,
            dont_filter=True,
            meta={"target": _about(id), "dedup_key": f"the_numbers/movies/{id}/{slugs[0]}"},
            cb_kwargs={"id": id, "slugs": slugs, "known": known},
        )

    async def parse_film(
        self, response: Response, id: int, slugs: list[str], known: bool
    ) -> AsyncIterator[Item | Request]:
        film = the_numbers.parse_film(html(response), slugs[0])
        if not known:
            stored = list((await self._stored([id])).values())
            if stored and identity.match(cast(Said, film.model_dump()), stored).id != id:
                if slugs[1:]:
                    yield self._page(id, slugs[1:], _NEXT_GUESS, known=False)
                    return
                raise ParseError(f"requested movies/{id}, but the page is about {film.title} ({film.year})")
        film.id = id
        film.set_fetch(fetched_at(response), raw=Raw(response.url, response.body))
        yield film

    def film_failed(self, failure: Failure) -> Iterator[Item | Request]:
        """A guessed page that does not exist is followed by the next guess; only the last one is a failed lookup."""
        arguments = request_of(failure).cb_kwargs
        if is_gone(failure) and arguments["slugs"][1:]:
            self.backpressure.release(request_of(failure))
            yield self._page(arguments["id"], arguments["slugs"][1:], _NEXT_GUESS, known=arguments["known"])
        else:
            yield from self.failed(failure)


def _about(id: int) -> dict[str, Any]:
    return {"source": "the_numbers", "kind": "movies", "id": id}


def _guesses(document: Document) -> list[str]:
    """Guessed slugs of the film's English title, else of its first title in Latin script."""
    titles = (document["titles"].get("en-US"), document["title"], document["original_title"])
    guesses = (the_numbers.guess_slugs(title, document["year"]) for title in titles if title)
    return next(filter(None, guesses), [])
