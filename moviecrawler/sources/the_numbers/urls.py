"""The Numbers' addresses: the same question always gives the same URL. ``base`` is ``https://www.the-numbers.com``."""

from datetime import date
from typing import Literal
from urllib.parse import quote

_SAFE = "()!,.'"  # the site writes them as they are


def budgets_url(base: str, start: int) -> str:
    """A page of the table of budgets: 100 films from rank ``start`` on.

    >>> budgets_url("https://www.the-numbers.com", 1), budgets_url("https://www.the-numbers.com", 101)
    ('https://www.the-numbers.com/movie/budgets/all', 'https://www.the-numbers.com/movie/budgets/all/101')
    """
    return f"{base.rstrip('/')}/movie/budgets/all" + (f"/{start}" if start > 1 else "")


def chart_url(base: str, kind: Literal["daily", "weekend"], day: date) -> str:
    """The chart of a day, or of the weekend that begins on it.

    >>> chart_url("https://www.the-numbers.com", "daily", date(2026, 5, 1))
    'https://www.the-numbers.com/box-office-chart/daily/2026/05/01'
    """
    return f"{base.rstrip('/')}/box-office-chart/{kind}/{day.year:04}/{day.month:02}/{day.day:02}"


def film_url(base: str, slug: str) -> str:
    """A film's page.

    >>> film_url("https://www.the-numbers.com", "Avatar-(2009)")
    'https://www.the-numbers.com/movie/Avatar-(2009)'
    """
    return f"{base.rstrip('/')}/movie/{quote(slug, safe=_SAFE)}"
