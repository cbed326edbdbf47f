"""``scrapy match``: films of other sources that a person has to match with stored films."""

import argparse
from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any, Literal

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import parse_title_arg, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions


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
            "Lists films of a source (The Numbers) for which no stored film could be found with certainty. A choice is "
            "remembered for good. Examples: scrapy match; scrapy match --all; "
            "scrapy match --accept 'the_numbers/Thing-The-(2011)' movies/60935; "
            "scrapy match --refuse 'the_numbers/Thing-The-(2011)'"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="also those without a candidate, and settled ones")
        parser.add_argument("--accept", metavar=("NAME", "ID"), nargs=2, help="this name is this stored film")
        parser.add_argument("--refuse", metavar="NAME", help="this name is no stored film, and never will be")
        parser.add_argument("--json", action="store_true", help="the list as JSON lines")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            usage_error(f"scrapy match: takes no arguments, got {' '.join(args)}")
        if opts.accept and opts.refuse:
            usage_error("scrapy match: give either --accept or --refuse")
        access = "write" if opts.accept or opts.refuse else "read"
        act: Any = partial(_show, everything=opts.all, as_json=opts.json, settings=self.settings)
        if opts.accept:
            name, text = opts.accept
            kind, id = parse_title_arg("match", text)
            if kind != "movies":
                usage_error(f"scrapy match: {text}: only films are matched")
            act = partial(_accept, name=name, id=id, settings=self.settings)
        elif opts.refuse:
            act = partial(_refuse, name=opts.refuse, settings=self.settings)
        self.exitcode = with_store("match", self.settings, act, access)


async def _accept(store: Any, *, name: str, id: int, settings: Any) -> int:
    from datetime import UTC, datetime

    from moviecrawler import timestamps
    from moviecrawler.addons import Policies
    from moviecrawler.config import Config
    from moviecrawler.exceptions import StoreError
    from moviecrawler.ingest.upsert import Upserter
    from moviecrawler.items import Movie

    row = await _row(store, name)
    document = (await store.documents.get_many([("movies", id)])).get(("movies", id))
    if document is None:
        raise StoreError(f"movies/{id} is not stored")
    film = Movie(**{**row["said"], "id": id})
    film.set_fetch(min(row["at"], timestamps.iso(datetime.now(UTC))))
    policies = Policies.of(Config.from_settings(settings))
    await _settle(store, row, id, policies)
    written = await Upserter(store, languages=policies.languages, refresh=policies.refresh).write([film])
    if written.conflicted:
        raise StoreError(f"movies/{id} could not be written: other writers kept changing it; try again")
    say(f"{name} is {_described(document)} from now on")
    return 0


async def _refuse(store: Any, *, name: str, settings: Any) -> int:
    from moviecrawler.addons import Policies
    from moviecrawler.config import Config

    await _settle(store, await _row(store, name), False, Policies.of(Config.from_settings(settings)))
    say(f"{name} is no stored film from now on")
    return 0


async def _settle(store: Any, row: dict[str, Any], settled: int | Literal[False], policies: Any) -> None:
    """Store the choice; a film that had the row before loses what the row said."""
    from moviecrawler.ingest.reassign import Reassignment, reassign

    before = row["settled"] or row.get("presumed")
    if before and before != settled:
        move = Reassignment(row["source"], row["source_id"], of=before, to=settled or None)
        await reassign(store, [move], languages=policies.languages, refresh=policies.refresh)
    await store.records.put("unmatched", [{**row, "settled": settled, "presumed": None}])


async def _row(store: Any, name: str) -> dict[str, Any]:
    from moviecrawler.exceptions import StoreError

    rows: dict[str, dict[str, Any]] = await store.records.get("unmatched", [name])
    if name not in rows:
        raise StoreError(f"{name} is not unmatched; scrapy match --all lists all that are")
    return rows[name]


async def _show(store: Any, *, everything: bool, as_json: bool, settings: Any) -> int:
    import json

    from moviecrawler.config import Config
    from moviecrawler.sources.the_numbers import film_url

    base, waiting = Config.from_settings(settings).the_numbers.base_urls[0], 0
    async for row, candidates in _rows(store, everything=everything):
        waiting += row["settled"] is None and bool(row["candidates"])
        if as_json:
            say(json.dumps({**row, "candidates": candidates, "page": film_url(base, row["source_id"])}))
            continue
        say(f"{row['_id']}  {row['title']} ({row['year'] or 'no year'}){_state(row)}")
        said = ", ".join([*_facts(row["said"]), film_url(base, row["source_id"])])
        if candidates:
            say(f"    says: {said}")
        for document in candidates:
            say(", ".join([f"    {_described(document)}", *_facts({**document, "release_date": None, "people": {}})]))
    if not as_json:
        how = "scrapy match --accept NAME ID, or --refuse NAME"
        say(f"{waiting} to match: {how}" if waiting else "nothing to match")
    return 0


async def _rows(store: Any, *, everything: bool) -> AsyncIterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Unmatched films, each with the fields of its candidates that a person needs to see."""
    fields = ("_id", "title", "original_title", "year", "release_date", "runtime", "people", "box_office")
    async for row in store.records.iterate("unmatched"):
        if not everything and (row["settled"] is not None or not row["candidates"]):
            continue
        keys = [("movies", id) for id in row["candidates"]]
        documents = await store.documents.get_many(keys)
        yield row, [{name: documents[key][name] for name in fields} for key in keys if key in documents]


def _state(row: Mapping[str, Any]) -> str:
    settled = row["settled"]
    if settled is None and row.get("presumed"):
        return f": movies/{row['presumed']}, by its title"
    if settled is None:
        return "" if row["candidates"] else ": no such film is stored yet"
    return f": movies/{settled}, settled" if settled else ": no stored film, settled"


def _described(document: Mapping[str, Any]) -> str:
    directors = ", ".join(document["people"]["directors"])
    date = document["release_date"] or document["year"] or "no date"
    return f"movies/{document['_id']}  {document['title']} ({date}){directors and f', by {directors}'}"


def _facts(film: Mapping[str, Any]) -> list[str]:
    """What distinguishes films of the same name, as text: ``["2011-10-14", "103 minutes", "budget $38,000,000"]``."""
    money = film.get("box_office") or {}
    said = {part: money.get(part) for part in ("budget", "domestic", "worldwide")}
    directors = ", ".join((film.get("people") or {}).get("directors") or ())
    return [
        *([film["release_date"]] if film.get("release_date") else []),
        *([f"by {directors}"] if directors else []),
        *([f"{film['runtime']} minutes"] if film.get("runtime") else []),
        *(f"{part} ${amount:,}" for part, amount in said.items() if amount),
    ]
