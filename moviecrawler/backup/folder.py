"""The folder of all backups: one folder for each, which is a backup once its manifest is there."""

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from moviecrawler.backup.files import translated, write_whole
from moviecrawler.backup.manifest import MANIFEST, NAME, STAMP, STAMP_LENGTH
from moviecrawler.exceptions import BackupError

VERIFIED = "verified.json"
LATEST = "latest"


class Backup(NamedTuple):
    """``verified_at``: timestamp at which all of it was last read back and was right; None: never, or not any more."""

    name: str
    path: Path
    verified_at: str | None


def backups(folder: Path) -> list[Backup]:
    """The newest first; [] if there is no such folder."""
    with translated(folder):
        found = _folders_of_backups(folder) if folder.is_dir() else []
        whole = [path for path in found if (path / MANIFEST).is_file()]
    return [
        Backup(path.name, path, _verified_at(path)) for path in sorted(whole, key=lambda path: path.name, reverse=True)
    ]


def find_backup(folder: Path, name: str) -> Backup:
    """``latest``, or the one whose name begins like that; BackupError if there is none, or more than one."""
    found = backups(folder)
    if not found:
        raise BackupError(f"{folder}: there is no backup; scrapy backup makes one, --from names another folder")
    if name == LATEST:
        return found[0]
    named = [one for one in found if one.name == name] or [one for one in found if name and one.name.startswith(name)]
    if len(named) == 1:
        return named[0]
    if not named:
        raise BackupError(f"{folder}: there is no backup {name!r}; the newest is {found[0].name}")
    which = ", ".join(one.name for one in named[:3])
    raise BackupError(f"{len(named)} backups begin with {name}: name one of {which}{' ...' if len(named) > 3 else ''}")


def name_after(folder: Path, stamp: str) -> str:
    """The first free name of this time that follows all others of it; BackupError if there were too many."""
    taken = [path.name for path in folder.iterdir() if is_name(path.name) and path.name.startswith(stamp)]
    if not taken:
        return stamp
    name = f"{stamp}-{int(max(taken)[len(stamp) + 1 :] or 1) + 1:03}"
    if not is_name(name):
        raise BackupError(f"{folder}: no name can follow {max(taken)}; is the clock right? Move that backup elsewhere")
    return name


def note_verified(path: Path, at: str) -> None:
    """``at``: timestamp. Holds for the manifest that is there now."""
    text = json.dumps({"at": at, "manifest": hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest()})
    with translated(path):
        write_whole(path / VERIFIED, f"{text}\n".encode())


def note_damaged(path: Path) -> None:
    with translated(path):
        (path / VERIFIED).unlink(missing_ok=True)


def remove_backup(path: Path) -> None:
    """The manifest first: after a kill what is left is no backup, and goes with the next one."""
    with translated(path):
        (path / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(path)


def remove_unfinished(folder: Path) -> int:
    """What killed processes have left; returns how many. Must be alone in the folder (``files.alone_in``)."""
    with translated(folder):
        left = [path for path in _folders_of_backups(folder) if not (path / MANIFEST).exists()]
        for path in left:
            shutil.rmtree(path)
    return len(left)


def _folders_of_backups(folder: Path) -> list[Path]:
    """Symbolic links, files and names of no day are none of ours."""
    return [path for path in folder.iterdir() if is_name(path.name) and path.is_dir() and not path.is_symlink()]


def is_name(name: str) -> bool:
    """Whether a backup can be called so.

    >>> is_name("2026-11-21T08-15-30Z"), is_name("2026-11-21T08-15-30Z-002"), is_name("2026-02-30T08-15-30Z")
    (True, True, False)
    """
    if not NAME.fullmatch(name):
        return False
    try:
        return bool(datetime.strptime(name[:STAMP_LENGTH], STAMP).replace(tzinfo=UTC))
    except ValueError:
        return False


def _verified_at(path: Path) -> str | None:
    try:
        found = json.loads((path / VERIFIED).read_bytes())
        at, manifest = found["at"], found["manifest"]
        same = manifest == hashlib.sha256((path / MANIFEST).read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if same and isinstance(at, str) else None
