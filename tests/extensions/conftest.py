import pytest

from moviecrawler.stores.base import Store


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store
