"""Money, counts, dates and slugs as the site writes them, one spelling a test."""

import doctest
from datetime import date
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.sources import the_numbers
from moviecrawler.sources.the_numbers import naming, page, releases, tables, urls, values

BASE = "https://www.the-numbers.com"


@pytest.mark.parametrize("module", [naming, page, releases, tables, urls, values])
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("shown", "dollars"),
    [
        ("$1", 1),
        ("$2,847,397,339", 2_847_397_339),
        ("$120,908,065 (27.9% of total gross)", 120_908_065),
        ("$200,000,000 (worldwide box office is 5.4 times production budget)", 200_000_000),
        ("$1,234.00", 1_234),
        ("$ 1,234", 1_234),
        ("1,234", 1_234),
        ("$0", None),
        ("-", None),
        ("—", None),
        ("", None),
        ("n/a", None),
        ("Unknown", None),
        ("$-1,234", None),
        ("-$1,234", None),
        ("($1,234)", None),
        ("$1.2 million", None),
        ("$12 million", None),
        ("$12 M", None),
        ("$12 mil", None),
        ("$12 bn", None),
        ("$12 to $15 million", None),
        ("$12-15", None),
        ("$12 \u2013 $15", None),
        ("12 %", None),
        ("$1\u202f234\u00a0567", 1_234_567),
        ("$1\u202f23", None),
        ("$12.3m", None),
        ("$1 234 567", 1_234_567),
        ("$1 234 567 (27.9% of total gross)", 1_234_567),
        ("$1 23", None),
        ("$1 2345", None),
        ("$1.234.567", None),
        ("$1'234'567", None),
        ("$1,234 567", None),
        ("$99,999,999,999", None),
        ("$1,23", None),
        ("$1,234,5", None),
        ("12%", None),
        ("£1,234", None),
        ("$" + "9" * 5000, None),
    ],
)
def test_money_is_whole_dollars_or_unknown(shown: str, dollars: int | None) -> None:
    assert values.money(shown) == dollars


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("4,102", 4102),
        ("1,234 (v)", 1234),
        ("(v)", None),
        ("-", None),
        ("—", None),
        ("", None),
        ("0", None),
        ("+12", None),
        ("12 %", None),
        ("10-12", None),
    ],
)
def test_theaters_and_days_are_counts_or_unknown(shown: str, number: int | None) -> None:
    assert values.count(shown) == number


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ("Dec 18, 2009", "2009-12-18"),
        ("December 18th, 2009", "2009-12-18"),
        ("Sept. 1, 2009", "2009-09-01"),
        ("May 1, 2026", "2026-05-01"),
        ("12/18/2009", "2009-12-18"),
        ("4/5/68", "1968-04-05"),
        ("4/5/19", "2019-04-05"),
        ("Dec 31 2046", "1946-12-31"),
        ("Dec 19, 2031", "2031-12-19"),
        ("Feb 29, 2024", "2024-02-29"),
        ("Feb 29, 2023", None),
        ("13/1/2009", None),
        ("0/0/00", None),
        ("Smarch 13, 2009", None),
        ("2009", None),
        ("Unknown", None),
        ("", None),
        ("May 1-3, 2026", None),
        ("1/2/3/2009", None),
    ],
)
def test_a_date_is_a_day_that_exists_in_a_credible_century(shown: str, day: str | None) -> None:
    found = values.first_date(shown, 2031)
    assert (found and found.isoformat()) == day


@given(st.dates(min_value=date(1932, 1, 1), max_value=date(2031, 12, 31)))
def test_every_day_of_a_hundred_years_is_read_in_every_spelling(day: date) -> None:
    spellings = (f"{day:%b %d, %Y}", f"{day:%B} {day.day}th, {day.year}", f"{day:%m/%d/%Y}", f"{day:%m/%d/%y}")
    assert {values.first_date(shown, 2031) for shown in spellings} == {day}


@given(st.text())
def test_any_text_is_a_value_or_none(shown: str) -> None:
    for read in (values.money, values.count, values.first_year):
        assert read(shown) is None or read(shown) > 0
    values.first_date(shown, 2031)
    assert all(slug.isascii() for slug in the_numbers.guess_slugs(shown, 2000))


# Titles and the slugs that public scrapers met them under.
@pytest.mark.parametrize(
    ("title", "year", "slug"),
    [
        ("Avatar", 2009, "Avatar"),
        ("The Godfather", 1972, "Godfather-The"),
        ("A Quiet Place", 2018, "Quiet-Place-A"),
        ("The Dark Knight Rises", 2012, "Dark-Knight-Rises-The"),
        ("Ocean's Eleven", 2001, "Oceans-Eleven"),
        ("Pirates of the Caribbean: At World's End", 2007, "Pirates-of-the-Caribbean-At-Worlds-End"),
        ("Pirates of the Caribbean: At World’s End", 2007, "Pirates-of-the-Caribbean-At-Worlds-End"),
        ("Marley & Me", 2008, "Marley-and-Me"),
        ("Guardians of the Galaxy Vol. 2", 2017, "Guardians-of-the-Galaxy-Vol-2"),
        ("Fantastic Mr. Fox", 2009, "Fantastic-Mr-Fox"),
        ("Gone with the Wind", 1939, "Gone-with-the-Wind"),
        ("9", 2009, "9"),
        ("2012", 2009, "2012"),
        ("Avengers: Endgame", 2019, "Avengers-Endgame-(2019)"),
        ("Shazam!", 2019, "Shazam-(2019)"),
        ("Pokémon: Detective Pikachu", 2019, "Pokemon-Detective-Pikachu-(2019)"),
        ("The Sheep Detectives", 2026, "Sheep-Detectives-The-(2026)"),
        ("Amélie d'Amour", 2001, "Amelie-d-Amour"),
        ("A.I. Artificial Intelligence", 2001, "AI-Artificial-Intelligence"),
        ("Face/Off", 1997, "Face-Off"),
    ],
)
def test_the_first_guess_is_the_slug_that_the_site_uses(title: str, year: int, slug: str) -> None:
    assert the_numbers.guess_slugs(title, year)[0] == slug


@pytest.mark.parametrize(
    ("title", "year", "slug"), [("Get Out", 2017, "Get-Out-(2017)"), ("The Batman", 2022, "Batman-The-(2021)")]
)
def test_a_slug_with_a_year_or_one_that_is_one_off_is_among_the_four_guesses(title: str, year: int, slug: str) -> None:
    guesses = the_numbers.guess_slugs(title, year)
    assert slug in guesses
    assert len(set(guesses)) == 4


@pytest.mark.parametrize("title", ["군체", "千と千尋の神隠し", "…", "", "?!"])
def test_a_title_without_a_latin_letter_has_no_guess(title: str) -> None:
    assert the_numbers.guess_slugs(title, 2026) == []


@pytest.mark.parametrize(
    ("href", "slug"),
    [
        ("/movie/Blue-Harbour#tab=summary", "Blue-Harbour"),
        ("https://www.the-numbers.com/movie/Blue-Harbour?x=1", "Blue-Harbour"),
        ("/movie/Darkest-Hour-(UK)", "Darkest-Hour-(UK)"),
        ("/movie/Moana-%282026%29", "Moana-(2026)"),
        ("/movie/budgets/all", None),
        ("/movies/franchise/Ferry", None),
        ("/movie/", None),
        ("/movie/a%2Fb", None),
        ("/movie/a%0Ab", None),
        ("/movie/%FF", None),
        ("#tab=summary", None),
        ("", None),
    ],
)
def test_a_link_to_a_film_has_its_slug(href: str, slug: str | None) -> None:
    assert naming.slug_of(href) == slug


@pytest.mark.parametrize("base", [BASE, BASE + "/"])
def test_a_slash_at_the_end_of_the_base_makes_no_other_url(base: str) -> None:
    assert the_numbers.budgets_url(base, 201) == f"{BASE}/movie/budgets/all/201"
    assert the_numbers.chart_url(base, "weekend", date(995, 1, 2)) == f"{BASE}/box-office-chart/weekend/0995/01/02"
    assert the_numbers.film_url(base, "Moana-(2026)") == f"{BASE}/movie/Moana-(2026)"


def test_a_slug_cannot_leave_its_place() -> None:
    assert the_numbers.film_url(BASE, "../budgets?x#y é") == f"{BASE}/movie/..%2Fbudgets%3Fx%23y%20%C3%A9"


@pytest.mark.parametrize(
    ("title", "year", "slug"),
    [
        ("Le Fabuleux destin d'Amélie Poulain", 2001, "Fabuleux-destin-d-Amelie-Poulain-Le-(2001)"),
        ("Star Wars: Episode V - The Empire Strikes Back", 1980, "Star-Wars-Ep-V-The-Empire-Strikes-Back"),
        ("L'Avventura", 1960, "Avventura-L"),
        ("Der Untergang", 2004, "Untergang-Der"),
        ("Die Hard", 1988, "Die-Hard"),
        ("La La Land", 2016, "La-La-Land"),
    ],
)
def test_a_foreign_article_costs_no_further_guess(title: str, year: int, slug: str) -> None:
    guesses = naming.guess_slugs(title, year)
    assert slug in guesses
    assert len(guesses) == 4


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        ("Boot, Das", "Das Boot"),
        ("Avventura, L'", "L'Avventura"),
        ("Godfather, The", "The Godfather"),
        ("Eat, Pray, Love", "Eat, Pray, Love"),
        ("Mary, Queen of Scots", "Mary, Queen of Scots"),
    ],
)
def test_an_article_comes_first(shown: str, title: str) -> None:
    assert naming.article_first(shown) == title


@pytest.mark.parametrize(
    ("slug", "title"),
    [("Boot-Das", "Das Boot"), ("No-Time-to-Die-(2021)", "No Time to Die"), ("To-Live-and-Die-in-LA", None)],
)
def test_a_slug_spells_a_title(slug: str, title: str | None) -> None:
    assert naming.title_of(slug) == (title or slug.replace("-", " "))
