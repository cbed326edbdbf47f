"""What The Numbers really does to a naive parser, one surprise a test."""

from datetime import date
from typing import Any

import pytest

from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, TitleTable
from moviecrawler.sources import the_numbers
from moviecrawler.sources.descriptor import KeptAnswer
from moviecrawler.sources.the_numbers import SOURCE
from tests.sources.the_numbers_files import AT, URL, expected, html
from tests.support import hostile

HEADERS = ["", "Release Date", "Movie", "Production Budget", "Domestic Gross", "Worldwide Gross"]


def table(headers: list[str], *rows: list[str]) -> str:
    head = "".join(f"<th>{header}</th>" for header in headers)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def link(slug: str, title: str) -> str:
    return f'<b><a href="/movie/{slug}#tab=summary">{title}</a></b>'


def budgets(start: int, number: int, *, following: int | None = None) -> str:
    rows = [
        [f"{rank:,}", "Dec 18, 2009", link(f"Film-{rank}", f"Film {rank}"), "$3", "$1", "$2"]
        for rank in range(start, start + number)
    ]
    more = f'<a href="/movie/budgets/all/{following}">more</a>' if following else ""
    return f'<a href="/movie/budgets/all">1-100</a>{table(HEADERS, *rows)}{more}'


def budget(slug: str = "Film", title: str = "Film", released: str = "Dec 18, 2009") -> Movie:
    """The one film of a table of budgets."""
    page = table(HEADERS, ["1", released, link(slug, title), "$3", "$1", "$2"])
    return the_numbers.parse_budgets(page, URL, AT).titles[0]


def chart(page: str, day: date = date(2026, 5, 1), kind: Any = "daily") -> TitleTable:
    return the_numbers.parse_chart(page, kind, day, URL, AT)


def film(details: str, heading: str = "Night Ferry (2019)") -> Movie:
    return the_numbers.parse_film(f"<h1>{heading}</h1><table>{details}</table>", "Night-Ferry")


def row(label: str, value: str) -> str:
    return f"<tr><td><b>{label}</b></td><td>{value}</td></tr>"


def test_a_page_of_100_films_says_where_the_next_one_begins() -> None:
    page = budgets(101, 100, following=201)
    assert len(the_numbers.parse_budgets(page, URL, AT).titles) == 100
    assert the_numbers.next_budgets_start(page) == 201


def test_the_next_page_is_the_nearest_that_is_linked() -> None:
    page = budgets(1, 100, following=6401) + budgets(1, 0, following=101).partition("</table>")[2]
    assert the_numbers.next_budgets_start(page) == 101


@pytest.mark.parametrize("page", [budgets(6401, 37), budgets(6401, 37, following=6301), budgets(6501, 0, following=1)])
def test_the_last_page_has_no_next(page: str) -> None:
    assert the_numbers.next_budgets_start(page) is None


def test_a_page_beyond_the_end_has_no_films() -> None:
    assert the_numbers.parse_budgets(budgets(9901, 0), URL, AT).titles == []


def test_a_film_that_is_twice_in_a_table_counts_once_with_its_first_figures() -> None:
    films = [film for film in expected("budgets_2019")["titles"] if film["source_id"] == "Blue-Harbour"]
    assert [film["box_office"]["budget"] for film in films] == [237_000_000]


@pytest.mark.parametrize(
    "parse", [lambda page: the_numbers.parse_budgets(page, URL, AT), the_numbers.next_budgets_start]
)
@pytest.mark.parametrize("page", ["", "<html></html>", "Direct access to this page is temporarily restricted", "\x00"])
def test_no_page_at_all_is_refused(parse: Any, page: str) -> None:
    with pytest.raises(ParseError, match="no table with all columns"):
        parse(page)


def test_content_after_the_end_of_the_html_is_read() -> None:
    assert html("film_2019").index("</html>") < html("film_2019").index('id="main"')
    assert html("budgets_2019").index("</html>") < html("budgets_2019").index('id="main"')


def test_headers_are_found_whatever_their_case_space_and_signs() -> None:
    page = table(
        [
            "RANK",
            "release&nbsp;date ▼",
            "Movie:",
            "Production<br>Budget",
            " Domestic\n Gross ",
            "<b>Worldwide</b> Gross",
        ],
        ["1", "Dec 18, 2009", link("Film", "Film"), "$3", "$1", "$2"],
    )
    found = the_numbers.parse_budgets(page, URL, AT).titles[0].box_office
    assert (found.budget, found.domestic, found.worldwide) == (3, 1, 2)


def test_a_caption_may_stand_above_the_headers_and_headers_may_come_again() -> None:
    page = table(HEADERS, ["1", "2009", link("Film", "Film"), "$3", "$1", "$2"], HEADERS)
    page = page.replace("<table>", '<table><tr><td colspan="6">All films</td></tr>')
    assert len(the_numbers.parse_budgets(page, URL, AT).titles) == 1


def test_a_table_within_a_table_of_the_layout_is_found_once() -> None:
    page = f"<table><tr><td>Movie</td><td>{budgets(1, 2)}</td></tr></table>"
    assert len(the_numbers.parse_budgets(page, URL, AT).titles) == 2


def test_a_page_that_forgets_to_close_a_table_of_its_layout_is_read() -> None:
    assert len(the_numbers.parse_budgets(f"<table><tr><td>{budgets(1, 2)}", URL, AT).titles) == 2


def test_a_title_that_begins_like_a_sum_is_a_film() -> None:
    headers = ["Movie", "Gross", "Total Gross"]
    found = chart(table(headers, [link("Total-Recall", "Total Recall"), "$1", "$2"], ["Total", "$1", "$2"]))
    assert [line.title for line in found.rows] == ["Total Recall"]


@pytest.mark.parametrize(
    ("title", "slug", "read"),
    [
        ("The Long Voya…", "Long-Voyage-The-(2010)", "The Long Voyage"),
        ("The Long Voya...", "Long-Voyage-The", "The Long Voyage"),
        ("Long Voya\u00e2\u20ac\u00a6", "Long-Voyage-(2010)", "Long Voyage"),
        ("", "Long-Voyage", "Long Voyage"),
        ("Breadwinner, The", "Breadwinner-The-(2026)", "The Breadwinner"),
        ("One Night (In Lisbon)", "One-Night", "One Night (In Lisbon)"),
        ("Mary, Queen of Scots", "Mary-Queen-of-Scots-(UK)", "Mary, Queen of Scots"),
        ("PokÃ©mon", "Pokemon", "Pokémon"),
        ("â€œHonestâ€\x9d", "Honest", "“Honest”"),
        ("Amélie &amp; Zoë", "Amelie-and-Zoe", "Amélie & Zoë"),
        ("Ã", "A", "Ã"),
        ("군체", "Colony", "군체"),
        ("300", "300", "300"),
    ],
)
def test_a_title_is_read_as(title: str, slug: str, read: str) -> None:
    assert budget(slug, title).title == read


@pytest.mark.parametrize(
    ("released", "slug", "day", "year"),
    [
        ("Dec 18, 2009", "Film", "2009-12-18", 2009),
        ('<a href="/box-office-chart/daily/2009/12/18">Dec 18, 2009</a>', "Film-(2008)", "2009-12-18", 2009),
        ("2009", "Film", None, 2009),
        ("Unknown", "Film-(2011)", None, 2011),
        ("Unknown", "Film", None, None),
        ("", "2012", None, None),
        ("Feb 30, 2011", "Film", None, 2011),
    ],
)
def test_a_release_is_read_as(released: str, slug: str, day: str | None, year: int | None) -> None:
    found = budget(slug, released=released)
    assert (found.release_date, found.year) == (day, year)


def test_a_table_without_release_dates_still_brings_the_money() -> None:
    page = table([*HEADERS[:1], *HEADERS[2:]], ["1", link("Film-(2009)", "Film"), "$3", "$1", "$2"])
    found = the_numbers.parse_budgets(page, URL, AT).titles[0]
    assert (found.release_date, found.year, found.box_office.budget) == (None, 2009, 3)


CHART = ["Rank", "Prev", "Title", "Gross", "Theaters", "Total Gross", "Days in Release"]


@pytest.mark.parametrize("previous", ["N", "new", "P", "(1)", "12", "-", "&nbsp;", ""])
def test_a_previous_rank_is_never_taken_for_the_rank(previous: str) -> None:
    for header in ("Prev", ""):
        headers = ["Rank" if header else "", header, *CHART[2:]]
        rows = chart(table(headers, ["7", previous, link("Film", "Film"), "$5", "4", "$9", "3"])).rows
        assert [line.rank for line in rows] == [7]


@pytest.mark.parametrize("rank", ["P", "-", "", "&nbsp;"])
def test_a_preview_has_its_place_for_a_rank(rank: str) -> None:
    page = table(
        CHART, ["1", "1", link("A", "A"), "$5", "4", "$9", "3"], [rank, "P", link("B", "B"), "$4", "", "$4", ""]
    )
    assert [(line.rank, line.days) for line in chart(page).rows] == [(1, 3), (2, None)]


def test_a_day_without_films_is_no_error_and_a_day_without_a_table_is_one() -> None:
    assert chart(table(CHART)).rows == []
    assert chart(table(CHART, CHART)).rows == []  # the headers stand below, too
    with pytest.raises(ParseError, match="daily chart 2026-05-01: no table"):
        chart("<h1>Daily Box Office for May 1, 2026</h1>")


@pytest.mark.parametrize(
    ("heading", "kind", "day", "right"),
    [
        ("Daily Box Office for May 1, 2026", "daily", date(2026, 5, 1), True),
        ("Daily Box Office for May 2, 2026", "daily", date(2026, 5, 1), False),
        ("Weekend Domestic Box Office May 3, 2026", "weekend", date(2026, 5, 1), True),
        ("Weekend Domestic Box Office May 1-3, 2026", "weekend", date(2026, 5, 1), True),
        ("Weekend Domestic Box Office May 8, 2026", "weekend", date(2026, 5, 1), False),
        ("Daily Box Office", "daily", date(2026, 5, 1), True),
        ("News of May 7, 2026", "daily", date(2026, 5, 1), True),
    ],
)
def test_the_chart_of_another_day_is_refused(heading: str, kind: str, day: date, right: bool) -> None:
    page = f"<h1>{heading}</h1>{table(CHART, ['1', '1', link('A', 'A'), '$5', '4', '$9', '3'])}"
    if right:
        assert chart(page, day, kind).date == day.isoformat()
    else:
        with pytest.raises(ParseError, match="the page is that of 2026-05-0"):
            chart(page, day, kind)


def test_rows_that_link_to_no_film_are_not_an_empty_day() -> None:
    with pytest.raises(ParseError, match="none of 1 rows links to a film"):
        chart(table(CHART, ["1", "1", "A", "$5", "4", "$9", "3"]))


@pytest.mark.parametrize(
    ("heading", "title", "year"),
    [
        ("Night Ferry (2019)", "Night Ferry", 2019),
        ("Night Ferry (to Harwich) (2019)", "Night Ferry (to Harwich)", 2019),
        ("Night Ferry (to Harwich)", "Night Ferry (to Harwich)", None),
        ("Roma (2018-Mexico)", "Roma", 2018),
        ("Breadwinner, The (2026)", "The Breadwinner", 2026),
        ("2012 (2009)", "2012", 2009),
        ("(1984)", "(1984)", None),
        ("PokÃ©mon&nbsp;(2019)", "Pokémon", 2019),
    ],
)
def test_a_heading_is_read_as(heading: str, title: str, year: int | None) -> None:
    found = film(row("Genre:", "Drama"), heading)
    assert (found.title, found.year) == (title, year)


@pytest.mark.parametrize(
    ("value", "rating"),
    [
        ('<a href="/market/mpaa-rating/R-(US)">R</a> for strong language.<br>(Bulletin 2843, 7/17/2024)', "R"),
        ("PG-13", "PG-13"),
        ("NC-17 (Bulletin 1)", "NC-17"),
        ("Not Rated", None),
        ("", None),
        ("A sentence that somebody wrote where a rating should stand", None),
    ],
)
@pytest.mark.parametrize("label", ["MPAA&nbsp;Rating:", "MPA Rating:", "MPAA Rating"])
def test_a_certification_is_read_as(label: str, value: str, rating: str | None) -> None:
    assert film(row(label, value)).certification == rating


def test_a_record_that_links_to_a_rating_is_no_certification() -> None:
    record = '<a href="/market/mpaa-rating/R-(US)">All Time Domestic Box Office for R Movies (Rank 101-200)</a>'
    assert film(row(record, "142") + row("Genre:", "Drama")).certification is None


def test_a_film_with_domestic_money_only_has_no_other() -> None:
    found = film(row("Domestic Box Office", "$5") + row("Total", "$9")).box_office
    assert found.model_dump(exclude_none=True) == {"domestic": 5}


def test_a_table_of_the_layout_is_no_row_of_the_details() -> None:
    inner = f"<table>{row('Domestic Box Office', '$5')}</table>"
    assert film(f"<tr><td>{inner}</td><td>$7</td></tr>").box_office.domestic == 5


def test_the_same_figure_twice_is_fine() -> None:
    assert film(row("Opening Weekend:", "$5") * 2 + row("Opening Weekend:", "n/a")).box_office.opening_weekend == 5


@pytest.mark.parametrize(
    ("line", "release"),
    [
        ("September 6th, 2024 (Wide) by Gull Films", {"type": 3, "date": "2024-09-06"}),
        ("September 6th, 2024 (IMAX)", {"type": 3, "date": "2024-09-06"}),
        ("September 6th, 2024 (Limited)", {"type": 2, "date": "2024-09-06"}),
        ("September 6th, 2024 (Oscar Qualifying Run)", {"type": 2, "date": "2024-09-06"}),
        ("September 6th, 2024 (Festival Screening)", {"type": 1, "date": "2024-09-06"}),
        ("September 6th, 2024 (Streaming)", {"type": 4, "date": "2024-09-06"}),
        ("September 6th, 2024 (TV)", {"type": 6, "date": "2024-09-06"}),
        ("September 6th, 2024", {"type": 3, "date": "2024-09-06"}),
        ("9/6/24 (Re-release)", {"type": 3, "date": "2024-09-06"}),
    ],
)
def test_a_domestic_release_is_read_as(line: str, release: dict[str, Any]) -> None:
    found = film(row("Domestic&nbsp;Releases:", line)).releases
    assert found == [{"country": "US", **release}]


def test_the_first_release_in_theaters_names_day_and_distributor_whatever_came_later() -> None:
    lines = "July 7th, 1989 (Re-release) by Late Films<br>December 15th, 1939 (Wide) by First Films<br>Unknown"
    found = film(row("Domestic Releases:", lines), "Night Ferry (1939)")
    assert (found.release_date, found.distributor) == ("1939-12-15", "First Films")
    assert [release["date"] for release in found.releases] == ["1989-07-07", "1939-12-15"]


def test_comments_styles_and_scripts_are_not_text() -> None:
    hidden = "<!-- (Limited) --><style>b { color: red }</style><script>'by Nobody'</script>"
    found = film(row(f"Domestic {hidden}Releases:", f"May 1st, 2019 {hidden}(Wide) by {hidden}Gull Films"))
    assert (found.releases[0]["type"], found.distributor) == (3, "Gull Films")
    assert film(row("Genre:", f"{hidden}Drama")).genres == ["Drama"]


def test_a_film_that_opened_only_abroad_has_that_day() -> None:
    lines = "May 2nd, 2019 (Wide) (Japan)<br>May 1st, 2019 (Wide) (South Korea)<br>May 3rd, 2019 (Atlantis)"
    found = film(row("International Releases:", lines))
    assert (found.release_date, [release["country"] for release in found.releases]) == ("2019-05-01", ["JP", "KR"])


def test_a_phone_s_shorter_label_beside_the_long_one_does_not_hide_it() -> None:
    label = "<div class=hidden-xs><b>Worldwide Box Office</b></div><div class=visible-xs><b>Worldwide</b></div>"
    assert film(row(label, "$5")).box_office.worldwide == 5


@pytest.mark.parametrize("what", hostile.pages())
def test_a_page_that_is_too_much_work_is_refused_before_it_begins(what: str) -> None:
    with pytest.raises(ParseError, match="a page of more than"):
        the_numbers.parse_budgets(hostile.pages()[what], URL, AT)


@pytest.mark.parametrize(
    ("line", "where", "country", "kind"),
    [
        ("August 14th, 2020 (Limited) (Canada)", "Domestic", "CA", 2),
        ("August 14th, 2020 (Canada) (Limited)", "Domestic", "CA", 2),
        ("August 14th, 2020 (Canada)", "Domestic", "CA", 3),
        ("August 14th, 2020 (Limited, Canada)", "Domestic", "CA", 2),
        ("August 14th, 2020 (Canada - Limited)", "Domestic", "CA", 2),
        ("August 14th, 2020 (Limited) [Canada]", "Domestic", "CA", 2),
        ("August 14th, 2020 (Limited) (CA)", "Domestic", "CA", 2),
        ("August 14th, 2020 (U.S. and Canada) (Limited)", "Domestic", "US", 2),
        ("August 14th, 2020 (Limited, Georgia)", "Domestic", "US", 2),
        ("August 14th, 2020 (Wide) (Georgia)", "International", "GE", 3),
        ("August 14th, 2020 (Wide) (Bosnia and Herzegovina)", "International", "BA", 3),
        ("August 14th, 2020 (Wide) (United States)", "Domestic", "US", 3),
        ("August 14th, 2020 (Wide), released as X (Special) (Puerto Rico)", "Domestic", "PR", 3),
        ("August 14th, 2020 (TV)", "Domestic", "US", 6),
        ("August 14th, 2020 (Limited) (France) (Re-release)", "International", "FR", 2),
    ],
)
def test_a_footnote_names_the_country(line: str, where: str, country: str, kind: int) -> None:
    (release,) = film(row(f"{where} Releases:", line)).releases
    assert (release["country"], release["type"], release["date"]) == (country, kind, "2020-08-14")


def test_the_day_in_the_us_counts_before_that_in_canada() -> None:
    cell = "August 14th, 2020 (Wide) (Canada) by Maple<br>August 21st, 2020 (Limited) by Oak"
    made = film(row("Domestic Releases:", cell))
    assert (made.release_date, made.distributor) == ("2020-08-21", "Oak")
    only_canada = film(row("Domestic Releases:", "August 14th, 2020 (Wide) (Canada) by Maple"))
    assert (only_canada.release_date, only_canada.distributor) == ("2020-08-14", "Maple")


def test_countries_are_called_as_tmdb_calls_them() -> None:
    made = film(row("Production Countries:", '<a href="/x">United States</a>, <a href="/y">Korea</a>'))
    assert (made.countries, made.country_codes) == (["United States of America", "South Korea"], ["US", "KR"])


@pytest.mark.parametrize(
    ("said", "rating"),
    [
        ("PG-13, for some violence", "PG-13"),
        ("R For violence", "R"),
        ("G<br>(Rating bulletin 7)", "G"),
        ("PG; for mild themes", "PG"),
    ],
)
def test_the_reasons_are_no_part_of_a_certification(said: str, rating: str) -> None:
    assert film(row("MPAA Rating:", said)).certification == rating


@pytest.mark.parametrize("unrated", ["Not Rated", "NR", "Unrated", "Not Rated (US)"])
def test_not_rated_is_no_certification(unrated: str) -> None:
    assert film(row("MPAA Rating:", unrated)).certification is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_page_of_windows_1252_is_read_as_one_of_utf_8_is(encoding: str) -> None:
    page = "<h1>Amélie’s Café (2001)</h1><table>" + row("Genre:", "Comédie") + "</table>"
    address = "https://n.example/movie/Amelie-(2001)"
    made = SOURCE.parse_kept(KeptAnswer("movies", address, page.encode(encoding)))
    assert (made.title, made.genres) == ("Amélie’s Café", ["Comédie"])


def test_invisible_characters_are_no_part_of_a_name() -> None:
    made = film(row("Genre:", "Dra\u200bma"), "Night\u200e Ferry\ufeff (2019)")
    assert (made.title, made.genres) == ("Night Ferry", ["Drama"])
