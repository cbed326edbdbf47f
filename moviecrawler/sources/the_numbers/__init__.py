"""The Numbers: URLs of requests, and parsers of its pages. No I/O, no clock.

Pages come in two generations of layout, and everything is found by the text of headers and labels. Every ``parse_*``
takes the page as text: a cell that cannot be read counts as absent; a page whose table is missing,
doubled, mixed up or half loaded, is a ParseError of one line.
"""

from moviecrawler.sources.the_numbers.budgets import next_budgets_start, parse_budgets
from moviecrawler.sources.the_numbers.chart import parse_chart
from moviecrawler.sources.the_numbers.film import parse_film
from moviecrawler.sources.the_numbers.naming import guess_slugs
from moviecrawler.sources.the_numbers.source import SOURCE
from moviecrawler.sources.the_numbers.urls import budgets_url, chart_url, film_url

__all__ = [
    "SOURCE",
    "budgets_url",
    "chart_url",
    "film_url",
    "guess_slugs",
    "next_budgets_start",
    "parse_budgets",
    "parse_chart",
    "parse_film",
]
