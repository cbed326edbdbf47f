"""Writes one batch of items: timed and counted, and what cannot be stored becomes a reject."""

from collections.abc import Sequence
from datetime import UTC, datetime

from scrapy.crawler import Crawler

from moviecrawler import timestamps
from moviecrawler.ingest.upsert import Upserter, UpsertResult
from moviecrawler.items import Dropped, FailedLookup, Item, Reject, TitleTable, Unmatched
from moviecrawler.policy.documents.genres import genre_names


class BatchWriter:
    """Stores batches and counts the results."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        policies = crawler.policies
        self._upserter = Upserter(
            crawler.store,
            languages=policies.languages,
            refresh=policies.refresh,
            measure=crawler.timing.measure,
        )

    async def store(self, items: Sequence[Item]) -> list[Item]:
        """Make the items durable; rejects and returns those that lost every round or whose document is damaged."""
        self._stats.inc_value("store/batches")
        result = UpsertResult()
        try:
            await self._upserter.write(items, result)
            left_out = [*result.conflicted, *result.damaged]
            if left_out:
                rejects = [self.reject(item, "conflict") for item in result.conflicted]
                rejects += [self.reject(item, "damaged") for item in result.damaged]
                await self._upserter.write(rejects, result)
                self._count_items(rejects)
        finally:
            self._count(result)
        lost = set(map(id, left_out))
        self._count_items([item for item in items if id(item) not in lost] if lost else items)
        return left_out

    def _count(self, result: UpsertResult) -> None:
        self._stats.inc_value("store/reads", result.reads)
        self._stats.inc_value("store/writes", result.writes)
        self._stats.inc_value("store/conflicts", result.conflicts)
        for (source, _, _), outcome in result.outcomes.items():
            self._stats.inc_value(f"titles/{outcome}")
            self._stats.inc_value(f"titles/{source}/{outcome}")
        for kind, count in result.records.items():
            self._stats.inc_value(f"records/{kind}", count)

    def _count_items(self, items: Sequence[Item]) -> None:
        """Count the items that have a counter of their own, once they are durable."""
        for item in items:
            if isinstance(item, Reject):
                self._stats.inc_value(f"rejects/{item.reason}")
            elif isinstance(item, Dropped):
                self._stats.inc_value(f"filter/dropped/{item.reason}")
                for genre in genre_names(item.genre_ids):
                    self._stats.inc_value(f"filter/genres/{item.reason}/{genre}")
            elif isinstance(item, FailedLookup):
                self._stats.inc_value(f"misses/{item.source}/{item.reason}")
            elif isinstance(item, TitleTable):
                unmatched = sum(title.id is None for title in item.titles)
                self._stats.inc_value("titles/matched", len(item.titles) - unmatched)
                self._stats.inc_value("titles/unmatched", unmatched)
                self._stats.inc_value(
                    "titles/unsure",
                    sum(bool(film.candidates and film.presumed is None) for film in item.context.unmatched),
                )
            elif isinstance(item, Unmatched) and item.presumed is None:
                self._stats.inc_value("titles/unmatched")
                self._stats.inc_value("titles/unsure", int(bool(item.candidates)))

    def reject(self, item: Item, detail: str) -> Reject:
        """The reject for an item that could not be stored."""
        name = f"{item.kind}/{item.id}" if hasattr(item, "id") else getattr(item, "url", type(item).__name__)
        return Reject(
            url=f"item:{name}",
            reason="store",
            detail=detail,
            excerpt=repr(item)[:300],
            spider=self._crawler.spider.name,
            at=timestamps.iso(datetime.now(UTC)),
        )
