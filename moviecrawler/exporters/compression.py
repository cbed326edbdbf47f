"""Streams that compress what is written to them. The same content makes the same bytes."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast


@contextmanager
def compressed(stream: BinaryIO, compression: str) -> Iterator[BinaryIO]:
    """``compression``: gz, zst or nothing. The stream has everything when the block ends, and stays open."""
    if compression == "gz":
        # Neither a time nor a name in its header.
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=stream, mtime=0) as file:
            yield cast(BinaryIO, file)
    elif compression == "zst":
        import zstandard

        with zstandard.ZstdCompressor(level=6).stream_writer(stream, closefd=False) as writer:
            yield cast(BinaryIO, writer)
    else:
        yield stream
