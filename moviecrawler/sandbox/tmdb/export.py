"""The daily id exports: gzip JSON lines, kept for three months (developer.themoviedb.org, "Daily ID Exports")."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import zlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from moviecrawler.sandbox.catalogue import edge_cases
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.catalogue.works import Kind

_NAME = re.compile(r"(movie_ids|tv_series_ids)_(\d{2}_\d{2}_\d{4})\.json\.gz")
_KEPT = dt.timedelta(days=92)
_ROWS = 500  # made in one go, so that the first bytes do not wait for the last row
_GZIP = 31  # zlib's name of that format


def kind_of(name: str, today: dt.date) -> Kind | None:
    """Whose ids the file of this name holds; None when there is no such file on that day.

    >>> kind_of("movie_ids_05_01_2026.json.gz", dt.date(2026, 5, 2))
    'movie'
    >>> kind_of("movie_ids_05_01_2026.json.gz", dt.date(2026, 9, 1)) is None
    True
    """
    if not (found := _NAME.fullmatch(name)):
        return None
    try:
        day = dt.datetime.strptime(found[2], "%m_%d_%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    if not dt.timedelta(0) <= today - day <= _KEPT:
        return None
    return "movie" if found[1] == "movie_ids" else "tv"


async def export(catalogue: Catalogue, kind: Kind) -> AsyncIterator[bytes]:
    """The file in pieces, each made in a thread when it is asked for: all ids of a kind."""
    gzip = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    ids = list(catalogue.rows(kind))
    for start in range(0, len(ids), _ROWS):
        lines = await asyncio.to_thread(_lines, catalogue, kind, ids[start : start + _ROWS])
        if piece := gzip.compress(lines):
            yield piece
    yield gzip.flush()


def _lines(catalogue: Catalogue, kind: Kind, ids: Iterable[int]) -> bytes:
    text = []
    for identity in ids:
        row = catalogue.rows(kind).get(identity)
        if row is None:
            continue  # gone while the file was being made
        name = catalogue.original_title(kind, identity)
        entry: dict[str, Any] = {"id": identity, "original_name": name, "popularity": row.popularity}
        if kind == "movie":
            entry = {"adult": False, "id": identity, "original_title": name, "popularity": row.popularity}
            entry["video"] = "video" in edge_cases.of(identity)
        text.append(json.dumps(catalogue.patched(kind, entry, row=True), ensure_ascii=False) + "\n")
    return "".join(text).encode()
