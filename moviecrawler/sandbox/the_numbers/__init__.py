"""The replica of The Numbers: budgets, box office charts and film pages, in two generations of layout."""

from moviecrawler.sandbox.the_numbers.site import TheNumbers

__all__ = ["TheNumbers"]
