"""``scrapy lock``: set fields of a title that no source overwrites."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import parse_title_arg, say, usage_error, with_store
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.documents import Document
    from moviecrawler.stores.base import Access, Key, Store


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store failed or the title is not stored, 2 wrong usage or no value of the field."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "<id> <field=value> ..."

    def short_desc(self) -> str:
        return "Set fields of a title that no source overwrites"

    def long_desc(self) -> str:
        return (
            "The value is JSON if the field takes it, else text; null is 'unknown, for good'. Without fields, shows "
            'the locks. Examples: scrapy lock movies/603 title="The Matrix"; '
            "scrapy lock 603 box_office.domestic=171479930 'genres=[\"Action\"]'; scrapy lock shows/1396"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.policy.documents.locks import LockError, checked_value

        if not args:
            usage_error("scrapy lock: name a title: movies/603, shows/1396")
        key = parse_title_arg("lock", args[0])
        if bad := [text for text in args[1:] if "=" not in text[1:]]:
            usage_error(f"scrapy lock: {bad[0]!r}: must be FIELD=VALUE")
        pairs = [(path.strip(), value) for path, _, value in (text.partition("=") for text in args[1:])]
        try:
            values = {path: checked_value(key[0], path, _read(key[0], path, value)) for path, value in pairs}
        except LockError as error:
            usage_error(f"scrapy lock: {error}")
        access: Access = "write" if values else "read"
        self.exitcode = with_store("lock", self.settings, lambda store: self._lock(store, key, values), access)

    async def _lock(self, store: Store, key: Key, values: dict[str, Any]) -> int:
        from functools import partial

        from moviecrawler.addons import build_policies
        from moviecrawler.config import Config
        from moviecrawler.ingest.upsert import rewrite
        from moviecrawler.policy.documents.locks import lock

        policies = build_policies(Config.from_settings(self.settings))
        change = partial(lock, key[0], values=values, composer=policies.composer, refresh=policies.refresh)
        return show_locks(key, await rewrite(store, key, change))


def show_locks(key: Key, document: Document) -> int:
    """Print the locks of a title, one per line; exit status 0."""
    import json

    from moviecrawler.policy.printable import escaped

    locks = document["locks"]
    say(f"{key[0]}/{key[1]} {document['title']}: {len(locks) or 'no'} lock{'' if len(locks) == 1 else 's'}")
    for path, value in sorted(locks.items()):
        say(f"  {path} = {escaped(json.dumps(value, ensure_ascii=False))}")
    return 0


def _read(kind: str, path: str, text: str) -> Any:
    """JSON if the field takes it, else text: ``runtime=136`` is a number, ``title=1917`` a title."""
    import json

    from moviecrawler.policy.documents.locks import accepts

    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list) or accepts(kind, path, value) else text
