"""The answers of a store, computed by a scan of all documents: slow, and independent of the stores' own code."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from moviecrawler.documents import SOURCES
from moviecrawler.policy.freshness.refresh import rank
from moviecrawler.stores.base import Coverage
from moviecrawler.stores.coverage import filled_fields
from moviecrawler.timestamps import parse
from tests.support.age_classes import age_class

Document = dict[str, Any]


def due(documents: Iterable[Document], source: str, now: str, order: str = "newest") -> list[int]:
    """Ids in the source's order."""
    rows = []
    for document in documents:
        slot = slots(document)[source]
        if wants(slot, now):
            later = source == "the_numbers" or bool(slot.get("fetched_at"))
            rows.append(
                (
                    later,
                    -rank(document, "popular" if source == "omdb" and order == "newest" else order),
                    document["_id"],
                )
            )
    return [id_ for *_, id_ in sorted(rows)]


def due_counts_by_age(documents: Iterable[Document], source: str, now: str) -> dict[str, int]:
    moment = parse(now)
    return dict(Counter(age_class(one, moment) for one in documents if wants(slots(one)[source], now)))


def stats(documents: Iterable[Document], now: str) -> Coverage:
    sources = {source: dict.fromkeys(("asked", "frozen", "gone", "due"), 0) for source in SOURCES}
    ages: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    total = complete = 0
    for document in documents:
        total += 1
        for source, slot in slots(document).items():
            sources[source]["asked"] += bool(slot.get("fetched_at"))
            sources[source]["frozen"] += bool(slot.get("frozen_at"))
            sources[source]["gone"] += bool(slot.get("gone_at"))
            sources[source]["due"] += wants(slot, now)
        can_ask = [slot for slot in slots(document).values() if slot.get("next_refresh_at")]
        complete += all(slot.get("fetched_at") and not wants(slot, now) for slot in can_ask)
        ages[age_class(document, parse(now))] += 1
        fields.update(filled_fields(document))
    return Coverage(total, complete, sources, dict(ages), dict(fields))


def slots(document: Document) -> dict[str, Document]:
    return {source: (document.get("sources") or {}).get(source) or {} for source in SOURCES}


def wants(slot: Document, now: str) -> bool:
    return bool(slot.get("next_refresh_at")) and slot["next_refresh_at"] <= now
