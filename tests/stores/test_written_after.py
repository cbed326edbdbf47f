"""Finding documents that a clock ahead of now has written."""

from moviecrawler.stores.base import Store
from tests.support.films import NOW, insert


async def test_written_after_lists_documents_with_later_timestamps(store: Store) -> None:
    moments = {3: "2029-11-21T08:15:30.123Z", 1: "2026-11-21T08:15:30.124Z", 2: NOW, 4: None}
    await store.documents.write([insert(id_, updated_at=at) for id_, at in moments.items()])
    assert await store.documents.written_after("movies", NOW) == [1, 3]
    assert await store.documents.written_after("movies", moments[3]) == []  # type: ignore[arg-type]
    assert await store.documents.written_after("shows", NOW) == []
