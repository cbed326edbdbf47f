"""Whatever a field holds is shown in a line: names of persons instead of objects, units, few of many."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moviecrawler.documents import FieldChange
from moviecrawler.policy.documents.readable import change_text, facts, text_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "title", "id", "score", "votes", "type", "job", "profile_path", "x"]), inner
        )
    ),
    max_leaves=12,
)

KEANU = {"id": 6384, "name": "Keanu Reeves", "profile_path": "/k.jpg", "character": "Neo", "order": 0}


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("title", "Heat", "Heat"),
        ("year", 1995, "1995"),
        ("runtime", 170, "170 minutes"),
        ("popularity", 0, "0"),
        ("adult", False, "no"),
        ("title", None, ""),
        ("genres", [], ""),
        ("genres", ["Crime", "Drama"], "Crime, Drama"),
        ("recommendations", [1, 2], "1, 2"),
        ("box_office.budget", 60_000_000, "$60,000,000"),
        ("people.directors", ["M. Mann"], "M. Mann"),
        ("people.directors", [{"id": 638, "name": "M. Mann", "profile_path": "/m.jpg"}], "M. Mann"),
        ("people.cast", [KEANU, {"id": None, "name": "Nobody", "character": None}], "Keanu Reeves (Neo), Nobody"),
        ("people.crew", [{"id": 1, "name": "D. Spinotti", "job": "Editor", "department": "Editing"}],
         "D. Spinotti (Editor)"),
        ("people.cast", [{"name": None}, {}], ""),
        ("studios", [{"id": 1, "name": "Regency", "logo_path": "/r.png", "country": "US"}], "Regency (US)"),
        ("seasons", [{"number": 0, "name": "Specials", "episodes": 9, "air_date": None, "poster_path": None}],
         "Specials (number 0, episodes 9)"),
        ("next_episode", {"season": 2, "number": 3, "name": None, "air_date": "2027-01-01"},
         "season 2 number 3 2027-01-01"),
        ("releases", [{"country": "US", "type": 9, "date": None, "certification": "R"}], "US type 9 R"),
        ("alternative_titles", [{"country": "FR", "title": "Feu"}, {"country": None, "title": "Fuego"}],
         "Feu (FR), Fuego"),
        ("videos", [{"site": "YouTube", "key": "x", "name": "Trailer", "official": True, "language": "en"}],
         "Trailer (YouTube, official, en)"),
        ("posters", [{"path": "/a.jpg", "language": None, "width": 500, "height": 750}],
         "/a.jpg 500x750"),
        ("ratings.tmdb", {"score": 0, "votes": 1}, "0 (1 votes)"),
        ("keywords", [str(number) for number in range(12)], "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more"),
    ],
)  # fmt: skip
def test_a_value_is_shown(path: str, value: Any, text: str) -> None:
    assert text_of(value, path) == text


def test_facts_name_their_source_and_leave_out_what_is_unknown() -> None:
    film = {
        "_id": 603,
        "title": "The Matrix",
        "tagline": None,
        "titles": {"en-US": "The Matrix", "zh-CN": "黑客帝国"},
        "people": {"directors": [{"id": 9339, "name": "L. Wachowski"}], "writers": []},
        "external_ids": {"imdb": "tt0133093", "tvdb": None},
        "ratings": {"imdb": {"score": 8.7, "votes": 2_000_000}},
        "box_office": {"budget": 63_000_000, "domestic": None},
        "watch": {"US": {"link": "https://w", "stream": [{"id": 8, "name": "Netflix", "logo_path": "/n.jpg"}]}},
        "quality": {"score": 94, "class": "feature", "recommended": True},
        "sources": {"tmdb": {"data": {"title": "not shown"}}},
        "provenance": {"title": "tmdb", "titles": "tmdb", "people.directors": "tmdb", "ratings.imdb.score": "locked"}
        | {"ratings.imdb": "omdb", "box_office.budget": "the_numbers", "watch": "tmdb", "external_ids": "tmdb"},
        "locks": {"ratings.imdb.score": 8.7},
        "revision": 3,
    }
    assert list(facts(film)) == [
        ("title", "The Matrix", "tmdb"),
        ("titles", "in en-US, zh-CN", "tmdb"),
        ("people.directors", "L. Wachowski", "tmdb"),
        ("external_ids.imdb", "tt0133093", "tmdb"),
        ("ratings.imdb", "8.7 (2,000,000 votes)", "omdb"),
        ("box_office.budget", "$63,000,000", "the_numbers"),
        ("watch.US.link", "https://w", "tmdb"),
        ("watch.US.stream", "Netflix", "tmdb"),
        ("quality", "94 (feature, recommended)", ""),
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "text"),
    [
        ("runtime", 130, 136, "runtime: 130 minutes -> 136 minutes"),
        ("tagline", "Free.", None, "tagline: Free. -> nothing"),
        ("genres", [], ["Crime"], "genres: nothing -> Crime"),
        ("genres", ["Crime", "War"], ["Drama", "Crime"], "genres: + Drama; - War"),
        ("people.cast", [KEANU], [{**KEANU, "character": "Thomas"}],
         "people.cast: + Keanu Reeves (Thomas); - Keanu Reeves (Neo)"),
        ("people.cast", [KEANU], [{**KEANU, "profile_path": "/new.jpg"}],
         "people.cast: details that are not shown here"),
        ("people.directors", ["L. W."], [{"id": 1, "name": "L. W."}],
         "people.directors: details that are not shown here"),
        ("collection", {"id": 1, "name": "A"}, {"id": 2, "name": "A"}, "collection: details that are not shown here"),
    ],
)  # fmt: skip
def test_a_change_is_shown(path: str, old: Any, new: Any, text: str) -> None:
    assert change_text(FieldChange(path=path, old=old, new=new)) == text


@given(
    name=st.sampled_from(["title", "releases", "ratings", "people", "titles", "runtime", "watch", "box_office"]),
    value=JSON,
    other=JSON,
)
def test_any_json_can_be_shown(name: str, value: Any, other: Any) -> None:
    assert all(text for _, text, _ in facts({name: value, "provenance": None}))
    assert change_text(FieldChange(path=name, old=value, new=other)).startswith(f"{name}: ")
