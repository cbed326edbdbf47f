"""What only MongoDB has: snapshot sessions where there are any, and a restore of several collections."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient, monitoring

from moviecrawler.exceptions import StoreError
from moviecrawler.stores import open_store, opened
from moviecrawler.stores.base import Store
from moviecrawler.stores.mongo import replacement, snapshot
from tests.support.films import film, insert


class Commands(monitoring.CommandListener):
    """The commands of all clients that are made from now on."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.sent.append((event.command_name, dict(event.command)))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


@pytest.fixture
def commands() -> Iterator[Commands]:
    listener = Commands()
    monitoring.register(listener)
    yield listener
    monitoring._LISTENERS.command_listeners.remove(listener)


def of(uri: str) -> Store:
    return open_store(uri, data_dir=Path())


async def rows_of(store: Store, kind: str = "movies") -> tuple[bool, list[Any]]:
    async with store.snapshot() as found:
        assert await found.counts() == {kind: 201}
        return found.at_one_moment, [row async for page in found.pages(kind) for row in page]


@pytest.mark.parametrize("member", [True, False])
async def test_a_member_of_a_replica_set_is_read_in_one_snapshot_session_and_no_other_server(
    member: bool, mongo_uri: str, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not member:
        monkeypatch.setattr(snapshot, "can_snapshot", lambda hello: False)
    else:
        monkeypatch.setattr(snapshot, "can_snapshot", lambda hello: True)
    async with opened(of(mongo_uri)) as store:
        await store.documents.write([insert(id) for id in range(1, 202)])
    commands.sent.clear()
    assert await rows_of(store) == (member, [film(id) for id in range(1, 202)])
    reads = [command for name, command in commands.sent if name == "find" and command["find"] == "movies"]
    levels = [command.get("readConcern", {}).get("level") for command in reads]
    assert levels == ["snapshot" if member else None] * 3
    assert len({str(command["lsid"]) for command in reads}) == 1 or not member


async def test_a_restore_that_was_killed_among_its_renames_is_said_and_can_be_repeated(
    mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    async with opened(of(mongo_uri)) as store:
        await store.documents.write([insert(1), insert(2, "shows")])

    async def put_in_place(database: Any) -> None:
        await database["schema"].replace_one({"_id": replacement.RESTORE}, {"_id": replacement.RESTORE}, upsert=True)
        await database["movies"].drop()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(replacement, "_put_in_place", put_in_place)
        with pytest.raises(Killed):
            async with store.replacement("newest") as new:
                await new.load("movies", [film(603)])
    for access in ("make", "write", "read"):
        with pytest.raises(StoreError, match="a restore was ended while it put collections in their places"):
            await open_store(mongo_uri, access=access).open()  # type: ignore[arg-type]
    async with store.replacement("newest") as new:
        await new.load("movies", [film(603)])
    async with opened(of(mongo_uri)) as store:
        assert [film["_id"] async for film in store.documents.iterate("movies")] == [603]
        assert await store.documents.count("shows") == 0


async def test_new_collections_have_the_indexes_of_a_store_and_none_is_left_over(mongo_uri: str) -> None:
    store = of(mongo_uri)
    async with opened(store):
        await store.documents.write([insert(1)])
        await store.records.put("charts", [{"_id": "x"}])  # type: ignore[arg-type, typeddict-item]
    database = MongoClient[dict[str, Any]](mongo_uri).get_default_database()

    def found() -> dict[str, set[str]]:
        return {name: set(database[name].index_information()) for name in database.list_collection_names()}

    before = found()
    async with store.replacement("newest") as new:
        await new.load("movies", [film(603)])
        assert any(name.startswith("restore.") for name in found())
    after = found()
    assert "charts" not in after
    assert {name: after[name] for name in ("movies", "shows", "changes")} == {
        name: before[name] for name in ("movies", "shows", "changes")
    }
    assert not [name for name in after if name.startswith("restore.")]
    database.client.close()
