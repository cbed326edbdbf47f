"""/movie/Slug-(YYYY): finances, metrics, details and the daily performance of one film."""

from __future__ import annotations

import datetime as dt
from html import escape

from moviecrawler.sandbox.catalogue.sentences import overview
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, LANGUAGES, MOVIE_GENRES
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.the_numbers import markup, theatrical_run
from moviecrawler.sandbox.the_numbers.films import Film
from moviecrawler.sandbox.the_numbers.markup import NBSP

_LAST_YEAR_OF_DISCS = 2014
_BEFORE_THE_RATING = "<br>(sandbox bulletin, {}/{}/{})"
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def content(film: Film, work: Work, layout: str) -> str:
    """The content of the page; unknown values are left out."""
    days = theatrical_run.days(film.slug, film.release_day, film.domestic) if film.release_day else ()
    heading = f"{film.title} ({film.year})" if film.year else film.title
    summary = _metrics(film, days)
    return "\n".join(
        (
            f"<h1>{escape(heading, quote=False)}</h1>",
            _finances_table(film, layout),
            # The first link to a rating leads to a table of records, and is not about this film.
            _records(film),
            f'<div id="summary_mobile"><h2>Synopsis</h2><p>{escape(overview(work, "en"), quote=False)}</p></div>',
            f'<div id="summary"><h2>Synopsis</h2><p>{escape(overview(work, "en"), quote=False)}</p>\n{summary}\n'
            f"<h2>Movie Details</h2>\n{_details(film, work, layout)}</div>",
            f'<div id="box-office"><h2>Daily Box Office Performance</h2>\n{_performance(film, days)}</div>',
        )
    )


def _finances_table(film: Film, layout: str) -> str:
    rows = ['<tr class="heading"><td colspan="3"><b>Theatrical Performance</b></td></tr>']
    international = film.worldwide - film.domestic
    if film.domestic or not film.worldwide:
        rows.append(_finances_row("Domestic Box Office", film.domestic))
    if international > 0:
        rows.append(_finances_row("International Box Office", international, "data sum"))
        rows.append(_finances_row("Worldwide Box Office", film.worldwide))
    if film.domestic and film.year and int(film.year) <= _LAST_YEAR_OF_DISCS:
        rows.append('<tr class="heading"><td colspan="3"><b>Domestic Physical Disc Sales</b></td></tr>')
        rows.append(_finances_row("DVD Sales (estimated)", film.domestic // 3))
        rows.append(_finances_row("Blu-ray Sales (estimated)", film.domestic // 50, "data sum"))
        rows.append(_finances_row("Total", film.domestic // 3 + film.domestic // 50))
    body = "\n".join(rows)
    return f'<table id="movie_finances">\n{f"<tbody>{body}</tbody>" if layout == "2019" else body}\n</table>'


def _finances_row(label: str, amount: int, style: str = "data") -> str:
    return f'<tr>\n<td><b>{label}</b></td>\n<td class="{style}">{markup.money(amount)}</td><td></td>\n</tr>'


def _records(film: Film) -> str:
    rating = film.certification or "Not Rated"
    return (
        "<h2>Records</h2>\n<table><tr><td>"
        f'<a href="/market/mpaa-rating/{markup.path_of(rating)}-(US)">'
        f"All Time Domestic Box Office for {rating} Movies (Rank 101-200)</a></td><td>142</td></tr>\n"
        '<tr><td><a href="/market/creative-type/Contemporary-Fiction">'
        "All Time Domestic Box Office for Contemporary Fiction Movies (Rank 301-400)</a></td><td>317</td></tr></table>"
    )


def _metrics(film: Film, days: tuple[theatrical_run.Day, ...]) -> str:
    rows = []
    opening = theatrical_run.opening_weekend(days) if film.opening is None else film.opening
    if opening and film.domestic:
        share = opening / film.domestic * 100
        rows.append(_row("Opening Weekend:", f"{markup.money(opening)} ({share:.1f}% of total gross)"))
    if film.budget:
        times = film.worldwide / film.budget
        earned = f" (worldwide box office is {times:.1f} times production budget)" if film.worldwide else ""
        rows.append(_row("Production Budget:", markup.money(film.budget) + earned))
    if days:
        widest, weeks = max(day.theaters for day in days), len(days) / 7
        counts = f"{days[0].theaters:,} opening theaters/{widest:,} max. theaters, {weeks:.1f} weeks average run per"
        rows.append(_row("Theater counts:", f"{counts} theater"))
    return f"<h2>Metrics</h2>\n<table>{''.join(rows)}</table>"


def _details(film: Film, work: Work, layout: str) -> str:
    rating = "MPAA Rating:" if layout == "2019" else "MPA Rating:"
    rows = [
        ("Domestic Releases:", _releases(film)),
        (rating, _certification(film)),
        ("Running Time:", f"{film.runtime} minutes" if film.runtime else ""),
        ("Franchise:", markup.link("movies/franchise", work.collection)),
        ("Keywords:", ", ".join(markup.link("movies/keywords", name.title()) for name in work.keywords)),
        ("Source:", markup.link("market/source", "Original Screenplay")),
        ("Genre:", ", ".join(markup.link("market/genre", MOVIE_GENRES[genre]) for genre in work.row.genres[:1])),
        ("Production Method:", markup.link("market/production-method", "Live Action")),
        ("Creative Type:", markup.link("market/creative-type", "Contemporary Fiction")),
        ("Production Companies:", ", ".join(markup.link("movies/production-company", name) for name in work.studios)),
        ("Production Countries:", ", ".join(_country(COUNTRIES[code]) for code in work.row.countries)),
        ("Languages:", _language(LANGUAGES[work.row.language][0])),
    ]
    return f"<table>{''.join(_row(label, value) for label, value in rows if value)}</table>"


def _row(label: str, value: str) -> str:
    return f"<tr><td><b>{label.replace(' ', NBSP)}</b></td><td>{value}</td></tr>\n"


def _releases(film: Film) -> str:
    if not film.release_day:
        return ""
    day = film.release_day
    date = f"{markup.MONTHS[day.month - 1]} {day.day}{_ORDINALS.get(day.day, 'th')}, {day.year}"
    by = f" by {markup.link('market/distributor', film.distributor)}" if film.distributor else ""
    return f"{date} (Wide){by}<br>{date} (IMAX){by}" if film.domestic > 100_000_000 else f"{date} (Wide){by}"


def _certification(film: Film) -> str:
    if not film.certification:
        return ""
    rated = f'<a href="/market/mpaa-rating/{markup.path_of(film.certification)}-(US)">{film.certification}</a>'
    if film.certification == "Not Rated" or not film.release_day:
        return rated
    day = film.release_day - dt.timedelta(days=60)
    return f"{rated} for sandbox reasons.{_BEFORE_THE_RATING.format(day.month, day.day, day.year)}"


def _country(name: str) -> str:
    return f'<a href="/{name.replace(" ", "-")}/movies">{name}</a>'


def _language(name: str) -> str:
    return f'<a href="/language/{name.replace(" ", "-")}/movies">{name}</a>'


def _performance(film: Film, days: tuple[theatrical_run.Day, ...]) -> str:
    head = ("Date", "Rank", "Gross", "%YD", "%LW", "Theaters", "Per Theater", "Total Gross", "Days")
    rows = [
        f'<tr><td><a href="/box-office-chart/daily/{day.date:%Y/%m/%d}">{markup.long_date(day.date)}</a></td>'
        f'<td class="data">-</td><td class="data">{markup.money(day.gross)}</td><td></td><td></td>'
        f'<td class="data">{day.theaters:,}</td><td class="data">{markup.money(day.gross // day.theaters)}</td>'
        f'<td class="data">{markup.money(day.total)}</td><td class="data">{day.number}</td></tr>'
        for day in days
    ]
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>\n{chr(10).join(rows)}</table>"
