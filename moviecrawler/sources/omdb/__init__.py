"""OMDB: the URL of a title, and the parser of its answer. No I/O, no clock."""

from moviecrawler.sources.omdb.source import SOURCE
from moviecrawler.sources.omdb.title import answered_id, parse_title, title_url

__all__ = ["SOURCE", "answered_id", "parse_title", "title_url"]
