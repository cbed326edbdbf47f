"""CSV feeds (``-O films.csv``) with one column per value. Scrapy's exporter writes nested objects as Python source."""

from io import BytesIO
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exporters import CsvItemExporter

from moviecrawler.items import Movie, Show
from moviecrawler.policy.documents.flatten import flat, flat_columns
from moviecrawler.runtime import Runtime

_COLUMNS = flat_columns(dict.fromkeys([*Movie.model_fields, *Show.model_fields]))


class FlatCsvItemExporter(CsvItemExporter):
    """Films and shows in one table: the columns are those of both."""

    def __init__(self, file: BytesIO, *, defuse: bool = True, **kwargs: Any) -> None:
        super().__init__(file, **kwargs)
        self._defuse = defuse
        self.fields_to_export = self.fields_to_export or _COLUMNS

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        return cls(*args, defuse=Runtime.of(crawler).config.store.defuse_csv, **kwargs)

    def export_item(self, item: Movie | Show) -> None:
        super().export_item(flat(item.model_dump(), defuse=self._defuse))
