"""The exit status that a crawl has earned."""

from scrapy.crawler import Crawler

OK = frozenset({"finished", "quota"})
"""Finish reasons of a run that did what it could; ``quota``: what is left stays due."""

INTERRUPTED = 130

_DONE = (
    *("titles/inserted", "titles/updated", "titles/unchanged", "titles/older", "refresh/", "filter/"),
    *("titles/matched", "titles/unmatched"),
)
"""Stats of what the run dealt with, whatever became of it."""


def status(crawler: Crawler) -> int:
    """0 done, 1 failed or incomplete, 130 interrupted."""
    stats = crawler.stats.get_stats()
    if stats.get("finish_reason", "shutdown") == "shutdown":  # who was interrupted while it opened has none
        return INTERRUPTED
    rejected = {name for name in stats if name.startswith("rejects/")}
    if stats.get("titles/found"):
        rejected.discard("rejects/gone")  # who asked for it by id has got an answer
    # One of many workers may have had nothing but the bad ones.
    alone = not crawler.settings.get("REDIS_URL")
    came_to_nothing = alone and rejected and not any(name.startswith(_DONE) for name in stats)
    incomplete = any(name.startswith("incomplete/") for name in stats)
    return 1 if stats.get("finish_reason") not in OK or came_to_nothing or incomplete else 0
