"""The routes of The Numbers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import cast

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.settings import Settings
from moviecrawler.sandbox.the_numbers import budgets, charts, film_page, markup
from moviecrawler.sandbox.the_numbers.charts import ChartPeriod
from moviecrawler.sandbox.the_numbers.films import Films


class TheNumbers:
    """The site; its films are collected at the first request."""

    def __init__(self, catalogue: Catalogue, settings: Settings, clock: Callable[[], dt.datetime]) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._started = clock().date()
        self._films: Films | None = None
        self._collecting = asyncio.Lock()

    async def films(self) -> Films:
        """All films of the site, collected at the first call."""
        async with self._collecting:
            if self._films is None:
                self._films = await asyncio.to_thread(Films, self._catalogue, self._started)
            return self._films

    def routes(self) -> list[web.RouteDef]:
        """All routes; everything else is a 404."""
        return [
            web.get("/robots.txt", self._robots),
            web.get("/movie/budgets/all", self._budgets),
            web.get(r"/movie/budgets/all/{start:\d+}", self._budgets),
            web.get("/movie/{slug}", self._film),
            web.get("/weekend-box-office-chart", self._latest),
            web.get(r"/box-office-chart/{period:daily|weekend}/{year:\d{4}}/{month:\d\d}/{day:\d\d}", self._chart),
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
        return markup.page(film.title, film_page.content(film, films.work_of(slug), self._settings.layout))

    async def _latest(self, request: web.Request) -> web.Response:
        # The last complete weekend.
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
        return await self._page(cast(ChartPeriod, parts["period"]), day)

    async def _page(self, period: ChartPeriod, day: dt.date) -> web.Response:
        content = charts.content(await self.films(), period, day, self._settings.layout)
        return markup.page("Box Office", content)
