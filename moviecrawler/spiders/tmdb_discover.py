"""All films or shows of a range of years: ``scrapy crawl tmdb_discover -a start_year=2020 -a end_year=2024``."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from moviecrawler.base_spiders.arguments import Argument, ArgumentError, flag, matching_text, media, whole_number
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.policy.documents.content_filter import ContentFilter
from moviecrawler.policy.documents.genres import FILM_GENRES, SHOW_GENRES
from moviecrawler.policy.freshness.date_windows import LAST_PAGE, Window
from moviecrawler.sources import tmdb

_GENRES = {
    kind: {name: id for id, name in genres.items()}
    for kind, genres in (("movies", FILM_GENRES), ("shows", SHOW_GENRES))
}
_ALL_GENRES = _GENRES["shows"] | _GENRES["movies"]

_COMPLETE_SHARE = 0.99  # of the titles that TMDB counts: some come and go between the requests


def parse_genres(value: str) -> str:
    """Genre names or ids, all (``,``) or any (``|``) of them, as TMDB's ids. KeyError for an unknown name.

    >>> parse_genres("horror,878")
    '27,878'
    """
    separator = "|" if "|" in value else ","
    ids = [part.strip().lower() for part in value.split(separator)]
    return separator.join(part if part.isdecimal() else str(_ALL_GENRES[part]) for part in ids)


class TmdbDiscover(TmdbSpider):
    """Yields a Movie or Show per title that is new or due, 20 a page. API paths: ``/discover/movie``, ``/discover/tv``.

    TMDB serves 500 pages of a query, so the date range is split until each window fits.
    """

    name = "tmdb_discover"
    reads_listing = True
    accepted_arguments = {
        "media": media("movies", "shows", help="films, or shows by the year in which they began", old_name="kind"),
        "start_year": whole_number(None, least=1874, most=2100, help="first year of release; this year if not given"),
        "end_year": whole_number(None, least=1874, most=2100, help="last year of release; start_year if not given"),
        "min_votes": whole_number(200, least=0, help="titles with fewer votes are not requested"),
        "max_pages": whole_number(None, help="listing pages in all, over all windows"),
        "region": matching_text(
            "a country such as US", re.compile(r"[A-Z]{2}").fullmatch, help="films released in this country"
        ),
        "with_original_language": matching_text(
            "a language such as en", re.compile(r"[a-z]{2}(-[A-Z]{2})?").fullmatch, help="shot in this language"
        ),
        "genre": Argument(
            parse_genres, f"ids or names of {', '.join(_ALL_GENRES)}; all: a,b any: a|b", None, "titles of this genre"
        ),
        "force": flag(help="request titles that are not due, too"),
    }
    media: str
    start_year: int
    end_year: int
    min_votes: int
    max_pages: int | None
    region: str | None
    with_original_language: str | None
    genre: str | None

    @classmethod
    def parse_arguments(cls, given: Any) -> dict[str, Any]:
        values = super().parse_arguments(given)
        values["start_year"] = values["start_year"] or datetime.now(UTC).year
        values["end_year"] = values["end_year"] or values["start_year"]
        if values["end_year"] < values["start_year"]:
            raise ArgumentError(
                f"{cls.name}: argument end_year={values['end_year']}: must be {values['start_year']} or later"
            )
        if values["media"] == "shows" and values["region"]:
            raise ArgumentError(f"{cls.name}: argument region={values['region']!r}: is for films only")
        _check_genres(cls.name, values["media"], values["genre"])
        return values

    async def start(self) -> AsyncIterator[Request]:
        self._pages_left = self.max_pages or float("inf")
        self._shown: dict[tuple[str, str], int] = defaultdict(int)
        self._counted: dict[tuple[str, str], int] = defaultdict(int)
        whole_range = Window.of_years(self.start_year, self.end_year)
        for request in self._first_page(whole_range):
            yield request

    def _first_page(self, window: Window) -> Iterator[Request]:
        return self.next_page(first=str(window.first), last=str(window.last), page=0, pages=1)

    def next_page(self, *, first: str, last: str, page: int, pages: int, unusable: int = 0) -> Iterator[Request]:
        """``first`` and ``last`` are the days of the window; ``max_pages`` limits all windows together."""
        if page >= min(pages, LAST_PAGE) or self._pages_left < 1:
            return
        self._pages_left -= 1
        url = tmdb.discover_url(
            self.base,
            media=self._media_type,
            gte=first,
            lte=last,
            page=page + 1,
            min_votes=self.min_votes,
            region=self.region,
            with_original_language=self.with_original_language,
            genre=self.genre,
            language=self.language,
        )
        yield self.listing_request(url, first=first, last=last, page=page + 1, pages=pages, unusable=unusable)

    def read_page(
        self, response: Response, payload: Any, *, first: str, last: str, page: int, pages: int
    ) -> Iterator[Any]:
        listing = tmdb.parse_listing(payload, self._media_type, "discover")
        if page == 1:
            window = Window(date.fromisoformat(first), date.fromisoformat(last))
            parts = window.split(listing.total_pages) if self._pages_left >= LAST_PAGE else [window]
            self._log_expected(window, listing, len(parts))
            if len(parts) > 1:
                for part in parts:
                    yield from self._first_page(part)
                return
        yield from self.follow(self.unseen(listing.rows))
        self._shown[first, last] += len(listing.rows)
        self._counted[first, last] = max(self._counted[first, last], listing.total_results)
        if page < min(listing.total_pages, LAST_PAGE):
            yield from self.next_page(first=first, last=last, page=page, pages=listing.total_pages)
        else:
            self._check_complete(self._shown[first, last], self._counted[first, last], f"{first} to {last}")

    def _check_complete(self, shown: int, counted: int, window: str) -> None:
        """Make the run incomplete if a window has shown fewer titles than TMDB counts (largest count of all pages)."""
        there = min(counted, LAST_PAGE * tmdb.PAGE_SIZE)
        if shown < _COMPLETE_SHARE * there - 1:
            line = f"TMDB counts {there} {self._word} from {window} and has shown {shown}; run again for the others"
            self.runtime.lifecycle.give_up("listing", line)

    def _log_expected(self, window: Window, listing: tmdb.Listing, parts: int) -> None:
        stats = self.crawler.stats
        if stats.get_value("titles/expected") is None:
            wanted = tmdb.PAGE_SIZE * self.max_pages if self.max_pages else listing.total_results
            stats.set_value("titles/expected", min(wanted, listing.total_results))
            where = f"from {window.first} to {window.last}"
            self.logger.info(
                "%d %s expected %s, with at least %d votes", listing.total_results, self._word, where, self.min_votes
            )
        lost = listing.total_results - LAST_PAGE * tmdb.PAGE_SIZE
        if parts == 1 and lost > 0 and self._pages_left >= LAST_PAGE:
            stats.inc_value("titles/out_of_reach", lost)
            self.logger.warning(
                "%s: TMDB shows 10,000 %s of a day; %d are out of reach", window.first, self._word, lost
            )

    @property
    def _media_type(self) -> Literal["movie", "tv"]:
        return "movie" if self.media == "movies" else "tv"

    @property
    def _word(self) -> str:
        return "films" if self.media == "movies" else "shows"

    @cached_property
    def content(self) -> ContentFilter:
        content = super().content
        return replace(content, config=content.config.model_copy(update={"min_votes": self.min_votes}))


def _check_genres(spider: str, kind: str, genre: str | None) -> None:
    """ArgumentError for one that only the other kind has: TMDB would find nothing."""
    known, others = (_GENRES["movies"], _GENRES["shows"]) if kind == "movies" else (_GENRES["shows"], _GENRES["movies"])
    foreign = {str(id): name for name, id in others.items() if id not in known.values()}
    for id in re.split(r"[,|]", genre or ""):
        if id in foreign:
            raise ArgumentError(
                f"{spider}: argument genre={foreign[id]!r}: {kind} have none; must be of {', '.join(known)}"
            )
