"""``scrapy maintain``: the housekeeping of what is stored."""

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
    from moviecrawler.maintain.steps import Step
    from moviecrawler.stores.checked import CheckedStore


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, or a step waits for the end of a run, 1 something could not be done, or the store failed, 2
    wrong usage or setting, 130 interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Clean up: what is forbidden to keep, what nothing needs, and free space"

    def long_desc(self) -> str:
        return (
            "Checks the store's file, removes what TMDB's terms forbid to keep, old samples and rejects, pictures that "
            "no title names and answers that the cache cannot use, and gives free space back to the disk. It says "
            "what was gained. Safe beside a crawl, for whose end VACUUM alone waits. Examples: scrapy maintain; "
            "scrapy maintain --dry-run; scrapy maintain --only pictures --only cache; scrapy maintain --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would be gained")
        parser.add_argument("--only", metavar="STEP", action="append", help="only this step; may be repeated")
        parser.add_argument(
            "--trust-clock", action="store_true", help="remove by age although no run of the last year shows the date"
        )
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy maintain: takes no arguments, got {' '.join(args)}")
        steps = _chosen(opts.only)
        self.exitcode = with_store(
            "maintain",
            self.settings,
            lambda store: self._maintain(store, steps, opts),
            "read" if opts.dry_run else "write",
        )

    async def _maintain(self, store: CheckedStore, steps: Sequence[Step], opts: argparse.Namespace) -> int:
        import json
        from dataclasses import asdict

        from tqdm import tqdm

        from moviecrawler.addons import build_policies, check
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.maintain.report import outcome_lines, summary
        from moviecrawler.maintain.run import maintain
        from moviecrawler.maintain.work import Work
        from moviecrawler.places import cache_of
        from moviecrawler.policy.printable import escaped
        from moviecrawler.sources.rules import cache_policy_of
        from moviecrawler.stores.live import live_runs

        if await _is_empty(store):
            nothing = {"dry_run": opts.dry_run, "steps": []}
            say(json.dumps(nothing) if opts.json else f"{store.describe} is empty")
            return 0
        config = check(self.settings)
        policies, now = build_policies(config), datetime.now(UTC)
        try:
            cache = cache_of(config)
        except ConfigurationError as error:
            usage_error(str(error))
        outcomes = []
        with tqdm(unit=" rows", disable=None, leave=False, file=sys.stderr) as bar:
            work = Work(
                store=store,
                now=now,
                running=await live_runs(store, now),
                images=config.images_folder,
                exports=config.store.data_dir / "exports",
                cache=cache,
                cache_policy=cache_policy_of(config),
                samples=policies.samples,
                composer=policies.composer,
                refresh=policies.refresh,
                dry_run=opts.dry_run,
                on_row=bar.update,
            )
            async for outcome in maintain(
                work,
                steps,
                clock=lambda: datetime.now(UTC),
                trust_clock=opts.trust_clock,
                on_step=lambda step: bar.set_description(step.id),
            ):
                outcomes.append(outcome)
                if not opts.json:
                    with bar.external_write_mode(file=sys.stdout):
                        say(*outcome_lines(outcome))
        if opts.json:
            found = {"dry_run": opts.dry_run, "steps": [asdict(outcome) for outcome in outcomes]}
            say(escaped(json.dumps(found, ensure_ascii=False)))
        else:
            say(summary(outcomes, dry_run=opts.dry_run))
        undone = ("failed", "skipped") if opts.only else ("failed",)
        return int(any(outcome.state in undone for outcome in outcomes))


async def _is_empty(store: CheckedStore) -> bool:
    from moviecrawler.documents.records import RUNS
    from moviecrawler.items import KINDS

    async for _ in store.records.newest(RUNS):
        return False
    return not any([await store.documents.count(kind) for kind in KINDS])


def _chosen(only: Sequence[str] | None) -> list[Step]:
    """The steps that are asked for, in their order; wrong usage for an unknown one."""
    from moviecrawler.config.fields import one_of
    from moviecrawler.maintain.steps import STEP_IDS, STEPS
    from moviecrawler.policy.did_you_mean import did_you_mean

    for name in only or ():
        if name not in STEP_IDS:
            usage_error(f"scrapy maintain: --only={name!r}: must be {one_of(STEP_IDS)}{did_you_mean(name, STEP_IDS)}")
    return [step for step in STEPS if step.id in (only or STEP_IDS)]
