"""What a person may write for a title."""

import pytest

from moviecrawler.policy.identity.references import Named, parse_name, parse_reference, parse_year


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("603", ("movies", 603)),
        (" movies/603 ", ("movies", 603)),
        ("shows/1396", ("shows", 1396)),
        ("tt0133093", "tt0133093"),
        ("TT133093000", "tt133093000"),
        ("https://www.themoviedb.org/movie/603-the-matrix", ("movies", 603)),
        ("https://www.themoviedb.org/movie/603", ("movies", 603)),
        ("http://themoviedb.org/tv/1396-breaking-bad/season/1?language=de#top", ("shows", 1396)),
        ("www.themoviedb.org/movie/603-中文", ("movies", 603)),
        ("https://www.imdb.com/title/tt0133093/", "tt0133093"),
        ("https://m.imdb.com/title/tt0133093/?ref_=nv", "tt0133093"),
        ("https://www.imdb.com/de/title/tt0133093/", "tt0133093"),
    ],
)
def test_ids_and_addresses_are_read(text: str, reference: object) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "-1", "x", "603x", "films/603", "tv/603", "99999999999", "6 0 3", "６０３", "603.0", "tt", "tt123"),
        *("nm0000206", "https://www.imdb.com/name/nm0000206/", "https://www.themoviedb.org/person/6384-keanu-reeves"),
        *("https://www.themoviedb.org/movie/0", "https://www.themoviedb.org/movie/", "https://example.org/movie/603"),
        *("https://www.themoviedb.org.example/movie/603", "https://www.themoviedb.org/movie/99999999999"),
        *("https://letterboxd.com/film/the-matrix/", "\ud800", "tt0133093 tt0903747"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is for nobody
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("The Thing (2011)", "The Thing", 2011),
        ("The Thing [2011]", "The Thing", 2011),
        ("  The \t Thing  ", "The Thing", None),
        ("2012 (2009)", "2012", 2009),
        ("1917", "1917", None),
        ("(500) Days of Summer", "(500) Days of Summer", None),
        ("Airport (1970) (1970)", "Airport (1970)", 1970),
        ("Deep Space (9999)", "Deep Space (9999)", None),
        ("(1999)", "(1999)", None),
        ("Birdman or (The Unexpected Virtue of Ignorance)", "Birdman or (The Unexpected Virtue of Ignorance)", None),
    ],
)
def test_a_name_with_a_year(text: str, title: str, year: int | None) -> None:
    assert parse_name(text) == Named("movies", title, year)


@pytest.mark.parametrize("text", ["", "  ", "\x00\x1b", "x" * 301])
def test_what_cannot_be_looked_for_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is for nobody
        parse_name(text)


def test_years_of_lists() -> None:
    said = ("1999", " 1999 ", "2008-2013", "2008–", "1999-03-31", "1999.0", "", "99", "19999", "next year", "٢٠٠٨")
    assert [parse_year(text) for text in said] == [1999, 1999, 2008, 2008, 1999, 1999, None, None, None, None, None]
