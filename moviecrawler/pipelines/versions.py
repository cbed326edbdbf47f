"""From the items of a batch to the next versions of the documents that they touch."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moviecrawler.items import Artwork, ChartPage, Item, Title
from moviecrawler.policy import merge
from moviecrawler.policy.language import Languages
from moviecrawler.policy.refresh import Refresh
from moviecrawler.stores.base import Document, Key, Write

logger = logging.getLogger(__name__)


def touched(items: Iterable[Item]) -> dict[Key, list[Item]]:
    """The documents that the items concern, each with its items in their order; records concern none."""
    plan: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        if (isinstance(item, Title) and item.id is not None) or isinstance(item, Artwork):
            plan[item.kind, item.id].append(item)
        elif isinstance(item, ChartPage):
            for row in item.rows:
                plan[row.kind, row.id].append(item)
    return dict(plan)


@dataclass
class Versions:
    """One round: its writes, all documents as they will be, what each title's answer did, whose history grew.

    Outcomes are ``inserted``, ``updated``, ``unchanged`` and ``older`` (the stored answer is newer).
    """

    writes: list[Write] = field(default_factory=list)
    documents: dict[Key, Document] = field(default_factory=dict)
    outcomes: dict[Key, str] = field(default_factory=dict)
    changed: set[Key] = field(default_factory=set)


def next_versions(
    plan: Mapping[Key, list[Item]],
    stored: Mapping[Key, Document],
    *,
    languages: Languages,
    refresh: Refresh,
    now: datetime,
) -> Versions:
    """Merge every item into the documents that it concerns. A chart page or a picture makes no new document."""
    versions = Versions()
    for key, items in plan.items():
        before = stored.get(key)
        document = before
        for item in items:
            if isinstance(item, Title):
                merged = merge.merge(document, item, languages=languages, refresh=refresh, now=now)
                document = merged.document
                versions.outcomes[key] = merged.outcome
            elif document is not None:
                document = _with_part(document, key, item, now)
        if document is None:
            continue
        if document is not before:
            expected = before["revision"] if before else None
            document["revision"] = (expected or 0) + 1
            versions.writes.append(Write(*key, document, expected))
            if before and document["last_change"] is not before["last_change"]:
                versions.changed.add(key)
        versions.documents[key] = document
    return versions


def _with_part(document: Document, key: Key, item: Item, now: datetime) -> Document:
    if isinstance(item, Artwork):
        return merge.with_parts(document, now, images={**document["images"], **item.parts})
    assert isinstance(item, ChartPage)
    if (document["trending"] or {}).get("at", "") >= item.at:
        return document
    rank = next(row.rank for row in item.rows if (row.kind, row.id) == key)
    trending = {"window": item.chart.rpartition("/")[2], "rank": rank, "at": item.at}
    return merge.with_parts(document, now, trending=trending)
