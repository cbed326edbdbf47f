"""``scrapy restore NAME``: put a backup in the place of what is stored."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import numbered, say, usage_error, with_config
from moviecrawler.commands._progress import progress_bar
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.config import Config


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 nothing was restored: there is no such backup, it is damaged, the store is in use or has
    rows, or the disk is full, 2 wrong usage or setting, 130 interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <name>|latest"

    def short_desc(self) -> str:
        return "Put a backup in the place of what is stored"

    def long_desc(self) -> str:
        return (
            "Into the store of STORE_URI, of either kind, wherever the backup comes from: everything is loaded beside "
            "it, compared with the backup, and only then put in its place. A store that has rows is replaced with "
            "--force only, one with a run under way not at all. Examples: scrapy restore latest; scrapy restore "
            "2026-11-21 --force; scrapy restore latest -s STORE_URI=mongodb://127.0.0.1/films"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--from", dest="folder", metavar="FOLDER", help="where the backups are (DATA_DIR/backups)")
        parser.add_argument("--force", action="store_true", help="replace what is stored: all of it is lost")
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not args[0]:
            usage_error("scrapy restore: name one backup, or latest; scrapy backup --list shows them")
        if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in args[0]):
            usage_error(f"scrapy restore: {args[0]!r}: must be the name of a backup, such as 2026-11-21T08-15-30Z")
        if opts.folder == "":
            usage_error("scrapy restore: --from='': must be a folder")
        folder = Path(opts.folder) if opts.folder else None
        self.exitcode = with_config(
            "restore",
            self.settings,
            lambda config: _restore(config, args[0], folder, force=opts.force, as_json=opts.json),
        )


async def _restore(config: Config, name: str, named: Path | None, *, force: bool, as_json: bool) -> int:
    import json

    from moviecrawler.backup.folder import find_backup
    from moviecrawler.backup.restore import restore
    from moviecrawler.commands.backup import contents, folder_of
    from moviecrawler.places import store_of
    from moviecrawler.policy.printable import escaped

    found, store = find_backup(folder_of(config, named), name), store_of(config, "read")
    with progress_bar(" rows") as progress:
        manifest, replaced, pictures, wrong = await restore(
            found.path, store, datetime.now(UTC), progress, force=force, images=config.images_folder
        )
    for line in wrong:
        say(f"scrapy restore: {line}; it is not put back", file=sys.stderr)
    status = 1 if wrong else 0
    rows = {kind: one.rows for kind, one in manifest.sums.items()}
    if as_json:
        done = {"name": found.name, "store": store.describe, "replaced": replaced, "rows": rows, "pictures": pictures}
        say(escaped(json.dumps(done, ensure_ascii=False)))
        return status
    say(
        f"{contents(manifest)}, as of {manifest.began_at[:19].replace('T', ' ')} UTC, are in {store.describe}"
        f"{', in place of what was there' if replaced else ''}",
        "every row was compared with the backup; scrapy stats shows what there is",
        *(
            [f"{numbered(pictures, 'picture')} that had been missing {'is' if pictures == 1 else 'are'} back"]
            if pictures
            else []
        ),
    )
    return status
