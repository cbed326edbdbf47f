"""Reading a page of 100 films must cost little beside building its tree."""

import statistics
import time
from collections.abc import Callable

import pytest
from parsel import Selector

from moviecrawler.sources import the_numbers

pytestmark = pytest.mark.benchmark

TARGET_MS = 25
URL, AT = "https://www.the-numbers.com/movie/budgets/all", "2026-11-21T00:00:00.000Z"
HEADERS = ("&nbsp;", "Release Date", "Movie", "Production Budget", "Domestic Gross", "Worldwide Gross")


def page(films: int) -> str:
    """A page of the table of budgets with its empty rows, the links of its navigation, and the next page."""
    head = "".join(f"<th>{name}</th>" for name in HEADERS)
    rows = "".join(
        f'<tr><td class="data">{rank}</td><td><a href="/box-office-chart/daily/2009/12/18">Dec 18, 2009</a></td>'
        f'<td><b><a href="/movie/Film-of-Number-{rank}-The-(2009)#tab=summary">Film of Number {rank}, The</a></b></td>'
        f'<td class="data">&nbsp;$237,000,{rank:03}</td><td class="data">&nbsp;$760,507,625</td>'
        f'<td class="data">&nbsp;$2,788,416,135</td></tr>\n<tr></tr>\n'
        for rank in range(1, films + 1)
    )
    navigation = "".join(
        f'<li><a href="/market/{year}/top-grossing-movies">{year}</a></li>' for year in range(1995, 2027)
    )
    return (
        f"<html><body><ul>{navigation}</ul></body></html><div id=main><table><tr>{head}</tr>{rows}</table>"
        f'<a href="{URL}/{films + 1}">more</a></div>'
    )


def milliseconds(function: Callable[[], object]) -> float:
    """Median processor time of a call."""
    taken = []
    for _ in range(30):
        start = time.process_time()
        function()
        taken.append((time.process_time() - start) * 1000)
    return statistics.median(taken)


def test_a_page_of_100_films_is_read_in_25_ms() -> None:
    html = page(100)
    bare = milliseconds(lambda: Selector(text=html).root)
    whole = milliseconds(lambda: the_numbers.parse_budgets(html, URL, AT))
    print(
        f"\n100 films ({len(html) / 1024:.0f} KiB): {whole:.1f} ms, {whole / bare:.1f} x the tree alone ({bare:.2f} ms)"
    )
    assert len(the_numbers.parse_budgets(html, URL, AT).titles) == 100
    assert the_numbers.next_budgets_start(html) == 101
    assert whole < TARGET_MS
