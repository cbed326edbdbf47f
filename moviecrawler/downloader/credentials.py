"""Keys, added last and only for our own API hosts. No other module ever sees a URL or header with a key."""

from collections.abc import Mapping
from typing import Self

from moviecrawler.config import Config
from moviecrawler.config.source_group import SourceGroup
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.hosts import Host
from moviecrawler.sources import source_named


class Credentials:
    """The keys of all sources, which ``repr`` does not show."""

    def __init__(self, settings: Mapping[str, SourceGroup]) -> None:
        self._settings = settings

    @classmethod
    def of(cls, config: Config) -> Self:
        return cls(config.sources)

    def sign(self, host: Host, url: str) -> tuple[str, dict[str, str]]:
        """The URL and headers to send. AnswerError for a URL that does not belong to the host."""
        if host.role != "api":
            return url, {}
        if not host.contains(url):
            raise AnswerError("refused", "refused/unknown_host")
        return source_named(host.source).sign(self._settings[host.source], url)
