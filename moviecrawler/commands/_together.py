"""Several spiders in one process: ``scrapy collect``, and ``scrapy crawl collect``."""

from collections.abc import Mapping
from typing import Any

from moviecrawler.commands._status import status


def crawl_together(process: Any, spiders: Mapping[str, Mapping[str, str]]) -> int:
    """Run them (name -> arguments) to their end; the worst of their exit statuses."""
    from moviecrawler.addons import CrawlGroup

    crawlers = [process.create_crawler(name) for name in spiders]
    CrawlGroup.form(crawlers)
    for crawler in crawlers[1:]:  # one port, one profile
        crawler.settings.setdict({"METRICS_PORT": "", "PROFILE": "0"}, "cmdline")
    for crawler, arguments in zip(crawlers, spiders.values(), strict=True):
        process.crawl(crawler, **arguments)
    process.start()
    return max(map(status, crawlers))
