"""Random filters, and varied documents to hold every form of a filter against each other."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from moviecrawler.documents import Document
from moviecrawler.policy.filters.expressions import Expression, Filter
from moviecrawler.policy.filters.grammar import parse
from moviecrawler.policy.filters.predicate import predicate
from moviecrawler.search.filtering import matching
from moviecrawler.search.index_file import IndexFile
from moviecrawler.search.query import find as search
from moviecrawler.search.query import kept
from moviecrawler.stores.base import Key, Store
from moviecrawler.stores.checked import CheckedStore
from tests.support.films import film

NOW = datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=UTC)
KINDS = ("movies", "shows")

Finder = Callable[[Expression], Awaitable[set[Key]]]
"""What finds the titles that a filter means: a store, or an index beside it."""

_TEXTS = [
    "Amélie",
    "AMELIE",
    "Harry Potter",
    "harry's potter",
    "月亮升起",
    "夜の月",
    "바다가",
    "Ёлка",
    "$",
    "a.b",
    "Straße",
]
_TEXTS += ["x 'quoted' OR 1=1", '{"$gt": 1}', "Drama", "Science Fiction", "ko", "zh-CN", "[]", "{}", "null", "é"]
_NUMBERS = [
    "0",
    "1",
    "7.3",
    "7.345",
    "1999",
    "2000",
    "-1",
    "100m",
    "1.5bn",
    "60k",
    "0.1",
    "1990..2005",
    "..7.4",
    "2000..",
]
_TIMES = [
    "2026",
    "2026-11",
    "2026-11-21",
    "2026-11-14T08:15",
    "1999-03-31",
    "7d",
    "1y",
    "now",
    "2020..2026-11",
    "3w",
    "6mo",
]
_TEXT_FIELDS = ["title", "titles", "titles.zh-CN", "genre", "language", "country", "person", "cast", "cast.character"]
_TEXT_FIELDS += ["people.cast.character", "studio", "any_title", "tagline", "imdb_id", "collection", "watch.*.stream"]
_NUMBER_FIELDS = ["year", "id", "rating", "rating.imdb", "votes.imdb", "budget", "gross", "popularity", "runtime"]
_NUMBER_FIELDS += ["people.cast.order", "keyword_ids", "releases.type", "revision", "images.poster.files.w500.bytes"]
_TIME_FIELDS = ["released", "changed", "updated", "releases.date", "sources.omdb.frozen_at", "sources.*.fetched_at"]
_TIME_FIELDS += ["last_change.at", "videos.published_at", "images.poster.gone.at", "trending.at"]
_FACTS = [
    "due",
    "due:omdb",
    "frozen",
    "frozen:tmdb",
    "gone",
    "gone:omdb",
    "locked",
    "locked:title",
    "locked:box_office",
]
_FACTS += [
    "source:omdb",
    "missing:the_numbers",
    "missing:tagline",
    "has:box_office",
    "has:titles",
    "disagree",
    "changed",
]
_FACTS += [
    "disagree:year",
    "changed:people",
    "picture",
    "picture:poster",
    "missing_picture",
    "kind:movies",
    "kind:shows",
]
_FACTS += ["adult:yes", "adult:no", "amelie", "月", '"harry potter"', "has:genres", "disagree:title", "has:person"]


def filter_text(dice: Random, depth: int = 3) -> str:
    """Some filter that is right."""
    if depth and dice.random() < 0.6:
        parts = [filter_text(dice, depth - 1) for _ in range(dice.randint(1, 3))]
        joined = dice.choice([" and ", " or ", " "]).join(f"({part})" for part in parts)
        return f"not ({joined})" if dice.random() < 0.4 else joined
    choice = dice.randrange(5)
    if choice == 0:
        return _compared(dice, _NUMBER_FIELDS, _NUMBERS)
    if choice == 1:
        return _compared(dice, _TIME_FIELDS, _TIMES)
    if choice == 2:
        quoted = ['"' + text.replace('"', '\\"') + '"' for text in dice.sample(_TEXTS, 2)]
        name = dice.choice(_TEXT_FIELDS).replace("cast.character", "character")
        name = name.replace("people.character", "people.cast.character")
        if dice.random() < 0.2:
            return f"{name} in ({', '.join(quoted)})"
        return f"{name}{dice.choice([':', '=', '!='])}{quoted[0]}"
    return dice.choice(_FACTS)


def _compared(dice: Random, names: list[str], values: list[str]) -> str:
    value = dice.choice(values)
    if ".." in value:
        return f"{dice.choice(names)}:{value}"
    moment = value in ("7d", "1y", "now", "3w", "6mo")
    operators = ["<", "<=", ">", ">="] if moment else ["<", "<=", ">", ">=", "=", "!=", ":"]
    return f"{dice.choice(names)}{dice.choice(operators)}{value}"


def varied(id_: int) -> Document:
    """A document that holds, lacks or nulls what filters ask about; the same for the same id."""
    dice = Random(id_)

    def some(*values: Any) -> Any:
        return dice.choice([None, *values])

    def moment() -> str:
        return (
            dice.choice(["2026-11-21T08:15:30.123Z", "2026-11-14T08:15:30.123Z", "2025-12-01T00:00:00.000Z"])
            if (dice.random() < 0.7)
            else "2026-11-22T00:00:00.000Z"
        )

    def text() -> str:
        return dice.choice(_TEXTS)

    def slot() -> dict[str, Any]:
        data: dict[str, Any] = {"title": text(), "year": dice.choice([1999, 2000])} if dice.random() < 0.6 else {}
        times = ("fetched_at", "frozen_at", "next_refresh_at", "gone_at")
        return {name: some(moment()) for name in times} | {"data": data, "parts": {}}

    diff = {"path": dice.choice(["title", "people.cast"]), "old": 1, "new": 2}
    changes: dict[str, Any] = {
        "schema_version": 2,
        "title": some(text()),
        "titles": {language: text() for language in dice.sample(["en-US", "zh-CN"], dice.randrange(3))},
        "alternative_titles": [{"country": None, "title": text()} for _ in range(dice.randrange(3))],
        "genres": dice.sample(["Drama", "Science Fiction", "drama"], dice.randrange(3)),
        "original_language": some("ko", "zh-CN", "en"),
        "countries": some(["South Korea"], []) or [],
        "country_codes": dice.sample(["KR", "US"], dice.randrange(3)),
        "tagline": some("", text()),
        "year": some(1999, 2000, 2026),
        "runtime": some(0, 90, 100),
        "adult": some(True, False),
        "popularity": some(0, 7.345, 7, 1e-9, 100_000_000),
        "keyword_ids": dice.sample([1, 1999, 2000], dice.randrange(4)),
        "release_date": some("1999-03-31", "2026-11-21", "2026-11-22", "2026-11-20"),
        "releases": [
            {"country": "US", "type": some(1, 3), "date": some("1999-03-31", "2026-11-14")}
            for _ in range(dice.randrange(3))
        ],
        "videos": [
            {"site": "YouTube", "key": "x", "type": None, "name": None, "language": None, "official": None}
            | {"published_at": some(moment())}
            for _ in range(dice.randrange(2))
        ],
        "studios": [{"name": text(), "id": some(1)} for _ in range(dice.randrange(3))],
        "collection": some({"id": 1, "name": text()}),
        "people": {
            role: [{"name": text(), "order": place} | ({"character": some(text())} if role == "cast" else {})]
            for place, role in enumerate(dice.sample(["cast", "directors", "writers"], dice.randrange(4)))
        },
        "ratings": {
            house: {"score": dice.choice([0, 7.3, 7.345, 7.4]), "votes": some(0, 1999)}
            for house in dice.sample(["tmdb", "imdb"], dice.randrange(3))
        },
        "box_office": {name: some(100_000_000, 1_500_000_000) for name in ("budget", "worldwide")},
        "watch": dice.choice([{}, {"US": {"stream": [{"id": 1, "name": text(), "logo_path": None}]}}, {"DE": {}}]),
        "trending": some({"window": "day", "rank": 1, "at": moment()}),
        "images": dice.choice(
            [
                {},
                {"poster": {"source_path": None, "source_sha256": None, "file": None, "files": {}}
                 | {"gone": {"url": "u", "at": moment()}}},
                {"poster": {"source_path": "/a", "source_sha256": "b", "file": "a.jpg"}
                 | {"files": {"w500": {"file": "a", "sha256": "b", "width": 1, "height": 1, "bytes": 61_000}}}},
            ]
        ),
        "sources": {source: slot() for source in ("tmdb", "omdb", "the_numbers")},
        "locks": dice.choice([{}, {}, {"title": None}, {"box_office.budget": 1}]),
        "last_change": some({"source": "tmdb", "at": moment(), "diff": [diff]}),
        "updated_at": moment(),
    }  # fmt: skip
    if id_ % 7 == 0:  # as an older version stored it
        changes |= {
            "schema_version": 1,
            "studios": [text()],
            "people": {"cast": [{"name": text()}], "directors": [text()]},
        }
    return film(id_, **changes)


def by_predicate(documents: Mapping[Key, Document]) -> Finder:
    async def find(expression: Expression) -> set[Key]:
        is_meant = predicate(expression, NOW)
        return {key for key, document in documents.items() if is_meant(key[0], document)}

    return find


def by_store(store: Store) -> Finder:
    checked = CheckedStore(store)

    async def find(expression: Expression) -> set[Key]:
        where = Filter(expression, NOW)
        return {(kind, row["_id"]) for kind in KINDS async for row in checked.documents.iterate(kind, where=where)}

    return find


def by_index(file: IndexFile, store: Store) -> Finder:
    """The search index beside a store of which it reads what it does not know itself."""
    checked = CheckedStore(store)

    async def find(expression: Expression) -> set[Key]:
        index = await file.current(checked, NOW)
        meant = await matching(index, checked, expression, NOW, None)
        return {key for _, key in index.keys_of(kept(search(index, "", gone=True).slots, meant))}

    return find


async def differences(finders: Mapping[str, Finder], text: str) -> dict[str, set[Key]]:
    """What each finds otherwise than the first one; empty where all agree."""
    expression = parse(text)
    found = {name: await find(expression) for name, find in finders.items()}
    first = next(iter(found.values()))
    return {name: keys ^ first for name, keys in found.items() if keys != first}
