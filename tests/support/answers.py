"""Answers of three sources about one film, and what they make of a document."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moviecrawler import timestamps
from moviecrawler.documents import Document, Part, Source
from moviecrawler.items import FailedLookup, FetchReason, Movie, Title
from moviecrawler.policy.documents import merge
from moviecrawler.policy.freshness.refresh import Refresh
from tests.support.policies import composer, refresh

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMPOSER = composer()
REFRESH = refresh(THE_NUMBERS_ENABLED="1")


def later(hours: float = 0, *, days: float = 0) -> datetime:
    return NOW + timedelta(hours=hours, days=days)


def answer(
    source: Source = "tmdb",
    at: datetime = NOW,
    *,
    kind: type[Title] = Movie,
    part: Part = "title",
    reason: FetchReason = "due",
    source_id: str = "949",
    **fields: Any,
) -> Title:
    made = kind(source=source, source_id=source_id, part=part, id=949, **fields)
    made.set_fetch(timestamps.iso(at), reason=reason)
    return made


def merged(stored: Document | None, new: Title, *, refresh: Refresh = REFRESH) -> merge.Merged:
    """Merged at the moment of the answer, or of the last one that is stored."""
    slots = stored["sources"].values() if stored else ()
    fetched = [at for slot in slots for at in filter(None, (slot["fetched_at"], slot.get("failed_at")))]
    fetched += [part["fetched_at"] or "" for slot in slots for part in slot.get("parts", {}).values()]
    now = timestamps.parse(max([new.context.fetched_at, *fetched]))
    return merge.merge(stored, new, composer=COMPOSER, refresh=refresh, now=now)


def document_of(*answers: Title, refresh: Refresh = REFRESH) -> Document:
    """The document after these answers, in this order."""
    document = None
    for one in answers:
        document = merged(document, one, refresh=refresh).document
    assert document is not None
    return document


def after_failed_lookup(document: Document, source: Source, at: datetime, reason: str = "failed") -> Document:
    lookup = FailedLookup(source=source, kind="movies", id=949, reason=reason, at=timestamps.iso(at))
    slot = document["sources"][source]
    now = timestamps.parse(max(lookup.at, slot["fetched_at"] or "", slot.get("failed_at") or ""))
    return merge.with_failed_lookup(document, lookup, refresh=REFRESH, now=now)
