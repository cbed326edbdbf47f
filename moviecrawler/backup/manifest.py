"""What stands in a backup: its manifest, the last file to be written, without which a folder is no backup."""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from moviecrawler.backup.files import write_whole
from moviecrawler.exceptions import BackupError
from moviecrawler.items import KINDS
from moviecrawler.policy.freshness.refresh import ORDERS
from moviecrawler.stores.base import STATE
from moviecrawler.stores.validation import check_record_kind

FORMAT = 1
"""Raised when a reader of today could not read what is written."""

MANIFEST = "manifest.json"
CHECKSUM = "manifest.sha256"

_MOST_BYTES = 64 * 2**20
"""Of a manifest; a part of 20 MB takes 150 bytes in it."""

NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d{3})?", re.ASCII)
"""Of a backup: when it was begun, in UTC (``STAMP``). By name is by age, whatever the clock said."""

STAMP = "%Y-%m-%dT%H-%M-%SZ"
STAMP_LENGTH = 20


def _check_kind(kind: str) -> str:
    return kind if kind in (*KINDS, STATE) else check_record_kind(kind)


def _check_order(order: str) -> str:
    if order not in ORDERS:
        raise ValueError(f"must be one of {', '.join(ORDERS)}")
    return order


Kind = Annotated[str, AfterValidator(_check_kind)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class Sum(_Frozen):
    """Rows of one kind, and the sha256 of all their lines by ascending ``_id``: the same in every store."""

    rows: Count
    sha256: Sha256


class Part(_Frozen):
    """A file of JSON lines, one row each, compressed by gzip. ``sha256`` and ``bytes`` are those of the file.

    ``size``: bytes of the lines.
    """

    kind: Kind
    sha256: Sha256
    bytes: Count
    size: Count
    rows: Count

    @property
    def file(self) -> str:
        return f"{self.sha256}.jsonl.gz"


class Pictures(_Frozen):
    """How many there are, and how large; ``parts`` list them (``backup.pictures``)."""

    files: Count
    bytes: Count
    parts: list[Part]


class Manifest(_Frozen):
    """``began_at`` and ``ended_at`` are timestamps; all rows are of ``began_at`` if ``at_one_moment``. Otherwise
    what was written before ``caught_up_at`` is in it, with some of what was written after that.

    ``before``: what it was made before (``a repair``); None: somebody asked for it. ``damaged`` names rows that could
    not be read and are absent. ``pictures``: None where nobody asked for them.
    ``stripped_at``: timestamp since which only what is the owner's own is left of it.
    """

    format: int
    moviecrawler: str
    store: str
    order: Annotated[str, AfterValidator(_check_order)]
    began_at: str
    ended_at: str
    at_one_moment: bool
    caught_up_at: str | None = None
    before: str | None = None
    sums: dict[Kind, Sum]
    damaged: list[str] = []
    parts: list[Part]
    pictures: Pictures | None = None
    stripped_at: str | None = None

    @property
    def bytes(self) -> int:
        """Of its parts, without pictures; a file that stands for two parts counts once."""
        return sum({part.sha256: part.bytes for part in self.parts}.values())

    def rows(self, kind: str) -> int:
        return self.sums[kind].rows if kind in self.sums else 0


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """The checksum first, then the manifest under its name: from then on the folder is a backup."""
    text = json.dumps(manifest.model_dump(), indent=1, ensure_ascii=False).encode() + b"\n"
    write_whole(folder / CHECKSUM, f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())
    write_whole(folder / MANIFEST, text)


def read_manifest(folder: Path) -> Manifest:
    """BackupError, one line, for one that is absent, altered, of a newer version, or not written by us."""
    path = folder / MANIFEST
    text = _bytes(path)
    told = _bytes(folder / CHECKSUM).split()[:1]
    if told != [hashlib.sha256(text).hexdigest().encode()]:
        raise BackupError(f"{path}: it was altered: its sha256 is not that of {CHECKSUM}")
    try:
        found: Any = json.loads(text)
        newest = found["format"] if isinstance(found, dict) else None
    except (ValueError, KeyError, RecursionError):
        newest = None
    if not isinstance(newest, int):
        raise BackupError(f"{path}: it is not the manifest of a backup")
    if newest > FORMAT:
        raise BackupError(
            f"{path}: it has format {newest}, this moviecrawler reads formats up to {FORMAT}; "
            "use the newer moviecrawler that wrote it"
        )
    try:
        return Manifest.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BackupError(f"{path}: it is not the manifest of a backup: {where}: {first['msg']}") from None


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BackupError(f"{path}: it is too large for a manifest")
        return path.read_bytes()
    except FileNotFoundError:
        raise BackupError(f"{path}: there is no such file, so the folder is no whole backup") from None
    except OSError as error:
        raise BackupError(f"{path}: it cannot be read ({error.strerror})") from None
