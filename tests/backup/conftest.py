"""A store that has something of everything, and the other kind of store beside it."""

import asyncio
import shutil
from pathlib import Path

import pytest
import pytest_asyncio

from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from tests.backup.filled import backed_up, fill


@pytest_asyncio.fixture
async def filled(uri: str, tmp_path: Path) -> Store:
    """Not open, of each kind."""
    async with opened(open_store(uri, data_dir=tmp_path, order="popular")) as store:
        await fill(store)
    return open_store(uri, data_dir=tmp_path, access="read")


@pytest.fixture(scope="session")
def backup_for_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup")

    async def made() -> Path:
        store = open_store(f"sqlite:///{folder / 'source.db'}", order="popular")
        async with opened(store):
            await fill(store)
        return (await backed_up(store, folder / "backups")).path

    return asyncio.run(made())


@pytest.fixture
def backup(backup_for_all: Path, tmp_path: Path) -> Path:
    """The folder of a backup that a test may damage, in the folder ``backups``."""
    path = tmp_path / "backups" / backup_for_all.name
    shutil.copytree(backup_for_all, path)
    return path


@pytest.fixture
def source(backup_for_all: Path) -> Store:
    """The SQLite store that ``backup`` was made of."""
    return open_store(f"sqlite:///{backup_for_all.parents[1] / 'source.db'}", access="read")


@pytest.fixture
def absent(tmp_path: Path) -> Store:
    """A SQLite store where nothing is stored yet."""
    return open_store(f"sqlite:///{tmp_path / 'other.db'}", access="read")


@pytest.fixture(params=["sqlite", "mongo"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, where nothing is stored yet; not that of ``filled``."""
    uri = f"sqlite:///{tmp_path / 'other.db'}"
    if request.param == "mongo":
        uri = f"{request.getfixturevalue('mongo_uri')}_other"
    return open_store(uri, data_dir=tmp_path, access="read")
