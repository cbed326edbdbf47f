"""Lists of titles as people keep them: what each line means, and which cannot be read."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.policy.identity.references import Named
from moviecrawler.sources.title_lists import MAX_ROW_LINES, read_list


def meant(text: str, **how: object) -> list[tuple[int, object]]:
    lines = io.StringIO(text, newline=None)
    return [(line.number, line.reference) for line in read_list(lines, **how)]  # type: ignore[arg-type]


def film(title: str, year: int | None = None) -> Named:
    return Named("movies", title, year)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("603\r\n\r\n  tt0133093  \r\nshows/1396", [(1, ("movies", 603)), (3, "tt0133093"), (4, ("shows", 1396))]),
        ('"603"\n"tt0133093"\n', [(1, ("movies", 603)), (2, "tt0133093")]),
        ("603\nThe Matrix\n550\n", [(1, ("movies", 603)), (2, None), (3, ("movies", 550))]),
        ("603,550\n", [(1, None)]),
        ("tconst\ntt0133093\n", [(2, "tt0133093")]),
        ("Const,Title\ntt0133093,The Matrix\nnm0000206,Keanu Reeves\n", [(2, "tt0133093"), (3, None)]),
        ("Title,imdbID,tmdbID\nCars,tt0317219,920\nCars,tt0317219,\n", [(2, ("movies", 920)), (3, "tt0317219")]),
        ("tmdbID,Title Type\n1396,TV Series\n1396,Movie\n", [(2, ("shows", 1396)), (3, ("movies", 1396))]),
        ("Name,Year,URL\nCars,2006,https://www.imdb.com/title/tt0317219/\n", [(2, "tt0317219")]),
        ("Date,Name,Year,Letterboxd URI\n2026-01-01,Cars,2006,https://boxd.it/x\n", [(2, film("Cars", 2006))]),
        ('Name,Year\n"Good, the Bad",1966\n"Say ""Hi""",\n', [(2, film("Good, the Bad", 1966)), (3, film('Say "Hi"'))]),
        ("Name,Year\nCars\n,2006\n,,\n", [(2, film("Cars")), (3, None)]),
        ('Name,Year,Tags\nCars,2006,"two\nlines"\nHeat,1995,\n', [(2, film("Cars", 2006)), (4, film("Heat", 1995))]),
        ('Name,Year\n"Stray,2006\nHeat,1995\n', [(2, None), (3, film("Heat", 1995))]),
        ('Name,Year\n"Stray,2006\n"Heat",1995\n', [(2, None), (3, film("Heat", 1995))]),
        (
            'Name,Year\n"Stray,2006\n' + "Heat,1995\n" * 60,
            [(2, None), *((n, film("Heat", 1995)) for n in range(3, 63))],
        ),
        (
            "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2026-01-01,Mine,,x,\n\n"
            "Position,Name,Year\n1,Cars,2006\n",
            [(6, film("Cars", 2006))],
        ),
        ("", []),
    ],
)
def test_each_line_means(text: str, expected: list[tuple[int, object]]) -> None:
    assert meant(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The Thing (2011)\n1917\nFace/Off\n",
            [(1, film("The Thing", 2011)), (2, film("1917")), (3, film("Face/Off"))],
        ),
        ("Good, the Bad\n", [(1, film("Good, the Bad"))]),
        ("tt0133093\nhttps://www.themoviedb.org/tv/1396\n", [(1, "tt0133093"), (2, ("shows", 1396))]),
        ("title,year\nCars,2006\n", [(2, film("Cars", 2006))]),
        ("x" * 400 + "\n", [(1, None)]),
    ],
)
def test_with_names_each_line_means(text: str, expected: list[tuple[int, object]]) -> None:
    assert meant(text, names=True) == expected


def test_what_a_number_and_a_name_stand_for_is_said_by_the_reader() -> None:
    assert meant("1396\nmovies/603\n", kind="shows") == [(1, ("shows", 1396)), (2, ("movies", 603))]
    assert meant("The Office (2005)", names=True, kind="shows") == [(1, Named("shows", "The Office", 2005))]


HEADINGS = ("const", "tconst", *(f"{site}{id}" for site in ("imdb", "tmdb") for id in ("", "id", "_id", " id")))
"""Words that begin another table of the same file, as Letterboxd's lists have two."""

cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
cells = cells.filter(lambda cell: cell.strip().lower() not in HEADINGS)


@given(st.lists(st.tuples(cells, st.integers(1900, 2100)), max_size=20))
def test_every_row_that_a_spreadsheet_writes_is_read_or_named(rows: list[tuple[str, int]]) -> None:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("Title", "Year"))
    writer.writerows(rows)
    lines = list(read_list(io.StringIO(written.getvalue(), newline=None)))
    titles = [line.reference.title for line in lines if isinstance(line.reference, Named)]
    simple = [title for title, _ in rows if title.isalnum()]
    assert [title for title in titles if title in simple] == simple


@given(st.lists(st.text(max_size=80), max_size=30), st.booleans())
def test_nothing_that_a_file_has_is_an_error_and_the_order_stays(texts: list[str], names: bool) -> None:
    lines = io.StringIO("\n".join(texts), newline=None)
    numbers = [line.number for line in read_list(lines, names=names)]
    assert numbers == sorted(set(numbers))


def test_a_quote_that_is_never_closed_costs_its_line_only() -> None:
    text = 'Title,Year\n"Stray,1999\n' + "".join(f"Film {n},1999\n" for n in range(3 * MAX_ROW_LINES))
    references = [reference for _, reference in meant(text)]
    assert references == [None, *(film(f"Film {n}", 1999) for n in range(3 * MAX_ROW_LINES))]
