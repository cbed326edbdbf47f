"""What is checked of each document, and of all of them together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from moviecrawler.documents import Document, Kind, is_gone
from moviecrawler.health.findings import Findings
from moviecrawler.items import KINDS
from moviecrawler.policy.documents.locks import LockError, accepts
from moviecrawler.policy.documents.terms import oldest_allowed
from moviecrawler.policy.freshness.id_bitmap import IdBitmap
from moviecrawler.timestamps import iso, latest_trusted

REQUIRED = ("title", "created_at", "updated_at")
"""Fields that every document has, whatever its sources know; of a tombstone the title may have to go."""

MANY_FAILURES = 3
"""Failed lookups in a row from which on a source cannot be asked about a title."""

_SAID_ELSEWHERE = {"title": ("titles", "original_title"), "overview": ("overviews",), "tagline": ("taglines",)}
"""Fields that are chosen by language from these."""


class TitleChecks:
    """``look`` at each document once, by kind, then ``compare`` them.

    Its memory is a bit for each id, and the few titles that are linked with another.
    """

    def __init__(self, findings: Findings, now: datetime) -> None:
        self._findings = findings
        self._now, self._latest = iso(now), latest_trusted(now)
        self._oldest = oldest_allowed(now)
        self.stored: dict[str, IdBitmap] = {kind: IdBitmap() for kind in KINDS}
        self._imdb_ids = {kind: IdBitmap() for kind in KINDS}
        self._same_as: dict[tuple[Kind, int], tuple[int, bool]] = {}

    def look(self, kind: Kind, document: Document) -> bool:
        """Whether something of it may be mended."""
        id, add = document["_id"], self._findings.add
        name = f"{kind}/{id}"
        self._findings.looked_at["titles"] += 1
        if id >= 0:
            self.stored[kind].add(id)
        gone = is_gone(document)
        lacking = [field for field in REQUIRED if not document.get(field)]
        if gone and not document["sources"]["tmdb"]["data"]:
            lacking = [field for field in lacking if field != "title"]  # what TMDB's terms have taken away
        for field in lacking:
            add("required", f"{name} has no {field}")
        if (imdb_id := document["imdb_id"]) and not gone:
            self._look_at_imdb_id(kind, imdb_id)
        if (other := document.get("same_as")) is not None:
            self._same_as[kind, id] = (other, gone)
        last = max(document.get("created_at") or "", document["updated_at"] or "")
        for source, slot in document["sources"].items():
            if fetched_at := slot["fetched_at"]:
                last = max(last, fetched_at)
                if fetched_at < self._oldest and source == "tmdb" and slot["data"]:
                    add("terms", f"{name} was fetched on {fetched_at[:10]}")
            if failures := slot.get("failures"):
                last = max(last, slot.get("failed_at") or "")
                if failures >= MANY_FAILURES and (next_at := slot["next_refresh_at"]) and next_at <= self._now:
                    add("failing", f"{name} failed {failures} times at {source}")
        if is_ahead := last > self._latest:
            add("future", f"{name} was stored at {last}")
        if wrong := unsaid(document):
            add("provenance", f"{name}: {wrong}")
        for path in document["locks"]:
            if not _is_field(kind, path):
                add("locks", f"{name}: {path}")
        return bool(lacking or is_ahead or wrong)

    def _look_at_imdb_id(self, kind: Kind, imdb_id: str) -> None:
        if not (digits := imdb_id[2:]).isdecimal():
            return
        number, seen = int(digits), self._imdb_ids[kind]
        if number in seen:
            self._findings.add("duplicates", f"{kind}/{imdb_id}")
        seen.add(number)

    def compare(self) -> None:
        """What only all documents together show."""
        for kind, id, why in self.broken_links():
            self._findings.add("same_as", f"{kind}/{id} is the same as {why}")

    def broken_links(self) -> Iterator[tuple[Kind, int, str]]:
        """Titles whose ``same_as`` leads nowhere, each with the reason; once all have been looked at."""
        for (kind, id), (other, _) in self._same_as.items():
            if other not in self.stored[kind]:
                yield kind, id, f"{kind}/{other}, which is not stored"
            elif self._leads_back(kind, id):
                yield kind, id, f"{kind}/{other}, which leads back to it"

    def _leads_back(self, kind: Kind, id: int) -> bool:
        """Whether it is a tombstone that leads only to tombstones, in a circle."""
        seen: set[int] = set()
        at = id
        while at not in seen:
            seen.add(at)
            other, gone = self._same_as.get((kind, at), (0, False))
            if not gone:
                return False
            at = other
        return True


def unsaid(document: Document) -> str:
    """What the provenance says that is not so, in a few words; empty: nothing.

    >>> slot = {"data": {"runtime": 136}}
    >>> unsaid({"sources": {"tmdb": slot}, "locks": {}, "provenance": {"runtime": "tmdb", "year": "tmdb"}})
    'tmdb said no year'
    """
    sources: Mapping[str, Any] = document["sources"]
    provenance: Mapping[str, str] = document.get("provenance") or {}
    for path, source in provenance.items():
        if source == "locked":
            if path not in document["locks"]:
                return f"{path} is not locked"
            continue
        data = (sources.get(source) or {}).get("data") or {}
        name, _, part = path.partition(".")
        value = data.get(name)
        if part:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None and not _has_any(data, _SAID_ELSEWHERE.get(path, ())):
            return f"{source} said no {path}"
    return ""


def _has_any(data: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(data.get(name) for name in names)


@lru_cache(maxsize=4096)
def _is_field(kind: Kind, path: str) -> bool:
    try:
        accepts(kind, path, None)
    except LockError:
        return False
    return True
