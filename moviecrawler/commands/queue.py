"""``scrapy queue``: show and repair the shared queues of several workers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from scrapy import Spider

_INSPECTION = "moviecrawler.distributed.inspection"


class Crawls(Protocol):
    """What this command needs of ``distributed.inspection.Crawls``, which is loaded by its name."""

    def find(self, spider: str | None = None) -> list[str]: ...

    def is_under_way(self, base: str) -> bool: ...

    def describe(self, base: str) -> Mapping[str, Any]: ...

    def retry_dead(self, base: str) -> tuple[int, list[str]]: ...

    def clear(self, base: str) -> None: ...

    def push(self, base: str, slot: str, titles: Sequence[tuple[str, int]]) -> None: ...


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 Redis cannot be reached or no such crawl, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [SPIDER | push SPIDER ID ...]"

    def short_desc(self) -> str:
        return "Show and repair the shared queues of REDIS_URL"

    def long_desc(self) -> str:
        return (
            "Without arguments, every crawl: pending by host, leased, delayed, seen, workers, dead letters. push hands "
            "titles to the workers of a TMDB spider. Examples: scrapy queue; scrapy queue tmdb_discover --retry-dead; "
            "scrapy queue tmdb_discover --clear --yes; scrapy queue push tmdb_titles 603 shows/1396"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object per crawl")
        parser.add_argument("--retry-dead", action="store_true", help="queue dead letters again")
        parser.add_argument("--clear", action="store_true", help="delete the queue, dead letters included; workers end")
        parser.add_argument("--yes", action="store_true", help="with --clear: confirm")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from scrapy.utils.misc import load_object

        from moviecrawler.addons import check
        from moviecrawler.exceptions import ConfigurationError, StoreError
        from moviecrawler.policy.network.worker_group import WorkerGroup

        try:
            sharing = WorkerGroup.of(check(self.settings).queue)
        except ConfigurationError as error:
            usage_error(str(error))
        if sharing is None:
            usage_error("scrapy queue: REDIS_URL is not set, so there is no shared queue")
        if opts.clear and not opts.yes:
            usage_error("scrapy queue: --clear deletes what is queued; confirm with --clear --yes")
        if sum((opts.clear, opts.retry_dead, opts.json, args[:1] == ["push"])) > 1:
            usage_error("scrapy queue: give only one of --clear, --retry-dead, --json and push")
        try:
            with load_object(f"{_INSPECTION}.Crawls")(sharing) as crawls:
                self.exitcode = self._push(crawls, args[1:]) if args[:1] == ["push"] else self._show(crawls, args, opts)
        except StoreError as error:
            say(f"scrapy queue: {error}", file=sys.stderr)
            self.exitcode = 1

    def _show(self, crawls: Crawls, args: list[str], opts: argparse.Namespace) -> int:
        import json

        from scrapy.utils.misc import load_object

        if len(args) > 1:
            usage_error(f"scrapy queue: one spider at a time, got {' '.join(args)}")
        found = crawls.find(self._spider(args[0]).name if args else None)
        if not found and not opts.json:
            say("no crawl is queued")
        for base in found:
            if opts.retry_dead:
                queued, left = crawls.retry_dead(base)
                say(f"{base}: {queued} dead letters are queued again")
                if left:
                    say(f"{base}: {len(left)} cannot be queued, since they are not requests: {', '.join(left)}")
            elif opts.clear:
                crawls.clear(base)
                say(f"{base}: deleted")
            elif opts.json:
                say(json.dumps(crawls.describe(base)))
            else:
                say(*load_object(f"{_INSPECTION}.lines")(crawls.describe(base)))
        return 0

    def _push(self, crawls: Crawls, args: list[str]) -> int:
        from moviecrawler.addons import build_policies
        from moviecrawler.config import Config
        from moviecrawler.policy.identity.title_ids import parse_title_arg
        from moviecrawler.policy.network.hosts import origin

        if len(args) < 2:
            usage_error("scrapy queue: push SPIDER ID ..., such as: push tmdb_titles 603 shows/1396")
        spider = self._spider(args[0])
        if not hasattr(spider, "title_request"):
            usage_error(f"scrapy queue: {spider.name} requests no titles by TMDB's id; tmdb_titles does")
        try:
            titles = [parse_title_arg(id) for word in args[1:] for id in word.split(",")]
        except ValueError as error:
            usage_error(f"scrapy queue: {error}: must be ids such as 603, movies/603, shows/1396")
        waiting = [base for base in crawls.find(spider.name) if crawls.is_under_way(base)]
        if len(waiting) != 1:
            problem = f"{len(waiting)} crawls of {spider.name} are running" if waiting else "no worker is waiting"
            remedy = f"scrapy crawl {spider.name} ... -s WORKER_IDLE_SECONDS=86400 waits for titles"
            say(f"scrapy queue: {problem}, so nothing was pushed; {remedy}", file=sys.stderr)
            return 1
        slot = origin(build_policies(Config.from_settings(self.settings)).hosts.bases("tmdb", "api")[0])
        crawls.push(waiting[0], slot, titles)
        say(f"{waiting[0]}: {len(titles)} titles pushed")
        return 0

    def _spider(self, name: str) -> type[Spider]:
        from moviecrawler.commands._crawls import load_spider

        return load_spider(self.settings, name, "scrapy queue: ")
