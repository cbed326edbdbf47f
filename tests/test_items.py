"""The context that travels with an item: its own, copied with it, and never exported."""

import copy
from dataclasses import fields
from typing import Any

import pytest
from itemadapter import ItemAdapter

from moviecrawler.extensions.flat_csv import FlatCsvItemExporter
from moviecrawler.items import Artwork, Item, ItemContext, Movie, Raw, Show, TitleTable

AT = "2026-11-21T12:00:00.000Z"
ITEMS = [
    Movie(source="tmdb", source_id="603", id=603, title="The Matrix"),
    Show(source="tmdb", source_id="1396", id=1396),
    TitleTable(source="the_numbers", url="https://numbers.test", at=AT),
    Artwork(kind="movies", id=603, role="poster", source_path="/p.jpg", url="https://cdn.test/p.jpg", body=b""),
]
NAMES = {field.name for field in fields(ItemContext)}


def movie() -> Movie:
    made = Movie(source="tmdb", source_id="603", id=603, title="The Matrix")
    made.set_fetch(AT, listed=True, reason="feed", raw=Raw("https://tmdb.test/603", b"{}"))
    return made


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_each_item_has_a_context_of_its_own(item: Any) -> None:
    other = type(item).model_validate(item.model_dump())
    assert item.context == other.context == ItemContext()
    assert item.context is not other.context
    item.context.images["poster"] = {}
    assert other.context.images == {}


@pytest.mark.parametrize("deep", [False, True])
def test_a_copy_has_the_same_context_and_changes_it_alone(deep: bool) -> None:
    first = movie()
    second = first.model_copy(update={"title": "Matrix"}, deep=deep)
    assert second.context == first.context
    second.set_fetch("2026-11-22T12:00:00.000Z")
    second.context.unreadable += ("imdb_id",)
    assert (first.context.fetched_at, first.context.listed, first.context.unreadable) == (AT, True, ())
    assert first.title == "The Matrix"
    assert copy.copy(first).context is not first.context


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_a_context_is_in_no_export(item: Item) -> None:
    for exported in (
        item.model_dump(),
        item.model_dump(mode="json"),
        ItemAdapter(item).asdict(),
        type(item).model_fields,
    ):
        assert not {"context", "_context"} & exported.keys()
    assert "context" not in repr(item)
    assert "context" not in item.model_dump_json()


def test_a_table_of_titles_has_no_column_of_their_context(tmp_path: Any) -> None:
    with (tmp_path / "films.csv").open("wb") as file:
        exporter = FlatCsvItemExporter(file)
        exporter.start_exporting()
        exporter.export_item(movie())
        exporter.finish_exporting()
    heading = (tmp_path / "films.csv").read_text().splitlines()[0].split(",")
    assert not {"context", *NAMES} & set(heading)


def test_a_misspelt_part_of_a_context_is_an_error() -> None:
    with pytest.raises(AttributeError):
        movie().context.fetchedat = AT
