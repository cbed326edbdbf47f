"""The daily id exports: gzip JSON lines, kept for three months (developer.themoviedb.org, "Daily ID Exports")."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re

from moviecrawler.sandbox.catalogue import Catalogue
from moviecrawler.sandbox.titles import Kind

_NAME = re.compile(r"(movie_ids|tv_series_ids)_(\d{2}_\d{2}_\d{4})\.json\.gz")
_KEPT = dt.timedelta(days=92)


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


def export(catalogue: Catalogue, kind: Kind) -> bytes:
    """All ids of a kind."""
    lines = []
    for row in list(catalogue.rows(kind).values()):
        title = catalogue.get(kind, row.id)
        if title and kind == "movie":
            entry = {"adult": False, "id": row.id, "original_title": title.original_title}
            lines.append(entry | {"popularity": row.popularity, "video": "video" in title.odd})
        elif title:
            lines.append({"id": row.id, "original_name": title.original_title, "popularity": row.popularity})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return gzip.compress(text.encode(), compresslevel=1, mtime=0)
