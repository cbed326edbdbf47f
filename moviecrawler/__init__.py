"""moviecrawler: one complete, fresh, well-illustrated document per film, as a Scrapy project."""

import os
import sys
from types import TracebackType

__version__ = "0.1.0"

_others = sys.excepthook


def _without_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while something is imported, or at any place that does not care: 130, as a shell would say.

    What is wrong with settings, store or the place of a crawl is one line, in scripts that do not catch it, too.
    """
    if issubclass(kind, KeyboardInterrupt):
        os._exit(130)
    from moviecrawler.exceptions import ConfigurationError, CrawlError, StoreError
    from moviecrawler.policy.printable import printable

    if issubclass(kind, ConfigurationError | CrawlError | StoreError):
        sys.stderr.write(f"{printable(str(error))}\n")
    else:
        _others(kind, error, trace)


sys.excepthook = _without_traceback  # this is the first module of ours that anybody loads
