"""Keys, added last and only for our own API hosts. No other module ever sees a URL or header with a key."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from moviecrawler.config import Config
from moviecrawler.exceptions import AnswerError
from moviecrawler.policy.network.hosts import Host


@dataclass(frozen=True, repr=False)
class Credentials:
    """The keys of all sources; ``repr`` shows none of them."""

    tmdb_token: str = ""
    tmdb_key: str = ""
    omdb_key: str = ""

    @classmethod
    def of(cls, config: Config) -> Self:
        return cls(*config.tmdb.token_and_key, config.omdb.api_key.get_secret_value())

    def sign(self, host: Host, url: str) -> tuple[str, dict[str, str]]:
        """The URL and headers to send. The v4 token is preferred: it keeps the key out of URLs altogether.

        AnswerError for a URL that does not belong to the host.
        """
        if host.role != "api":
            return url, {}
        if not host.contains(url):
            raise AnswerError("refused", "refused/unknown_host")
        if host.source == "omdb":
            return _with_parameter(url, "apikey", self.omdb_key), {}
        if self.tmdb_token:
            return url, {"Authorization": f"Bearer {self.tmdb_token}"}
        return _with_parameter(url, "api_key", self.tmdb_key), {}


def _with_parameter(url: str, name: str, key: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{name}={quote(key, safe='')}" if key else url
