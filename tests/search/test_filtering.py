"""A filter over the index means the titles that its predicate means, and the store is read only for what it must be."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from moviecrawler.documents import Document
from moviecrawler.policy.filters.grammar import parse
from moviecrawler.policy.filters.predicate import predicate
from moviecrawler.search.filtering import asks_for_gone, matching, narrowed
from moviecrawler.search.index import SearchIndex
from moviecrawler.stores.base import Key
from tests.search.films import GONE, index_of, named, people

NOW = datetime(2026, 11, 22, tzinfo=UTC)

COVERED = [
    *("year>=2000", "year:1990..2005", "year!=1999", "has:year", "missing:year", "kind:movies", "kind:shows", "id<20"),
    *(
        "genre:drama",
        "genre=War",
        "has:genre",
        "genre in (Drama, Horror)",
        "language:ko",
        "language:k",
        "class=feature",
    ),
    *("certification:PG-13", "rating>7.5", "votes<1k", "runtime<=100", "score:50..70", "gross>100m", "has:gross"),
    *("released>2000-06", "released<2000", "popularity>=5", "country_codes=KR", "updated<7d"),
]
READ = [
    *("gone", "due", "due:omdb", "locked", "person:reeves", "director=Reeves", '"red moon"', "moon", "keyword:ship"),
    *("country:korea", "original_title:moon", "has:tagline", "disagree:year", "missing_picture"),
]


def _documents() -> list[Document]:
    dice = random.Random(17)

    def some(values: Iterable[Any]) -> Any:
        return dice.choice([None, *values])

    return [
        named(
            id_,
            dice.choice(["Red Moon", "Moon", "Sun", "月亮"]),
            year=some(range(1985, 2026)),
            release_date=some(["1999-03-31", "2000-06-01", "2010-01-01"]),
            genres=dice.sample(["Drama", "War", "Horror", "Science Fiction"], dice.randrange(3)),
            original_language=some(["ko", "en", "ja"]),
            country_codes=dice.sample(["KR", "US"], dice.randrange(3)),
            countries=dice.sample(["South Korea", "United States of America"], dice.randrange(3)),
            certification=some(["PG-13", "R"]),
            runtime=some([80, 100, 120]),
            popularity=some([0, 4.9, 5, 60.5]),
            ratings=dice.choice([{}, {"tmdb": {"score": 7.5, "votes": 999}}, {"tmdb": {"score": 8, "votes": None}}]),
            box_office={"budget": None, "worldwide": some([100_000_000, 100_000_001])},
            quality={"score": dice.randrange(100), "class": dice.choice(["feature", "short"]), "recommended": True},
            people=people(dice.choice(["Keanu Reeves", "Reeves"])),
            keywords=dice.sample(["ship", "space"], dice.randrange(3)),
            **({"sources": GONE} if dice.random() < 0.1 else {}),
        )
        for id_ in range(1, 80)
    ]


DOCUMENTS = {("movies", document["_id"]): document for document in _documents()}


class Store:
    def __init__(self) -> None:
        self.documents: Any = self
        self.read = 0

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        found = {key: DOCUMENTS[key] for key in keys}
        self.read += len(found)
        return found


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return index_of(*DOCUMENTS.values())


async def _meant(index: SearchIndex, text: str, among: int | None = None) -> tuple[set[Key], int]:
    """The titles, and how many documents were read for that."""
    store = Store()
    bits = await matching(index, store, parse(text), NOW, among)
    return {key for _, key in index.keys_of(slot for slot in range(100) if bits >> slot & 1)}, store.read


def _expected(text: str) -> set[Key]:
    is_meant = predicate(parse(text), NOW)
    return {key for key, document in DOCUMENTS.items() if is_meant(key[0], document)}


@pytest.mark.parametrize("text", COVERED)
async def test_the_index_answers_by_itself(text: str, index: SearchIndex) -> None:
    assert await _meant(index, text) == (_expected(text), 0)
    assert await _meant(index, f"not ({text})") == (_expected(f"not ({text})"), 0)


@pytest.mark.parametrize("text", READ)
async def test_documents_are_read_where_the_index_does_not_know(text: str, index: SearchIndex) -> None:
    assert (await _meant(index, text))[0] == _expected(text)
    narrow = f"year>=2020 and {text}"
    assert await _meant(index, narrow) == (_expected(narrow), len(_expected("year>=2020")))


async def test_any_filter_means_what_its_predicate_means(index: SearchIndex) -> None:
    dice = random.Random(3)

    def filter_of(depth: int) -> str:
        if not depth or dice.random() < 0.2:
            return dice.choice(COVERED + READ)
        if dice.random() < 0.3:
            return f"not ({filter_of(depth - 1)})"
        return f"({filter_of(depth - 1)} {dice.choice(['and', 'or'])} {filter_of(depth - 1)})"

    for _ in range(300):
        text = filter_of(3)
        among = dice.getrandbits(len(DOCUMENTS))
        chosen = {key for _, key in index.keys_of(slot for slot in range(100) if among >> slot & 1)}
        assert (await _meant(index, text, among))[0] == _expected(text) & chosen, text


def test_a_filter_that_asks_for_what_is_gone_says_so() -> None:
    assert [asks_for_gone(parse(text)) for text in ("gone", "not gone:tmdb", "year>2000", "year>2000 or gone")] == [
        *(True, True, False, True)
    ]


def test_documents_that_cannot_be_read_are_in_no_set(index: SearchIndex) -> None:
    from moviecrawler.search.entries import Entry

    other = index_of(named(1, "Moon"))
    other.put([Entry("movies", 2, 1, None)])
    assert narrowed(other, parse("not year>2000"), NOW).bits == 1
