"""A film without a matching title never becomes a document of its own, and is not lost."""

import pytest
from scrapy.exceptions import DropItem

from moviecrawler.exceptions import StoreError
from moviecrawler.items import Movie, Show, TableRow, TitleTable
from moviecrawler.pipelines.resolve import ResolvePipeline
from moviecrawler.pipelines.source_slot import SourceSlotPipeline
from moviecrawler.runtime import Runtime
from moviecrawler.stores.base import Store
from tests.support.crawler import commits_of
from tests.support.items import movie

AT = "2026-11-22T12:00:00.000Z"


def budgets(*rows: tuple[str, str, int]) -> TitleTable:
    titles = [
        Movie(source="the_numbers", source_id=slug, part="budgets", title=title, year=year)
        for slug, title, year in rows
    ]
    shown = [TableRow(rank=rank, title=one.title, source_id=one.source_id) for rank, one in enumerate(titles, 1)]
    return TitleTable(source="the_numbers", url="u", at=AT, rows=shown, titles=titles)


async def unmatched_keys(store: Store) -> list[str]:
    return [row["_id"] async for row in store.records.iterate("unmatched") if row["presumed"] is None]


async def test_a_table_goes_through_all_pipelines_as_one_item(store: Store) -> None:
    commits, crawler = commits_of(store)
    await commits.add(movie(949, title="Heat", year=1995))
    table = await ResolvePipeline.from_crawler(crawler).process_item(
        budgets(("Heat-(1995)", "Heat", 1995), ("X", "Nobody's Film", 1999))
    )
    await commits.add(SourceSlotPipeline.from_crawler(crawler).process_item(table))
    document = (await store.documents.get_many([("movies", 949)]))["movies", 949]
    assert document["sources"]["the_numbers"]["parts"]["budgets"]["fetched_at"] == AT
    assert [row.id for row in table.rows] == [949, None]
    assert await unmatched_keys(store) == ["the_numbers/X"]
    assert await store.documents.count("movies") == 1
    assert (crawler.stats["titles/matched"], crawler.stats["titles/unmatched"]) == (1, 1)
    assert crawler.stats["titles/the_numbers/updated"] == 1


async def test_a_single_film_without_an_id_is_looked_up(store: Store) -> None:
    commits, crawler = commits_of(store)
    await commits.add(movie(949, title="Heat", year=1995))
    known, unknown = (Movie(source="the_numbers", source_id=title, title=title, year=1995) for title in ("Heat", "X"))
    assert (await ResolvePipeline.from_crawler(crawler).process_item(known)).id == 949
    with pytest.raises(DropItem, match="the_numbers X: no matching title"):
        await ResolvePipeline.from_crawler(crawler).process_item(unknown)
    assert await unmatched_keys(store) == ["the_numbers/X"]


async def test_an_item_with_an_id_is_not_looked_up(store: Store) -> None:
    _, crawler = commits_of(store)
    await store.close()
    film = movie(1)
    assert await ResolvePipeline.from_crawler(crawler).process_item(film) is film


async def test_a_show_without_an_id_is_dropped(store: Store) -> None:
    _, crawler = commits_of(store)
    with pytest.raises(DropItem):
        await ResolvePipeline.from_crawler(crawler).process_item(Show(source="omdb", source_id="tt0903747"))


async def test_a_lost_store_ends_the_run(store: Store) -> None:
    _, crawler = commits_of(store)
    await store.close()
    with pytest.raises(DropItem):
        await ResolvePipeline.from_crawler(crawler).process_item(budgets(("X", "X", 1999)))
    with pytest.raises(StoreError):
        await Runtime.of(crawler).lifecycle.retry_store(lambda: store.documents.count("movies"))
