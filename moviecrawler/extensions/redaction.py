"""The last line of defence: a key that somebody's message carries is blotted out before any log handler sees it."""

import logging
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from moviecrawler.policy.secrets import KEYS, Secrets, read_key
from moviecrawler.policy.sharing import password_of

_SERVERS = ("REDIS_URL", "CACHE_URI", "STORE_URI")
"""The settings whose URL may hold a password."""


class Redaction(logging.Filter):
    """A filter on every handler of the root logger; messages, arguments and tracebacks."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__()
        keys = [read_key(name, crawler.settings.get(name)) for name in KEYS]
        passwords = [password_of(crawler.settings.get(name) or "") for name in _SERVERS]
        self._secrets = Secrets((*keys, *passwords))
        # Scrapy installs its log handler anew once the settings are final, so not before the engine starts.
        crawler.signals.connect(self._install, signals.engine_started)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _install(self) -> None:
        for handler in logging.getLogger().handlers:
            handler.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception as error:  # noqa: BLE001  a careless line of anybody's, whose arguments may raise anything
            message = f"{record.msg!r} does not fit {record.args!r}: {error}"
            record.msg, record.args = message, ()
        if (safe := self._secrets.blot(message)) != message:
            record.msg, record.args = safe, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._secrets.blot(record.exc_text)
        return True
