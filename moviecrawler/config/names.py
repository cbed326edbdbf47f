"""Names that look like a setting of ours and are none: a typo must not pass in silence."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from moviecrawler.config import all_settings
from moviecrawler.config.sources import SOURCES

_PREFIXES = (
    *("STORE_", "CACHE_", "IMAGES_", "OVERLAY_", "FILTER_", "REFRESH_", "FAILOVER_", "RETRY_", "QUEUE_", "SCRAPYD_"),
    *("METRICS_", *(f"{source.upper()}_" for source in SOURCES)),
)
"""Whoever gives a name that begins like this means us."""

_OTHERS = frozenset(
    {
        # scrapy-redis
        *("REDIS_CLS", "REDIS_CONCURRENT_REQUESTS", "REDIS_DB", "REDIS_DECODE_RESPONSES", "REDIS_ENCODING"),
        *("REDIS_HOST", "REDIS_ITEMS_KEY", "REDIS_ITEMS_SERIALIZER", "REDIS_PARAMS", "REDIS_PORT"),
        *("REDIS_START_URLS_AS_SET", "REDIS_START_URLS_AS_ZSET", "REDIS_START_URLS_BATCH_SIZE"),
        *("REDIS_START_URLS_KEY", "DUPEFILTER_KEY", "MAX_IDLE_TIME_BEFORE_CLOSE", "SCHEDULER_DUPEFILTER_CLASS"),
        *("SCHEDULER_DUPEFILTER_KEY", "SCHEDULER_FLUSH_ON_START", "SCHEDULER_IDLE_BEFORE_CLOSE"),
        *("SCHEDULER_PERSIST", "SCHEDULER_QUEUE_CLASS", "SCHEDULER_QUEUE_KEY", "SCHEDULER_SERIALIZER"),
        # Scrapyd
        *("SCRAPYD_BIND_ADDRESS", "SCRAPYD_HTTP_PORT", "SCRAPYD_UNIX_SOCKET_PATH"),
        # docs/deploy/compose.yaml
        *("REDIS_PASSWORD", "MONGODB_PASSWORD"),
    }
)

_IN_ENVIRONMENT = frozenset({"LANGUAGE"})
"""What systems set there for other programs."""

_SIMILAR = 0.8


def unknown_setting(name: str, scrapys: Collection[str]) -> str:
    """One line about a name that was given to us and is none; empty where it may be somebody else's.

    ``scrapys``: the names that Scrapy knows.

    >>> unknown_setting("TMDB_RATES", ())
    'TMDB_RATES: there is no such setting; did you mean TMDB_RATE?'
    >>> unknown_setting("MY_EXTENSION_ENABLED", ()), unknown_setting("TMDB_RATE", ())
    ('', '')
    """
    if name in scrapys or name in _OTHERS or name in all_settings():
        return ""
    begins_like_ours = name.upper().startswith(_PREFIXES)
    close = get_close_matches(name.upper(), all_settings(), n=1, cutoff=0.0 if begins_like_ours else _SIMILAR)
    return f"{name}: there is no such setting; did you mean {close[0]}?" if close else ""


def environment_warnings(names: Iterable[str], scrapys: Collection[str]) -> list[str]:
    """A line for each name in the environment that is nearly one of ours.

    Names that only begin like ours are not reported: containers get REDIS_PORT_6379_TCP and the like.

    >>> environment_warnings(["OMDB_API_KEYS", "TMDB_PROXY_HOST", "LANGUAGE", "PATH"], ())
    ['OMDB_API_KEYS in the environment: there is no such setting; did you mean OMDB_API_KEY?']
    """
    known = all_settings()
    others = (name for name in names if name not in known and name not in scrapys)
    warnings = []
    for name in others:
        if name in _OTHERS or name in _IN_ENVIRONMENT or not name.isupper():
            continue
        if close := get_close_matches(name, known, n=1, cutoff=_SIMILAR):
            warnings.append(f"{name} in the environment: there is no such setting; did you mean {close[0]}?")
    return warnings
