"""The servers of a sandbox in one process: TMDB (with the control), two image CDNs, OMDB, The Numbers."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections import Counter
from dataclasses import dataclass, field
from typing import IO

from aiohttp import web

from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import KINDS
from moviecrawler.sandbox.control.content_control import ContentControl
from moviecrawler.sandbox.control.server_control import ServerControl
from moviecrawler.sandbox.faults.fault_rules import SERVERS, FaultRule, FaultRules
from moviecrawler.sandbox.faults.middleware import SandboxMiddleware
from moviecrawler.sandbox.images.encoder import PictureEncoder
from moviecrawler.sandbox.omdb.api import OmdbApi
from moviecrawler.sandbox.request_log import RequestLog
from moviecrawler.sandbox.settings import Settings
from moviecrawler.sandbox.the_numbers import TheNumbers
from moviecrawler.sandbox.tmdb.api import TmdbApi

_CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True)
class SandboxConfig:
    """The options of the command line; ``years``: (first, last) of the invented works, both inclusive."""

    host: str = "127.0.0.1"
    port: int = 0
    movies: int | None = None
    shows: int = 60
    seed: int = 1
    years: tuple[int, int] = (1970, 2025)
    settings: Settings = field(default_factory=Settings)
    faults: list[FaultRule] = field(default_factory=list)


class Sandbox:
    """The running replica. ``start`` raises OSError if a port is in use."""

    def __init__(self, config: SandboxConfig, log: IO[str] | None = None) -> None:
        self._config = config
        self._catalogue = Catalogue(movies=config.movies, shows=config.shows, seed=config.seed, years=config.years)
        self._middleware = SandboxMiddleware(config.settings, FaultRules(config.faults, config.seed), RequestLog(log))
        self._pictures = PictureEncoder(self._catalogue)
        self._omdb = OmdbApi(self._catalogue)
        self._the_numbers = TheNumbers(self._catalogue, config.settings, _now)
        self._ports: dict[str, int] = {}
        self._runners: dict[str, web.AppRunner] = {}
        self._sites: dict[str, web.SockSite] = {}

    async def start(self) -> None:
        """Listen on all ports."""
        sockets = [self._bind(self._config.port + offset if self._config.port else 0) for offset in range(len(SERVERS))]
        for server, listening in zip(SERVERS, sockets, strict=True):
            self._ports[server] = listening.getsockname()[1]
            app = web.Application(middlewares=[self._middleware.for_server(server)])
            app.add_routes(self._routes(server))
            self._runners[server] = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
            await self._runners[server].setup()
            await self._listen(server, listening)
        await self._apply_dead_faults()

    async def stop(self) -> None:
        """Close all connections, and stop encoding pictures."""
        self._pictures.close()
        for runner in self._runners.values():
            await runner.cleanup()

    def environment(self) -> dict[str, str]:
        """The settings that point the crawler to this sandbox."""
        at = {server: f"http://{self._config.host}:{self._ports[server]}" for server in SERVERS}
        return {
            "TMDB_BASE_URL": f"{at['api']}/3",
            "TMDB_IMAGE_BASE_URLS": f"{at['cdn1']}/t/p,{at['cdn2']}/t/p",
            "TMDB_ACCESS_TOKEN": self._middleware.settings.key or "sandbox",
            "TMDB_EXPORT_BASE_URL": f"{at['api']}/p/exports",
            "OMDB_BASE_URL": at["omdb"],
            "OMDB_API_KEY": self._middleware.settings.omdb_key or "sandbox",
            "THE_NUMBERS_BASE_URL": at["the_numbers"],
        }

    def describe(self) -> str:
        """One line about what the sandbox serves."""
        films, shows = (len(self._catalogue.rows(kind)) for kind in KINDS)
        return f"{films:,} films, {shows:,} shows; control at http://{self._config.host}:{self._ports['api']}/_sandbox"

    def summary(self) -> str:
        """One line about the answers so far."""
        parts = []
        for server, classes in self._middleware.request_log.stats().items():
            counts = sum((Counter(statuses) for statuses in classes.values()), Counter[str]())
            parts.append(f"{server} " + ", ".join(f"{status} x {count:,}" for status, count in sorted(counts.items())))
        return "; ".join(parts) or "no requests"

    def _routes(self, server: str) -> list[web.RouteDef]:
        if server in ("cdn1", "cdn2"):
            return [web.get("/t/p/{size}/{name}", self._picture)]
        if server == "omdb":
            return self._omdb.routes()
        if server == "the_numbers":
            return self._the_numbers.routes()
        server_control = ServerControl(self._middleware, self._apply_dead_faults)
        content_control = ContentControl(
            self._catalogue, self._omdb, self._the_numbers, self._middleware.settings, _now
        )
        return [*server_control.routes(), *content_control.routes(), *TmdbApi(self._catalogue, _now).routes()]

    async def _picture(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = await self._pictures.encode(f"/{name}", request.match_info["size"])
        if body is None:
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": "public, max-age=31919000",
            "Content-Type": _CONTENT_TYPES.get(name.rpartition(".")[2], "image/jpeg"),
        }
        return web.Response(body=body, headers=headers)

    def _bind(self, port: int) -> socket.socket:
        try:
            listening = socket.create_server((self._config.host, port), backlog=1024)
        except OSError as error:
            reason = os.strerror(error.errno).lower() if error.errno else error
            raise OSError(f"cannot listen on {self._config.host}:{port}, {reason}; choose another --port") from None
        listening.setblocking(False)
        return listening

    async def _listen(self, server: str, listening: socket.socket) -> None:
        self._sites[server] = web.SockSite(self._runners[server], listening, backlog=1024)
        await self._sites[server].start()

    async def _apply_dead_faults(self) -> None:
        """Close the servers that are dead (but the API), and open the others again on the same ports."""
        for server in SERVERS[1:]:
            is_dead = self._middleware.faults.is_dead(server)
            if is_dead and server in self._sites:
                await self._sites.pop(server).stop()
            elif not is_dead and server not in self._sites:
                await self._listen(server, self._bind(self._ports[server]))
