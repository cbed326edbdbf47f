"""Read a backup back from the disk: every byte, every row."""

from collections.abc import Iterator
from pathlib import Path

from pydantic_core import from_json

from moviecrawler.backup.lines import Sums
from moviecrawler.backup.make import Progress
from moviecrawler.backup.manifest import Manifest, Part, read_manifest
from moviecrawler.backup.parts import check_part, read_lines
from moviecrawler.backup.pictures import picture_problems
from moviecrawler.exceptions import BackupError
from moviecrawler.items import KINDS
from moviecrawler.stores.canonical_json import StoredRow


def problems(path: Path, progress: Progress, *, read_pictures: bool = True) -> list[str]:
    """A line on each thing that is wrong with the backup in this folder; empty: it can be restored.

    ``read_pictures``: otherwise pictures must only be there, in their sizes; those that a backup has copied it has also
    read back.
    """
    try:
        manifest = read_manifest(path)
    except BackupError as error:
        return [str(error)]
    found: list[str] = []
    sums, done = Sums(), 0
    total = sum(part.rows for part in manifest.parts)
    for part in manifest.parts:
        try:
            check_part(path, part)
            for lines in read_lines(path, part):
                list(rows_of(path, part, lines))
                sums.add(part.kind, lines)
                done += len(lines)
                progress(done, total)
        except BackupError as error:
            found.append(str(error))
    found = found or [f"{path}: {line}" for line in differences(manifest, sums)]
    return found + list(picture_problems(path, manifest, read=read_pictures))


def rows_of(path: Path, part: Part, lines: list[bytes]) -> Iterator[StoredRow]:
    """The rows; BackupError, with the name of the part, for a line that is none."""
    wanted = int if part.kind in KINDS else str
    for line in lines:
        try:
            row = from_json(line, allow_inf_nan=False)
        except ValueError:
            row = None
        if not isinstance(row, dict) or type(row.get("_id")) is not wanted:
            raise BackupError(f"{path / part.file} ({part.kind}): a line of it is no row")
        yield row


def differences(manifest: Manifest, sums: Sums) -> Iterator[str]:
    """What the manifest says otherwise of these sums."""
    told, found = manifest.sums, sums.result()
    for kind in sorted(told.keys() | found.keys()):
        if told.get(kind) != found.get(kind):
            rows = [f"{one.rows:,}" if (one := side.get(kind)) else "0" for side in (found, told)]
            yield f"{kind}: {rows[0]} rows, {rows[1]} were backed up, or they are others"
