"""TMDB's daily id export: downloaded once a day into a file, read a few thousand lines at a time."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from io import BufferedReader
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Literal, cast

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from moviecrawler.base_spiders.errback import is_gone
from moviecrawler.base_spiders.movie_spider import LISTING
from moviecrawler.base_spiders.tmdb import TmdbSpider
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Item
from moviecrawler.policy.freshness import changes_feed
from moviecrawler.policy.network.decompression import GZIP
from moviecrawler.sources import tmdb

_ROWS = 5000


class ExportSpider(TmdbSpider):
    """Base of the spiders that read the export. ``DATA_DIR/exports`` has the newest file of each kind."""

    def __init__(self, name: str | None = None, **given: str) -> None:
        super().__init__(name, **given)
        self._export_answered = asyncio.Event()
        self.exports: dict[str, Path] = {}
        """Kind -> the file that :meth:`fetch_export` has downloaded or found."""

    async def fetch_export(self, kind: str) -> AsyncIterator[Request]:
        """Requests for the newest export that is ready, for ``start()`` to yield; none if the file is there."""
        base = self.runtime.policies.hosts.bases("tmdb", "file")[0]
        for day in changes_feed.export_days(datetime.now(UTC)):
            url = tmdb.export_url(base, cast(Literal["movies", "shows"], kind), day)
            if (path := self._path(url)).is_file():
                self.exports[kind] = path
                return
            self._export_answered.clear()
            yield self.request(
                url,
                self.parse_export,
                errback=self.export_failed,
                priority=LISTING,
                meta={"dont_cache": True},
                cb_kwargs={"kind": kind, "day": str(day)},
            )
            await self._export_answered.wait()
            if kind in self.exports:
                return
        self.logger.warning("TMDB's daily export of %s is not available; the next run tries again", kind)

    async def parse_export(self, response: Response, kind: str, day: str) -> AsyncIterator[Item]:
        path = self._path(response.url)
        try:
            await asyncio.to_thread(_replace_file, path, response.body)
            self.exports[kind] = path
        except OSError as error:
            self.logger.error("%s cannot be written: %s", path, error.strerror)
        finally:
            self._export_answered.set()
        return
        yield  # a generator, like all callbacks

    def export_failed(self, failure: Failure) -> Iterator[Item]:
        self._export_answered.set()
        if not is_gone(failure):  # gone: not ready yet
            yield from self.failed(failure)

    async def export_rows(self, kind: str) -> AsyncIterator[list[tmdb.ExportRow]]:
        """The rows of the file, some thousands at a time; a damaged file ends early and is deleted."""
        if not self.has_export(kind):
            return
        path, skipped = self.exports[kind], 0
        lines = _lines(path, self.runtime.policies.limits.export)
        try:
            while some := await asyncio.to_thread(lambda: [*map(_row, islice(lines, _ROWS))]):
                rows = [row for row in some if row is not None]
                skipped += len(some) - len(rows)
                yield rows
        except (OSError, EOFError, zlib.error, ParseError) as error:
            path.unlink(missing_ok=True)
            self.runtime.lifecycle.give_up("export", f"{path} is damaged ({error}); the next run downloads it again")
        if skipped:
            self.crawler.stats.inc_value("export/skipped", skipped)
            self.logger.warning("%s: %d lines are not rows, or have impossible numbers; skipped", path, skipped)

    def has_export(self, kind: str) -> bool:
        """Whether the file is there, and has not turned out to be damaged."""
        return kind in self.exports and self.exports[kind].is_file()

    def _path(self, url: str) -> Path:
        return self.runtime.config.store.data_dir / "exports" / url.rpartition("/")[2]


def day_of(path: Path) -> date:
    """The day of an export's file.

    >>> day_of(Path("movie_ids_05_01_2026.json.gz"))
    datetime.date(2026, 5, 1)
    """
    month, day, year = path.name.partition(".")[0].split("_")[-3:]
    return date(int(year), int(month), int(day))


def _replace_file(path: Path, body: bytes) -> None:
    """Write the file, and delete older ones of its kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        with partial.open("xb") as file:  # never through an existing link
            file.write(body)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    for other in path.parent.glob(f"{path.name[: -len('MM_DD_YYYY.json.gz')]}*.json.gz"):
        if other != path:
            other.unlink(missing_ok=True)


def _row(line: bytes) -> tmdb.ExportRow | None:
    return tmdb.parse_export_line(line) if line else None


def _lines(path: Path, most: int) -> Iterator[bytes]:
    """The lines of the file, unpacked; b"" for an empty or too long line. ParseError beyond ``most`` bytes."""
    with ExitStack() as opened:
        file: BufferedReader | gzip.GzipFile = opened.enter_context(path.open("rb"))
        for _ in range(2):  # some servers compress a file that is compressed already
            if file.peek(3)[:3] == GZIP:
                file = opened.enter_context(gzip.GzipFile(fileobj=file))
        size = 0
        for _ in range(tmdb.MAX_LINES):
            if not (line := file.readline(tmdb.MAX_LINE_BYTES)):
                return
            size += len(line)
            whole = line
            while len(line) == tmdb.MAX_LINE_BYTES and not line.endswith(b"\n"):
                line = file.readline(tmdb.MAX_LINE_BYTES)
                size += len(line)
                whole = b""
                if size > most:
                    break
            if size > most:
                raise ParseError(f"more than {most / 1e6:g} MB unpacked")
            yield whole.strip()
        raise ParseError(f"more than {tmdb.MAX_LINES:,} lines")
