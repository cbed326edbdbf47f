"""Removes answers from the response cache that nothing can use any more, not even while a site is down."""

from moviecrawler.maintain.work import Gain, Work


async def prune_cache(work: Work) -> Gain:
    """The same as ``scrapy cache prune``."""
    gain, cache = Gain(), work.cache
    if cache is None or (cache.file and not cache.file.exists()):
        return gain
    try:
        if not (work.dry_run and cache.file):
            await cache.open()
        for endpoint in work.cache_policy.lifetimes:
            before = work.now.timestamp() - work.cache_policy.retention(endpoint)
            usage = (await cache.usage(before=before)).get(endpoint)
            if usage and usage.entries:
                gain.bytes += usage.bytes
                gain.rows += usage.entries if work.dry_run else await cache.delete(endpoint, before=before)
    finally:
        await cache.close()
    return gain
