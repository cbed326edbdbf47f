"""Which titles a filter means."""

from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.policy.filters.grammar import parse
from moviecrawler.policy.filters.order import parse_order, sort_key
from moviecrawler.policy.filters.predicate import predicate

NOW = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)

FILM: dict[str, Any] = {
    "_id": 603,
    "imdb_id": "tt0133093",
    "title": "Amélie & Harry",
    "titles": {"zh-CN": "月亮升起的夜晚", "ko-KR": "바다가 들린다"},
    "year": 1999,
    "release_date": "1999-03-31",
    "genres": ["Science Fiction", "Drama"],
    "countries": ["South Korea"],
    "country_codes": ["KR"],
    "original_language": "zh-CN",
    "runtime": None,
    "tagline": "",
    "adult": False,
    "people": {"cast": [{"name": "Renée Zellweger", "character": "Eve"}], "directors": []},
    "ratings": {"imdb": {"score": 7.5, "votes": 0}},
    "box_office": {"budget": 100_000_000, "worldwide": None},
    "releases": [{"country": "US", "date": "1999-03-31"}, {"country": "FR", "date": "2001-06-23"}],
    "images": {"poster": {"file": "a.jpg", "files": {"w500": {"bytes": 61_181}}}, "logo": {"file": None}},
    "sources": {
        "tmdb": {"next_refresh_at": "2026-11-21T08:15:00.000Z", "frozen_at": None, "data": {"year": 1999}},
        "omdb": {
            "next_refresh_at": "2026-11-21T08:15:00.001Z",
            "frozen_at": "2026-01-01T00:00:00.000Z",
            "data": {"year": 2000, "title": "amelie & harry"},
        },
        "the_numbers": {"next_refresh_at": None, "gone_at": None, "data": {}},
    },
    "locks": {"title": None, "box_office.budget": 1},
    "last_change": {"at": "2026-11-14T08:15:00.000Z", "diff": [{"path": "people.cast", "old": 1, "new": 2}]},
    "created_at": "2026-05-17T10:00:30.000Z",
}


@pytest.mark.parametrize(
    "text",
    [
        *("year:1999", "year=1999", "year>=1999", "year<2000", "year:1990..1999", "year:..1999", "year!=2000"),
        *("id:603", "id in (1, 603)", "imdb_id:TT0133093", "kind:movies", "kind:film"),
        *(
            "amelie",
            '"AMÉLIE & harry"',
            "title:harry",
            'title="amélie & harry"',
            "月",
            "月亮",
            "바다",
            "any_title:夜晚",
        ),
        *("genre:fiction", 'genre="science fiction"', "not genre:horror", "genre in (horror, drama)", "genre!=horror"),
        *("country:korea", "country:kr", "language:zh", "language:zh-cn", "cast:zellweger", "person:renee"),
        *("character:eve", "adult:no", "has:imdb_id", "missing:runtime", "missing:tagline", "has:box_office"),
        *("rating.imdb>=7.5", "rating.imdb:7.4..7.6", "votes.imdb:0", "has:votes.imdb", "budget:100m", "budget>=0.1bn"),
        *(
            "released:1999",
            "released:1999-03",
            "released:1999-03-31",
            "released<=1999",
            "released>1998",
            "released<now",
        ),
        *("releases.date:2001", "releases.date<2000 releases.date>2000", "added:2026-05-17T10:00", "added<1y"),
        *("due", "due:tmdb", "not due:omdb", "not due:the_numbers", "frozen", "frozen:omdb", "not frozen:tmdb"),
        *("source:tmdb", "missing:the_numbers", "not gone", "locked", "locked:title", "locked:box_office"),
        *("disagree", "disagree:year", "not disagree:title", "changed", "changed<=7d", "not changed<7d", "changed<8d"),
        *("changed:people", "not changed:title", "changed:people.cast", "picture", "picture:poster"),
        *(
            "missing_picture",
            "missing_picture:logo",
            "not missing_picture:poster",
            "images.poster.files.w500.bytes>60k",
        ),
    ],
)
def test_film_is_meant(text: str) -> None:
    assert predicate(parse(text), NOW)("movies", FILM)
    assert not predicate(parse(f"not ({text})"), NOW)("movies", FILM)


@pytest.mark.parametrize(
    "text",
    [
        *("runtime<90", "runtime>90", "runtime:90", "runtime!=90", "gross>1", "genre!=drama", "year:2000..2010"),
        *("releases.date:2000", "amel", "harr", "kind:shows", "genre:sci", "title=harry", "cast:eve", "adult:yes"),
        *("gone", "source:the_numbers", "locked:year", "changed:people.cast.name", "picture:logo", "added>1y"),
    ],
)
def test_film_is_not_meant(text: str) -> None:
    assert not predicate(parse(text), NOW)("movies", FILM)
    assert predicate(parse(f"not ({text})"), NOW)("movies", FILM)


@pytest.mark.parametrize("value", [None, 7, "x", [], [None], [[]], {}, {"x": None}, True])
def test_document_of_any_shape_is_looked_at(value: object) -> None:
    odd = dict.fromkeys(FILM, value) | {"_id": 1}
    for text in ("year>1", "genre:x", "cast:x", "due", "locked", "disagree", "has:titles"):
        assert predicate(parse(text), NOW)("movies", odd) in (True, False)


def test_titles_without_the_field_come_last_in_both_orders() -> None:
    films: list[dict[str, Any]] = [
        {"_id": 5, "title": "Élan", "popularity": 2},
        {"_id": 4},
        {"_id": 3, "title": "zoo", "popularity": 0},
        {"_id": 2, "title": "Apt", "popularity": 2},
        {"_id": 1, "title": None, "popularity": None},
    ]

    def ids(order: str) -> list[int]:
        place = sort_key(parse_order(order))
        return [film["_id"] for film in sorted(films, key=lambda film: place("movies", film))]

    assert ids("title") == [2, 5, 3, 1, 4]
    assert ids("-title") == [3, 5, 2, 1, 4]
    assert ids("-popularity") == [2, 5, 3, 1, 4]
