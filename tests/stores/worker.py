"""A process that writes: ``python -m tests.stores.worker insert|count|reserve URI``; prints what is durable."""

import asyncio
import itertools
import sys
from pathlib import Path

from moviecrawler.stores import open_store
from moviecrawler.stores.base import Store, Write
from tests.support.films import insert, update

BATCH = 20
COUNTS = 40
LIMIT = 600


async def insert_for_ever(store: Store) -> None:
    """Insert films and update those of the batch before; a line "id revision" for each acknowledged one."""
    before: list[int] = []
    start = await store.documents.count("movies")
    for first in itertools.count(start, BATCH):
        ids = list(range(first, first + BATCH))
        outcome = await store.documents.write([*map(insert, ids), *(update(id_, 1) for id_ in before)])
        assert len(outcome.inserted) == len(ids)
        sys.stdout.write("".join(f"{id_} 1\n" for id_ in ids) + "".join(f"{id_} 2\n" for id_ in before))
        sys.stdout.flush()
        before = ids


async def count(store: Store) -> None:
    """Add 1 to a document's field, to a record's and to a ledger, COUNTS times each, beside others who do the same."""
    for number in range(COUNTS):
        while True:
            documents = await store.documents.get_many([("movies", 1)])
            old = documents["movies", 1]
            new = old | {"revision": old["revision"] + 1, "popularity": old["popularity"] + 1}
            outcome = await store.documents.write([Write("movies", 1, new, old["revision"])])
            if not outcome.conflicts:
                break
        while not await store.state.compare_and_set("used", used := await store.state.get("used"), used + 1):
            pass
        await store.records.patch("runs", [{"_id": "r", "done": {f"{sys.argv[3]}.{number}": True}}])


async def reserve(store: Store) -> None:
    """Take blocks of 7 and give 2 of each back, until nothing is granted; on stdout how many were kept.

    It says "ready" and begins at a line on stdin, so that two run at once.
    """
    print("ready", flush=True)
    sys.stdin.readline()
    kept = 0
    while granted := await store.state.reserve("quota", 7, LIMIT):
        kept += granted
        if granted > 2:
            kept += await store.state.reserve("quota", -2, LIMIT)
    print(kept)


async def main() -> None:
    store = open_store(sys.argv[2], data_dir=Path())
    await store.open()
    await {"insert": insert_for_ever, "count": count, "reserve": reserve}[sys.argv[1]](store)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
