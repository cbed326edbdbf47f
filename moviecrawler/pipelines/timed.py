"""Scrapy's item processor, and how long every item was in every pipeline."""

from inspect import isawaitable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.defer import ensure_awaitable

from moviecrawler.items import Artwork, Item, Title, TitleTable

_STAGES: dict[str, tuple[str, Any]] = {
    "ContentFilterPipeline": ("content", Title),
    "ResolvePipeline": ("resolve", Title | TitleTable),
    "MergePipeline": ("merge", Title | TitleTable),
    "ImagesPipeline": ("images", Artwork),
    "StorePipeline": ("store", object),
}
"""Class -> stage, and the items whose time counts there: others pass in a microsecond, which would hide the cost."""


class TimedPipelines(ItemPipelineManager):
    """A stage per pipeline; what it drops and what it awaits counts too.

    The stage of a foreign pipeline is its class in lower case without ``Pipeline``.

    Scrapy calls the class that ``ITEM_PROCESSOR`` names. Private to Scrapy are two attributes of its base class: the
    list of methods, and which of them want the spider.
    """

    def __init__(self, *pipelines: Any, crawler: Crawler) -> None:
        super().__init__(*pipelines, crawler=crawler)
        self._timing = crawler.timing
        self._stages = [self._stage(method) for method in self.methods["process_item"]]

    def _stage(self, method: Any) -> tuple[str, Any, Any, tuple[Any, ...]]:
        """(name, class of items, method, arguments beside the item); a foreign pipeline may want the spider."""
        pipeline = type(method.__self__).__name__
        name, items = _STAGES.get(pipeline, (pipeline.removesuffix("Pipeline").lower(), object))
        spider = (self.crawler.spider,) if method in self._mw_methods_requiring_spider else ()
        return name, items, method, spider

    async def process_item_async(self, item: Item) -> Item:
        clock, record = self._timing.clock, self._timing.record
        for stage, concerned, method, spider in self._stages:
            counts = isinstance(item, concerned)
            started = clock()
            try:
                result = method(item, *spider)
                item = await ensure_awaitable(result) if isawaitable(result) else result
            finally:
                if counts:
                    record(stage, clock() - started)
        return item
