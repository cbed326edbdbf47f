"""TMDB's error bodies."""

from typing import Any

from moviecrawler.exceptions import ParseError
from moviecrawler.sources.text import text

INVALID_PARAMETERS, INVALID_PAGE = 5, 22  # https://developer.themoviedb.org/docs/errors


def parse_error(payload: Any) -> tuple[int, str] | None:
    """``(status_code, status_message)`` of an error body, None for any other. The code is TMDB's, not HTTP's.

    Older answers are lists of sentences without a code: those about the page are code 22, the others code 5.

    >>> parse_error({"success": False, "status_code": 34, "status_message": "No such title."})
    (34, 'No such title.')
    >>> parse_error({"errors": ["page is too large"]})
    (22, 'page is too large')
    >>> parse_error({"id": 603, "title": "The Matrix"}) is None
    True
    """
    if not isinstance(payload, dict):
        return None
    code = payload.get("status_code")
    if type(code) is int and payload.get("success") is not True:
        return code, text(payload.get("status_message")) or "no message"
    errors = payload.get("errors")
    if isinstance(errors, list) and (sentences := [sentence for error in errors if (sentence := text(error))]):
        message = "; ".join(sentences)
        return (INVALID_PAGE if message.lower().startswith("page") else INVALID_PARAMETERS), message
    return None


def require_object(payload: Any, what: str) -> dict[str, Any]:
    """The payload, if it is a JSON object and not an error body; else ParseError."""
    if not isinstance(payload, dict):
        raise ParseError(f"TMDB {what}: expected a JSON object, got {type(payload).__name__}")
    if error := parse_error(payload):
        code, message = error
        raise ParseError(f"TMDB {what}: error {code}: {' '.join(message.split())[:200]}")
    return payload
