"""From an item to its slot and back: what a feed exports for a title that was not fetched."""

from typing import Any

import pytest
from pydantic import ValidationError

from moviecrawler.documents.rows import CastMember
from moviecrawler.items import BoxOffice, Movie, People, Rating, Show
from moviecrawler.policy.documents.source_slots import slot_of, title_of
from tests.support.answers import answer

SAID = {
    "title": "Heat",
    "genres": ["Crime"],
    "people": People(
        directors=[{"name": "Michael Mann"}], cast=[CastMember(name="Al Pacino", character="Vincent Hanna")]
    ),
    "ratings": {"tmdb": Rating(score=7.9, votes=7000)},
    "box_office": BoxOffice(budget=60_000_000),
    "adult": False,
}


@pytest.mark.parametrize(("kind", "model"), [("movies", Movie), ("shows", Show)])
@pytest.mark.parametrize("said", [SAID, {}], ids=["much", "nothing"])
def test_the_item_comes_back_as_it_was(kind: str, model: type[Movie] | type[Show], said: dict[str, Any]) -> None:
    item = answer(kind=model, **said)
    assert title_of(kind, 949, "tmdb", slot_of(item)).model_dump() == item.model_dump()


def test_a_field_that_only_another_version_knows_is_left_out() -> None:
    slot = slot_of(answer(**SAID))
    slot["data"]["smell"] = "of rain"
    assert title_of("movies", 949, "tmdb", slot).title == "Heat"


def test_a_field_with_another_type_in_another_version_is_an_error() -> None:
    slot = slot_of(answer(**SAID))
    slot["data"]["genres"] = "Crime"
    with pytest.raises(ValidationError):
        title_of("movies", 949, "tmdb", slot)
