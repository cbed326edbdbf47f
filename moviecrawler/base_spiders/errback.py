"""What Scrapy hands to an errback, with types."""

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from twisted.python.failure import Failure

from moviecrawler.exceptions import AnswerError


def request_of(failure: Failure) -> Request:
    """The request that failed: Scrapy adds it to Twisted's failure."""
    request: Request = failure.request  # type: ignore[attr-defined]
    return request


def is_dropped(failure: Failure) -> bool:
    """Whether the request was not sent, since the run or its source is closed."""
    return isinstance(failure.value, IgnoreRequest)


def is_gone(failure: Failure) -> bool:
    """Whether the site has answered that it does not have what was requested."""
    return isinstance(failure.value, AnswerError) and failure.value.kind == "gone"
