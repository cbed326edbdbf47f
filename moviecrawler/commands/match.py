"""``scrapy match``: films of other sources that a person has to match with stored films."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import parse_title_arg, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from moviecrawler.documents import Document
    from moviecrawler.documents.facts import Facts
    from moviecrawler.documents.records import UnmatchedRecord
    from moviecrawler.runtime import Policies
    from moviecrawler.stores.base import Access, Store

_SHOWN = ("_id", "title", "original_title", "year", "release_date", "runtime", "people", "box_office")
"""The fields of a candidate that a person needs to see."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed or there is no such film, 2 wrong usage or setting."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show films that could not be matched, and match them"

    def long_desc(self) -> str:
        return (
            "Lists films of a source (The Numbers) for which no stored film could be found with certainty, and titles "
            "that tmdb_search could not find with certainty. A choice is remembered for good. Examples: scrapy match; "
            "scrapy match --all; scrapy match --accept 'the_numbers/Thing-The-(2011)' movies/60935; "
            "scrapy match --refuse 'the_numbers/Thing-The-(2011)'; "
            "scrapy match --accept 'search/movies/The Thing (2011)' movies/60935"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="also those without a candidate, and settled ones")
        parser.add_argument("--accept", metavar=("NAME", "ID"), nargs=2, help="this name is this film")
        parser.add_argument("--refuse", metavar="NAME", help="this name is none of the films, and never will be")
        parser.add_argument("--json", action="store_true", help="the list as JSON lines")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy match: takes no arguments, got {' '.join(args)}")
        if opts.accept and opts.refuse:
            usage_error("scrapy match: give either --accept or --refuse")
        access: Access = "write" if opts.accept or opts.refuse else "read"
        act: Callable[[Store], Awaitable[int]]
        act = partial(_show, everything=opts.all, as_json=opts.json, settings=self.settings)
        if opts.accept:
            name, text = opts.accept
            kind, id = parse_title_arg("match", text)
            if kind != (wanted := _kind_of(name)):
                usage_error(f"scrapy match: {text}: {name} can only be one of {wanted}")
            act = partial(_accept, name=name, id=id, settings=self.settings)
        elif opts.refuse:
            act = partial(_refuse, name=opts.refuse, settings=self.settings)
        self.exitcode = with_store("match", self.settings, act, access)


async def _accept(store: Store, *, name: str, id: int, settings: BaseSettings) -> int:
    from datetime import UTC, datetime

    from moviecrawler import timestamps
    from moviecrawler.addons import build_policies
    from moviecrawler.config import Config
    from moviecrawler.documents.records import UNMATCHED
    from moviecrawler.exceptions import StoreError
    from moviecrawler.ingest.upsert import Upserter
    from moviecrawler.items import SEARCH, Movie
    from moviecrawler.policy.documents.source_slots import item_of

    row = await _row(store, name)
    if row["source"] == SEARCH:
        kind, chosen = _kind_of(name), cast("UnmatchedRecord", {**row, "settled": id})
        await store.records.put(UNMATCHED, [chosen])
        say(f"{name} is {kind}/{id} from now on; to crawl it: scrapy crawl tmdb_titles -a ids={kind}/{id}")
        return 0
    document = (await store.documents.get_many([("movies", id)])).get(("movies", id))
    if document is None:
        raise StoreError(f"movies/{id} is not stored")
    film = item_of(Movie, row["said"], id=id)
    film.set_fetch(min(row["at"], timestamps.iso(datetime.now(UTC))))
    policies = build_policies(Config.from_settings(settings))
    await _settle(store, row, id, policies)
    written = await Upserter(store, composer=policies.composer, refresh=policies.refresh).write([film])
    if written.conflicted:
        raise StoreError(f"movies/{id} could not be written: other writers kept changing it; try again")
    say(f"{name} is {_described(document)} from now on")
    return 0


async def _refuse(store: Store, *, name: str, settings: BaseSettings) -> int:
    from moviecrawler.addons import build_policies
    from moviecrawler.config import Config

    await _settle(store, await _row(store, name), False, build_policies(Config.from_settings(settings)))
    say(f"{name} is none of the films from now on")
    return 0


async def _settle(store: Store, row: UnmatchedRecord, settled: int | Literal[False], policies: Policies) -> None:
    """Store the choice; a film that had the row before loses what the row said."""
    from moviecrawler.documents.records import UNMATCHED
    from moviecrawler.ingest.reassign import Reassignment, reassign
    from moviecrawler.items import SEARCH

    before = row["settled"] or row.get("presumed")
    if before and before != settled and row["source"] != SEARCH:
        move = Reassignment(row["source"], row["source_id"], of=before, to=settled or None)
        await reassign(store, [move], composer=policies.composer, refresh=policies.refresh)
    decided: UnmatchedRecord = {**row, "settled": settled, "presumed": None}
    await store.records.put(UNMATCHED, [decided])


async def _row(store: Store, name: str) -> UnmatchedRecord:
    from moviecrawler.documents.records import UNMATCHED
    from moviecrawler.exceptions import StoreError

    rows: dict[str, UnmatchedRecord] = await store.records.get(UNMATCHED, [name])
    if name not in rows:
        raise StoreError(f"{name} is not unmatched; scrapy match --all lists all that are")
    return rows[name]


async def _show(store: Store, *, everything: bool, as_json: bool, settings: BaseSettings) -> int:
    import json

    from moviecrawler.config import Config
    from moviecrawler.documents.records import UNMATCHED, is_settled
    from moviecrawler.items import SEARCH
    from moviecrawler.sources.the_numbers import film_url

    base, waiting, not_found = Config.from_settings(settings).the_numbers.base_urls[0], 0, 0
    async for row in store.records.iterate(UNMATCHED):
        is_waiting = not is_settled(row) and bool(row["candidates"])
        waiting += is_waiting
        not_found += not is_settled(row) and not row["candidates"] and row["source"] == SEARCH
        if not is_waiting and not everything:
            continue
        if row["source"] == SEARCH:
            say(*_search_lines(row, as_json=as_json))
            continue
        candidates = await _candidates(store, row)
        if as_json:
            shown = [{name: fields[name] for name in _SHOWN} for fields in map(dict, candidates)]
            say(json.dumps({**row, "candidates": shown, "page": film_url(base, row["source_id"])}))
            continue
        say(f"{row['_id']}  {row['title']} ({row['year'] or 'no year'}){_state(row)}")
        said = ", ".join([*_facts(row["said"]), film_url(base, row["source_id"])])
        if candidates:
            say(f"    says: {said}")
        for document in candidates:
            say(", ".join([f"    {_described(document)}", *_figures(document)]))
    if not as_json:
        how = "scrapy match --accept NAME ID, or --refuse NAME"
        say(f"{waiting} to match: {how}" if waiting else "nothing to match")
        if not_found and not everything:
            say(f"{not_found} not found at TMDB by tmdb_search: scrapy match --all")
    return 0


async def _candidates(store: Store, row: UnmatchedRecord) -> list[Document]:
    """The stored films that a row may be, with the fields that a person needs to see."""
    keys = [("movies", id) for id in row["candidates"]]
    documents = await store.documents.get_many(keys)
    return [documents[key] for key in keys if key in documents]


def _kind_of(name: str) -> str:
    """The kind of title that an unmatched name can be.

    >>> _kind_of("the_numbers/Thing-The-(2011)"), _kind_of("search/shows/The Office (2005)")
    ('movies', 'shows')
    """
    source, _, rest = name.partition("/")
    return rest.partition("/")[0] if source == "search" else "movies"


def _search_lines(row: UnmatchedRecord, *, as_json: bool) -> Iterator[str]:
    """What was searched for, and what TMDB has found: none of it need be stored."""
    import json

    kind, results = _kind_of(row["_id"]), row.get("results", [])
    if as_json:
        yield json.dumps({**row, "candidates": results})
        return
    state = f": {kind}/{row['settled']}, settled" if row["settled"] else ": none of them, settled"
    no_candidate = "" if row["candidates"] else ": not found at TMDB"
    yield f"{row['_id']}{no_candidate if row['settled'] is None else state}"
    for result in results:
        yield f"    {kind}/{result['id']}  {result['title']} ({result['release_date'] or 'no date'})"


def _state(row: UnmatchedRecord) -> str:
    settled = row["settled"]
    if settled is None and row.get("presumed"):
        return f": movies/{row['presumed']}, by its title"
    if settled is None:
        return "" if row["candidates"] else ": no such film is stored yet"
    return f": movies/{settled}, settled" if settled else ": no stored film, settled"


def _described(document: Document) -> str:
    from moviecrawler.documents import names

    directors = ", ".join(names(document["people"].get("directors")))
    date = document["release_date"] or document["year"] or "no date"
    return f"movies/{document['_id']}  {document['title']} ({date}){directors and f', by {directors}'}"


def _facts(film: Facts) -> list[str]:
    """What distinguishes films of the same name, as text: ``["2011-10-14", "103 minutes", "budget $38,000,000"]``."""
    from moviecrawler.documents import names

    people, day = film.get("people"), film.get("release_date")
    directors = ", ".join(names(people.get("directors") if people else None))
    return [*([day] if day else []), *([f"by {directors}"] if directors else []), *_figures(film)]


def _figures(film: Facts) -> list[str]:
    money: Mapping[str, object] = film.get("box_office") or {}
    said = {part: money.get(part) for part in ("budget", "domestic", "worldwide")}
    return [
        *([f"{film['runtime']} minutes"] if film.get("runtime") else []),
        *(f"{part} ${amount:,}" for part, amount in said.items() if amount),
    ]
