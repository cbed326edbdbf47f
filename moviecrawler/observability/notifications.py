"""Tells the hooks of NOTIFY_* how the crawls of this process ended, and what they have changed."""

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler import timestamps
from moviecrawler.config.monitoring import NotifyConfig
from moviecrawler.crawl_group import CrawlGroup
from moviecrawler.documents import Document, has_changed
from moviecrawler.documents.records import RunRecord
from moviecrawler.items import Title, TitleTable
from moviecrawler.lifecycle import CrawlLifecycle
from moviecrawler.notify.hooks import has_hooks, notify
from moviecrawler.policy.jobs.notifications import MAX_CHANGES, change_events, of_runs
from moviecrawler.policy.jobs.run_report import RunReport, came_to_nothing, run_report
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.runtime import Runtime

logger = logging.getLogger(__name__)


class Notifications:
    """One message for all crawlers of a process (``scrapy collect``), when the last one has ended.

    Whatever a hook does costs at most NOTIFY_SECONDS and one WARNING; the run's record is written before. An
    interrupted process tells nobody: somebody knows, and it has only seconds to end.
    """

    def __init__(
        self,
        config: NotifyConfig,
        lifecycle: CrawlLifecycle,
        secrets: Secrets,
        is_alone: bool,
        together: Callable[[], Sequence["Notifications"]],
    ) -> None:
        """``is_alone``: no other worker shares its queue; ``together``: those of all crawlers of the process that have
        begun."""
        self._config, self._lifecycle, self._secrets, self._together = config, lifecycle, secrets, together
        self._is_alone = is_alone
        self._started = timestamps.iso(datetime.now(UTC))
        self._changes: dict[tuple[str, int, str], dict[str, Any]] = {}
        self._more_changes = 0
        self._has_ended = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return Runtime.of(crawler).part(cls, lambda: cls._build(crawler))

    @classmethod
    def _build(cls, crawler: Crawler) -> Self:
        runtime = Runtime.of(crawler)
        config = runtime.config.notify
        built = cls(
            config,
            runtime.lifecycle,
            runtime.policies.secrets,
            is_alone=runtime.worker_group is None,
            together=lambda: cls._of_group(runtime.group),
        )
        if has_hooks(config):
            if any(event.startswith(("changed", "released")) for event in config.on):
                crawler.signals.connect(built._note, signals.item_scraped)
            crawler.signals.connect(built._ended, signals.spider_closed)
        return built

    @classmethod
    def _of_group(cls, group: CrawlGroup) -> list[Self]:
        runtimes = [runtime for crawler in group.crawlers if (runtime := Runtime.find(crawler))]
        return [part for runtime in runtimes if (part := runtime.find_part(cls))]

    def _note(self, item: object) -> None:
        """Keep what this run has changed, as far as anybody wants to know."""
        for title in _titles(item):
            if (document := title.context.document) and title.id is not None:
                self._note_change(title.kind, title.id, document)

    def _note_change(self, kind: str, id: int, document: Document) -> None:
        change = document["last_change"]
        if change is None or not has_changed(document) or change["at"] < self._started:
            return
        key = (kind, id, change["at"])
        if key in self._changes or not (events := change_events(change["diff"], self._config.on)):
            return
        if len(self._changes) >= MAX_CHANGES:
            self._more_changes += 1
            return
        parts = {str(part["path"]): part for parts in events.values() for part in parts}
        self._changes[key] = {
            "kind": kind,
            "id": id,
            "title": document.get("title"),
            "source": change["source"],
            "at": change["at"],
            "diff": [*parts.values()],
            "events": [*events],
        }

    async def _ended(self) -> None:
        await self._lifecycle.record_written.wait()
        self._has_ended = True
        together = self._together()
        if all(one._has_ended for one in together) and (message := self._message(together)):
            await notify(self._config, self._secrets.redact_all(message), logger.warning)

    def _message(self, together: Sequence["Notifications"]) -> Mapping[str, Any] | None:
        ended = [run for one in together if (run := one._run())]
        if any(report.outcome == "interrupted" for _, report in ended):
            return None
        return of_runs(
            ended,
            [*{key: change for one in together for key, change in one._changes.items()}.values()],
            sum(one._more_changes for one in together),
            self._config.on,
            at=timestamps.iso(datetime.now(UTC)),
            host=socket.gethostname(),
        )

    def _run(self) -> tuple[RunRecord, RunReport] | None:
        """The run's record, and what became of it, whether or not the record could be written."""
        if not (written := self._lifecycle.record):
            return None
        row = written | {"finish_reason": self._lifecycle.finish_reason}
        report = run_report(row, "ended")
        if report.outcome == "complete" and self._is_alone and came_to_nothing(row["stats"]):
            report = report._replace(outcome="failed", why=("nothing could be used: scrapy export rejects",))
        return row, report


def _titles(item: object) -> Sequence[Title]:
    if isinstance(item, Title):
        return [item]
    return item.titles if isinstance(item, TitleTable) else ()
