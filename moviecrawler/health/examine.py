"""The one walk over a store in which all checks look at each row as it passes."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from moviecrawler.documents.records import CHANGES
from moviecrawler.health.checks import Check
from moviecrawler.health.findings import Findings, Health
from moviecrawler.health.pictures import PictureChecks
from moviecrawler.health.records import KEYED_KINDS, READ_KINDS, SLOW_KINDS, RecordChecks
from moviecrawler.health.titles import TitleChecks
from moviecrawler.items import KINDS
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.live import state_of

PICTURES = frozenset({"pictures", "sha256", "unnamed"})
OF_RECORDS = frozenset(
    {
        "references",
        "future",
        "terms",
        "rejects",
        "reject_rate",
        "incomplete",
        "lost",
        "anomalies",
        "totals",
        "drift",
        "unmatched",
        "charts",
        "damaged",
    }
)
"""Checks for which records are read; all others need documents alone."""


async def _misindexed(store: CheckedStore) -> AsyncIterator[str]:
    for kind in KINDS:
        async for name in store.documents.misindexed(kind):
            yield name


PROBES: Mapping[str, Callable[[CheckedStore], AsyncIterator[str]]] = {"index": _misindexed}
"""Checks that look at no rows, but ask the store by themselves: names of what they find."""

FIELDS = ("title", "imdb_id", "same_as", "images", "sources", "locks", "provenance", "created_at", "updated_at")
"""Of documents, all that the checks look at; the form of the others is checked with ``full`` alone."""


async def examine(
    store: CheckedStore,
    *,
    checks: Iterable[Check],
    now: datetime,
    images: Path,
    full: bool = False,
    on_row: Callable[[], object] = lambda: None,
    search: Callable[[CheckedStore], AsyncIterator[str]] | None = None,
) -> Health:
    """What the checks find in the store, in pages: memory does not grow with the catalogue.

    ``images`` is IMAGES_STORE. ``full`` also reads what is slow to read: kept answers, picture files. ``on_row`` is
    called for each row, for a display of progress. ``search`` says what is wrong with the search index. StoreError if
    the store fails.
    """
    findings = Findings(checks)
    titles = TitleChecks(findings, now)
    pictures = PictureChecks(findings, images, full=full) if PICTURES & findings.checks.keys() else None
    for kind in KINDS:
        async for document in store.documents.iterate(kind, () if full else FIELDS):
            titles.look(kind, document)
            if pictures and document["images"]:
                await pictures.look(kind, document)
            on_row()
    titles.compare()
    await _name_duplicates(store, findings)
    if pictures:
        await pictures.finish(now.timestamp(), all_read=not store.damaged)
    if OF_RECORDS & findings.checks.keys():
        records = RecordChecks(findings, now, titles.stored, lambda row: state_of(row, now))
        for record_kind in (*READ_KINDS, *((*KEYED_KINDS, *SLOW_KINDS) if full else ())):
            async for row in store.records.iterate(record_kind):
                await records.look(record_kind, row, store)
                on_row()
        if not full:
            for record_kind in KEYED_KINDS:
                async for keys in store.records.ids(record_kind):
                    await records.look_at_keys(record_kind, keys, store)
            async for change in store.records.newest(CHANGES, records.latest):
                records.look_at_time(CHANGES, change)
        await records.finish(store)
    for check in PROBES.keys() & findings.checks.keys():
        async for name in PROBES[check](store):
            findings.add(check, name)
    if "search" in findings and search:
        async for name in search(store):
            findings.add("search", name)
    for line in store.damaged.values():
        findings.add("damaged", line.removeprefix(f"{store.describe}: ").replace(" is damaged and left out", ""))
    return findings.health()


async def _name_duplicates(store: CheckedStore, findings: Findings) -> None:
    """Which titles have the IMDb ids of the sample."""
    sample = findings.sample("duplicates")
    for place, name in enumerate(sample):
        kind, _, imdb_id = name.partition("/")
        ids = (await store.documents.by_imdb_id(kind, [imdb_id])).get(imdb_id, [])
        sample[place] = f"{imdb_id}: {', '.join(f'{kind}/{id}' for id in ids[:5])}"
