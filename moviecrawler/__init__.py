"""moviecrawler: one complete, fresh, well-illustrated document per film, as a Scrapy project."""
