"""A store that leaves out damaged rows, with one line about each, so that all other rows can be used.

Rows of older versions are read in today's form (``policy.documents.upgrade``)."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from moviecrawler.documents import Document
from moviecrawler.documents.records import RecordKind, Row
from moviecrawler.policy.documents.shape import defect
from moviecrawler.policy.documents.upgrade import upgraded
from moviecrawler.policy.filters.expressions import Filter
from moviecrawler.policy.filters.predicate import predicate
from moviecrawler.stores.base import Documents, Key, Records, Replacement, Snapshot, State, Store, Usage
from moviecrawler.stores.canonical_json import Unreadable

RowT = TypeVar("RowT", bound=Mapping[str, Any])


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
        self.documents = _Documents(store.documents, self._whole)
        self.records = _Records(store.records, self._whole)
        self.state = store.state

    async def open(self) -> None:
        await self._store.open()

    async def usage(self) -> Usage:
        return await self._store.usage()

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Damaged rows are not left out of it: it has all rows as they are stored."""
        return self._store.snapshot()

    def replacement(self, order: str) -> AbstractAsyncContextManager[Replacement]:
        return self._store.replacement(order)

    async def close(self) -> None:
        await self._store.close()

    def _whole(self, kind: str, row: RowT) -> RowT | None:
        """The row in today's form, None for a damaged one."""
        row = row if isinstance(row, Unreadable) else upgraded(kind, row)
        why = _defect(kind, row)
        name = f"{kind}/{row.get('_id')}"
        if why is None:
            self.damaged.pop(name, None)
        elif name not in self.damaged:
            self.damaged[name] = f"{self.describe}: {name} is damaged and left out: {why}"
            self.on_damage(self.damaged[name])
        return row if why is None else None


def _defect(kind: str, row: Mapping[str, Any]) -> str | None:
    return row.why if isinstance(row, Unreadable) else defect(kind, row)


class Whole(Protocol):
    """See ``CheckedStore._whole``."""

    def __call__(self, kind: str, row: RowT) -> RowT | None: ...


class _Documents:
    def __init__(self, documents: Documents, whole: Whole) -> None:
        self._documents, self._whole = documents, whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    async def get_many(self, keys: Iterable[Key]) -> dict[Key, Document]:
        found = await self._documents.get_many(keys)
        return {key: whole for key, document in found.items() if (whole := self._whole(key[0], document))}

    async def iterate(self, kind: str, *, where: Filter | None = None) -> AsyncIterator[Document]:
        is_meant = predicate(where.expression, where.now) if where else None
        async for document in self._documents.iterate(kind, where=where):
            whole = self._whole(kind, document)
            if whole and (is_meant is None or is_meant(kind, whole)):
                yield whole

    async def candidates(self, kind: str, names: Iterable[str]) -> dict[str, list[Document]]:
        found = await self._documents.candidates(kind, names)
        by_name = {name: [whole for one in some if (whole := self._whole(kind, one))] for name, some in found.items()}
        return {name: some for name, some in by_name.items() if some}


class _Records:
    def __init__(self, records: Records, whole: Whole) -> None:
        self._records, self._whole = records, whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    async def get(self, kind: RecordKind[Row], ids: Iterable[str]) -> dict[str, Row]:
        found = await self._records.get(kind, ids)
        return {id_: whole for id_, row in found.items() if (whole := self._whole(kind, row))}

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
            self._whole(kind, row)
        return count

    async def iterate(self, kind: RecordKind[Row], prefix: str = "", after: str = "") -> AsyncIterator[Row]:
        async for row in self._records.iterate(kind, prefix, after):
            if whole := self._whole(kind, row):
                yield whole

    async def newest(self, kind: RecordKind[Row], since: str = "") -> AsyncIterator[Row]:
        async for row in self._records.newest(kind, since):
            if whole := self._whole(kind, row):
                yield whole
