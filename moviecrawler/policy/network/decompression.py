"""Decompresses bodies. The first bytes decide; the header is only used where they do not tell."""

from isal import isal_zlib

from moviecrawler.exceptions import AnswerError

GZIP = b"\x1f\x8b\x08"
"""RFC 1952, section 2.3.1, with its only method, deflate."""

_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")  # RFC 1950, for every level
_MAX_LAYERS = 3
_MAX_MEMBERS = 1000


def unpack(body: bytes, encoding: str, max_size: int) -> bytes:
    """The body without gzip, zlib or deflate around it, once or more, whatever ``Content-Encoding`` says.

    AnswerError ``refused/too_large`` beyond ``max_size`` bytes, ``garbage/truncated`` for damaged or truncated gzip.

    >>> import gzip
    >>> unpack(gzip.compress(gzip.compress(b"{}")), "", 100), unpack(b"{}", "gzip", 100)
    (b'{}', b'{}')
    """
    for _ in range(_MAX_LAYERS):
        if body.startswith(GZIP):
            body = _unpack_members(body, max_size)
        elif body.startswith(_ZLIB) and (unpacked := _unpack_whole(body, isal_zlib.MAX_WBITS, max_size)) is not None:
            body = unpacked
        elif (
            "deflate" in encoding.lower()
            and (unpacked := _unpack_whole(body, -isal_zlib.MAX_WBITS, max_size)) is not None
        ):
            # Some servers leave out the zlib header; then only Content-Encoding tells.
            body, encoding = unpacked, ""
        else:
            break
    return body


def _unpack_members(body: bytes, max_size: int) -> bytes:
    """A gzip file of one member or several; what follows them is padding."""
    members: list[bytes] = []
    for _ in range(_MAX_MEMBERS):
        if not body.startswith(GZIP):
            break
        unpacked, body = _inflate(body, 16 + isal_zlib.MAX_WBITS, max_size)
        members.append(unpacked)
        max_size -= len(unpacked)
    return members[0] if len(members) == 1 else b"".join(members)


def _unpack_whole(body: bytes, wbits: int, max_size: int) -> bytes | None:
    """The decompressed body if all of it is one stream, else None."""
    try:
        unpacked, rest = _inflate(body, wbits, max_size)
    except AnswerError as error:
        if error.kind == "refused":
            raise
        return None
    return None if rest else unpacked


def _inflate(body: bytes, wbits: int, max_size: int) -> tuple[bytes, bytes]:
    """(the stream at the beginning decompressed, what follows it)"""
    stream = isal_zlib.decompressobj(wbits)
    try:
        unpacked = stream.decompress(body, max_size + 1)
    except isal_zlib.error:  # type: ignore[misc]  # a class, though its stub does not say so
        raise AnswerError("garbage", "garbage/truncated") from None
    if len(unpacked) > max_size:
        raise AnswerError("refused", "refused/too_large")
    if not stream.eof:
        raise AnswerError("garbage", "garbage/truncated")
    return unpacked, stream.unused_data
