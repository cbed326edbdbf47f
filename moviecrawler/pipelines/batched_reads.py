"""Reads of single documents that come together become one read of the store."""

import asyncio

from moviecrawler.stores.base import Document, Documents, Key


class BatchedReads:
    """:meth:`get` waits one turn of the event loop, so that all who ask in it share a ``get_many``."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._asked: dict[Key, None] = {}
        self._answer: asyncio.Task[dict[Key, Document]] | None = None

    async def get(self, key: Key) -> Document | None:
        self._asked[key] = None
        if self._answer is None:
            self._answer = asyncio.ensure_future(self._read())
        return (await self._answer).get(key)

    async def _read(self) -> dict[Key, Document]:
        await asyncio.sleep(0)
        keys, self._asked, self._answer = self._asked, {}, None
        return await self._documents.get_many(keys)
