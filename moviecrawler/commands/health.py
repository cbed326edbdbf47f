"""``scrapy health``: whether the stored data are whole, and what mends what is not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.config import Config
    from moviecrawler.health.checks import Check
    from moviecrawler.stores.checked import CheckedStore


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 nothing was found, or only notes, 1 a problem, or the store failed, 2 wrong usage or setting, 130
    interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Check whether what is stored is whole, and say what mends it"

    def long_desc(self) -> str:
        return (
            "Reads all titles and records once, and says what is damaged, missing, doubled, forbidden or waiting, with "
            "examples and what to do; the last line is a score, 100 if nothing was found. No site is asked for "
            "anything. Only --repair changes something, after a backup. Examples: scrapy health; "
            "scrapy health --full; scrapy health --only pictures; scrapy health --full --repair; scrapy health --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--full",
            action="store_true",
            help="also read the picture files, kept answers and index rows, which takes longer",
        )
        parser.add_argument("--only", metavar="CHECK", action="append", help="only this check; may be repeated")
        parser.add_argument(
            "--repair",
            action="store_true",
            help="first back up, mend what needs no site, and no guess, and make due what needs one",
        )
        parser.add_argument("--no-backup", action="store_true", help="with --repair: make no backup before")
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy health: takes no arguments, got {' '.join(args)}")
        if opts.no_backup and not opts.repair:
            usage_error("scrapy health: --no-backup: only --repair makes one")
        checks = _chosen(opts.only, full=opts.full)
        self.exitcode = with_store(
            "health",
            self.settings,
            lambda store: self._examine(store, checks, opts),
            "write" if opts.repair else "read",
        )

    async def _examine(self, store: CheckedStore, checks: Sequence[Check], opts: argparse.Namespace) -> int:
        import json
        from dataclasses import asdict

        from tqdm import tqdm

        from moviecrawler.addons import check
        from moviecrawler.commands._notify import tell, when_and_where
        from moviecrawler.health.examine import examine
        from moviecrawler.health.findings import health_lines
        from moviecrawler.places import search_index_of
        from moviecrawler.policy.jobs.notifications import of_health
        from moviecrawler.policy.printable import escaped

        config = check(self.settings)
        if opts.repair:
            say_damage, store.on_damage = store.on_damage, lambda line: None
            await _repair(store, config, full=opts.full, backup=not opts.no_backup)
            store.on_damage = say_damage
        if "damaged" in {check.id for check in checks}:
            store.on_damage = lambda line: None  # a finding says so
        with tqdm(unit=" rows", disable=None, leave=False, file=sys.stderr) as bar:
            health = await examine(
                store,
                checks=checks,
                now=datetime.now(UTC),
                images=config.images_folder,
                full=opts.full,
                on_row=bar.update,
                search=search_index_of(config).faults,
            )
        found = {"score": health.score, "findings": [asdict(finding) for finding in health.findings]}
        if opts.json:
            say(escaped(json.dumps(found, ensure_ascii=False)))
        else:
            say(*health_lines(health, checks))
        await tell("health", config, of_health(found, health.has_problem, **when_and_where()))
        return 1 if health.has_problem else 0


async def _repair(store: CheckedStore, config: Config, *, full: bool, backup: bool) -> None:
    """Says on stderr what was mended; StoreError while a run is on, BackupError before anything is changed."""
    from functools import partial

    from moviecrawler.addons import build_policies
    from moviecrawler.commands.reparse import parsed_again
    from moviecrawler.exceptions import StoreError
    from moviecrawler.health.repair import Repair
    from moviecrawler.rendering.encode import remove_partial_files
    from moviecrawler.stores.live import live_runs

    now, policies = datetime.now(UTC), build_policies(config)
    if running := await live_runs(store, now):
        raise StoreError(
            f"{running[0]['_id']} is running: --repair waits for no run, start it again after the last one"
        )
    parse = partial(parsed_again, most=policies.limits.answer, regions=config.language.watch_regions)
    repair = Repair(
        store, order=config.refresh.order, composer=policies.composer, refresh=policies.refresh, parse=parse, now=now
    )
    lines = []
    if plan := await repair.plan(full=full):
        if backup:
            await _back_up(config)
        lines = await repair.carry_out(plan)
    if removed := remove_partial_files(config.images_folder, now=now.timestamp(), stop=lambda: False):
        lines.append(f"{removed:,} partial files were removed")
    say(*(f"scrapy health: mended: {line}" for line in lines), file=sys.stderr)


async def _back_up(config: Config) -> None:
    """As ``scrapy backup`` does; says where on stderr."""
    from moviecrawler.backup.before import backup_before
    from moviecrawler.commands._progress import progress_bar
    from moviecrawler.commands.backup import folder_of
    from moviecrawler.exceptions import BackupError
    from moviecrawler.places import store_of

    try:
        with progress_bar(" rows") as progress:
            store = store_of(config, "read")
            made = await backup_before(store, "a repair", folder_of(config, None), lambda: datetime.now(UTC), progress)
    except BackupError as error:
        raise BackupError(f"{error}; --no-backup repairs without one") from None
    say(f"scrapy health: backed up: {made.path}", file=sys.stderr)


def _chosen(only: Sequence[str] | None, *, full: bool) -> list[Check]:
    """The checks that are asked for; wrong usage for an unknown one, and for a slow one without ``--full``."""
    from moviecrawler.config.fields import one_of
    from moviecrawler.health.checks import CHECK_IDS, CHECKS
    from moviecrawler.policy.did_you_mean import did_you_mean

    wanted = set(only or CHECK_IDS)
    for name in only or ():
        if name not in CHECK_IDS:
            usage_error(f"scrapy health: --only={name!r}: must be {one_of(CHECK_IDS)}{did_you_mean(name, CHECK_IDS)}")
    slow = [check.id for check in CHECKS if check.full and check.id in (only or ())]
    if slow and not full:
        usage_error(f"scrapy health: --only={slow[0]}: it is slow: give --full as well")
    return [check for check in CHECKS if check.id in wanted and (full or not check.full)]
