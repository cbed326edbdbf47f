"""What can go wrong, by name. Each class says when it is raised, and from where."""


class MoviecrawlerError(Exception):
    """The base of all our exceptions: ``except MoviecrawlerError`` catches what we raise on purpose."""


class ConfigurationError(MoviecrawlerError):
    """A setting or spider argument is wrong; raised by policies when they are built and by ``open_store``.

    The message is one line that names the setting, its value and what is allowed.
    """


class ParseError(MoviecrawlerError):
    """A payload is not what its source should have sent; raised by ``sources.*.parse_*``.

    It becomes a counted, stored reject (``middlewares/rejects.py``); it never ends a crawl.
    """


class StoreError(MoviecrawlerError):
    """The store cannot be opened, read or written; raised by ``stores``. One line: what, where, what to do."""


class PictureError(MoviecrawlerError):
    """A downloaded picture is unusable (no image, too large, truncated); raised by ``rendering``."""
