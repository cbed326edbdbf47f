"""Looks for a key in everything that a run leaves behind, however it may be wrapped."""

import base64
import gzip
import io
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_GZIP = b"\x1f\x8b\x08"


def leaks(key: str, texts: dict[str, bytes]) -> list[str]:
    """``name: spelling`` for each text that holds the key; texts inside compressed parts count too."""
    found = []
    for name, text in texts.items():
        for where, part in unwrapped(name, text):
            lower = part.lower()
            found += [f"{where}: {how}" for how, spelt in spellings(key) if spelt in part or spelt.lower() in lower]
    return found


def spellings(key: str) -> Iterator[tuple[str, bytes]]:
    yield "raw", key.encode()
    yield "percent-encoded", quote(key, safe="").encode()
    yield "percent-encoded as a path", quote(key).encode()
    yield "UTF-16", key.encode("utf-16-le")
    yield "hexadecimal", key.encode().hex().encode()
    yield "reversed", key.encode()[::-1]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + key.encode())
        # The characters at the ends change with what stands beside the key.
        yield f"base64 with {before} before", encoded[-(-before * 8 // 6) : (len(key) + before) * 8 // 6]


def unwrapped(name: str, text: bytes) -> Iterator[tuple[str, bytes]]:
    """The text, and what is compressed in it: whole zip archives, and gzip and zlib streams at any place."""
    yield name, text
    if text.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(text)) as archive:
            for member in archive.namelist():
                yield from unwrapped(f"{name}/{member}", archive.read(member))
    for magic in (_GZIP, *_ZLIB):
        start = text.find(magic)
        while start >= 0:
            stream = zlib.decompressobj(47 if magic == _GZIP else 15)
            try:
                inside = stream.decompress(text[start:], 2**22)
            except zlib.error:
                inside = b""
            if len(inside) > 8:
                yield f"{name}@{start}", inside
            start = text.find(magic, start + 1)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder as it is, and of databases every value by itself: a page may end in its middle."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return found | {f"{name}, {where}": value for name in found for where, value in _values(folder / name)}


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix != ".db":
        return
    connection = sqlite3.connect(path)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for number, row in enumerate(connection.execute(f'SELECT * FROM "{table}"')):
            for column, value in enumerate(row):
                if isinstance(value, str | bytes):
                    yield f"{table} {number}.{column}", value if isinstance(value, bytes) else value.encode()
    connection.close()


def wrappings(key: str) -> dict[str, bytes]:
    """The key in each wrapping that :func:`leaks` has to see through: the test of the test."""
    text = f"before {key} after".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("member", text)
    wrapped = {"raw": text, "quoted": quote(key, safe="").encode(), "gzip": b"12" + gzip.compress(text)}
    wrapped |= {"zlib": b"SQLite" + zlib.compress(text), "zip": packed.getvalue()}
    return wrapped | {f"base64 {n}": base64.b64encode(b"u" * n + key.encode() + b"xyz") for n in range(3)}
