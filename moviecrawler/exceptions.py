"""All exceptions of this project. Each class says when it is raised, and where."""


class MoviecrawlerError(Exception):
    """The base of all our exceptions: ``except MoviecrawlerError`` catches everything that we raise on purpose."""


class ConfigurationError(MoviecrawlerError):
    """A setting or spider argument is wrong; raised by whatever is built from it: policies, stores, caches, pictures.

    The message is one line with the setting, its value and what it must be.
    """


class ParseError(MoviecrawlerError):
    """A payload is not what its source should have sent; raised by ``sources.*.parse_*``.

    It becomes a counted, stored reject (``spidermiddlewares/rejects.py``) and never ends a crawl.
    """


class StoreError(MoviecrawlerError):
    """The store, or another place that a run needs (DATA_DIR, IMAGES_STORE, the rate limit, Redis), cannot be used.

    Raised where it is opened, read or written. One line: what, where, what to do.
    """


class StoreAbsent(StoreError):
    """Nothing has been stored yet, and the access was not ``make``; raised by ``stores``."""


class BackupError(MoviecrawlerError):
    """A backup cannot be made, read, believed or restored; raised by ``backup``. One line: which file, and why."""


class PictureError(MoviecrawlerError):
    """A downloaded picture is unusable (not an image, too large, truncated); raised by ``rendering``."""


class StoreUnavailable(StoreError):
    """The store's server cannot be reached right now; raised by ``stores``. Worth a retry."""


class ScrapydError(MoviecrawlerError):
    """Scrapyd cannot be reached or returns an error; raised by ``commands/_scrapyd.py``. One line, no password."""


class CrawlError(MoviecrawlerError):
    """A crawl cannot run in this process, or at this place in it; raised by ``run``. One line: why, and what to do."""


class AnswerError(MoviecrawlerError):
    """An answer that is not ok, or none at all; raised below all caches (``downloader/``).

    ``kind`` is one of ``policy.network.answers``; ``reason`` is a short slug (``failed/timeout``); ``status`` is 0
    without an answer; ``excerpt`` is the beginning of the body. It never contains a key.
    """

    def __init__(
        self, kind: str, reason: str, *, status: int = 0, retry_after: float | None = None, excerpt: str = ""
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.excerpt = excerpt


class FilterError(MoviecrawlerError):
    """A filter or an order is wrong; raised by ``policy.filters``.

    The message says why in one line, ``text[position]`` is where.
    """

    def __init__(self, message: str, text: str = "", position: int = 0) -> None:
        super().__init__(message)
        self.text, self.position = text, position
