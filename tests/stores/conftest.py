from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store


@pytest.fixture(params=["sqlite", "mongo"])
def uri(request: pytest.FixtureRequest) -> str:
    """STORE_URI of a new store, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_uri"))


@pytest_asyncio.fixture
async def store(uri: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A new open store, of each kind."""
    store = open_store(uri, data_dir=tmp_path)
    await store.open()
    yield store
    await store.close()
