"""pymongo's errors as one line for the user, without secrets."""

from bson.errors import BSONError
from pymongo import errors

from moviecrawler.exceptions import StoreError, StoreUnavailable

_ADVICE = {
    13: "the user in STORE_URI has no permission for this; give it the role readWrite on the database",
    18: "the server refuses the user or the password in STORE_URI",
    8000: "the server refuses the user or the password in STORE_URI",
    14031: "the server's disk is full; free some space and start again, nothing acknowledged is lost",
}
"""By error code of the server (https://www.mongodb.com/docs/manual/reference/error-codes/)."""

CAUGHT = (errors.PyMongoError, BSONError, OverflowError, OSError)


def store_error(where: str, error: Exception) -> StoreError | ValueError:
    """The error to raise ``from None``: pymongo's own may contain the URI.

    >>> store_error("MongoDB db.example:27017/movies", errors.OperationFailure("Authentication failed.", 18))
    StoreError('MongoDB db.example:27017/movies: the server refuses the user or the password in STORE_URI')
    """
    if isinstance(error, (BSONError, OverflowError, errors.DocumentTooLarge)):
        return ValueError(f"MongoDB cannot hold a value: {error}")
    if isinstance(error, errors.ServerSelectionTimeoutError):
        return StoreUnavailable(f"{where}: no server answers; start it or correct STORE_URI")
    if isinstance(error, (errors.ConnectionFailure, OSError)):
        return StoreUnavailable(f"{where}: the connection was lost; is the server still running?")
    if isinstance(error, errors.ConfigurationError):
        return StoreError(f"{where}: no connection can be made with STORE_URI; check its host name and options")
    code, text = _first(error)
    return StoreError(f"{where}: {_ADVICE.get(code, ' '.join(text.split()))}")


def _first(error: Exception) -> tuple[int, str]:
    """Code and message of the first error."""
    if isinstance(error, errors.BulkWriteError):
        failed = [*error.details["writeErrors"], *error.details["writeConcernErrors"]]
        return failed[0]["code"], failed[0]["errmsg"]
    return getattr(error, "code", None) or 0, str(error).partition(", full error")[0]
