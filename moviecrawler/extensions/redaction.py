"""The last line of defence: removes from log lines, before any handler sees them, what no log may contain."""

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.policy.printable import printable
from moviecrawler.policy.secrets.redaction import Secrets
from moviecrawler.runtime import Runtime


class Redaction(logging.Filter):
    """A filter on every handler of the root logger that removes keys and control characters.

    From messages, arguments and tracebacks. A warning or an error stays one line, whatever a site has put into it.
    """

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        redaction = cls(Runtime.of(crawler).policies.secrets)
        redaction._install()
        # Scrapy reinstalls its log handler when the settings are final.
        crawler.signals.connect(redaction._install, signals.spider_opened)
        crawler.signals.connect(redaction._install, signals.engine_started)
        return redaction

    def _install(self) -> None:
        for handler in logging.getLogger().handlers:
            handler.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001  formatting arguments may raise anything
            message = f"{record.msg!r} does not fit {record.args!r}: {error}"
            record.msg, record.args = message, ()
        safe = printable(self._secrets.redact(message), lines=record.levelno < logging.WARNING)
        if safe != message:
            record.msg, record.args = safe, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = printable(self._secrets.redact(record.exc_text), lines=True)
        if record.stack_info:
            record.stack_info = printable(self._secrets.redact(record.stack_info), lines=True)
        return True
