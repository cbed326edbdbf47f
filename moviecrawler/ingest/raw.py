"""The last answer of each source, kept as received, so that a fixed parser reaches every title without a request."""

import base64

from isal import isal_zlib

from moviecrawler.documents.records import RawRecord
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Title
from moviecrawler.policy.network.body_limits import MAX_JSON_VALUES, has_too_many_values

LEVEL = 1
"""Of ISA-L, whose output zlib can read: as small as zlib's own level 1, in a third of the time."""

MAX_BYTES = 64 << 20
"""Of an answer, unless the caller sets a lower limit."""


def raw_key(source: str, kind: str, id: int) -> str:
    """The ``_id`` of a ``raw`` record.

    >>> raw_key("tmdb", "movies", 603)
    'tmdb/movies/603'
    """
    return f"{source}/{kind}/{id}"


def raw_row(item: Title) -> RawRecord:
    """The ``raw`` record of a title with its answer; ``body`` is base64 of zlib, since records are JSON."""
    raw = item.context.raw
    assert raw is not None
    assert item.id is not None
    return {
        "_id": raw_key(item.source, item.kind, item.id),
        "source": item.source,
        "kind": item.kind,
        "id": item.id,
        "url": raw.url,
        "fetched_at": item.context.fetched_at,
        "body": base64.b64encode(isal_zlib.compress(raw.body, LEVEL)).decode("ascii"),
    }


def raw_body(row: RawRecord, most: int = MAX_BYTES) -> bytes:
    """The answer in a ``raw`` record, byte for byte; ParseError if the record is damaged, or larger than ``most``."""
    try:
        stream = isal_zlib.decompressobj()
        body: bytes = stream.decompress(base64.b64decode(row["body"], validate=True), most + 1)
    except (isal_zlib.error, ValueError) as error:  # type: ignore[misc]  # a class, though its stub does not say so
        raise ParseError(f"the kept answer is damaged: {error}") from None
    if len(body) > most or has_too_many_values(body):
        raise ParseError(
            f"the kept answer has more than {most / 1e6:g} MB (ANSWER_MAX_MB) or {MAX_JSON_VALUES:,} values"
        )
    if not stream.eof:
        raise ParseError("the kept answer is damaged: it is truncated")
    return body
