"""One upsert and one commit per item."""

import json
import sqlite3
from typing import Any, Self

from scrapy.crawler import Crawler

COLUMNS = ("id", "imdb_id", "title", "original_title", "overview", "release_date", "runtime", "genres", "keywords")
COLUMNS += ("cast", "directors", "score", "votes", "popularity", "poster", "backdrop")
QUOTED = [f'"{column}"' for column in COLUMNS]
UPSERT = (
    f"INSERT INTO films ({', '.join(QUOTED)}) VALUES ({', '.join('?' * len(COLUMNS))}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in QUOTED[1:])}"
)


class Upsert:
    def __init__(self, path: str) -> None:
        self.path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings["DATABASE"])

    def open_spider(self) -> None:
        self.database = sqlite3.connect(self.path)
        self.database.execute(f"CREATE TABLE IF NOT EXISTS films ({', '.join(QUOTED)}, PRIMARY KEY (id))")

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        values = (item[column] for column in COLUMNS)
        row = [json.dumps(value) if isinstance(value, list) else value for value in values]
        self.database.execute(UPSERT, row)
        self.database.commit()
        return item

    def close_spider(self) -> None:
        self.database.close()
