"""``scrapy unlock``: let the sources set locked fields again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import parse_title_arg, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.stores.base import Key, Store


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed, the title is not stored or has no such lock, 2 wrong usage."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <id> <field> ..."

    def short_desc(self) -> str:
        return "Let the sources set locked fields of a title again"

    def long_desc(self) -> str:
        return "Examples: scrapy unlock movies/603 title; scrapy unlock shows/1396 --all"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="all locks of the title")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            usage_error("scrapy unlock: name a title: movies/603, shows/1396")
        key = parse_title_arg("unlock", args[0])
        if bool(args[1:]) == opts.all:
            usage_error("scrapy unlock: name the fields, or --all")
        paths = None if opts.all else args[1:]
        self.exitcode = with_store("unlock", self.settings, lambda store: self._unlock(store, key, paths))

    async def _unlock(self, store: Store, key: Key, paths: list[str] | None) -> int:
        from functools import partial

        from moviecrawler.addons import build_policies
        from moviecrawler.commands.lock import show_locks
        from moviecrawler.config import Config
        from moviecrawler.ingest.upsert import rewrite
        from moviecrawler.policy.documents.locks import unlock

        policies = build_policies(Config.from_settings(self.settings))
        change = partial(unlock, key[0], paths=paths, composer=policies.composer, refresh=policies.refresh)
        return show_locks(key, await rewrite(store, key, change))
