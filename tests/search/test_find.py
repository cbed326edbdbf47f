"""What is found by what a person types."""

import random

import pytest

from moviecrawler.search import facets
from moviecrawler.search.entries import entry
from moviecrawler.search.query import Found, find
from moviecrawler.search.text import read_query
from tests.search.films import GONE, ids, index_of, named, people

THE_MATRIX = named(
    603,
    "The Matrix",
    year=1999,
    imdb_id="tt0133093",
    external_ids={"wikidata": "Q83495"},
    titles={"zh-CN": "黑客帝国", "ja-JP": "マトリックス", "th-TH": "เดอะ เมทริกซ์", "hi-IN": "द मैट्रिक्स"},
    people=people("Keanu Reeves", "Carrie-Anne Moss"),
    keywords=["artificial reality", "dystopia"],
    collection={"id": 2344, "name": "The Matrix Collection"},
    popularity=90.0,
)
SPIRITED_AWAY = named(
    129, "Spirited Away", original_title="千と千尋の神隠し", titles={"ko-KR": "센과 치히로의 행방불명"}
)
OTHERS = [
    SPIRITED_AWAY,
    named(194, "Amélie", original_title="Le Fabuleux Destin d'Amélie Poulain", year=2001),
    named(557, "Spider-Man", popularity=50.0),
    named(161, "Ocean's Eleven", year=2001),
    named(14160, "Up", popularity=30.0),
    named(30, "Upgrade", popularity=60.0),
    named(31, "Smørrebrød i Łódź"),
    named(32, "Die Straße"),
    named(33, "$"),
    named(34, "ＦＵＬＬ ＷＩＤＴＨ"),
    named(530915, "1917", year=2019),
    named(1917, "A Film Whose Id Is a Year"),
    named(155, "The Dark Knight", popularity=80.0),
    named(36, "Knight of the Dark", popularity=1.0),
]


@pytest.fixture(scope="module")
def index():  # type: ignore[no-untyped-def]
    return index_of(THE_MATRIX, *OTHERS)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        *[(name, 603) for name in ("the matrix", "MATRIX", "matr", "matrix 1999", "The Matrix (1999)")],
        *[(name, 603) for name in ("黑客帝国", "客帝", "黑", "国", "マトリックス", "リック", "เมทริกซ์", "मैट्रिक्स")],
        *[(name, 603) for name in ("keanu reeves", "reeves keanu", "carrie-anne", "dystopia", "matrix collection")],
        *[(name, 603) for name in ("603", "movies/603", "tt0133093", "TT0133093", "q83495")],
        *[(name, 603) for name in ("https://www.imdb.com/title/tt0133093/", "www.themoviedb.org/movie/603-the-matrix")],
        *[(name, 129) for name in ("千と千尋", "の神", "神隠し", "尋", "치히로", "행방", "불")],
        *[(name, 194) for name in ("amelie", "AMÉLIE", "fabuleux destin", "amélie poulain", "d'amélie")],
        *[(name, 557) for name in ("spider man", "spider-man", "spiderman", "spiderm")],
        *[(name, 161) for name in ("oceans eleven", "ocean's eleven", "ocean’s eleven", "ocean")],
        *[("smorrebrod", 31), ("lodz", 31), ("Łódź", 31), ("strasse", 32), ("STRASSE", 32), ("$", 33)],
        *[("full width", 34), ("Ｍａｔｒｉｘ", 603), ('"dark knight"', 155), ("1917", 530915)],
    ],
)
def test_a_title_is_found_first_by(typed: str, found: int, index) -> None:  # type: ignore[no-untyped-def]
    assert ids(index, typed)[:1] == [found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("up", [14160, 30]),  # the one that is called so, then the popular ones
        ("u", [30, 14160]),
        ("dark knight", [155, 36]),
        ('"dark knight"', [155]),
        ("1917", [530915, 1917]),
        ("matrix horse", [603]),  # nothing has both
        ("movies/1", []),
        ("***", []),
        ('"', []),
    ],
)
def test_titles_are_found_in_this_order(typed: str, found: list[int], index) -> None:  # type: ignore[no-untyped-def]
    assert ids(index, typed) == found


def test_without_words_all_titles_come_by_what_they_are_sorted_by(index) -> None:  # type: ignore[no-untyped-def]
    assert ids(index, "")[:4] == [603, 155, 30, 557]
    assert ids(index, "", sort="year")[:2] == [530915, 194]
    assert ids(index, "", sort="title")[:2] == [33, 530915]
    assert ids(index, "knight", sort="popularity") == [155, 36]
    assert sorted(ids(index, "")) == sorted(document["_id"] for document in [THE_MATRIX, *OTHERS])


@pytest.mark.parametrize(
    ("typed", "instead", "found"),
    [
        *[("matrxi", "matrix", 603), ("keano reevs", "keanu reeves", 603), ("drak knight", "dark knight", 155)],
        *[("spirted away", "spirited away", 129), ("ámelei", "amelie", 194), ("黑客 matrrix", "黑客 matrix", 603)],
    ],
)
def test_misspelt_words_find_the_nearest(typed: str, instead: str, found: int, index) -> None:  # type: ignore[no-untyped-def]
    result = find(index, typed)
    assert (result.instead, ids(index, typed)[0]) == (instead, found)


@pytest.mark.parametrize("typed", ["xqzw", "mx", "xqzwv xqzwu", "\x00", "a" * 300, "NOT", "xqzw AND (", "*" * 300])
def test_what_is_like_nothing_finds_nothing_and_does_no_harm(typed: str, index) -> None:  # type: ignore[no-untyped-def]
    assert find(index, typed) == Found([])


def test_a_misspelt_word_is_not_corrected_where_only_the_filter_leaves_nothing(index) -> None:  # type: ignore[no-untyped-def]
    assert find(index, "matrix", among=0) == Found([])


def test_every_part_of_a_title_without_spaces_finds_it() -> None:
    dice = random.Random(7)
    letters = "月亮之夜のアイ千尋神隠し바다하늘"
    titles = ["".join(dice.choice(letters) for _ in range(dice.randint(1, 9))) for _ in range(300)]
    index = index_of(*(named(id_, title) for id_, title in enumerate(titles, 1)))
    for _ in range(300):
        title = dice.choice(titles)
        start = dice.randrange(len(title))
        part = title[start : dice.randint(start + 1, len(title))]
        assert sorted(ids(index, part)) == [id_ for id_, one in enumerate(titles, 1) if part in one], part


def test_facets_count_what_was_found() -> None:
    index = index_of(
        named(1, "Red Moon", genres=["War", "Drama"], year=1999, original_language="ja"),
        named(2, "Blue Moon", genres=["Drama"], year=1991, original_language="ko"),
        named(3, "Sun", genres=["War"], year=1999),
    )
    counted = facets.counts(facets.load(index.connection), facets.bits_of(find(index, "moon").slots))
    assert counted["genre"] == [("Drama", 2), ("War", 1)]
    assert counted["decade"] == [("1990s", 2)]
    assert counted["language"] == [("ja", 1), ("ko", 1)]
    assert counted["kind"] == [("movies", 2)]
    assert ids(index, "moon", among=facets.load(index.connection)["genre", "War"]) == [1]


def test_a_title_that_is_gone_is_found_by_nothing() -> None:
    index = index_of(named(1, "Red Moon", imdb_id="tt0000001", sources=GONE), named(2, "Moon"))
    assert ids(index, "moon") == ids(index, "") == [2]
    assert ids(index, "tt0000001") == ids(index, "movies/1") == []


def test_a_title_is_found_by_what_it_is_now_and_removed_altogether() -> None:
    index = index_of(named(1, "Red Moon", keywords=["ship"]), named(2, "Sun"))
    index.put([*(entry("movies", one) for one in (named(1, "Green Sea", keywords=["ship"]), named(3, "Star")))])
    assert [ids(index, text) for text in ("moon", "red moon", "green", "ship", "star")] == [[], [], [1], [1], [3]]
    index.remove([("movies", 1), ("movies", 99)])
    assert [ids(index, text) for text in ("green", "movies/1", "ship", "")] == [[], [], [], [2, 3]]
    assert not [bits for bits in facets.load(index.connection).values() if bits & 1]


def test_a_long_query_has_its_last_word_as_the_beginning_of_one() -> None:
    assert read_query("the god").match == '"the" "god" *'
    assert read_query("the god ").match == '"the" "god"'
    assert len(read_query(" ".join(f"word{n}" for n in range(100))).match.split()) <= 33
