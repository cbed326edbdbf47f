"""The Numbers as a client sees it: tables, charts and film pages in both layouts, with the site's edge cases."""

from __future__ import annotations

import datetime as dt
import re
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from parsel import Selector, SelectorList

from moviecrawler.sandbox.catalogue import edge_cases
from tests.support.sandbox import ROOT, Sandbox
from tests.support.sandbox_client import Answer, fetch

FIRST = 5_000_000
LAYOUTS = ("2019", "2026")
PREVIEWS = "TN preview"


def get(sandbox: Sandbox, path: str) -> Answer:
    return fetch(sandbox.the_numbers + path, headers={})


def page(sandbox: Sandbox, path: str) -> Selector:
    answer = get(sandbox, path)
    assert answer.status == 200, path
    # A browser continues after the early end of the document, lxml does not.
    return Selector(re.sub("</(body|html)>", "", answer.body.decode()))


def cells(row: Selector) -> list[str]:
    return ["".join(cell.css("::text").getall()) for cell in row.css("td")]


def amount(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def budget_rows(sandbox: Sandbox) -> Iterator[Selector]:
    """The rows of all pages, by following the links from one to the next."""
    path: str | None = "/movie/budgets/all"
    while path:
        table = page(sandbox, path)
        yield from (row for row in table.css("#page_filling_chart table tr") if row.css("td a"))
        links = table.css(".pagination a::attr(href)").getall()
        path = next(iter(links[links.index(path) + 1 :]), None)


def film_called(sandbox: Sandbox, identity: int) -> dict[str, Any]:
    return next(film for film in sandbox.films() if film["tmdb_id"] == identity)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_budgets_list_every_film_with_a_budget_once_by_budget(sandbox: Sandbox, layout: str):
    sandbox.settings(layout=layout)
    rows = [cells(row) for row in budget_rows(sandbox)]
    assert [amount(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == sum(film["budget"] > 0 for film in sandbox.films()) > 400
    budgets = [amount(row[3]) for row in rows]
    assert budgets == sorted(budgets, reverse=True)
    assert all(row[3].startswith("\u00a0$") for row in rows)


def test_a_row_of_the_budgets_has_the_facts_of_the_tables(sandbox: Sandbox):
    row = next(row for row in budget_rows(sandbox) if "/movie/Inception-" in str(row.css("b a::attr(href)").get()))
    assert row.css("b a::attr(href)").get() == "/movie/Inception-(2010)#tab=summary"
    date, title, *money = cells(row)[1:]
    assert (date, title) == ("Jul 15, 2010", "Inception")
    assert [amount(text) for text in money] == [160_000_000, 292_576_195, 835_524_642]


def test_only_the_older_layout_has_an_empty_row_after_each_film(sandbox: Sandbox):
    rows = {}
    for layout in LAYOUTS:
        sandbox.settings(layout=layout)
        rows[layout] = len(page(sandbox, "/movie/budgets/all").css("table tr"))
    assert rows == {"2019": 201, "2026": 101}


@pytest.mark.parametrize("path", ["/movie/budgets/all/9901", "/box-office-chart/daily/1931/03/04"])
def test_pages_without_films_have_an_empty_table(sandbox: Sandbox, path: str):
    table = page(sandbox, path)
    assert table.css("#page_filling_chart th")
    assert not table.css("#page_filling_chart td")


@pytest.mark.parametrize(
    "path",
    [
        *("/movie/No-Such-Film", "/movie/budgets/all/50", "/box-office-chart/daily/2024/02/31", "/search", "/"),
        *("/box-office-chart/daily/2999/01/01", "/box-office-chart/hourly/2024/01/01"),
    ],
)
def test_unknown_paths_are_404_in_html(sandbox: Sandbox, path: str):
    answer = get(sandbox, path)
    assert (answer.status, answer.headers.get_content_type()) == (404, "text/html")


HEADERS = {
    ("daily", "2019"): "||Movie|Distributor|Gross|%YD|%LW|Theaters|Per Theater|Total Gross|Days",
    ("daily", "2026"): "Rank|Prev|Title|Gross|Daily Change|Weekly Change|Theaters|Theater Average|Total Gross|"
    "Days in Release",
    ("weekend", "2019"): "||Movie|Distributor|Gross|%LW|Theaters|Theaters Change|Per Theater|Total Gross|Weekends",
    ("weekend", "2026"): "Rank|Prev|Title|Gross|Weekly Change|Theaters|Theater Average|Total Gross|Days in Release",
}
TABLES = {
    ("daily", "2019"): "table#box_office_daily_table",
    ("weekend", "2019"): "table#box_office_weekend_table",
    ("daily", "2026"): "table.chart-desktop",
    ("weekend", "2026"): "table.chart-desktop",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("kind", "day"), [("daily", "2014/11/15"), ("weekend", "2014/11/14")])
def test_a_chart_ranks_films_by_their_gross(sandbox: Sandbox, kind: str, day: str, layout: str):
    sandbox.settings(layout=layout)
    table = page(sandbox, f"/box-office-chart/{kind}/{day}").css(TABLES[kind, layout])
    names = HEADERS[kind, layout].split("|")
    assert ["".join(cell.css("::text").getall()) for cell in table.css("th")] == names
    rows = [dict(zip(range(len(names)), cells(row), strict=True)) for row in table.css("tbody tr")]
    assert [row[0] for row in rows] == [str(rank) for rank in range(1, len(rows) + 1)]
    gross = [amount(row[names.index("Gross")]) for row in rows]
    assert gross == sorted(gross, reverse=True)
    assert len(rows) > 3
    assert "Interstellar" in {row[2] for row in rows}
    assert table.css("tbody td b a::attr(href)").get("").endswith("#tab=box-office")


def test_the_days_of_a_film_add_up_to_its_domestic_gross(sandbox: Sandbox):
    film = page(sandbox, "/movie/Interstellar-(2014)")
    days = [cells(row) for row in film.css("#box-office tr")[1:]]
    assert sum(amount(day[2]) for day in days) == amount(days[-1][7]) == 188_017_894
    chart = page(sandbox, "/box-office-chart/daily/2014/11/08")
    row = next(cells(row) for row in chart.css("tbody tr") if "Interstellar" in row.get())
    assert [amount(row[3]), amount(row[8]), row[9]] == [amount(days[3][2]), amount(days[3][7]), days[3][8]]
    weekend = page(sandbox, "/box-office-chart/weekend/2014/11/07")
    row = next(cells(row) for row in weekend.css("tbody tr") if "Interstellar" in row.get())
    opening = film.xpath("//td[starts-with(., 'Opening\u00a0Weekend:')]/following-sibling::td").get("")
    assert row[3] == re.search(r"\$[\d,]+", opening)[0]
    assert row[1] == "new"


def test_the_latest_weekend_chart_is_complete_and_has_films(sandbox: Sandbox):
    table = page(sandbox, "/weekend-box-office-chart")
    said = str(table.css("h1::text").get()).removeprefix("Weekend Domestic Box Office ")
    friday = dt.datetime.strptime(said, "%B %d, %Y").replace(tzinfo=dt.UTC).date()
    assert friday.weekday() == 4
    assert dt.timedelta(3) <= dt.datetime.now(dt.UTC).date() - friday <= dt.timedelta(9)
    assert len(table.css("tbody tr")) > 3
    assert not page(sandbox, f"/box-office-chart/weekend/{friday + dt.timedelta(1):%Y/%m/%d}").css("tbody tr")
    previous = table.css(".previous a::attr(href)").get()
    assert previous == f"/box-office-chart/weekend/{friday - dt.timedelta(7):%Y/%m/%d}"
    assert page(sandbox, previous).css("tbody tr")


def finances(film: Selector) -> dict[str, str]:
    rows: SelectorList[Selector] = film.css("#movie_finances tr")
    return {str(row.css("b::text").get()): row.css("td.data::text").get("") for row in rows if row.css("td.data")}


@pytest.mark.parametrize(("layout", "label"), [("2019", "MPAA\u00a0Rating:"), ("2026", "MPA\u00a0Rating:")])
def test_a_film_page_in_both_layouts(sandbox: Sandbox, layout: str, label: str):
    sandbox.settings(layout=layout)
    film = page(sandbox, "/movie/Inception-(2010)")
    assert film.css("h1::text").get() == "Inception (2010)"
    assert {name: value for name, value in finances(film).items() if "Box Office" in name} == {
        "Domestic Box Office": "$292,576,195",
        "International Box Office": "$542,948,447",
        "Worldwide Box Office": "$835,524,642",
    }
    assert film.css("td.data.sum::text").get() == "$542,948,447"
    details = {row.css("b::text").get(): "".join(row.css("td")[1].css("::text").getall()) for row in film.css("tr")
               if len(row.css("td")) == 2 and row.css("b")}  # fmt: skip
    assert details[label].startswith("PG-13 for")
    assert details["Running\u00a0Time:"] == "148 minutes"
    assert details["Domestic\u00a0Releases:"].startswith("July 15th, 2010 (Wide) by ")
    assert details["Production\u00a0Budget:"].startswith("$160,000,000 (worldwide box office is 5.2 times")
    assert "opening theaters/" in details["Theater\u00a0counts:"]


def test_the_first_link_to_a_rating_is_not_the_films(sandbox: Sandbox):
    links = page(sandbox, "/movie/Inception-(2010)").css("a[href*='/market/mpaa-rating/']::text").getall()
    assert links == ["All Time Domestic Box Office for PG-13 Movies (Rank 101-200)", "PG-13"]


def test_the_document_ends_before_its_content_and_the_header_names_no_encoding(sandbox: Sandbox):
    answer = get(sandbox, "/movie/budgets/all")
    assert answer.headers["Content-Type"] == "text/html"
    text = answer.body.decode()
    assert text.index("ISO-8859-1") < text.index("utf-8") < text.index("</html>") < text.index('id="main"')


@pytest.mark.parametrize(
    ("identity", "slug", "title"),
    [
        (240, "Godfather-Part-2-The", "Godfather Part 2, The"),
        (863, "Toy-Story-2", "Toy Story 2"),
        (10138, "Iron-Man-II-(2010)", "Iron Man II"),
        (194, "Amelie", "Amelie"),
        (10991, "Pokemon-Spell-of-the-Unknown", "PokÃ©mon: Spell of the Unknown"),
        (1891, "Star-Wars-Ep-V-The-Empire-Strikes-Back", "Star Wars Ep. V: The Empire Strikes Back"),
    ],
)
def test_titles_that_the_site_spells_in_its_own_way(sandbox: Sandbox, identity: int, slug: str, title: str):
    film = film_called(sandbox, identity)
    assert (film["slug"], film["title"]) == (slug, title)
    assert str(page(sandbox, f"/movie/{slug}").css("h1::text").get()).startswith(f"{title} (")


def tmdb(sandbox: Sandbox, identity: int) -> dict[str, Any]:
    film: dict[str, Any] = fetch(f"{sandbox.api}/movie/{identity}").json
    return film


def test_some_films_are_on_no_other_site(sandbox: Sandbox):
    unmatched = [film for film in sandbox.films() if film["tmdb_id"] is None]
    assert len(unmatched) == 120
    names = {film["title"] for film in sandbox.films() if film["tmdb_id"]}
    assert not names & {film["title"] for film in unmatched}
    assert all(get(sandbox, f"/movie/{film['slug']}").status == 200 for film in unmatched[:3])


CASES = [(FIRST + n, name) for n, name in edge_cases.THE_NUMBERS.items()]
CASES += [
    (identity, name)
    for identity, names in edge_cases.REAL.items()
    for name in names
    if name in edge_cases.THE_NUMBERS.values()
]


@pytest.mark.parametrize(("identity", "name"), CASES)
def test_an_edge_case_occurs(sandbox: Sandbox, identity: int, name: str):
    film, known = film_called(sandbox, identity), tmdb(sandbox, identity)
    year = int(known["release_date"][:4])
    heading = str(page(sandbox, f"/movie/{film['slug']}").css("h1::text").get())
    shift = {"TN year later": 1, "TN year earlier": -1}.get(name, 0)
    assert heading.endswith(f" ({year + shift})")
    if name == "TN ampersand":
        assert film["title"] == known["title"].replace(" and ", " & ")
    elif name == "TN foreign title":
        assert film["title"] != known["title"]
        assert film["title"].isascii()
    elif name == "TN article last":
        assert film["title"] == f"{known['title']}, The"
        assert film["slug"].startswith(f"{known['title'].replace(' ', '-')}-The")
    elif name == "TN no year in slug":
        assert not re.search(r"\(\d{4}\)", film["slug"])
    elif name in ("TN date unknown", "TN date is a year"):
        assert film["date"] == ("" if name == "TN date unknown" else str(year))
    elif name == "TN no gross":
        assert finances(page(sandbox, f"/movie/{film['slug']}")) == {"Domestic Box Office": "$0"}
    elif name == "TN domestic only":
        assert film["domestic"] == film["worldwide"]
    elif name == "TN no distributor":
        assert film["distributor"] == ""
    elif shift == 0:
        _seen_in_the_chart(sandbox, film, name)


def _seen_in_the_chart(sandbox: Sandbox, film: dict[str, Any], name: str) -> None:
    sandbox.patch_film(film["slug"], domestic=50_000_000, worldwide=90_000_000)
    sandbox.settings(layout="2019")
    day = dt.date.fromisoformat(film["date"]) - dt.timedelta(days=name == PREVIEWS)
    chart = page(sandbox, f"/box-office-chart/daily/{day:%Y/%m/%d}")
    row = next(row for row in chart.css("tbody tr") if film["slug"] in row.get())
    shown = cells(row)
    if name == PREVIEWS:
        assert (shown[1], shown[10], shown[2].endswith("preview")) == ("P", "", True)
    elif name == "TN estimate":
        assert row.css("td.estimate")
    else:
        expected = {"TN theaters dash": "-", "TN theaters blank": "\u00a0", "TN virtual theaters": "(v)"}[name]
        assert shown[7].endswith(expected)


@pytest.mark.parametrize("name", sorted(edge_cases.THE_NUMBERS.values()))
def test_every_edge_case_is_documented(name: str):
    assert f"| {name} |" in (ROOT / "docs" / "sandbox.md").read_text()


def test_a_long_title_is_cut_only_in_charts(sandbox: Sandbox):
    film = next(
        film for film in sandbox.films() if len(film["title"]) > 40 and len(film["date"]) > 4 and film["domestic"]
    )
    chart = page(sandbox, f"/box-office-chart/daily/{film['date'].replace('-', '/')}")
    row = next(row for row in chart.css("tbody tr") if film["slug"] in row.get())
    shown = row.css("b a::text").get("")
    assert len(shown) <= 30
    assert shown.endswith("…")
    assert film["title"].startswith(shown[:-1])


def test_patches_are_served_everywhere_and_removed_films_are_unknown(sandbox: Sandbox):
    film = film_called(sandbox, FIRST + 57)
    sandbox.patch_film(film["slug"], budget=999_000_000, domestic=1_000, worldwide=3_000, opening=321)
    top = next(budget_rows(sandbox))
    assert [amount(text) for text in cells(top)[3:]] == [999_000_000, 1_000, 3_000]
    shown = page(sandbox, f"/movie/{film['slug']}")
    assert finances(shown)["International Box Office"] == "$2,000"
    assert "$321 (32.1% of total gross)" in shown.get()
    sandbox.remove_film(film["slug"])
    assert get(sandbox, f"/movie/{film['slug']}").status == 404
    assert film["slug"] not in str(next(budget_rows(sandbox)).get())
    with pytest.raises(urllib.error.HTTPError, match="404"):
        sandbox.remove_film(film["slug"])
    for wrong in ({"colour": "red"}, {"budget": "much"}, {"tmdb_id": 5}, {"date": "2024-02-30"}, {"year": "last"}):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            sandbox.patch_film("Inception-(2010)", **wrong)


def test_robots_txt_can_be_set(sandbox: Sandbox):
    answer = get(sandbox, "/robots.txt")
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/plain")
    assert b"Disallow: /search" in answer.body
    sandbox.settings(robots="User-agent: *\nDisallow: /\n")
    assert get(sandbox, "/robots.txt").body == b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("rule", "status", "has"),
    [
        ({"kind": "blocked"}, 200, "Direct access to this page is temporarily restricted"),
        ({"kind": "403"}, 403, "<html>"),
        ({"kind": "503", "seconds": 7}, 503, "<html>"),
    ],
)
def test_refusals_are_pages(sandbox: Sandbox, rule: dict[str, Any], status: int, has: str):
    sandbox.faults([{**rule, "target": "the_numbers"}])
    answer = get(sandbox, "/movie/budgets/all")
    assert (answer.status, answer.headers.get_content_type()) == (status, "text/html")
    assert has in answer.body.decode()
    assert "<table" not in answer.body.decode()
    entry = sandbox.log(server="the_numbers")[-1]
    assert (entry["path"], entry["fault"], entry["credential"]) == ("/movie/budgets/all", rule["kind"], None)


def test_half_a_page_is_a_complete_http_response(sandbox: Sandbox):
    whole = get(sandbox, "/movie/budgets/all").body
    sandbox.faults([{"kind": "half", "target": "/movie/budgets/"}])
    answer = get(sandbox, "/movie/budgets/all")
    assert (answer.status, answer.body) == (200, whole[: len(whole) // 2])


def test_a_dead_site_refuses_connections_until_the_fault_ends(sandbox: Sandbox):
    sandbox.faults([{"kind": "dead", "target": "the_numbers"}])
    with pytest.raises(urllib.error.URLError) as caught:
        get(sandbox, "/robots.txt")
    assert isinstance(caught.value.reason, ConnectionRefusedError)
    sandbox.faults([])
    assert get(sandbox, "/robots.txt").status == 200


def test_an_unknown_layout_is_refused(sandbox: Sandbox):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.settings(layout="1999")
