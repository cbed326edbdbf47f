"""/movie/budgets/all[/101...]: 100 films per page, by budget, highest first."""

from __future__ import annotations

from html import escape

from moviecrawler.sandbox.the_numbers import markup
from moviecrawler.sandbox.the_numbers.films import Film
from moviecrawler.sandbox.the_numbers.markup import NBSP

PAGE = 100
_LINKS = 5  # pages before and after, to which a page links
_HEAD = "<tr><th>&nbsp;</th><th>Release Date</th><th>Movie</th><th>Production Budget</th><th>Domestic Gross</th>"
_HEAD += "<th>Worldwide Gross</th></tr>"
_ROW = """\
<tr>
<td class="data">{rank:,}</td>
<td><a href="/box-office-chart/daily/{path}">{date}</a></td>
<td><b><a href="/movie/{slug}#tab=summary">{title}</a></b></td>
<td class="data">{nbsp}{budget}</td>
<td class="data">{nbsp}{domestic}</td>
<td class="data">{nbsp}{worldwide}</td>
</tr>
"""
_EMPTY_ROW = '<tr><td colspan="6"></td></tr>\n'


def content(films: list[Film], start: int, layout: str) -> str:
    """The page that starts with rank ``start`` (from 1); beyond the last film, a table without rows."""
    # The older layout has an empty row after every film.
    after = _EMPTY_ROW if layout == "2019" else ""
    shown = enumerate(films[start - 1 : start - 1 + PAGE], start)
    rows = "".join(_row(rank, film) + after for rank, film in shown)
    return (
        "<h1>Movie Budgets</h1>\n"
        f'<div id="page_filling_chart"><center><table>\n{_HEAD}\n{rows}</table></center></div>\n'
        f'<div class="pagination">{_pages(len(films), start)}</div>'
    )


def _row(rank: int, film: Film) -> str:
    release_day = film.release_day
    return _ROW.format(
        rank=rank,
        path=f"{release_day:%Y/%m/%d}" if release_day else "unknown",
        date=markup.short_date(release_day) if release_day else film.date or "Unknown",
        slug=escape(film.slug),
        title=escape(film.title, quote=False),
        nbsp=NBSP,
        budget=markup.money(film.budget),
        domestic=markup.money(film.domestic),
        worldwide=markup.money(film.worldwide),
    )


def _pages(total: int, start: int) -> str:
    starts = range(1, total + 1, PAGE)
    near = [first for first in starts if abs(first - start) <= _LINKS * PAGE]
    return " ".join(_page(first, total, current=first == start) for first in near)


def _page(first: int, total: int, *, current: bool) -> str:
    path = f"/movie/budgets/all/{first}" if first > 1 else "/movie/budgets/all"
    style = ' class="active"' if current else ""
    return f'<a{style} href="{path}">{first:,}-{min(first + PAGE - 1, total):,}</a>'
