"""What The Numbers answers at which path."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import cast

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.settings import Settings
from moviecrawler.sandbox.the_numbers import budgets, charts, film_page, markup
from moviecrawler.sandbox.the_numbers.charts import ChartKind
from moviecrawler.sandbox.the_numbers.films import Films


class TheNumbers:
    """The site; its films are gathered when they are asked for first."""

    def __init__(self, catalogue: Catalogue, settings: Settings, clock: Callable[[], dt.datetime]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._started = clock().date()
        self._films: Films | None = None
        self._gathering = asyncio.Lock()

    async def films(self) -> Films:
        """All films of the site."""
        async with self._gathering:
            if self._films is None:
                self._films = await asyncio.to_thread(Films, self._catalogue, self._started)
            return self._films

    def routes(self) -> list[web.RouteDef]:
        """All paths; everything else is a 404."""
        return [
            web.get("/robots.txt", self._robots),
            web.get("/movie/budgets/all", self._budgets),
            web.get(r"/movie/budgets/all/{start:\d+}", self._budgets),
            web.get("/movie/{slug}", self._film),
            web.get("/weekend-box-office-chart", self._latest),
            web.get(r"/box-office-chart/{kind:daily|weekend}/{year:\d{4}}/{month:\d\d}/{day:\d\d}", self._chart),
        ]

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text=self._settings.robots, content_type="text/plain")

    async def _budgets(self, request: web.Request) -> web.Response:
        start = int(request.match_info.get("start", "1"))
        if start % budgets.PAGE != 1:
            raise web.HTTPNotFound
        films = await self.films()
        return markup.page("Movie Budgets", budgets.content(films.by_budget, start, self._settings.layout))

    async def _film(self, request: web.Request) -> web.Response:
        films = await self.films()
        slug = request.match_info["slug"]
        film = films.get(slug)
        if film is None:
            raise web.HTTPNotFound
        return markup.page(film.title, film_page.content(film, films.title(slug), self._settings.layout))

    async def _latest(self, request: web.Request) -> web.Response:
        # The last weekend that is over.
        sunday = self._clock().date() - dt.timedelta(days=1)
        friday = sunday - dt.timedelta(days=(sunday.weekday() - 6) % 7 + 2)
        return await self._page("weekend", friday)

    async def _chart(self, request: web.Request) -> web.Response:
        parts = request.match_info
        try:
            day = dt.date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
        except ValueError:
            raise web.HTTPNotFound from None
        if day > self._clock().date():
            raise web.HTTPNotFound
        return await self._page(cast(ChartKind, parts["kind"]), day)

    async def _page(self, kind: ChartKind, day: dt.date) -> web.Response:
        content = charts.content(await self.films(), kind, day, self._settings.layout)
        return markup.page("Box Office", content)
