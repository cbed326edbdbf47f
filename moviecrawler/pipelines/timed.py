"""Scrapy's item processor, with the time that every item spends in every pipeline."""

from inspect import isawaitable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.defer import ensure_awaitable

from moviecrawler.items import Artwork, Item, Title, TitleTable
from moviecrawler.runtime import Runtime

_STAGES: dict[str, tuple[str, Any]] = {
    "ContentFilterPipeline": ("content", Title),
    "ResolvePipeline": ("resolve", Title | TitleTable),
    "SourceSlotPipeline": ("merge", Title | TitleTable),
    "ImagesPipeline": ("images", Artwork),
    "StorePipeline": ("store", object),
}
"""Class -> stage, and the items whose time counts there. A pipeline passes all other items on in a microsecond, which
would hide its real cost."""


class TimedPipelines(ItemPipelineManager):
    """One stage per pipeline, named by :func:`stage_of`; drops and awaited work count, too.

    Scrapy calls the class that ``ITEM_PROCESSOR`` names. Private to Scrapy are two attributes of its base class: the
    list of methods, and which of them want the spider.
    """

    def __init__(self, *pipelines: Any, crawler: Crawler) -> None:
        super().__init__(*pipelines, crawler=crawler)
        self._timing = Runtime.of(crawler).timing
        self._stages = [self._stage(method, crawler) for method in self.methods["process_item"]]

    def _stage(self, method: Any, crawler: Crawler) -> tuple[str, Any, Any, tuple[Any, ...]]:
        """(name, class of items, method, arguments after the item); another project's pipeline may want the spider."""
        name, items = stage_of(type(method.__self__))
        spider = (crawler.spider,) if method in self._mw_methods_requiring_spider else ()
        return name, items, method, spider

    async def process_item_async(self, item: Item) -> Item:
        clock, record = self._timing.clock, self._timing.record
        for stage, timed_items, method, spider in self._stages:
            counts = isinstance(item, timed_items)
            started = clock()
            try:
                result = method(item, *spider)
                item = await ensure_awaitable(result) if isawaitable(result) else result
            finally:
                if counts:
                    record(stage, clock() - started)
        return item


def stage_of(pipeline: type) -> tuple[str, Any]:
    """The stage of a pipeline and the class of its items; another project's is its class name without ``Pipeline``.

    >>> stage_of(type("SlowPipeline", (), {}))
    ('slow', <class 'object'>)
    """
    name = pipeline.__name__
    return _STAGES.get(name, (name.removesuffix("Pipeline").lower(), object))
