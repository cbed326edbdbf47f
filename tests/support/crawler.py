"""What stands in for a crawler where no crawl is needed."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from moviecrawler.addons import CrawlLifecycle
from moviecrawler.pipelines.group_commit import GroupCommit
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.freshness.refresh import Refresh


class Stats(dict[str, Any]):
    def inc_value(self, name: str, count: int = 1) -> None:
        self[name] = self.get(name, 0) + count


def commits_of(store: Any, patience: float = 5.0) -> tuple[GroupCommit, Any]:
    ended: list[str] = []

    async def close_spider_async(*, reason: str) -> None:
        ended.append(reason)

    crawler = SimpleNamespace(
        store=store,
        stats=Stats(),
        signals=SimpleNamespace(connect=lambda receiver, signal: None),
        config=SimpleNamespace(store=SimpleNamespace(patience=patience)),
        policies=SimpleNamespace(languages=Languages.parse("en-US"), refresh=Refresh()),
        engine=SimpleNamespace(close_spider_async=close_spider_async),
        spider=SimpleNamespace(name="tests"),
        timing=SimpleNamespace(measure=lambda stage: nullcontext()),
        ended=ended,
    )
    crawler.run = CrawlLifecycle(crawler)
    return GroupCommit.of_crawler(crawler), crawler
