"""What can be mended offline and without a guess, and what is to be asked again: found first, then done."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from moviecrawler.documents import SOURCES, Document
from moviecrawler.documents.records import RAW, RawRecord
from moviecrawler.exceptions import ParseError
from moviecrawler.health.findings import Findings
from moviecrawler.health.mend import mended, restored
from moviecrawler.health.titles import TitleChecks
from moviecrawler.ingest.raw import raw_body, raw_key
from moviecrawler.ingest.upsert import rewrite
from moviecrawler.items import KINDS, Title
from moviecrawler.policy.documents.compose import Composer
from moviecrawler.policy.freshness.refresh import Refresh
from moviecrawler.stores.base import Key, Write
from moviecrawler.stores.canonical_json import StoredRow
from moviecrawler.stores.checked import CheckedStore
from moviecrawler.stores.ordering import reindex


@dataclass
class Plan:
    """What is to be done. ``damaged``: documents, as they are stored. ``answers``: keys of kept ones that are damaged.

    ``ask``: about which titles which sources are to be asked again. ``unlink``: titles whose ``same_as`` leads nowhere.
    """

    misindexed: int = 0
    documents: list[Key] = field(default_factory=list)
    unlink: set[Key] = field(default_factory=set)
    ask: dict[Key, set[str]] = field(default_factory=dict)
    damaged: dict[Key, StoredRow] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.misindexed or self.documents or self.damaged or self.answers)


class Repair:
    """``plan``, then ``carry_out``, in a store that was opened with the ``order``. ``parse`` reads a kept answer."""

    def __init__(
        self,
        store: CheckedStore,
        *,
        order: str,
        composer: Composer,
        refresh: Refresh,
        parse: Callable[[RawRecord], Title],
        now: datetime,
    ) -> None:
        self._store, self._order, self._parse, self._now = store, order, parse, now
        self._policies: dict[str, Any] = {"composer": composer, "refresh": refresh}

    async def plan(self, *, full: bool) -> Plan:
        """``full``: also what is wrong with kept answers. Memory grows with what is wrong alone."""
        plan = Plan()
        if full:
            await self._find_damaged_answers(plan)
        wanted = await self._wrong_titles(plan)
        for key in wanted:
            if (stored := await self._store.documents.get_many([key])) and self._mended(
                plan, key, stored[key], now=self._now
            ) is not stored[key]:
                plan.documents.append(key)
        await self._read_damaged(plan)
        for kind in KINDS:
            async for _ in self._store.documents.misindexed(kind):
                plan.misindexed += 1
        return plan

    async def carry_out(self, plan: Plan) -> list[str]:
        """A line on each thing that was mended."""
        lines = []
        if plan.misindexed:
            await reindex(self._store, self._order)
            lines.append(f"the index rows, {plan.misindexed:,} of which did not agree with the documents")
        if plan.damaged:
            count = sum([await self._restore(key, row) for key, row in plan.damaged.items()])
            lines += [f"{count:,} damaged documents, from their whole parts and kept answers"] if count else []
        if plan.answers:
            await self._store.records.delete(RAW, plan.answers)
            for key_of_answer in plan.answers:
                self._store.damaged.pop(f"{RAW}/{key_of_answer}", None)
            lines.append(f"{len(plan.answers):,} damaged answers were removed")
        due = 0
        for key in plan.documents:
            due += _is_due_anew(await rewrite(self._store, key, partial(self._mended, plan, key)), self._now)
        if plan.documents:
            lines.append(f"{len(plan.documents):,} documents, {due:,} of which are now due")
        return lines

    def _mended(self, plan: Plan, key: Key, document: Document, *, now: datetime) -> Document:
        ask, unlink = plan.ask.get(key, ()), key in plan.unlink
        return mended(document, kind=key[0], ask=ask, unlink=unlink, now=now, **self._policies)

    async def _wrong_titles(self, plan: Plan) -> list[Key]:
        """Titles that may have to be mended."""
        wrong: dict[Key, None] = dict.fromkeys(plan.ask)
        titles = TitleChecks(Findings([]), self._now)
        for kind in KINDS:
            async for document in self._store.documents.iterate(kind):
                if titles.look(kind, document):
                    wrong[kind, document["_id"]] = None
        plan.unlink.update((kind, id) for kind, id, _ in titles.broken_links())
        return [*wrong, *(plan.unlink - wrong.keys())]

    async def _find_damaged_answers(self, plan: Plan) -> None:
        async for row in self._store.records.iterate(RAW):
            try:
                raw_body(row)
            except ParseError:
                plan.answers.append(row["_id"])
        prefix = f"{RAW}/"
        plan.answers += [name.removeprefix(prefix) for name in self._store.damaged if name.startswith(prefix)]
        for answer in plan.answers:
            source, kind, id = [*answer.split("/"), "", ""][:3]
            if source in SOURCES and kind in KINDS and id.isdecimal():
                plan.ask.setdefault((kind, int(id)), set()).add(source)

    async def _read_damaged(self, plan: Plan) -> None:
        """Of the store itself, since a ``CheckedStore`` leaves them out."""
        for kind in KINDS:
            if not any(name.startswith(f"{kind}/") for name in self._store.damaged):
                continue
            async with self._store.snapshot() as snapshot:
                async for page in snapshot.pages(kind):
                    for row in page:
                        if f"{kind}/{row['_id']}" in self._store.damaged and restored(
                            kind, row, await self._answers(kind, row), now=self._now, **self._policies
                        ):
                            plan.damaged[kind, row["_id"]] = row

    async def _restore(self, key: Key, row: Mapping[str, Any]) -> bool:
        document = restored(key[0], row, await self._answers(key[0], row), now=self._now, **self._policies)
        if document is None:
            return False
        outcome = await self._store.documents.write([Write(*key, document, document["revision"] - 1)])
        self._store.damaged.pop("{}/{}".format(*key), None)
        return not outcome.conflicts

    async def _answers(self, kind: str, row: Mapping[str, Any]) -> list[Title]:
        """What the kept answers say about a title."""
        rows = await self._store.records.get(RAW, [raw_key(source, kind, row["_id"]) for source in SOURCES])
        return [*self._parsed(rows)]

    def _parsed(self, rows: Mapping[str, RawRecord]) -> Iterator[Title]:
        for row in rows.values():
            try:
                yield self._parse(row)
            except ParseError:
                continue


def _is_due_anew(document: Document, now: datetime) -> bool:
    """Whether the repair has made a source due."""
    return any(slot.get("recheck_at") == document["updated_at"] for slot in document["sources"].values())
