"""The sources, and the settings of each: keys, hosts, rate limit, quota, how long answers are fresh, when to ask again.

A new source is a group here and a field of :class:`SourceGroups`; what it says, and how, is its descriptor in
``sources/``.
"""

from collections.abc import Iterator
from typing import Annotated

from moviecrawler.config.api_keys import ApiKey, KeyShape
from moviecrawler.config.fields import Group, RefreshRow, Switch, Words, setting
from moviecrawler.config.source_group import Pace, SourceGroup, lifetime
from moviecrawler.config.urls import ApiUrls, CdnUrls, FileUrls, PageUrls

_SECONDS = Words(unit="seconds")
_URLS = Words(allowed="http(s) URLs, separated by commas")
_PER_SECOND = Words(unit="requests a second (0: no limit)", allowed="0 (no limit) or more")
_ROW = Words(allowed="four whole numbers from 1 to 180, none smaller than the one before")
_REFRESH = "days between two requests for a title that is up to 60, 180, 365 days old, and older"


_TMDB_TOKEN = KeyShape(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "an access token of TMDB (eyJ...)")
_TMDB_KEY = KeyShape("[0-9a-fA-F]{32}", "a key of TMDB (32 hexadecimal digits)")
_OMDB_KEY = KeyShape("[0-9a-fA-F]{8}", "a key of OMDB (8 hexadecimal digits)")


class TmdbConfig(SourceGroup):
    """TMDB."""

    title = "TMDB"
    key_from = "https://www.themoviedb.org/settings/api"

    access_token: Annotated[ApiKey, _TMDB_TOKEN] = setting(
        "TMDB_ACCESS_TOKEN",
        "",
        'the "API Read Access Token" (`eyJ...`); travels in a header and is preferred. Which of the two it is, the '
        "shape tells, whatever the setting; quotes and `Bearer` are taken off",
        Words(allowed="text; no key of OMDB", default="none"),
    )
    api_key: Annotated[ApiKey, _TMDB_KEY] = setting(
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

    refresh: RefreshRow = setting("REFRESH_TMDB", "5,15,30,90", _REFRESH, _ROW)
    ttl_trending: float = lifetime("CACHE_TTL_TRENDING", "3600", "for how long a trending list is fresh (seconds)")
    ttl_genres: float = lifetime("CACHE_TTL_GENRES", "86400", "the same of genres and configuration")
    ttl_api: float = lifetime("CACHE_TTL_API", "1800", "the same of every other answer")

    @property
    def pace(self) -> Pace:
        return Pace(self.rate, self.burst, self.concurrency)

    @property
    def token_and_key(self) -> tuple[str, str]:
        """What to send, told apart by shape, whichever setting they are in; empty where there is none."""
        first, second = self.access_token.get_secret_value(), self.api_key.get_secret_value()
        is_key, is_token = _TMDB_KEY.fits(first), _TMDB_TOKEN.fits(second)
        token = second if is_token and (is_key or not first) else "" if is_key else first
        key = first if is_key and (is_token or not second) else "" if is_token else second
        return token, key


class OmdbConfig(SourceGroup):
    """OMDB."""

    title = "OMDB"
    key_from = "https://www.omdbapi.com/apikey.aspx"

    api_key: Annotated[ApiKey, _OMDB_KEY] = setting(
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
    refresh: RefreshRow = setting("REFRESH_OMDB", "5,30,90,180", _REFRESH, _ROW)
    ttl_omdb: float = lifetime("CACHE_TTL_OMDB", "86400", "for how long an answer is fresh (seconds)")

    @property
    def pace(self) -> Pace:
        return Pace(self.rate, self.burst, self.concurrency)

    @property
    def quota(self) -> int:
        return self.daily_quota


class TheNumbersConfig(SourceGroup):
    """The Numbers."""

    title = "The Numbers"
    terms = "https://www.the-numbers.com"

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
    refresh: RefreshRow = setting("REFRESH_THE_NUMBERS", "5,30,90,180", _REFRESH, _ROW)
    ttl_the_numbers: float = lifetime("CACHE_TTL_THE_NUMBERS", "43200", "for how long a page is fresh (seconds)")

    @property
    def pace(self) -> Pace:
        """One page at a time, ``delay`` apart over all processes."""
        return Pace(1 / self.delay if self.delay else 0)

    @property
    def is_enabled(self) -> bool:
        return self.enabled


class SourceGroups(Group):
    """All sources, in the order in which they are asked and believed; TMDB, whose ids are the documents', first."""

    tmdb: TmdbConfig
    omdb: OmdbConfig
    the_numbers: TheNumbersConfig


def _groups() -> Iterator[tuple[str, type[SourceGroup]]]:
    for name, field in SourceGroups.model_fields.items():
        assert isinstance(field.annotation, type)
        assert issubclass(field.annotation, SourceGroup)
        yield name, field.annotation


SOURCES: dict[str, type[SourceGroup]] = dict(_groups())
"""Source -> its group."""

KEY_SETTINGS = tuple(name for group in SOURCES.values() for name in group.key_settings())
"""The settings that hold a key."""
