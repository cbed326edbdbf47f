"""Scrapy's defaults. What a measurement changes, it gives by ``-s`` and prints."""

BOT_NAME = "plain"
SPIDER_MODULES = ["plain.spider"]
ITEM_PIPELINES = {"plain.pipeline.Upsert": 100}
DATABASE = "plain.db"
