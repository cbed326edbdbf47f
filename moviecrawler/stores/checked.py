"""A store that leaves out damaged rows, with one line about each, so that all other rows can be used."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from moviecrawler.documents import Document, RecordKind, Row
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.source_slots import with_all_slots
from moviecrawler.stores.base import Documents, Key, Records, State, Store, Usage
from moviecrawler.stores.canonical_json import Unreadable


class CheckedStore:
    """See :class:`moviecrawler.stores.base.Store`. A damaged row reads as absent.

    ``damaged`` has one line per damaged row by its name (``movies/603``, ``raw/tmdb/movies/603``); ``on_damage`` is
    called with each new line.
    """

    documents: Documents
    records: Records
    state: State

    def __init__(self, store: Store) -> None:
        self._store = store
        self.describe = store.describe
        self.damaged: dict[str, str] = {}
        self.on_damage: Callable[[str], object] = lambda line: None
        self.documents = _Documents(store.documents, self._is_whole)
        self.records = _Records(store.records, self._is_whole)
        self.state = store.state

    async def open(self) -> None:
        await self._store.open()

    async def usage(self) -> Usage:
        return await self._store.usage()

    async def close(self) -> None:
        await self._store.close()

    def _is_whole(self, kind: str, row: Mapping[str, Any]) -> bool:
        why = _defect(kind, row)
        name = f"{kind}/{row.get('_id')}"
        if why is None:
            self.damaged.pop(name, None)
        elif name not in self.damaged:
            self.damaged[name] = f"{self.describe}: {name} is damaged and left out: {why}"
            self.on_damage(self.damaged[name])
        return why is None


def _defect(kind: str, row: Mapping[str, Any]) -> str | None:
    return row.why if isinstance(row, Unreadable) else defect(kind, row)


IsWhole = Callable[[str, Mapping[str, Any]], bool]


class _Documents:
    def __init__(self, documents: Documents, is_whole: IsWhole) -> None:
        self._documents, self._is_whole = documents, is_whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        found = {key: with_all_slots(one) for key, one in (await self._documents.get_many(keys)).items()}
        return {key: document for key, document in found.items() if self._is_whole(key[0], document)}

    async def iterate(self, kind: str) -> AsyncIterator[Document]:
        async for stored in self._documents.iterate(kind):
            if self._is_whole(kind, document := with_all_slots(stored)):
                yield document

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        found = await self._documents.candidates(kind, names)
        filled = {name: map(with_all_slots, some) for name, some in found.items()}
        whole = {name: [one for one in some if self._is_whole(kind, one)] for name, some in filled.items()}
        return {name: some for name, some in whole.items() if some}


class _Records:
    def __init__(self, records: Records, is_whole: IsWhole) -> None:
        self._records, self._is_whole = records, is_whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        found = await self._records.get(kind, ids)
        return {id_: row for id_, row in found.items() if self._is_whole(kind, row)}

    async def revise(
        self, kind: RecordKind[Row], ids: Iterable[str], change: Callable[[str, Row | None], Row | None]
    ) -> int:
        """A damaged row is left as it is, since a person may still repair it."""
        damaged: list[Row] = []

        def change_whole(id_: str, row: Row | None) -> Row | None:
            if row is None or _defect(kind, row) is None:
                return change(id_, row)
            damaged.append(row)
            return row

        count = await self._records.revise(kind, ids, change_whole)
        for row in damaged:
            self._is_whole(kind, row)
        return count

    async def iterate(self, kind: RecordKind[Row], prefix: str = "", after: str = "") -> AsyncIterator[Row]:
        async for row in self._records.iterate(kind, prefix, after):
            if self._is_whole(kind, row):
                yield row

    async def newest(self, kind: RecordKind[Row], since: str = "") -> AsyncIterator[Row]:
        async for row in self._records.newest(kind, since):
            if self._is_whole(kind, row):
                yield row
