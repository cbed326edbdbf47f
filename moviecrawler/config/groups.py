"""Every setting of ours, each once: its name, type, default, constraints and meaning; those of sources: ``sources.py``.

``docs/settings.md`` has its tables from here (``make docs``), ``settings.py`` names and defaults.
"""

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from moviecrawler.config.fields import (
    MAX_CACHE_DAYS,
    Folder,
    Group,
    Houses,
    LanguageTags,
    LogLevel,
    Lower,
    OptionalFolder,
    OptionalSizes,
    Password,
    Paths,
    Patterns,
    Port,
    Regions,
    ServerUri,
    Sizes,
    Switch,
    Text,
    Upper,
    Words,
    WrongValue,
    setting,
)
from moviecrawler.config.source_group import MAX_LIFETIME
from moviecrawler.config.urls import RedisUrl, ScrapydUrl

SHORTEST_LEASE = 2.0
"""Seconds. A worker reports twice a second that it is alive."""

Order = Literal["newest", "popular", "score"]
"""REFRESH_ORDER: which titles a source is asked about first."""

_SECONDS = Words(unit="seconds")
_SIZES = Words(allowed="`w500`, `h632`, `original`, separated by commas")
_ABOVE_0_MB = Words(must="must be a number above 0, such as 10")
_MB = Words(unit="MB")


class StoreConfig(Group):
    """Where documents, and everything else that stays, are kept."""

    data_dir: Folder = setting(
        "DATA_DIR",
        "data",
        "the folder for everything below, unless told otherwise, and for the state of the rate limit",
        Words(allowed="a folder that can be written; made if absent"),
    )
    uri: ServerUri = setting(
        "STORE_URI",
        "",
        "where documents and records are kept",
        Words(
            allowed="`sqlite:///relative.db`, `sqlite:////absolute.db`, `mongodb://host:port/database`, "
            "`mongodb+srv://...`",
            default="`movies.db` in `DATA_DIR`",
        ),
    )
    synchronous: Annotated[Literal["OFF", "NORMAL", "FULL"], Upper] = setting(
        "STORE_SYNCHRONOUS",
        "NORMAL",
        "SQLite's promise: `NORMAL` survives a killed process, `FULL` a power cut too",
    )
    patience: float = setting(
        "STORE_PATIENCE", "60", "how long a run waits for a store that has gone away (seconds)", _SECONDS, gt=0
    )
    sample_days: int = setting(
        "SAMPLES_DAYS",
        str(MAX_CACHE_DAYS),
        "for how long [weekly samples](data-model.md#samples) of popularity, scores and votes are kept (days; "
        "TMDB's terms allow no longer); 0: none",
        Words(unit="days"),
        ge=0,
        le=MAX_CACHE_DAYS,
    )
    defuse_csv: Switch = setting(
        "CSV_DEFUSED",
        "1",
        "in `.csv` files, text that a spreadsheet would take for a formula (begins with `=`, `+`, `-`, `@`) gets an "
        "apostrophe before it",
    )


class QueueConfig(Group):
    """The Redis that several workers share, and how they share their work."""

    url: RedisUrl = setting(
        "REDIS_URL",
        "",
        "the Redis (5 or newer) that several workers share: the queue, the rate limits and OMDB's quota, and which "
        "image hosts are healthy; without it a crawl works alone",
        Words(
            allowed="`redis://host:port/0`, `redis://user:password@host:port/0`, `rediss://...` (TLS); reserved "
            "characters of user and password as `%40` for `@`",
            default="none",
        ),
    )
    patience: float = setting(
        "REDIS_PATIENCE",
        "600",
        "how long a run waits for a Redis that is away or cannot be used (seconds); then it ends as `incomplete`",
        _SECONDS,
        ge=0,
    )
    lease: float = setting(
        "QUEUE_LEASE_SECONDS",
        "60",
        "how long a worker may show no sign of life before its requests are given to others (seconds)",
        _SECONDS,
        ge=SHORTEST_LEASE,
    )
    deliveries: int = setting(
        "QUEUE_MAX_DELIVERIES",
        "5",
        "how often a request is delivered to a worker before it becomes a [dead letter](glossary.md)",
        ge=1,
    )
    idle: float = setting(
        "WORKER_IDLE_SECONDS",
        "0",
        "for how long a worker stays with an empty queue (seconds); 0: it ends when all is done",
        _SECONDS,
        ge=0,
    )


class RefreshConfig(Group):
    """Which titles are asked about again first, and which seldom; how often, each source says."""

    order: Annotated[Order, Lower] = setting(
        "REFRESH_ORDER",
        "newest",
        "which titles are asked about first, after those that were never asked about: the "
        "[newest release](policies.md#refresh-and-freezing-policyfreshnessrefreshpy), the most popular, or the best "
        "score of both",
    )
    freeze_after: int = setting(
        "REFRESH_FREEZE_AFTER",
        "3",
        "refresh cycles in a row without a change after which an old title is [frozen](glossary.md)",
        Words(unit="cycles without a change"),
        ge=1,
    )


class LanguageConfig(Group):
    """In which languages titles are wanted."""

    preferred: LanguageTags = setting(
        "LANGUAGES",
        "en-US",
        "title, overview and tagline in the first of these that has one; TMDB is asked in the first",
        Words(allowed="tags such as `zh-CN,zh-TW,zh,en-US`"),
    )
    watch_in: Regions = setting(
        "WATCH_REGIONS",
        "",
        "in which countries to say where a title can be watched (by JustWatch, which has to be named beside it)",
        Words(allowed="codes of ISO 3166-1 such as `US,GB`", default="the regions of `LANGUAGES`"),
    )

    @property
    def watch_regions(self) -> tuple[str, ...]:
        """The countries of WATCH_REGIONS, else the regions of LANGUAGES."""
        return self.watch_in or tuple(
            dict.fromkeys(region for tag in self.preferred if (region := tag.partition("-")[2]))
        )


class FilterConfig(Group):
    """What discovery drops. Ratings are on TMDB's scale of 0 to 10, running times in minutes; 0 means no minimum."""

    enabled: Switch = setting(
        "FILTER_ENABLED", "1", "whether listings are filtered at all; what you ask for by id never is"
    )
    min_votes: int = setting(
        "FILTER_MIN_VOTES", "10", "fewer votes are dropped, unless the title is new", Words(unit="votes"), ge=0
    )
    min_rating: float = setting("FILTER_MIN_RATING", "0", "a lower rating is dropped", ge=0, le=10)
    min_runtime: int = setting(
        "FILTER_MIN_RUNTIME", "40", "a shorter film is dropped (minutes; not shows)", Words(unit="minutes"), ge=0
    )
    patterns: Patterns = setting(
        "FILTER_PATTERNS",
        "",
        "a title or keyword that fits is dropped",
        Words(allowed="regular expressions, separated by commas or one a line", default="none"),
    )


class ScrapydConfig(Group):
    """Where ``scrapy schedule`` posts its jobs."""

    url: ScrapydUrl = setting(
        "SCRAPYD_URL",
        "http://127.0.0.1:6800",
        "where Scrapyd is",
        Words(allowed="an http(s) URL without a user name"),
    )
    username: Text = setting(
        "SCRAPYD_USERNAME",
        "",
        "the name for its basic authentication; Scrapyd itself reads it under the same name",
        Words(allowed="text without a colon", default="none"),
    )
    password: Password = setting(
        "SCRAPYD_PASSWORD", "", "the password; never logged", Words(allowed="text", default="none")
    )

    @field_validator("username")
    @classmethod
    def _has_no_colon(cls, username: str) -> str:
        if ":" in username:
            raise WrongValue("must be a name without a colon (RFC 7617)")
        return username

    @field_validator("password")
    @classmethod
    def _belongs_to_username(cls, password: Password, info: ValidationInfo) -> Password:
        if "username" in info.data and bool(info.data["username"]) != bool(password):
            raise WrongValue("must be set together with SCRAPYD_USERNAME: both or none")
        return password


class CacheConfig(Group):
    """Where answers are kept, and for how long they stand in for failed ones; lifetimes belong to the sources."""

    uri: ServerUri = setting(
        "CACHE_URI",
        "sqlite:",
        "where [answers are kept](caching.md#where): `cache.db` in `DATA_DIR`",
        Words(
            allowed="`sqlite:`, `sqlite:///relative.db`, `sqlite:////absolute.db`, `redis://host:port/0`, "
            "`rediss://...`, `mongodb://host:port/database`, `mongodb+srv://...`; empty: no cache",
            may_be_empty=True,
        ),
    )
    stale_if_error: float = setting(
        "CACHE_STALE_IF_ERROR",
        "604800",
        "for how long after it has ceased to be fresh an answer stands in for a site that is down (seconds)",
        _SECONDS,
        ge=0,
        le=MAX_LIFETIME,
    )


class ImagesConfig(Group):
    """Pictures: which are made, how well, and what that may take."""

    enabled: Switch = setting("IMAGES_ENABLED", "1", "whether pictures are fetched and drawn")
    store: OptionalFolder = setting(
        "IMAGES_STORE",
        "",
        "the folder for pictures",
        Words(allowed="a folder", default="`images` in `DATA_DIR`"),
    )
    poster_sizes: Sizes = setting(
        "IMAGES_POSTER_SIZES", "w500", "sizes of a poster, all made from one download", _SIZES
    )
    backdrop_sizes: Sizes = setting("IMAGES_BACKDROP_SIZES", "w1280", "sizes of a backdrop", _SIZES)
    logo_sizes: OptionalSizes = setting(
        "IMAGES_LOGO_SIZES",
        "",
        "sizes of a title's logo, in the first of `LANGUAGES` that has one; PNG with transparency, whatever "
        "`IMAGES_FORMAT` says; empty: no logos",
        Words(allowed=_SIZES.allowed, default="none"),
    )
    profile_sizes: OptionalSizes = setting(
        "IMAGES_PROFILE_SIZES",
        "",
        "sizes of the portraits of a title's [first people](pictures.md#logos-and-portraits); empty: no portraits",
        Words(allowed=_SIZES.allowed, default="none"),
    )
    format: Annotated[Literal["jpeg", "webp", "avif", "auto"], Lower] = setting(
        "IMAGES_FORMAT",
        "jpeg",
        "the [format](pictures.md#formats) of the files; `auto`: of each file the smallest of them",
    )
    quality: Annotated[Literal["high", "medium", "low"], Lower] = setting(
        "IMAGES_QUALITY", "medium", "JPEG quality 95, 85 or 70, and the quality that looks the same in other formats"
    )
    max_file_mb: float = setting(
        "IMAGES_MAX_FILE_MB", "10", "quality goes down until a file is smaller (10⁶ bytes)", _ABOVE_0_MB, gt=0
    )
    max_memory_mb: float = setting(
        "IMAGES_MAX_MEMORY_MB",
        "145",
        "what all pictures that are being made take at a time (10⁶ bytes); one that would take more is "
        "[refused](pictures.md#bad-pictures). 145 is enough for 3840x2160 in every format that is read; for "
        "[AVIF files](pictures.md#formats) of that size it is not",
        Words(must="must be a number from 1 up, such as 145"),
        ge=1,
    )
    max_download_mb: float = setting(
        "IMAGES_MAX_DOWNLOAD_MB", "16", "a larger picture is refused (10⁶ bytes)", _MB, ge=0.001, le=1_000_000
    )
    concurrency: int = setting("IMAGES_CONCURRENCY", "16", "requests in flight, per image host", ge=1)
    timeout: float = setting("IMAGES_TIMEOUT", "40", "a whole picture or export (seconds)", _SECONDS, gt=0)
    fonts: Paths = setting(
        "OVERLAY_FONTS",
        "",
        "font files that go before the bundled ones on a title backdrop",
        Words(allowed="paths, separated by commas", default="none"),
    )
    subtitle: Annotated[Literal["auto", "original", "languages", "off"], Lower] = setting(
        "OVERLAY_SUBTITLE",
        "auto",
        "the line below the title: `original` title, a title in another of the `LANGUAGES`, or (`auto`) the first of "
        "these that exists",
    )
    logo: Switch = setting(
        "OVERLAY_LOGO",
        "0",
        "whether a title backdrop shows the title's own logo in place of the title in letters, where there is one "
        "that [can be read](pictures.md#the-logo-on-a-title-backdrop)",
    )
    ratings: Houses = setting(
        "OVERLAY_RATINGS",
        "tmdb",
        "whose ratings a title backdrop shows, in this order, as far as they are known",
        Words(allowed="some of `tmdb`, `imdb`, `rt`, `metacritic`, separated by commas; or `off`"),
    )


class FailoverConfig(Group):
    """``failures`` in a row open a breaker for ``cool_down`` seconds, doubling up to ``cool_down_max``.

    ``patience``: seconds without a byte after which a picture is requested from the next host, if there is one.
    ``prefer``: "china" orders image hosts by a probe.
    """

    failures: int = setting("FAILOVER_FAILURES", "3", "failures in a row after which a host is left alone", ge=1)
    cool_down: float = setting(
        "FAILOVER_COOL_DOWN", "30", "for how long (seconds); doubles while the host stays away", _SECONDS, ge=0
    )
    cool_down_max: float = setting(
        "FAILOVER_COOL_DOWN_MAX",
        "600",
        "the longest of these times (seconds)",
        Words(unit="seconds", allowed="`FAILOVER_COOL_DOWN` or more"),
        ge=0,
    )
    patience: float = setting(
        "FAILOVER_PATIENCE",
        "5",
        "silence after which a picture is asked of the next host, while there is one (seconds)",
        _SECONDS,
        ge=0.1,
    )
    prefer: Annotated[Literal["", "china"], Lower] = setting(
        "CDN_PREFER",
        "",
        "`china`: a short probe at the start orders the image hosts, those that answer first, the quickest of them in "
        "front",
        Words(allowed="`china`, or nothing", default="none"),
    )

    @field_validator("cool_down_max")
    @classmethod
    def _is_not_shorter(cls, longest: float, info: ValidationInfo) -> float:
        if longest < info.data.get("cool_down", 0):
            raise WrongValue(f"must be {info.data['cool_down']} or more seconds")
        return longest


class DownloadConfig(Group):
    """How long and how large an answer may be, and how long a source may be down."""

    connect_timeout: float = setting(
        "CONNECT_TIMEOUT", "10", "to connect, and from one piece of an answer to the next (seconds)", _SECONDS, gt=0
    )
    timeout: float = setting(
        "DOWNLOAD_TIMEOUT",
        "20",
        "a whole answer of an API, or page (seconds); waiting for the budget does not count; Scrapy's default is 180",
        _SECONDS,
        gt=0,
    )
    max_answer_mb: float = setting(
        "ANSWER_MAX_MB",
        "4",
        "a larger answer of an API, page or robots.txt is refused, as it travels and unpacked (10⁶ bytes); also at "
        "`reparse`",
        _MB,
        ge=0.001,
        le=1_000_000,
    )
    max_export_mb: float = setting(
        "EXPORT_MAX_MB",
        "1000",
        "how much of TMDB's daily export is read, unpacked (10⁶ bytes); a larger one counts as damaged",
        _MB,
        ge=0.001,
        le=1_000_000,
    )
    max_size: int = setting(
        "DOWNLOAD_MAXSIZE",
        "67108864",
        "the largest body of any answer, as it travels, packed exports included (bytes)",
        Words(unit="bytes"),
        ge=1,
    )
    source_patience: float = setting(
        "SOURCE_PATIENCE",
        "600",
        "how long a run waits for a source that is "
        "[down](policies.md#a-source-that-is-down-policynetworksource_breakerpy) before it ends as `incomplete` "
        "(seconds)",
        _SECONDS,
        ge=0,
    )


class RetryConfig(Group):
    """``tries`` counts all tries, the first included; ``base``, ``cap`` and ``retry_after_cap`` are seconds."""

    tries: int = setting("RETRY_TRIES", "5", "tries of a request, including the first", ge=1)
    listing_tries: int = setting(
        "RETRY_LISTING_TRIES",
        "15",
        "the same for a page that leads to titles (a listing, a chart, a page of the changes feed), since one lost "
        "page may hide many titles",
        ge=1,
    )
    base: float = setting(
        "RETRY_BASE", "0.5", "longest delay before the second try (seconds); doubles with each", _SECONDS, ge=0
    )
    cap: float = setting("RETRY_CAP", "60", "longest delay of all (seconds)", _SECONDS, ge=0)
    retry_after_cap: float = setting(
        "RETRY_AFTER_CAP",
        "900",
        "longest Retry-After that is waited for (seconds); a longer one ends the run (a picture: gives that picture "
        "up)",
        _SECONDS,
        ge=0,
    )


class RunConfig(Group):
    """What a person sees of a run, and what is measured."""

    progress_seconds: float = setting(
        "PROGRESS_SECONDS", "15", "time between two progress lines where there is no terminal", _SECONDS, gt=0
    )
    log_level: LogLevel = setting(
        "LOG_LEVEL",
        "INFO",
        "how much is logged; `DEBUG` shows retries and dropped titles",
        Words(allowed="Python's level names"),
    )
    timing: Switch = setting("TIMING_ENABLED", "1", "whether the [stages of a run](metrics.md#stages) are timed")
    metrics_port: Port = setting(
        "METRICS_PORT",
        "",
        "the port of 127.0.0.1 for [Prometheus](metrics.md#prometheus) while a run goes on; `0` takes a free one",
        Words(default="none"),
        ge=0,
        le=65535,
    )
    profile: Switch = setting("PROFILE", "0", "whether the run is [profiled](metrics.md#profile)")
