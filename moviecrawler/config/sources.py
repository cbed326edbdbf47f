"""The settings of each source: keys, hosts, rate limit. As ``groups.py``, which has all others."""

from moviecrawler.config.api_keys import OmdbKey, TmdbKey, tmdb_token_and_key
from moviecrawler.config.fields import Group, Switch, Words, setting
from moviecrawler.config.urls import ApiUrls, CdnUrls, FileUrls, PageUrls

_SECONDS = Words(unit="seconds")
_URLS = Words(allowed="http(s) URLs, separated by commas")
_PER_SECOND = Words(unit="requests a second (0: no limit)", allowed="0 (no limit) or more")


class TmdbConfig(Group):
    """TMDB: keys, hosts and rate limit."""

    access_token: TmdbKey = setting(
        "TMDB_ACCESS_TOKEN",
        "",
        'the "API Read Access Token" (`eyJ...`); travels in a header and is preferred. Which of the two it is, the '
        "shape tells, whatever the setting; quotes and `Bearer` are taken off",
        Words(allowed="text; no key of OMDB", default="none"),
    )
    api_key: TmdbKey = setting(
        "TMDB_API_KEY",
        "",
        'the older "API Key" (32 hexadecimal digits); travels in the query, used when there is no token',
        Words(allowed="text; no key of OMDB", default="none"),
    )
    base_urls: ApiUrls = setting(
        "TMDB_BASE_URL",
        "https://api.themoviedb.org/3",
        "the API (TMDB's own host needs no path); several are alternates, the first is preferred; `http://` to another "
        "machine sends the key in the clear, with one WARNING",
        _URLS,
    )
    image_base_urls: CdnUrls = setting(
        "TMDB_IMAGE_BASE_URLS",
        "https://image.tmdb.org/t/p",
        "the image CDNs, the preferred one first; a picture is at BASE/SIZE/PATH; TMDB's own host needs no path",
        Words(allowed="http(s) URLs, separated by commas; relays as templates such as `https://wsrv.nl/?url={url}`"),
        repr=False,  # the template of a relay may hold a token
        exclude=True,
    )
    rate: float = setting(
        "TMDB_RATE",
        "4",
        "requests a second, over all runs of this machine, or all workers of one `REDIS_URL`",
        _PER_SECOND,
        ge=0,
    )
    burst: int = setting("TMDB_BURST", "40", "how many may go at once after a quiet time", ge=1)
    concurrency: int = setting("TMDB_CONCURRENCY", "10", "API requests in flight, per run", ge=1)
    export_base_urls: FileUrls = setting(
        "TMDB_EXPORT_BASE_URL",
        "https://files.tmdb.org/p/exports",
        "where the daily exports of all ids lie; they need no key",
        _URLS,
    )

    @property
    def token_and_key(self) -> tuple[str, str]:
        """What to send; empty where there is none."""
        return tmdb_token_and_key(self.access_token.get_secret_value(), self.api_key.get_secret_value())


class OmdbConfig(Group):
    """OMDB: key, hosts, rate limit and quota."""

    api_key: OmdbKey = setting(
        "OMDB_API_KEY",
        "",
        "the key, or the address in OMDB's mail that holds it",
        Words(allowed="text; no key of TMDB", default="none"),
    )
    base_urls: ApiUrls = setting(
        "OMDB_BASE_URL",
        "https://www.omdbapi.com",
        "the API; several are alternates, the first is preferred; `http://` to another machine sends the key in the "
        "clear, with one WARNING",
        _URLS,
    )
    daily_quota: int = setting(
        "OMDB_DAILY_QUOTA",
        "1000",
        "requests a day (UTC), over all runs that share a store, or all workers of one `REDIS_URL`; every try counts, "
        "an answer out of the cache does not",
        Words(unit="requests a day (0: no quota)", allowed="whole, 0 (no quota) or more"),
        ge=0,
    )
    rate: float = setting("OMDB_RATE", "2", "requests a second, as `TMDB_RATE`", _PER_SECOND, ge=0)
    burst: int = setting("OMDB_BURST", "5", "how many may go at once after a quiet time", ge=1)
    concurrency: int = setting("OMDB_CONCURRENCY", "5", "requests in flight, per run", ge=1)


class TheNumbersConfig(Group):
    """The Numbers: whether it is asked, and how slowly."""

    enabled: Switch = setting(
        "THE_NUMBERS_ENABLED", "0", "whether it is asked at all; films are due there only while it is"
    )
    delay: float = setting(
        "THE_NUMBERS_DELAY",
        "20",
        "from one page to the next (seconds), over all runs as `TMDB_RATE`; AutoThrottle makes it longer while the "
        "site is slow",
        _SECONDS,
        ge=0,
    )
    base_urls: PageUrls = setting("THE_NUMBERS_BASE_URL", "https://www.the-numbers.com", "the site", _URLS)
