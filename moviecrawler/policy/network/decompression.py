"""What is under a packed body. Its first bytes decide; the header is asked only where they cannot say."""

from isal import isal_zlib

from moviecrawler.exceptions import AnswerError

GZIP = b"\x1f\x8b\x08"
"""RFC 1952, section 2.3.1, with its only method, deflate."""

_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")  # RFC 1950, for every level
_MOST_LAYERS = 3
_MOST_MEMBERS = 1000


def unpack(body: bytes, encoding: str, most: int) -> bytes:
    """The body without gzip, zlib or deflate around it, once or more, whatever ``Content-Encoding`` says.

    AnswerError ``refused/too_large`` beyond ``most`` bytes, ``garbage/truncated`` for gzip that is damaged or cut.

    >>> import gzip
    >>> unpack(gzip.compress(gzip.compress(b"{}")), "", 100), unpack(b"{}", "gzip", 100)
    (b'{}', b'{}')
    """
    for _ in range(_MOST_LAYERS):
        if body.startswith(GZIP):
            body = _members(body, most)
        elif body.startswith(_ZLIB) and (inside := _whole(body, isal_zlib.MAX_WBITS, most)) is not None:
            body = inside
        elif "deflate" in encoding.lower() and (inside := _whole(body, -isal_zlib.MAX_WBITS, most)) is not None:
            # Some servers leave out the zlib header; nothing but the header of the answer tells.
            body, encoding = inside, ""
        else:
            break
    return body


def _members(body: bytes, most: int) -> bytes:
    """A gzip file, of one member or several; what follows them is padding."""
    unpacked: list[bytes] = []
    for _ in range(_MOST_MEMBERS):
        if not body.startswith(GZIP):
            break
        inside, body = _inflate(body, 16 + isal_zlib.MAX_WBITS, most)
        unpacked.append(inside)
        most -= len(inside)
    return unpacked[0] if len(unpacked) == 1 else b"".join(unpacked)


def _whole(body: bytes, wbits: int, most: int) -> bytes | None:
    """The stream that is all of the body; None where it is none."""
    try:
        inside, rest = _inflate(body, wbits, most)
    except AnswerError as error:
        if error.kind == "refused":
            raise
        return None
    return None if rest else inside


def _inflate(body: bytes, wbits: int, most: int) -> tuple[bytes, bytes]:
    """(the stream at the beginning unpacked, what follows it)"""
    stream = isal_zlib.decompressobj(wbits)
    try:
        inside = stream.decompress(body, most + 1)
    except isal_zlib.error:  # type: ignore[misc]  # a class, though its stub does not say so
        raise AnswerError("garbage", "garbage/truncated") from None
    if len(inside) > most:
        raise AnswerError("refused", "refused/too_large")
    if not stream.eof:
        raise AnswerError("garbage", "garbage/truncated")
    return inside, stream.unused_data
