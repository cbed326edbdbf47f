"""TMDB's error answers. Source: developer.themoviedb.org, "Errors", and the bodies that the live API sends."""

from __future__ import annotations

from typing import NamedTuple


class ApiError(Exception):
    """Raised by whatever answers a request; becomes the JSON error with that status code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Error(NamedTuple):
    status: int
    message: str


ERRORS = {
    7: _Error(401, "Invalid API key: You must be granted a valid key."),
    9: _Error(503, "Service offline: This service is temporarily offline, try again later."),
    11: _Error(500, "Internal error: Something went wrong, contact TMDb."),
    20: _Error(422, "Invalid date range: Should be a range no longer than 14 days."),
    22: _Error(400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    25: _Error(429, "Your request count (41) is over the allowed limit of 40."),
    27: _Error(400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: _Error(404, "The resource you requested could not be found."),
}


def body(code: int) -> dict[str, object]:
    """The JSON of an error; the 429 has no ``success``.

    >>> body(34)["status_message"]
    'The resource you requested could not be found.'
    """
    text = {"status_code": code, "status_message": ERRORS[code].message}
    return text if code == 25 else {"success": False, **text}
