"""Checks bodies that are not JSON: a page, a robots.txt, a picture, a file.

Every check takes the HTTP status, the content type in lower case without its parameters ("" where there is none)
and the body; None means that the HTTP status decides. The body itself counts; the content type only labels a body
that is not what was expected.
"""

from collections.abc import Callable
from typing import Literal

from moviecrawler.policy.network.decompression import GZIP

AnswerKind = Literal["ok", "throttled", "auth", "quota", "gone", "blocked", "failed", "refused", "garbage"]
BodyCheck = tuple[AnswerKind, str]

WORKING_SOURCE_KINDS: frozenset[str] = frozenset({"ok", "gone", "refused"})
"""Kinds that show that the source works and serves us: it neither rejects our key nor blocks us."""

BLOCK_PAGE = b"Direct access to this page is temporarily restricted"
"""The Numbers sends it instead of the table, with status 200."""

_GONE = (404, 410)
_BLANK = b"\xef\xbb\xbf \t\r\n"


def check_page(status: int, content_type: str, body: bytes) -> BodyCheck | None:
    """An HTML page of The Numbers."""
    if BLOCK_PAGE in body:
        return "blocked", "page"
    if status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300:
        return None
    if not body.strip():
        return "garbage", "empty"
    if content_type and "html" not in content_type and not body.lstrip(_BLANK).startswith(b"<"):
        return "garbage", "content_type"
    # Its pages close </html> before the tables, so this only detects a page that was cut off early.
    return None if b"</html" in body.lower() else ("garbage", "truncated")


def check_robots(status: int, content_type: str, body: bytes) -> BodyCheck | None:
    """A robots.txt. One that does not exist forbids nothing (RFC 9309, section 2.3.1.3), as an empty one does.

    A 403 is treated more strictly than in that section: a site that refuses its robots.txt does not want us at all.
    """
    if BLOCK_PAGE in body:
        return "blocked", "page"
    if status in _GONE:
        return "ok", str(status)
    return ("garbage", "html") if 200 <= status < 300 and _is_html(body) else None


def check_picture(status: int, content_type: str, body: bytes) -> BodyCheck | None:
    if status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300:
        return None
    if not body:
        return "garbage", "empty"
    whole = _is_whole(body)
    if whole is not None:
        return None if whole else ("garbage", "truncated")
    if "html" in content_type:
        return "garbage", "html"
    named = not content_type or content_type.startswith("image/") or content_type.endswith("/octet-stream")
    return "garbage", "no_image" if named else "content_type"


def check_file(status: int, content_type: str, body: bytes) -> BodyCheck | None:
    """A gzipped export. Its bucket also answers 403 for a day without an export."""
    if status == 403 or status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300 or body.startswith(GZIP):
        return None
    if not body:
        return "garbage", "empty"
    return "garbage", "html" if _is_html(body) else "no_gzip"


BODY_CHECKS: dict[str, Callable[[int, str, bytes], BodyCheck | None]] = {
    "page": check_page,
    "robots": check_robots,
    "picture": check_picture,
    "file": check_file,
}
"""By the kind of resource that ``policy.network.answers.classify`` is given."""


def is_picture(head: bytes) -> bool:
    r"""Whether a body that begins so is a picture; twelve bytes are enough.

    >>> is_picture(b"\x89PNG\r\n\x1a\n....."), is_picture(b"<!DOCTYPE ht")
    (True, False)
    """
    return _is_whole(head) is not None


def _is_html(body: bytes) -> bool:
    return body.lstrip(_BLANK).startswith(b"<")


def _is_whole(body: bytes) -> bool | None:
    """Whether the picture is complete; None where it is no JPEG, PNG, WebP, GIF or AVIF at all."""
    if body.startswith(b"\xff\xd8\xff"):
        # Anything may follow the end marker; an embedded thumbnail, in the first half, has an end marker of its own.
        return body.rfind(b"\xff\xd9", len(body) // 2) >= 0
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return body.rfind(b"IEND", 8) >= 0
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return len(body) >= 8 + int.from_bytes(body[4:8], "little")
    if body[4:8] == b"ftyp" and body[8:12] in (b"avif", b"avis"):
        return True
    return True if body.startswith((b"GIF87a", b"GIF89a")) else None
