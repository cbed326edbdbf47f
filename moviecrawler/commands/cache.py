"""``scrapy cache stats|clear|prune``: what the response cache holds, and how to delete it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, usage_error
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.caching.tier import Tier, Usage
    from moviecrawler.policy.network.http_cache import CachePolicy

ACTIONS = ("stats", "clear", "prune")


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the cache cannot be reached, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return f"[options] <{'|'.join(ACTIONS)}>"

    def short_desc(self) -> str:
        return "Show, clear or prune the response cache"

    def long_desc(self) -> str:
        return (
            "stats: what is cached, by endpoint. clear: delete it. prune: delete what is too old even while a site is "
            "down. Examples: scrapy cache stats; scrapy cache stats --json; scrapy cache clear --endpoint trending; "
            "scrapy cache prune"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--endpoint", metavar="NAME", help="only trending, genres, api, omdb or the_numbers (default: all)"
        )
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        import asyncio
        import json

        from moviecrawler.addons import check
        from moviecrawler.caching.tier import TierError
        from moviecrawler.config.fields import one_of
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.places import cache_of
        from moviecrawler.policy.did_you_mean import did_you_mean
        from moviecrawler.sources.rules import cache_policy_of

        if len(args) != 1 or args[0] not in ACTIONS:
            usage_error(f"scrapy cache: name one of {', '.join(ACTIONS)}{did_you_mean(' '.join(args), ACTIONS)}")
        try:
            config = check(self.settings)
            policy, tier = cache_policy_of(config), cache_of(config)
        except ConfigurationError as error:
            usage_error(str(error))
        if opts.endpoint not in (None, *policy.lifetimes):
            allowed = f"{one_of(policy.lifetimes)}{did_you_mean(opts.endpoint, policy.lifetimes)}"
            usage_error(f"scrapy cache: --endpoint={opts.endpoint!r}: must be {allowed}")
        if tier is None:
            usage_error("scrapy cache: CACHE_URI is empty, so there is no cache")
        endpoints = [endpoint for endpoint in policy.lifetimes if opts.endpoint in (None, endpoint)]
        try:
            result = asyncio.run(_act(tier, args[0], endpoints, policy))
        except TierError as error:
            say(f"scrapy cache: {error}", file=sys.stderr)
            self.exitcode = 1
        else:
            say(*([json.dumps(result)] if opts.json else _lines(args[0], result)))


async def _act(tier: Tier, action: str, endpoints: Sequence[str], policy: CachePolicy) -> dict[str, Any]:
    """``{"cache": where, "endpoints": {name: facts, or how many were deleted}}``."""
    import time

    if tier.file and not tier.file.exists():  # looking creates none
        return {"cache": tier.describe, "endpoints": {} if action == "stats" else dict.fromkeys(endpoints, 0)}
    try:
        if action != "stats" or not tier.file:
            await tier.open()
        if action == "stats":
            usage = await tier.usage()
            found: dict[str, Any] = {name: _facts(usage[name]) for name in endpoints if name in usage}
        else:
            now = time.time()
            found = {
                name: await tier.delete(name, before=now - policy.retention(name) if action == "prune" else None)
                for name in endpoints
            }
    finally:
        await tier.close()
    return {"cache": tier.describe, "endpoints": found}


def _facts(usage: Usage) -> dict[str, Any]:
    from datetime import UTC, datetime

    from moviecrawler import timestamps

    oldest, newest = (timestamps.iso(datetime.fromtimestamp(moment, UTC)) for moment in (usage.oldest, usage.newest))
    return {"entries": usage.entries, "bytes": usage.bytes, "oldest": oldest, "newest": newest}


def _lines(action: str, result: dict[str, Any]) -> Iterator[str]:
    where, endpoints = result["cache"], result["endpoints"]
    if action != "stats":
        yield f"{sum(endpoints.values())} answers deleted from {where}"
    elif not endpoints:
        yield f"nothing is cached in {where}"
    else:
        yield f"{'endpoint':<12} {'answers':>8} {'size':>11}  {'oldest':<24}  newest"
        for name, facts in endpoints.items():
            size = f"{facts['bytes'] / 1000:,.1f} kB"
            yield f"{name:<12} {facts['entries']:>8,} {size:>11}  {facts['oldest']}  {facts['newest']}"
        yield f"in {where}"
