"""Combines concurrent reads of single documents into one read of the store."""

import asyncio

from moviecrawler.documents import Document
from moviecrawler.stores.base import Documents, Key


class BatchedReads:
    """:meth:`get` waits one turn of the event loop, so that all calls of that turn share a ``get_many``."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._wanted: dict[Key, None] = {}
        self._answer: asyncio.Task[dict[Key, Document]] | None = None

    async def get(self, key: Key) -> Document | None:
        self._wanted[key] = None
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read())
        return (await self._answer).get(key)

    async def _read(self) -> dict[Key, Document]:
        await asyncio.sleep(0)
        keys, self._wanted, self._answer = self._wanted, {}, None
        return await self._documents.get_many(keys)
