"""``scrapy backup``: copy everything that is stored into a folder, read it back, and rotate what is there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from moviecrawler.commands import aligned, numbered, say, usage_error, with_config
from moviecrawler.commands._progress import progress_bar
from moviecrawler.commands._usage import CheckedOptions

if TYPE_CHECKING:
    from moviecrawler.backup.folder import Backup
    from moviecrawler.backup.manifest import Manifest
    from moviecrawler.config import Config
    from moviecrawler.policy.jobs.rotation import Rotation

_ALL = ""
"""What ``--verify`` means without a name."""


class Command(CheckedOptions, ScrapyCommand):
    """Exit status: 0 done, 1 the store or the disk failed, a backup is damaged, or rows could not be read, 2 wrong
    usage or setting, 130 interrupted."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Back up everything that is stored, and check it"

    def long_desc(self) -> str:
        return (
            "Copies documents, records and state, as they are at one moment, into a new folder below DATA_DIR/backups, "
            "and reads it back from the disk. Crawls may go on meanwhile. scrapy restore brings it back, into either "
            "kind of store. Examples: scrapy backup; scrapy backup --to /mnt/backups --rotate; scrapy backup --list; "
            "scrapy backup --verify latest"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add = parser.add_argument
        add("--to", metavar="FOLDER", help="where the backups are (DATA_DIR/backups)")
        add("--verify", metavar="NAME", nargs="?", const=_ALL, help="make none; read this one back, latest, or all")
        add("--list", action="store_true", help="make none; show which there are")
        keep = "then keep those of the last D days, W weeks and M months (7,4,5), and remove the others"
        add("--rotate", metavar="D,W,M", nargs="?", const="7,4,5", help=keep)
        add("--json", action="store_true", help="the result as one JSON object")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from moviecrawler.policy.jobs.rotation import parse_rotation

        if args:
            usage_error(f"scrapy backup: takes no arguments, got {' '.join(args)}; --to names a folder")
        if (opts.verify is not None) + opts.list + (opts.rotate is not None) > 1:
            usage_error("scrapy backup: give only one of --verify, --list and --rotate")
        if opts.to == "":
            usage_error("scrapy backup: --to='': must be a folder")
        try:
            rotation = parse_rotation(opts.rotate) if opts.rotate is not None else None
        except ValueError:
            usage_error(f"scrapy backup: --rotate={opts.rotate!r}: must be three whole numbers such as 7,4,5")
        to = Path(opts.to) if opts.to else None
        if opts.list:
            self.exitcode = with_config("backup", self.settings, lambda config: _list(folder_of(config, to), opts.json))
        elif opts.verify is not None:
            self.exitcode = with_config(
                "backup", self.settings, lambda config: _verify(folder_of(config, to), opts.verify, opts.json)
            )
        else:
            self.exitcode = with_config(
                "backup",
                self.settings,
                lambda config: make_and_verify(config, folder_of(config, to), rotation, as_json=opts.json),
            )


def folder_of(config: Config, named: Path | None) -> Path:
    return named or config.store.data_dir / "backups"


async def make_and_verify(
    config: Config, folder: Path, rotation: Rotation | None = None, *, as_json: bool = False
) -> int:
    """A new backup, read back; the exit status. With ``rotation`` others are then removed."""
    from moviecrawler.backup.folder import find_backup
    from moviecrawler.backup.make import make_backup
    from moviecrawler.places import store_of

    with progress_bar(" rows") as progress:
        made = await make_backup(store_of(config, "read"), folder, lambda: datetime.now(UTC), progress)
    for line in made.manifest.damaged:
        say(f"scrapy backup: {made.manifest.store}: {line}; it is not in the backup", file=sys.stderr)
    wrong = _verified(made.path)
    for line in wrong:
        say(f"scrapy backup: {line}", file=sys.stderr)
    removed = _rotate(folder, rotation) if rotation and not wrong else []
    found = find_backup(folder, made.path.name)
    if as_json:
        _say_json({**_facts(found, made.manifest), "removed": removed})
    else:
        say(*_summary(found, made.manifest, removed))
    return 1 if wrong or made.manifest.damaged else 0


async def backed_up(config: Config) -> Path:
    """A new backup in DATA_DIR/backups, read back; BackupError if there is none."""
    from moviecrawler.backup.make import make_backup
    from moviecrawler.exceptions import BackupError
    from moviecrawler.places import store_of

    with progress_bar(" rows") as progress:
        made = await make_backup(store_of(config, "read"), folder_of(config, None), lambda: datetime.now(UTC), progress)
    if wrong := _verified(made.path):
        raise BackupError(wrong[0])
    return made.path


def _verified(path: Path) -> list[str]:
    """What is wrong with the backup, a line each; noted beside it."""
    from moviecrawler.backup.folder import note_damaged, note_verified
    from moviecrawler.backup.verify import problems
    from moviecrawler.exceptions import BackupError
    from moviecrawler.timestamps import iso

    with progress_bar(" rows read back") as progress:
        wrong = problems(path, progress)
    try:
        if wrong:
            note_damaged(path)
        else:
            note_verified(path, iso(datetime.now(UTC)))
    except BackupError as error:  # a disk that can only be read
        say(f"scrapy backup: what was found cannot be noted: {error}", file=sys.stderr)
    return wrong


def _rotate(folder: Path, rotation: Rotation) -> list[str]:
    """The names of those that were removed."""
    from moviecrawler.backup.files import alone_in
    from moviecrawler.backup.folder import backups, remove_backup
    from moviecrawler.policy.jobs.rotation import DatedBackup, kept_backups

    with alone_in(folder):
        found = backups(folder)
        dated = [DatedBackup(one.name, date.fromisoformat(one.name[:10]), one.verified_at is not None) for one in found]
        unwanted = [one for one in found if one.name not in kept_backups(dated, rotation)]
        for one in unwanted:
            remove_backup(one.path)
    return [one.name for one in unwanted]


async def _list(folder: Path, as_json: bool) -> int:
    from moviecrawler.backup.folder import backups
    from moviecrawler.backup.manifest import read_manifest
    from moviecrawler.exceptions import BackupError

    found: list[tuple[Backup, Manifest | None, str]] = []
    for one in backups(folder):
        try:
            found.append((one, read_manifest(one.path), ""))
        except BackupError as error:
            found.append((one, None, str(error)))
    if as_json:
        shown = [
            _facts(one, manifest) if manifest else {"name": one.name, "wrong": why} for one, manifest, why in found
        ]
        _say_json({"folder": str(folder), "backups": shown})
    elif found:
        rows = [_row(one, manifest) for one, manifest, _ in found]
        say(*aligned([["name", "films", "shows", "records", "size", "verified (UTC)"], *rows]))
    else:
        say(f"no backup is in {folder}; scrapy backup makes one")
    for _, manifest, why in found:
        if not manifest and not as_json:
            say(f"scrapy backup: {why}", file=sys.stderr)
    return 1 if any(not manifest for _, manifest, _ in found) else 0


async def _verify(folder: Path, name: str, as_json: bool) -> int:
    from moviecrawler.backup.folder import backups, find_backup

    chosen = backups(folder) if name == _ALL else []
    chosen = chosen or [find_backup(folder, name or "latest")]
    found = [(one, _verified(one.path)) for one in chosen]
    if as_json:
        _say_json({"folder": str(folder), "backups": [{"name": one.name, "wrong": wrong} for one, wrong in found]})
        return 1 if any(wrong for _, wrong in found) else 0
    for one, wrong in found:
        say(f"{one.name}  {'damaged' if wrong else 'verified'}")
        for line in wrong:
            say(f"scrapy backup: {line}", file=sys.stderr)
    return 1 if any(wrong for _, wrong in found) else 0


def _facts(one: Backup, manifest: Manifest) -> dict[str, Any]:
    """``rows`` by kind; ``bytes`` on the disk."""
    return {
        **{"name": one.name, "path": str(one.path), "verified_at": one.verified_at, "store": manifest.store},
        **{"began_at": manifest.began_at, "ended_at": manifest.ended_at, "at_one_moment": manifest.at_one_moment},
        **{"bytes": manifest.bytes, "rows": {kind: found.rows for kind, found in manifest.sums.items()}},
        "damaged": manifest.damaged,
    }


def _row(one: Backup, manifest: Manifest | None) -> list[str]:
    verified = (one.verified_at or "no")[:16].replace("T", " ")
    if not manifest:
        return [one.name, "-", "-", "-", "-", "damaged"]
    return [one.name, *(f"{number:,}" for number in _numbers(manifest)), megabytes(manifest.bytes), verified]


def _numbers(manifest: Manifest) -> tuple[int, int, int]:
    """Films, shows, records; the state is not counted."""
    films, shows, state = (manifest.rows(kind) for kind in ("movies", "shows", "state"))
    return films, shows, sum(found.rows for found in manifest.sums.values()) - films - shows - state


def contents(manifest: Manifest) -> str:
    films, shows, records = _numbers(manifest)
    return f"{numbered(films, 'film')}, {numbered(shows, 'show')} and {numbered(records, 'record')}"


def megabytes(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"


def _summary(one: Backup, manifest: Manifest, removed: Sequence[str]) -> Iterator[str]:
    when = f"as of {manifest.began_at[:19].replace('T', ' ')} UTC"
    if not manifest.at_one_moment:
        when = f"each as it was between {manifest.began_at[11:19]} and {manifest.ended_at[11:19]} UTC"
    yield f"{contents(manifest)} of {manifest.store}, {when}"
    yield f"{one.path}: {megabytes(manifest.bytes)}, {'verified' if one.verified_at else 'NOT verified'}"
    if removed:
        yield f"removed: {', '.join(removed)}"
    yield f"to bring it back: scrapy restore {one.name}"


def _say_json(found: object) -> None:
    import json

    from moviecrawler.policy.printable import escaped

    say(escaped(json.dumps(found, ensure_ascii=False)))
