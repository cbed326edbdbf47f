"""The error answers of TMDB and OMDB.

Sources: developer.themoviedb.org, "Errors"; and the bodies that both live APIs send. OMDB's errors are told by their
text: the status is 200, except for errors about the key.
"""

from __future__ import annotations

from typing import NamedTuple


class ErrorAnswer(Exception):
    """Raised while a request is answered; the middleware turns it into an error in JSON."""

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class TmdbError(ErrorAnswer):
    """The TMDB error with this ``status_code``."""

    def __init__(self, code: int) -> None:
        super().__init__(TMDB_ERRORS[code].status, tmdb_error_body(code))


class OmdbError(ErrorAnswer):
    """The OMDB error with this text."""

    def __init__(self, text: str) -> None:
        super().__init__(OMDB_ERRORS[text], omdb_error_body(text))


class _Error(NamedTuple):
    status: int
    message: str


TMDB_ERRORS = {
    5: _Error(422, "Invalid parameters: Your request parameters are incorrect."),
    7: _Error(401, "Invalid API key: You must be granted a valid key."),
    9: _Error(503, "Service offline: This service is temporarily offline, try again later."),
    11: _Error(500, "Internal error: Something went wrong, contact TMDb."),
    20: _Error(422, "Invalid date range: Should be a range no longer than 14 days."),
    22: _Error(400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    25: _Error(429, "Your request count (41) is over the allowed limit of 40."),
    27: _Error(400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: _Error(404, "The resource you requested could not be found."),
}

OMDB_ERRORS = {
    "Movie not found!": 200,
    "Series not found!": 200,
    "Incorrect IMDb ID.": 200,
    "Error getting data.": 200,
    "Too many results.": 200,
    "Something went wrong.": 200,
    "Request limit reached!": 401,
    "Invalid API key!": 401,
    "No API key provided.": 401,
}


def tmdb_error_body(code: int) -> dict[str, object]:
    """The JSON body of a TMDB error; that of the 429 has no ``success``.

    >>> tmdb_error_body(34)["status_message"]
    'The resource you requested could not be found.'
    """
    text = {"status_code": code, "status_message": TMDB_ERRORS[code].message}
    return text if code == 25 else {"success": False, **text}


def omdb_error_body(text: str) -> dict[str, object]:
    """The JSON body of an OMDB error.

    >>> omdb_error_body("Movie not found!")
    {'Response': 'False', 'Error': 'Movie not found!'}
    """
    return {"Response": "False", "Error": text}
