"""``scrapy cache stats|clear|prune``: what the response cache holds, and how to get rid of it."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import refuse, say
from moviecrawler.commands._options import Options

ACTIONS = ("stats", "clear", "prune")


class Command(Options, ScrapyCommand):
    """Exit status: 0 done, 1 the cache cannot be reached, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return f"[options] <{'|'.join(ACTIONS)}>"

    def short_desc(self) -> str:
        return "Show, empty or tidy up the response cache"

    def long_desc(self) -> str:
        return (
            "stats: what is cached, by endpoint. clear: delete it. prune: delete what is too old even for a site that "
            "is down. Examples: scrapy cache stats; scrapy cache stats --json; scrapy cache clear --endpoint trending; "
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

        from moviecrawler.caching.tier import TierError
        from moviecrawler.exceptions import ConfigurationError
        from moviecrawler.places import cache_of
        from moviecrawler.policy.did_you_mean import did_you_mean
        from moviecrawler.policy.network.http_cache import ENDPOINTS, CachePolicy

        if len(args) != 1 or args[0] not in ACTIONS:
            refuse(f"scrapy cache: name one of: {', '.join(ACTIONS)}{did_you_mean(' '.join(args), ACTIONS)}")
        if opts.endpoint not in (None, *ENDPOINTS):
            allowed = f"{', '.join(ENDPOINTS)}{did_you_mean(opts.endpoint, ENDPOINTS)}"
            refuse(f"scrapy cache: --endpoint {opts.endpoint}: allowed: {allowed}")
        try:
            policy, tier = CachePolicy.parse(self.settings), cache_of(self.settings)
        except ConfigurationError as error:
            refuse(str(error))
        if tier is None:
            refuse("scrapy cache: CACHE_URI is empty, so there is no cache")
        chosen = [endpoint for endpoint in ENDPOINTS if opts.endpoint in (None, endpoint)]
        try:
            result = asyncio.run(_act(tier, args[0], chosen, policy))
        except TierError as error:
            say(f"scrapy cache: {error}", file=sys.stderr)
            self.exitcode = 1
        else:
            say(*([json.dumps(result)] if opts.json else _lines(args[0], result)))


async def _act(tier: Any, action: str, endpoints: list[Any], policy: Any) -> dict[str, Any]:
    """``{"cache": where, "endpoints": {name: facts, or how many were deleted}}``."""
    import time

    if tier.file and not tier.file.exists():  # who only looks makes none
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
                name: await tier.delete(name, before=now - policy.keep(name) if action == "prune" else None)
                for name in endpoints
            }
    finally:
        await tier.close()
    return {"cache": tier.describe, "endpoints": found}


def _facts(usage: Any) -> dict[str, Any]:
    from datetime import UTC, datetime

    from moviecrawler import timestamps

    oldest, newest = (timestamps.iso(datetime.fromtimestamp(moment, UTC)) for moment in (usage.oldest, usage.newest))
    return {"entries": usage.entries, "bytes": usage.bytes, "oldest": oldest, "newest": newest}


def _lines(action: str, result: Mapping[str, Any]) -> Iterator[str]:
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
