"""moviecrawler: one complete, fresh, well-illustrated document per film, as a Scrapy project."""

__version__ = "0.1.0"
