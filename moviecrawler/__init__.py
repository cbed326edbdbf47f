"""moviecrawler: one complete, fresh, well-illustrated document per film, as a Scrapy project."""

import sys
from types import TracebackType

__version__ = "0.1.0"

_others = sys.excepthook


def _end(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Ctrl-C while something is still being imported, in any command: no traceback, and Python's own exit status."""
    if not issubclass(kind, KeyboardInterrupt):
        _others(kind, error, traceback)


sys.excepthook = _end
