"""Daily and weekend charts, in the layout of 2019 (to 2025) and in that of 2026."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import Literal, NamedTuple

from moviecrawler.sandbox.the_numbers import markup, theatrical_run
from moviecrawler.sandbox.the_numbers.films import Film, Films
from moviecrawler.sandbox.the_numbers.markup import NBSP

ChartPeriod = Literal["daily", "weekend"]
_STEP = {"daily": dt.timedelta(days=1), "weekend": dt.timedelta(days=7)}
_MAX_TITLE_LENGTH = 30
_VIRTUAL_CINEMAS = (dt.date(2020, 3, 20), dt.date(2021, 3, 31))  # when many cinemas were virtual
_TABLE = {
    ("daily", "2019"): '<table id="box_office_daily_table">',
    ("weekend", "2019"): '<table id="box_office_weekend_table">',
    ("daily", "2026"): '<table class="chart-desktop">',
    ("weekend", "2026"): '<table class="chart-desktop">',
}
_HEADERS = {
    ("daily", "2019"): (
        *("", "", "Movie", "Distributor", "Gross", "%YD", "%LW", "Theaters", "Per Theater", "Total Gross", "Days"),
    ),
    ("weekend", "2019"): (
        *("", "", "Movie", "Distributor", "Gross", "%LW", "Theaters", "Theaters Change", "Per Theater"),
        *("Total Gross", "Weekends"),
    ),
    ("daily", "2026"): (
        *("Rank", "Prev", "Title", "Gross", "Daily Change", "Weekly Change", "Theaters", "Theater Average"),
        *("Total Gross", "Days in Release"),
    ),
    ("weekend", "2026"): (
        *("Rank", "Prev", "Title", "Gross", "Weekly Change", "Theaters", "Theater Average", "Total Gross"),
        "Days in Release",
    ),
}
_HEADINGS = {
    ("daily", "2019"): "Daily Box Office Chart for {}",
    ("weekend", "2019"): "Weekend Box Office Chart for {}",
    ("daily", "2026"): "Daily Box Office for {}",
    ("weekend", "2026"): "Weekend Domestic Box Office {}",
}


class ChartRow(NamedTuple):
    """A film of a chart; ``days``: in release, 0 for previews on the day before; money in USD."""

    film: Film
    gross: int
    theaters: int
    total: int
    days: int


def content(films: Films, period: ChartPeriod, day: dt.date, layout: str) -> str:
    """The chart of a day, or of the weekend from this Friday; a chart without films has no rows."""
    step = _STEP[period]
    before = chart_rows(films, period, day - step)
    ranks = {row.film.slug: rank for rank, row in enumerate(before, 1)}
    earlier = {row.film.slug: row for row in before}
    week_before = {row.film.slug: row for row in chart_rows(films, period, day - dt.timedelta(days=7))}
    rows = []
    for rank, row in enumerate(chart_rows(films, period, day), 1):
        slug = row.film.slug
        cells = _cells(row, rank, ranks.get(slug), earlier.get(slug), week_before.get(slug), period, layout)
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    head = "".join(f"<th>{name}</th>" for name in _HEADERS[period, layout])
    path = f"/box-office-chart/{period}/{day - step:%Y/%m/%d}"
    return (
        f"<h1>{_HEADINGS[period, layout].format(markup.long_date(day))}</h1>\n"
        f'<div class="previous"><a href="{path}">Previous Chart</a></div>\n'
        f'<div id="page_filling_chart"><center>{_TABLE[period, layout]}\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody></table></center></div>"
    )


def chart_rows(films: Films, period: ChartPeriod, day: dt.date) -> list[ChartRow]:
    """The films of a chart, highest gross first."""
    if period == "weekend" and day.weekday() != 4:
        return []
    last = day + dt.timedelta(days=2 if period == "weekend" else 1)
    found = (_chart_row(film, period, day) for film in films.released_between(day - theatrical_run.LONGEST_RUN, last))
    return sorted(filter(None, found), key=lambda row: (-row.gross, row.film.slug))


def _chart_row(film: Film, period: ChartPeriod, day: dt.date) -> ChartRow | None:
    assert film.release_day
    days = theatrical_run.days(film.slug, film.release_day, film.domestic)
    if not days:
        return None
    if period == "weekend":
        weekend = theatrical_run.weekend_of(days, day)
        return ChartRow(film, weekend[0], weekend[1].theaters, weekend[1].total, weekend[1].number) if weekend else None
    if "TN preview" in film.edge_cases and day == film.release_day - dt.timedelta(days=1):
        gross = days[0].gross // 10
        return ChartRow(film, gross, days[0].theaters, gross, 0)
    number = (day - film.release_day).days
    if not 0 <= number < len(days):
        return None
    return ChartRow(film, days[number].gross, days[number].theaters, days[number].total, days[number].number)


def _cells(
    row: ChartRow,
    rank: int,
    previous: int | None,
    before: ChartRow | None,
    week: ChartRow | None,
    period: ChartPeriod,
    layout: str,
) -> list[str]:
    film = row.film
    old = layout == "2019"
    moved = f"({previous})" if previous else ("N" if old else "new")
    if not row.days:
        moved = "P"
    theaters = _theaters(row)
    average = f"{NBSP}{markup.money(row.gross // row.theaters)}" if row.theaters else ""
    change = _data(_change(row.gross, before), "chart_change")
    last_week = _data(_change(row.gross, week), "chart_change")
    cells = [_data(str(rank)), _data(moved), _title(film, preview=not row.days)]
    if old:
        cells.append(f"<td>{markup.link('market/distributor', film.distributor)}</td>")
    cells.append(_data(f"{NBSP if old else ''}{markup.money(row.gross)}", "estimate" if _is_estimated(row) else ""))
    cells += [change, last_week] if period == "daily" else [last_week]
    cells.append(_data(theaters))
    if period == "weekend" and old:
        cells.append(_data(f"{row.theaters - week.theaters:+,}" if week else NBSP))
    cells += [_data(average), _data(f"{NBSP if old else ''}{markup.money(row.total)}")]
    length = -(-row.days // 7) if period == "weekend" and old else row.days
    return [*cells, _data(str(length) if row.days else "")]


def _title(film: Film, *, preview: bool) -> str:
    name = film.title
    if len(name) > _MAX_TITLE_LENGTH:
        name = name[: _MAX_TITLE_LENGTH - 3].rstrip() + "…"
    link = f'<b><a href="/movie/{escape(film.slug)}#tab=box-office">{escape(name, quote=False)}</a></b>'
    return f"<td>{link}{' preview' if preview else ''}</td>"


def _theaters(row: ChartRow) -> str:
    if "TN theaters dash" in row.film.edge_cases:
        return "-"
    if "TN theaters blank" in row.film.edge_cases:
        return NBSP
    release_day = row.film.release_day
    virtual = release_day is not None and _VIRTUAL_CINEMAS[0] <= release_day <= _VIRTUAL_CINEMAS[1]
    return f"{row.theaters:,}" + (" (v)" if virtual or "TN virtual theaters" in row.film.edge_cases else "")


def _is_estimated(row: ChartRow) -> bool:
    return "TN estimate" in row.film.edge_cases


def _change(gross: int, before: ChartRow | None) -> str:
    if not before or not before.gross or not before.days:
        return NBSP
    return f"{(gross - before.gross) / before.gross * 100:+.0f}%"


def _data(text: str, more: str = "") -> str:
    return f'<td class="data{f" {more}" if more else ""}">{text}</td>'
