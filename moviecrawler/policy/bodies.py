"""What kind of answer a body is that is no JSON: a page, a robots.txt, a picture, a file.

Every function takes the HTTP status, the content type in lower case without its parameters ("" where there is none)
and the body; None leaves the verdict to the status.
"""

from collections.abc import Callable
from typing import Literal

Kind = Literal["ok", "throttled", "auth", "quota", "gone", "blocked", "failed", "refused", "garbage"]
Verdict = tuple[Kind, str]

BLOCK_PAGE = b"Direct access to this page is temporarily restricted"
"""The Numbers sends it instead of the table, with status 200."""

_GONE = (404, 410)
_GZIP = b"\x1f\x8b\x08"  # RFC 1952, section 2.3.1, with its only method, deflate


def page(status: int, content_type: str, body: bytes) -> Verdict | None:
    """An HTML page of The Numbers."""
    if BLOCK_PAGE in body:
        return "blocked", "page"
    if status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300:
        return None
    if not body.strip():
        return "garbage", "empty"
    if content_type and "html" not in content_type:
        return "garbage", "content_type"
    # Its pages close </html> before the tables, so only the first part of a cut page is found by that.
    return None if b"</html" in body.lower() else ("garbage", "truncated")


def robots(status: int, content_type: str, body: bytes) -> Verdict | None:
    """A robots.txt. One that does not exist forbids nothing (RFC 9309, section 2.3.1.3), as an empty one does.

    We are stricter than that section with a 403: who is not let in here is not wanted elsewhere either.
    """
    if BLOCK_PAGE in body:
        return "blocked", "page"
    if status in _GONE:
        return "ok", str(status)
    return ("garbage", "html") if 200 <= status < 300 and _is_html(content_type, body) else None


def picture(status: int, content_type: str, body: bytes) -> Verdict | None:
    if status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300:
        return None
    if not body:
        return "garbage", "empty"
    if content_type and not content_type.startswith("image/") and not content_type.endswith("/octet-stream"):
        return "garbage", "html" if "html" in content_type else "content_type"
    whole = _is_whole(body)
    return None if whole else ("garbage", "no_image" if whole is None else "truncated")


def file(status: int, content_type: str, body: bytes) -> Verdict | None:
    """A gzipped export. Its bucket answers 403 for a day that it does not have, too."""
    if status == 403 or status in _GONE:
        return "gone", str(status)
    if not 200 <= status < 300 or body.startswith(_GZIP):
        return None
    if not body:
        return "garbage", "empty"
    return "garbage", "html" if _is_html(content_type, body) else "no_gzip"


BODIES: dict[str, Callable[[int, str, bytes], Verdict | None]] = {
    "page": page,
    "robots": robots,
    "picture": picture,
    "file": file,
}
"""By the role that ``policy.answers.classify`` is told."""


def _is_html(content_type: str, body: bytes) -> bool:
    return "html" in content_type or body.lstrip().startswith(b"<")


def _is_whole(body: bytes) -> bool | None:
    """Whether the picture has its end; None where it is no JPEG, PNG, WebP, GIF or AVIF at all."""
    if body.startswith(b"\xff\xd8\xff"):
        # The marker of the end may be followed by anything; a thumbnail in the first half has one of its own.
        return body.rfind(b"\xff\xd9", len(body) // 2) >= 0
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return body.rfind(b"IEND", 8) >= 0
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return len(body) >= 8 + int.from_bytes(body[4:8], "little")
    if body[4:8] == b"ftyp" and body[8:12] in (b"avif", b"avis"):
        return True
    return True if body.startswith((b"GIF87a", b"GIF89a")) else None
