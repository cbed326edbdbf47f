"""Backups that are older than TMDB's terms allow: each is replaced by one of what is its owner's own."""

import shutil
from datetime import date, datetime
from pathlib import Path

from moviecrawler.backup.files import sync_folder, translated
from moviecrawler.backup.folder import backups, name_after, note_verified, remove_backup
from moviecrawler.backup.lines import Sums, line_of
from moviecrawler.backup.manifest import STAMP_LENGTH, Manifest, Part, read_manifest, write_manifest
from moviecrawler.backup.parts import PartWriter, check_part, read_lines
from moviecrawler.backup.verify import problems, rows_of
from moviecrawler.exceptions import BackupError
from moviecrawler.policy.documents.own_part import own_part
from moviecrawler.policy.jobs.rotation import is_beyond_terms
from moviecrawler.timestamps import iso


def strip_old_backups(folder: Path, now: datetime) -> tuple[list[str], list[str]]:
    """The names of those that were replaced, and a line on each that is too old and cannot be read.

    Must be alone in the folder. A new name follows the old one; both are there for a moment, each of them whole.
    """
    stripped, wrong = [], []
    for one in backups(folder):
        try:
            manifest = read_manifest(one.path)
            if manifest.stripped_at or not is_beyond_terms(date.fromisoformat(manifest.began_at[:10]), now.date()):
                continue
            _strip(folder, one.path, manifest, now)
        except (BackupError, ValueError) as error:
            if is_beyond_terms(date.fromisoformat(one.name[:10]), now.date()):
                wrong.append(f"{error}; it is older than TMDB's terms allow: remove {one.path}")
            continue
        stripped.append(one.name)
    return stripped, wrong


def _strip(folder: Path, old: Path, manifest: Manifest, now: datetime) -> None:
    path = folder / name_after(folder, old.name[:STAMP_LENGTH])
    with translated(folder):
        path.mkdir()
        try:
            sums, parts = Sums(), list[Part]()
            for kind in dict.fromkeys(part.kind for part in manifest.parts):
                parts += _own_parts(path, old, [part for part in manifest.parts if part.kind == kind], sums, iso(now))
            sync_folder(path)
            left = {"sums": sums.result(), "parts": parts, "damaged": [], "pictures": None, "stripped_at": iso(now)}
            write_manifest(path, manifest.model_copy(update=left))
            sync_folder(folder)
            if wrong := problems(path, lambda done, total: None):
                raise BackupError(wrong[0])
            note_verified(path, iso(now))
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
    remove_backup(old)


def _own_parts(path: Path, old: Path, parts: list[Part], sums: Sums, at: str) -> list[Part]:
    writer = PartWriter(path, parts[0].kind)
    for part in parts:
        check_part(old, part)
        for lines in read_lines(old, part):
            rows = (own_part(part.kind, row, at) for row in rows_of(old, part, lines))
            if own := [line_of(row) for row in rows if row]:
                writer.add(own)
                sums.add(part.kind, own)
    return writer.finish()
