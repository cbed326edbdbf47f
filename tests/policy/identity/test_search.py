"""Which result of a search is meant: precision and recall over what people type, and the single rules."""

import pytest

from moviecrawler.policy.identity.references import Named
from moviecrawler.policy.identity.search import Query, choose, queries
from tests.policy.identity import search_table
from tests.policy.identity.search_table import Row

PRECISION, RECALL = 0.995, 0.95


def test_precision_and_recall_of_a_search_meet_the_aims(capsys: pytest.CaptureFixture[str]) -> None:
    parts = search_table.parts()
    parts["all"] = [result for part in parts.values() for result in part]
    with capsys.disabled():
        print()
        for name, results in parts.items():
            one = search_table.figures(results)
            print(f"{name}: {one.pairs} typed, precision {one.precision:.4f}, recall {one.recall:.4f}")
    for name, results in parts.items():
        figures = search_table.figures(results)
        wrong = [result for result in results if result.match.id not in (None, result.typed.expected)]
        assert figures.precision >= PRECISION, f"{name}: {wrong}"
        assert figures.recall >= RECALL, name
    assert len(parts["all"]) >= 3000
    assert len(parts["by hand"]) >= 300


def test_what_nobody_can_tell_is_left_to_a_person() -> None:
    ambiguous = [
        result.match for results in search_table.parts().values() for result in results if result.typed.ambiguous
    ]
    assert len(ambiguous) >= 10
    assert all(match.id is None and match.candidates for match in ambiguous)


def row(id: int, title: str, day: str | None, original: str | None = None) -> Row:
    return Row(id, title, original or title, day)


THING_1982, THING_2011 = row(1091, "The Thing", "1982-06-25"), row(60935, "The Thing", "2011-10-12")
SWAMP = row(7, "The Thing in the Swamp", "1982-01-01")


@pytest.mark.parametrize(
    ("title", "year", "results", "complete", "expected"),
    [
        ("The Thing", 2011, [THING_1982, THING_2011], True, 60935),
        ("Thing, The", 1982, [THING_1982, THING_2011], False, 1091),
        ("The Thing", None, [THING_1982, SWAMP], False, 1091),
        ("The Thing", None, [THING_1982, THING_2011], True, (1091, 60935)),
        ("The Thing", 1983, [THING_1982, SWAMP], True, 1091),
        ("The Thing", 1983, [THING_1982, SWAMP], False, (1091,)),
        ("The Thing", 1981, [THING_1982, row(8, "The Thing", "1980-01-01")], True, (8, 1091)),
        ("The Thing", 1990, [THING_1982], True, (1091,)),
        ("The Thing", 1982, [], True, ()),
        ("Sorcery and the Stone", 2001, [row(9, "Another Name", "2001-05-01")], True, 9),
        ("Sorcery and the Stone", 2001, [row(9, "Another Name", "2001-05-01")], False, (9,)),
        ("Sorcery and the Stone", 2001, [row(9, "Another Name", "2002-05-01")], True, (9,)),
        ("Sorcery and the Stone", 2001, [row(9, "Another Name", "2001-05-01"), SWAMP], True, (9, 7)),
        ("Stone", 2001, [row(9, "Another Name", "2001-05-01")], True, (9,)),
        ("寄生虫", 2019, [row(496243, "寄生虫", "2019-05-30", "기생충")], True, 496243),
        ("The Thing", 1982, [row(10, "The Thing", None)], True, (10,)),
    ],
)
def test_a_result_is_chosen_only_where_no_other_can_be_meant(
    title: str, year: int | None, results: list[Row], complete: bool, expected: int | tuple[int, ...]
) -> None:
    found = choose(Named("movies", title, year), results, complete=complete)
    if isinstance(expected, int):
        assert found.id == expected
    else:
        assert (found.id, found.candidates) == (None, expected)


def test_each_search_is_made_once() -> None:
    asked = queries(Named("movies", "The Godfather Part 2", 1974), "de-DE")
    assert asked == [
        Query("The Godfather Part 2", 1974, "de-DE", True),
        Query("The Godfather Part 2", 1974, "en-US", True),
        Query("The Godfather", 1974, "de-DE", False),
        Query("The Godfather Part 2", None, "de-DE", True),
    ]
    assert len(queries(Named("movies", "Heat", 1995), "en-US")) == 2
    assert len(queries(Named("movies", "1917", 2019), "en-US")) == 2, "nothing is left without its number"
    assert len(queries(Named("movies", "Heat", None), "en-US")) == 1
