"""``scrapy show ID``: one title, readable, with the provenance of each field and what is due when, and why."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import say, unavailable_lines, usage_error, with_store
from moviecrawler.commands._titles import keys_of_imdb_id, read_title
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.documents import Document
    from moviecrawler.policy.identity.references import Named
    from moviecrawler.stores.base import Key
    from moviecrawler.stores.checked import CheckedStore


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 all are shown, 1 the store failed, a title is not stored or a name is not one title's, 2 wrong
    usage or setting.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <id> ..."

    def short_desc(self) -> str:
        return "Show a stored title: its fields and where they come from, locks, pictures, what is due"

    def long_desc(self) -> str:
        return (
            "A title is named by TMDB's id (603 is a film; movies/603, shows/1396), its IMDb id, its address at TMDB "
            "or IMDb, or, where it is the only one, by its name with or without a year. Examples: scrapy show 603; "
            "scrapy show shows/1396 tt0133093; scrapy show 'The Matrix (1999)'; scrapy show 603 --json"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object per title, a line each")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            usage_error("scrapy show: name a title: 603, shows/1396, tt0133093, an address, or 'The Matrix (1999)'")
        asked = [read_title("show", text) for text in args]
        self.exitcode = with_store("show", self.settings, lambda store: self._show(store, asked, opts.json), "read")

    async def _show(self, store: CheckedStore, asked: list[Key | str | Named], as_json: bool) -> int:
        import json
        from datetime import UTC, datetime

        from moviecrawler.config import Config
        from moviecrawler.policy.documents.title_page import title_lines, title_page
        from moviecrawler.policy.freshness.plan import refresh_plan
        from moviecrawler.policy.prerequisites import unavailable_sources
        from moviecrawler.policy.printable import escaped
        from moviecrawler.sources.rules import refresh_of

        config, status, shown = Config.from_settings(self.settings), 0, 0
        refresh, now = refresh_of(config), datetime.now(UTC)
        for one in asked:
            found = await _find(store, one)
            if not found:
                status = 1
            for (kind, _), document in found.items():
                plan = refresh_plan(refresh, kind, document, now)
                if as_json:
                    say(escaped(json.dumps(title_page(kind, document, plan), ensure_ascii=False)))
                    continue
                say(*([""] if shown else []), *title_lines(kind, document, plan))
                shown += 1
        if shown:
            say(*unavailable_lines(unavailable_sources(config)))
        return status


async def _find(store: CheckedStore, asked: Key | str | Named) -> dict[Key, Document]:
    """The documents that were meant. None after a line that says what to do: not stored, or a name of several."""
    if isinstance(asked, str):
        return await _by_imdb_id(store, asked)
    return await _by_key(store, asked) if len(asked) == 2 else await _by_name(store, asked)


async def _by_key(store: CheckedStore, key: Key) -> dict[Key, Document]:
    from moviecrawler.documents.records import DROPPED

    found = await store.documents.get_many([key])
    name = f"{key[0]}/{key[1]}"
    if not found and name not in store.damaged:
        row = (await store.records.get(DROPPED, [name])).get(name)
        dropped = f" (dropped by the filter: {reason})" if row and (reason := row.get("reason")) else ""
        _tell(f"{name} is not stored{dropped}; this asks for it: scrapy crawl tmdb_titles -a ids={name}")
    return found


async def _by_imdb_id(store: CheckedStore, imdb_id: str) -> dict[Key, Document]:
    """A film and its tombstone may both carry it."""
    keys = await keys_of_imdb_id(store, imdb_id)
    if not keys:
        _tell(f"no stored title has the IMDb id {imdb_id}; this asks for it: scrapy crawl tmdb_titles -a ids={imdb_id}")
    return await store.documents.get_many(keys)


async def _by_name(store: CheckedStore, named: Named) -> dict[Key, Document]:
    from moviecrawler.items import KINDS
    from moviecrawler.policy.documents.title_page import heading
    from moviecrawler.policy.identity import title_keys

    names = title_keys({"title": named.title})
    found: dict[Key, Document] = {}
    for kind in KINDS:
        by_name = await store.documents.candidates(kind, names)
        found |= {(kind, document["_id"]): document for name in names for document in by_name.get(name, [])}
    if named.year:
        found = {key: document for key, document in found.items() if document["year"] == named.year}
    if len(found) == 1:
        return found
    shown = f"{named.title}{f' ({named.year})' if named.year else ''}"
    if not found:
        _tell(f"no stored title is called {shown}; what is not stored is asked for by its id: scrapy crawl tmdb_titles")
    else:
        _tell(f"{len(found)} titles are called {shown}; name one by its id:")
        say(*(f"  {heading(kind, document)}" for (kind, _), document in found.items()), file=sys.stderr)
    return {}


def _tell(line: str) -> None:
    say(f"scrapy show: {line}", file=sys.stderr)
