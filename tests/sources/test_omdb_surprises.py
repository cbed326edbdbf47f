"""What OMDB really sends, one surprise a test."""

import doctest
import json
from typing import Any

import pytest

from moviecrawler.documents import names
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Movie, Show
from moviecrawler.sources import omdb
from moviecrawler.sources.descriptor import KeptAnswer

ID = "tt9900001"


def title(kind: str = "movies", **changes: Any) -> Movie | Show:
    """A title of few fields and the given ones."""
    type_of_it = {"movies": "movie", "shows": "series"}[kind]
    payload = {"Title": "A Film", "imdbID": ID, "Type": type_of_it, "Response": "True", **changes}
    return omdb.parse_title(payload, kind, ID)


def ratings(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"Ratings": [{"Source": source, "Value": value} for source, value in pairs]}


IMDB, TOMATOES, METACRITIC = "Internet Movie Database", "Rotten Tomatoes", "Metacritic"
SATURDAY = "2001-02-03"

SURPRISES: list[tuple[str, dict[str, Any], str, Any]] = [
    ("an entity inside a title", {"Title": "Rock &amp; Roll"}, "title", "Rock & Roll"),
    ("an entity by its number", {"Production": "Loew&#39;s Inc."}, "studios", ["Loew's Inc."]),
    ("an entity that was escaped twice", {"Production": "Loew&amp;#39;s Inc."}, "studios", ["Loew's Inc."]),
    ("an entity by its hexadecimal number", {"Title": "Caf&#xE9;"}, "title", "Café"),
    ("an ampersand that is none", {"Title": "AT&T &copy that"}, "title", "AT&T &copy that"),
    ("an entity that is N/A once read", {"Plot": "N&#47;A"}, "overview", None),
    ("a film called N/A has no title", {"Title": "N/A"}, "title", None),
    ("an empty value", {"Plot": " "}, "overview", None),
    ("a number where a text belongs", {"Runtime": 136}, "runtime", 136),
    ("half of a surrogate pair", {"Title": "Fire \ud83d!"}, "title", "Fire \ufffd!"),
    ("a year", {"Year": "1999"}, "year", 1999),
    ("years with an en dash", {"Year": "2004\u20132011"}, "year", 2004),
    ("years with a hyphen", {"Year": "2004-2011"}, "year", 2004),
    ("years without an end", {"Year": "2011\u2013"}, "year", 2011),
    ("no year but a day", {"Year": "N/A", "Released": "03 Feb 2001"}, "year", 2001),
    ("a year that is not the release's", {"Year": "1971", "Released": "02 Feb 1972"}, "year", 1971),
    ("a year that is none", {"Year": "19999"}, "year", None),
    ("a year in other digits", {"Year": "\u0661\u0669\u0669\u0669"}, "year", None),
    ("a day", {"Released": "03 Feb 2001"}, "release_date", SATURDAY),
    ("a day without its zero", {"Released": "3 Feb 2001"}, "release_date", SATURDAY),
    ("a leap day", {"Released": "29 Feb 2020"}, "release_date", "2020-02-29"),
    ("a leap day in no leap year", {"Released": "29 Feb 2021"}, "release_date", None),
    ("the 31st of a short month", {"Released": "31 Apr 2021"}, "release_date", None),
    ("the day 0", {"Released": "00 Jan 2021"}, "release_date", None),
    ("a month of another language", {"Released": "03 Fev 2001"}, "release_date", None),
    ("a whole month's name", {"Released": "03 February 2001"}, "release_date", None),
    ("an ISO date", {"Released": SATURDAY}, "release_date", None),
    ("minutes", {"Runtime": "142 min"}, "runtime", 142),
    ("hours and minutes", {"Runtime": "1 h 32 min"}, "runtime", 92),
    ("hours and minutes close together", {"Runtime": "1h 32min"}, "runtime", 92),
    ("hours alone", {"Runtime": "2 h"}, "runtime", 120),
    ("a thousand minutes", {"Runtime": "1,440 min"}, "runtime", 1440),
    ("no minutes", {"Runtime": "0 min"}, "runtime", None),
    ("minutes of seasons", {"Runtime": "45S min"}, "runtime", None),
    ("a bare number", {"Runtime": "142"}, "runtime", 142),
    ("more minutes than any film has", {"Runtime": "999,999 min"}, "runtime", None),
    ("a year before films", {"Year": "1000"}, "year", None),
    ("a day after all days", {"Released": "31 Dec 2999"}, "release_date", None),
    ("numbers where texts belong", {"imdbRating": 8.1, "imdbVotes": 1234}, "ratings.imdb", (8.1, 1234)),
    (
        "awards run together",
        {"Awards": "Nominated for 1 BAFTA Award7 wins & 46 nominations total"},
        "awards",
        "Nominated for 1 BAFTA Award. 7 wins & 46 nominations total",
    ),
    ("awards as they should be", {"Awards": "Won 7 Oscars. 38 wins total"}, "awards", "Won 7 Oscars. 38 wins total"),
    ("a company cut off", {"Production": "Tide International (F"}, "studios", ["Tide International"]),
    ("a company of a country", {"Production": "Quay [us], Tide [gb]"}, "studios", ["Quay", "Tide"]),
    ("a line end in a title", {"Title": "A\r\nFilm\u200b"}, "title", "A Film"),
    ("lines of a plot", {"Plot": "One.\r\nTwo."}, "overview", "One.\nTwo."),
    ("Rated N/A", {"Rated": "N/A"}, "certification", None),
    ("Not Rated", {"Rated": "Not Rated"}, "certification", None),
    ("Unrated", {"Rated": "UNRATED"}, "certification", None),
    ("Passed", {"Rated": "Passed"}, "certification", "Passed"),
    ("M", {"Rated": "M"}, "certification", "M"),
    ("GP", {"Rated": "GP"}, "certification", "GP"),
    ("money", {"BoxOffice": "$1,234"}, "box_office.domestic", 1234),
    ("money in millions, as in 2015", {"BoxOffice": "$39.2M"}, "box_office.domestic", 39_200_000),
    ("money in thousands, as in 2015", {"BoxOffice": "$5.4k"}, "box_office.domestic", 5400),
    ("money with cents", {"BoxOffice": "$12.50"}, "box_office.domestic", 12),
    ("no money", {"BoxOffice": "$0"}, "box_office.domestic", None),
    ("other money", {"BoxOffice": "\u00a31,234"}, "box_office.domestic", None),
    ("more money than any store keeps exactly", {"BoxOffice": "$999999999999999M"}, "box_office.domestic", None),
    ("a comma in the wrong place", {"BoxOffice": "$12,34"}, "box_office.domestic", None),
    ("no digit in it", {"BoxOffice": "$,"}, "box_office.domestic", None),
    ("writers with notes", {"Writer": "A B (screenplay), C D (novel)"}, "people.writers", ["A B", "C D"]),
    ("a comma in a note", {"Writer": 'A B (novel "X, Y"), C D'}, "people.writers", ["A B", "C D"]),
    ("a note in a note", {"Writer": "A B (novel (uncredited), 1920), C D"}, "people.writers", ["A B", "C D"]),
    ("a note that does not end", {"Writer": "A B (novel"}, "people.writers", ["A B"]),
    ("the same writer twice", {"Writer": "A B (story), A B (screenplay)"}, "people.writers", ["A B"]),
    ("a comma in a name", {"Director": "A B, Jr., C D"}, "people.directors", ["A B, Jr.", "C D"]),
    ("a comma in a company", {"Production": "Quay, Ltd., Tide"}, "studios", ["Quay, Ltd.", "Tide"]),
    ("a company at the end", {"Production": "Tide, Quay & Sons, Inc"}, "studios", ["Tide", "Quay & Sons, Inc"]),
    ("a name that begins like such a suffix", {"Production": "Quay, Co Pilot"}, "studios", ["Quay", "Co Pilot"]),
    ("a comma in a name with a note", {"Writer": "A B, Jr. (novel), C D"}, "people.writers", ["A B, Jr.", "C D"]),
    ("empty members", {"Genre": "Drama, , N/A,Crime"}, "genres", ["Drama", "Crime"]),
    ("a genre that TMDB calls otherwise", {"Genre": "Sci-Fi"}, "genres", ["Science Fiction"]),
    ("the USA until 2020", {"Country": "USA"}, "countries", ["United States of America"]),
    ("the USA since 2020", {"Country": "United States"}, "countries", ["United States of America"]),
    ("the UK", {"Country": "UK, West Germany"}, "countries", ["United Kingdom", "West Germany"]),
    ("a page that is a script", {"Website": "javascript:alert(1)"}, "homepage", None),
    ("no ratings", {"Ratings": []}, "ratings", {}),
    ("ratings that are no list", {"Ratings": "N/A"}, "ratings", {}),
    ("ratings that are no objects", {"Ratings": ["8.1/10", None]}, "ratings", {}),
    ("IMDb's own fields only", {"imdbRating": "8.1", "imdbVotes": "1,234"}, "ratings.imdb", (8.1, 1234)),
    ("IMDb among Ratings only", ratings((IMDB, "8.1/10")), "ratings.imdb", (8.1, None)),
    ("votes without a score", {"imdbVotes": "12"}, "ratings", {}),
    ("a score of 0", {"imdbRating": "0.0", "imdbVotes": "12"}, "ratings", {}),
    ("a score beyond the scale", {"imdbRating": "83", "imdbVotes": "12"}, "ratings", {}),
    ("Rotten Tomatoes alone", ratings((TOMATOES, "91%")), "ratings.rotten_tomatoes", (91.0, None)),
    ("nobody liked it", ratings((TOMATOES, "0%")), "ratings.rotten_tomatoes", (0.0, None)),
    ("Rotten Tomatoes of 2015", {"tomatoMeter": "68", "tomatoReviews": "60"}, "ratings.rotten_tomatoes", (68.0, None)),
    ("and N/A there", {"tomatoMeter": "N/A", **ratings((TOMATOES, "91%"))}, "ratings.rotten_tomatoes", (91.0, None)),
    ("Metacritic alone", ratings((METACRITIC, "80/100")), "ratings.metacritic", (80.0, None)),
    ("Metascore alone", {"Metascore": "67"}, "ratings.metacritic", (67.0, None)),
    ("a house on another's scale", ratings((IMDB, "81/100")), "ratings", {}),
    ("a house that nobody knows", ratings(("Letterboxd", "4.1/5")), "ratings", {}),
    ("Ratings N/A", ratings((METACRITIC, "N/A")), "ratings", {}),
]


@pytest.mark.parametrize(("changes", "path", "expected"), [row[1:] for row in SURPRISES], ids=[r[0] for r in SURPRISES])
def test_a_surprise_is_read_as(changes: dict[str, Any], path: str, expected: Any) -> None:
    value: Any = title(**changes).model_dump()
    for name in path.split("."):
        value = value[name]
    if path in ("studios", "people.writers", "people.directors"):
        value = names(value)
    assert (tuple(value.values()) if isinstance(expected, tuple) else value) == expected


@pytest.mark.parametrize(("said", "seasons"), [("6", 6), ("1,024", 1024), ("N/A", None), ("0", None), ("six", None)])
def test_seasons(said: str, seasons: int | None) -> None:
    show = title("shows", totalSeasons=said)
    assert isinstance(show, Show)
    assert show.season_count == seasons


def test_a_show_that_goes_on_is_not_said_to_be_in_production() -> None:
    """ "2011–" is also what OMDB says of shows that nobody closed: TMDB's False would lose against it."""
    show = title("shows", Year="2011\u2013")
    assert isinstance(show, Show)
    assert show.in_production is None


@pytest.mark.parametrize(
    ("payload", "kind", "words"),
    [
        (None, "movies", "expected a JSON object, got NoneType"),
        ([], "movies", "expected a JSON object, got list"),
        ({}, "movies", "tt9900001: None"),
        ({"Response": "False", "Error": "Error getting\ndata."}, "movies", "Error getting data."),
        ({"Response": True, "imdbID": ID, "Type": "movie"}, "movies", "None"),
        ({"Response": "True", "imdbID": "tt9900002", "Type": "movie"}, "movies", "imdbID is tt9900002, not tt9900001"),
        ({"Response": "True", "Type": "movie"}, "movies", "imdbID is None, not tt9900001"),
        ({"Response": "True", "imdbID": ID, "Type": "game"}, "movies", "Type is game, not movie"),
        ({"Response": "True", "imdbID": ID, "Type": "Game"}, "shows", "Type is game, not series"),
    ],
)
def test_what_is_not_the_title_that_was_asked_for_is_one_line_that_says_why(
    payload: Any, kind: str, words: str
) -> None:
    with pytest.raises(ParseError) as raised:
        omdb.parse_title(payload, kind, ID)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kind", ["movies", "shows"])
@pytest.mark.parametrize("sorted_as", ["movie", "series", "episode", "N/A", "", None, 7])
def test_omdb_may_sort_the_very_title_otherwise(kind: str, sorted_as: Any) -> None:
    made = omdb.parse_title({"imdbID": ID, "Type": sorted_as, "Response": "True", "Rated": "PG"}, kind, ID)
    assert (made.kind, made.imdb_id, made.certification) == (kind, ID, "PG")


@pytest.mark.parametrize("spelt", ["TT9900001", " tt9900001\r", "9900001", "https://www.imdb.com/title/tt9900001/"])
def test_the_id_of_the_answer_is_read_and_not_compared(spelt: str) -> None:
    assert title(imdbID=spelt).source_id == ID


OTHER = {"Response": "True", "imdbID": "tt9777777", "Type": "movie", "Title": "Quiet Harbour", "Year": "2004"}


@pytest.mark.parametrize(
    ("changes", "titles", "year", "is_same"),
    [
        ({}, ["Stiller Hafen", "Quiet Harbour!"], 2004, True),
        ({"Title": "quiet harbour"}, ["Quiet Harbour"], 2004, True),
        ({}, ["Quiet Harbour"], 2005, False),
        ({}, ["Quiet Harbor"], 2004, False),
        ({}, [], None, False),
        ({"Title": "N/A"}, ["", "N/A"], 2004, False),
        ({"Year": "N/A"}, ["Quiet Harbour"], None, False),
        ({"Type": "episode"}, ["Quiet Harbour"], 2004, False),
    ],
)
def test_another_id_with_the_same_title_and_year_is_remembered(
    changes: dict[str, Any], titles: list[str], year: int | None, is_same: bool
) -> None:
    if is_same:
        made = omdb.parse_title({**OTHER, **changes}, "movies", ID, titles=titles, year=year)
        assert (made.source_id, made.imdb_id) == ("tt9777777", "tt9777777")
    else:
        with pytest.raises(ParseError, match="imdbID is tt9777777, not tt9900001"):
            omdb.parse_title({**OTHER, **changes}, "movies", ID, titles=titles, year=year)


def test_what_was_accepted_under_another_id_is_read_again() -> None:
    kept = KeptAnswer("movies", f"https://o.example/?i={ID}&plot=full", json.dumps(OTHER).encode())
    made = omdb.SOURCE.parse_kept(kept)
    assert (made.imdb_id, made.title) == ("tt9777777", "Quiet Harbour")


@pytest.mark.parametrize("base", ["https://www.omdbapi.com", "https://www.omdbapi.com/", "http://127.0.0.1:8001/omdb"])
def test_a_title_is_asked_for_by_its_id_alone(base: str) -> None:
    assert omdb.title_url(base, ID) == f"{base.rstrip('/')}/?i={ID}&plot=full"


def test_an_id_cannot_smuggle_in_parameters() -> None:
    assert (
        omdb.title_url("https://o.example", "tt1&t=Star Wars") == "https://o.example/?i=tt1%26t%3DStar%20Wars&plot=full"
    )


def test_the_examples_in_the_docstrings_run() -> None:
    found = doctest.testmod(omdb.title)
    assert found.attempted
    assert not found.failed
