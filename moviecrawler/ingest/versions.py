"""Computes the next versions of the documents that the items of a batch change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from moviecrawler.documents import Document, Trending
from moviecrawler.items import Artwork, ChartPage, FailedLookup, Item, Title, TitleTable
from moviecrawler.policy.documents import merge
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.stores.base import Key, Write
from moviecrawler.timestamps import iso

ItemsByKey = dict[Key, list[Item]]


def items_by_key(items: Iterable[Item]) -> ItemsByKey:
    """The documents that the items change, each with its items in order; items for records change none."""
    plan: ItemsByKey = defaultdict(list)
    for item in items:
        for key, changing in _keyed_items(item):
            plan[key].append(changing)
    return dict(plan)


@dataclass
class Versions:
    """One round: its writes, all documents as they will be, the outcome of each title's answer.

    Outcomes are by source, kind and id: ``inserted``, ``updated``, ``unchanged``, ``older`` (the stored answer is
    newer). ``later`` are items for the next round, since a version brings one change at most.
    """

    writes: list[Write] = field(default_factory=list)
    documents: dict[Key, Document] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, int], str] = field(default_factory=dict)
    later: ItemsByKey = field(default_factory=dict)


def next_versions(
    plan: Mapping[Key, list[Item]],
    stored: Mapping[Key, Document],
    *,
    composer: Composer,
    refresh: Refresh,
    now: datetime,
) -> Versions:
    """Merge the items into the documents that they change. Only a title creates a new document."""
    versions = Versions()
    for key, items in plan.items():
        before = document = stored.get(key)
        old_change = before["last_change"] if before else None
        for place, item in enumerate(items):
            outcome = None
            if isinstance(item, Title):
                merged = merge.merge(document, item, composer=composer, refresh=refresh, now=now)
                version, outcome = merged.document, merged.outcome
            elif document is None:
                continue
            elif isinstance(item, FailedLookup):
                version = merge.with_failed_lookup(document, item, refresh=refresh, now=now)
            else:
                version = _with_part(document, key, item, now)
            present = document["last_change"] if document else old_change
            if present is not old_change and version["last_change"] is not present:
                versions.later[key] = items[place:]
                break
            if isinstance(item, Title) and outcome:
                versions.outcomes[item.source, *key] = outcome
            document = version
        if document is None:
            continue
        if document is not before:
            expected = before["revision"] if before else None
            document["revision"] = (expected or 0) + 1
            if (change := document["last_change"]) is not None and change is not old_change:
                change["revision"] = document["revision"]
            versions.writes.append(Write(*key, document, expected))
        versions.documents[key] = document
    return versions


def _keyed_items(item: Item) -> Iterator[tuple[Key, Item]]:
    if isinstance(item, TitleTable):
        for title in item.titles:
            yield from _keyed_items(title)
    elif isinstance(item, ChartPage):
        for row in item.rows:
            yield (row.kind, row.id), item
    elif isinstance(item, Artwork):
        if item.context.images:  # a portrait stands in no document
            yield (item.kind, item.id), item
    elif isinstance(item, Title | FailedLookup) and item.id is not None:
        yield (item.kind, item.id), item


def _with_part(document: Document, key: Key, item: Item, now: datetime) -> Document:
    if isinstance(item, Artwork):
        return merge.with_parts(document, now, images={**document["images"], **item.context.images})
    assert isinstance(item, ChartPage)
    stored = document["trending"]
    if (stored is not None and stored["at"] == item.at) or merge.is_newer_rank(stored, item.at, iso(now)):
        return document
    rank = next(row.rank for row in item.rows if (row.kind, row.id) == key)
    trending: Trending = {"window": item.chart.rpartition("/")[2], "rank": rank, "at": item.at}
    return merge.with_parts(document, now, trending=trending)
