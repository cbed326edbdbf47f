"""What TMDB's terms forbid to keep: nothing of theirs may be older than six months, unless it was asked for again.

Titles that TMDB still has are due before that, so only what no request can renew is taken away here: tombstones, kept
answers, history, old charts. What is the owner's own stays: locks, decisions, records of runs, and what other sources
said. An empty or later timestamp is not old: a clock that was ahead is another matter (``timestamps``).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from moviecrawler.config.fields import MAX_CACHE_DAYS
from moviecrawler.documents import Document, is_gone
from moviecrawler.documents.records import CHANGES, CHARTS, DROPPED, RAW, REJECTS, UNMATCHED, ChartRecord, Row
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.documents.merge import bump_revision, set_refresh_dates
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.timestamps import iso


def oldest_allowed(now: datetime) -> str:
    """Content that is older than this must not be kept."""
    return iso(now - timedelta(days=MAX_CACHE_DAYS))


def without_old_content(kind: str, row: Row, oldest: str) -> Row | None:
    """The record without content of TMDB from before ``oldest``: the same object, another one, or None for no record.

    Rejects and dropped titles go whole, whoever said it: their excerpts and titles serve nobody after so long.

    >>> raw = {"_id": "tmdb/movies/603", "source": "tmdb", "fetched_at": "2026-01-01T00:00:00.000Z"}
    >>> without_old_content("raw", raw, "2026-06-01"), without_old_content("raw", raw, "2026-01-01") is raw
    (None, True)
    """
    at = said_at(kind, row)
    if not at or at >= oldest:
        return row
    return cast("Row", {**row, "results": []}) if kind == UNMATCHED else None


def said_at(kind: str, record: Mapping[str, Any]) -> str:
    """When TMDB said what stands in a record that no request renews; empty: nothing of TMDB does."""
    if kind in (REJECTS, DROPPED) or (kind == UNMATCHED and record.get("results")):
        return str(record["at"])
    if kind == CHARTS:
        return max((page["at"] for page in cast("ChartRecord", record).get("pages", {}).values()), default="")
    if kind in (RAW, CHANGES) and record["source"] == "tmdb":
        return str(record["fetched_at"] if kind == RAW else record["at"])
    return ""


def is_beyond(document: Document, oldest: str) -> bool:
    """Whether what TMDB said of the title is too old."""
    slot = document["sources"].get("tmdb")
    return bool(slot and slot["data"] and slot["fetched_at"] and slot["fetched_at"] < oldest)


def without_old_parts(
    kind: str, stored: Document, *, oldest: str, composer: Composer, refresh: Refresh, now: datetime
) -> Document:
    """The next version of a document without what no request renews; the same object if there is nothing.

    A tombstone keeps its id, its heir (``same_as``), its locks and what other sources said. Every title loses a last
    change and a rank that are too old: both are replaced only when there is another one.
    """
    document: Document = {**stored}
    if is_gone(stored) and is_beyond(stored, oldest):
        slot = stored["sources"]["tmdb"]
        # Without a hash: should TMDB have the title again, that is news.
        document["sources"] = {**stored["sources"], "tmdb": {**slot, "data": {}, "hash": None}}
        top, document["provenance"] = composer.compose(kind, document["sources"], stored["locks"])
        document = {**document, **top, "images": {}}
        set_refresh_dates(kind, document, refresh, iso(now))
    if (rank := document["trending"]) and rank["at"] < oldest:
        document["trending"] = None
    if (change := document["last_change"]) and change["source"] == "tmdb" and change["at"] < oldest:
        document["last_change"] = None
    return stored if document == stored else bump_revision(document, iso(now))
