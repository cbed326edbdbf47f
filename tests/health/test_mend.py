"""A damaged document is made of its whole parts, and nothing of it is invented."""

from typing import Any

import pytest

from moviecrawler.documents import Document
from moviecrawler.health.mend import mended, restored
from moviecrawler.policy.documents.merge import slot_of
from moviecrawler.policy.documents.shape import defect
from moviecrawler.timestamps import iso
from tests.health.healthy import NOW, days_ago, film
from tests.support.items import movie
from tests.support.policies import composer, refresh

WITH: dict[str, Any] = {"composer": composer(), "refresh": refresh(), "now": NOW}
FIELDS = ("title", "year", "people", "genres", "images", "locks", "trending", "last_change", "provenance", "created_at")


@pytest.mark.parametrize("field", FIELDS)
def test_a_damaged_field_is_made_anew(field: str) -> None:
    whole = film(7)
    found = restored("movies", {**whole, field: 7}, (), **WITH)
    assert found is not None
    assert defect("movies", found) is None
    later = {"updated_at": iso(NOW), "revision": whole["revision"] + 1}
    expected = {**whole, **later} | ({"created_at": iso(NOW)} if field == "created_at" else {})
    assert found == expected


def test_of_a_damaged_slot_the_kept_answer_speaks_else_the_source_is_due() -> None:
    whole = film(7)
    damaged: Any = {**whole, "sources": {**whole["sources"], "tmdb": {**whole["sources"]["tmdb"], "data": 7}}}
    item = movie(7, days_ago(1), title="Heat 7", imdb_id="tt0000007")
    item.context.slot = slot_of(item)
    found, unheard = restored("movies", damaged, [item], **WITH), restored("movies", damaged, (), **WITH)
    assert found is not None
    assert unheard is not None
    assert (found["title"], found["revision"]) == ("Heat 7", whole["revision"] + 1)
    assert (unheard["title"], unheard["sources"]["tmdb"]["next_refresh_at"]) == (None, iso(NOW))


@pytest.mark.parametrize("fields", [{"revision": "1"}, {"_id": None}])
def test_without_key_and_revision_nothing_can_be_made(fields: dict[str, Any]) -> None:
    assert restored("movies", {**film(7), **fields}, (), **WITH) is None


def test_a_whole_document_stays_as_it_is() -> None:
    document = film(7)
    assert mended(document, kind="movies", **WITH) is document


def test_what_is_to_be_asked_again_is_due_once() -> None:
    document = film(7)
    due: Document = mended(document, kind="movies", ask={"tmdb"}, **WITH)
    assert due["sources"]["tmdb"]["next_refresh_at"] == due["sources"]["tmdb"]["recheck_at"] == iso(NOW)
    assert due["last_change"] == document["last_change"]
    assert mended(due, kind="movies", ask={"tmdb"}, **WITH) is due
