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
_ROWS = 500  # made at a time, so that the first bytes need not wait for the last row
_GZIP = 31  # zlib's value for the gzip format


def kind_of_file(name: str, today: dt.date) -> Kind | None:
    """The kind whose ids the file of this name holds; None if no such file exists on that day.

    >>> kind_of_file("movie_ids_05_01_2026.json.gz", dt.date(2026, 5, 2))
    'movie'
    >>> kind_of_file("movie_ids_05_01_2026.json.gz", dt.date(2026, 9, 1)) is None
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


async def gzip_export(catalogue: Catalogue, kind: Kind) -> AsyncIterator[bytes]:
    """The export of all ids of a kind, in chunks; each is made in a thread when it is needed."""
    gzip = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    ids = list(catalogue.rows(kind))
    for start in range(0, len(ids), _ROWS):
        lines = await asyncio.to_thread(_lines, catalogue, kind, ids[start : start + _ROWS])
        if chunk := gzip.compress(lines):
            yield chunk
    yield gzip.flush()


def _lines(catalogue: Catalogue, kind: Kind, ids: Iterable[int]) -> bytes:
    text = []
    for identity in ids:
        row = catalogue.rows(kind).get(identity)
        if row is None:
            continue  # removed while the file was being made
        name = catalogue.original_title(kind, identity)
        entry: dict[str, Any] = {"id": identity, "original_name": name, "popularity": row.popularity}
        if kind == "movie":
            entry = {"adult": False, "id": identity, "original_title": name, "popularity": row.popularity}
            entry["video"] = "video" in edge_cases.of_id(identity)
        text.append(json.dumps(catalogue.with_patches(kind, entry, row=True), ensure_ascii=False) + "\n")
    return "".join(text).encode()
