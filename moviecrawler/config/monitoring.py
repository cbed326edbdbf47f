"""The settings of monitors and of the hooks that are told, and the forms of their values (``docs/monitors.md``)."""

import re
import shlex
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

from moviecrawler.config.fields import Group, Password, Words, WrongValue, plain_text, setting

EVENTS = ("finished", "failed", "unhealthy", "released", "changed")
"""What NOTIFY_ON may name; after ``changed`` a field may follow: ``changed:title``."""

_OFF = "off"
_SPIDER = re.compile(r"[A-Za-z_][\w.-]*")
_FIELD = re.compile(r"(?:(?:movies|shows)/)?[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
_SHARE_MUST = "must be fields with a share from 0 to 1, such as runtime:0.9,omdb:ratings.imdb:0.8"


@dataclass(frozen=True)
class PerSpider:
    """A threshold for all spiders, and those of some of them; None: no threshold."""

    all: float | None = None
    by_spider: dict[str, float | None] = field(default_factory=dict)

    def of(self, spider: str) -> float | None:
        """
        >>> per_spider("20,tmdb_discover:1000,tmdb_list:off").of("tmdb_discover")
        1000.0
        """
        return self.by_spider.get(spider, self.all)


@dataclass(frozen=True)
class MinCoverage:
    """The share of answers in which ``field`` must have a value; ``spider`` and ``kind`` are empty for all."""

    spider: str
    kind: str
    field: str
    share: float


def per_spider(value: object, most: float = 1e12) -> PerSpider:
    """Numbers separated by commas, each for all spiders or, as ``SPIDER:NUMBER``, for one; ``off``: none. WrongValue.

    >>> per_spider("20,tmdb_discover:1000,tmdb_list:off")
    PerSpider(all=20.0, by_spider={'tmdb_discover': 1000.0, 'tmdb_list': None})
    """
    if isinstance(value, PerSpider):
        return value
    found: dict[str, float | None] = {}
    for part in filter(None, map(str.strip, plain_text(value).split(","))):
        spider, colon, text = (one.strip() for one in part.rpartition(":"))
        number = _number(text, most)
        if (colon and not _SPIDER.fullmatch(spider)) or (number is None and text.lower() != _OFF):
            example = "20,tmdb_discover:1000" if most > 1 else "0.1,omdb:0.3"
            raise WrongValue(
                f"must be numbers{'' if most > 1 else ' from 0 to 1'}, or off, such as {example}; {part[:60]!r} is none"
            )
        if spider in found:
            raise WrongValue(f"must name {spider or 'all spiders'} once")
        found[spider] = number
    return PerSpider(found.pop("", None), found)


def min_coverage(value: object) -> tuple[MinCoverage, ...]:
    """``[SPIDER:][KIND/]FIELD:SHARE``, separated by commas. WrongValue.

    >>> min_coverage("runtime:0.9")
    (MinCoverage(spider='', kind='', field='runtime', share=0.9),)
    >>> min_coverage("tmdb_discover:movies/release_date:1")
    (MinCoverage(spider='tmdb_discover', kind='movies', field='release_date', share=1.0),)
    """
    if isinstance(value, tuple):
        return value
    found = []
    for part in filter(None, map(str.strip, plain_text(value).split(","))):
        name, _, text = (one.strip() for one in part.rpartition(":"))
        spider, colon, path = (one.strip() for one in name.rpartition(":"))
        share = _number(text, 1)
        if share is None or not _FIELD.fullmatch(path) or (colon and not _SPIDER.fullmatch(spider)):
            raise WrongValue(f"{_SHARE_MUST}; {part[:60]!r} is none")
        kind, _, name = path.rpartition("/")
        found.append(MinCoverage(spider, kind, name, share))
    return tuple(found)


def _number(text: str, most: float) -> float | None:
    """A number from 0 to ``most``; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= most else None


def _events(value: object) -> tuple[str, ...]:
    """Events separated by commas, each once; a field only after ``changed:``."""
    words = value if isinstance(value, tuple) else [word.strip() for word in plain_text(value).lower().split(",")]
    events = tuple(dict.fromkeys(filter(None, words)))
    for event in events:
        name, colon, path = event.partition(":")
        if name not in EVENTS or (colon and (name != "changed" or not _FIELD.fullmatch(path) or "/" in path)):
            raise WrongValue(f"must be some of {', '.join(EVENTS)} or changed:FIELD; {event[:60]!r} is none")
    return events


_URL = "must be an http:// or https:// URL with a host name"


def _url(value: object) -> str:
    url = plain_text(value)
    try:
        parts = urlsplit(url)
        is_valid = not url or (parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
    except ValueError:  # its text may quote what is in place of the port
        is_valid = False
    if not is_valid or any(character.isspace() or ord(character) < 32 for character in url):
        raise WrongValue(_URL)
    return url


def words_of_command(text: str) -> list[str]:
    """Program and arguments, as a shell would split them; nothing is expanded. ValueError.

    >>> words_of_command("notify-send 'A film is out; $(rm -r /)'")
    ['notify-send', 'A film is out; $(rm -r /)']
    """
    return shlex.split(text)


def _command(value: object) -> str:
    command = plain_text(value)
    try:
        if "\0" in command or (command and not words_of_command(command)):
            raise ValueError
    except ValueError:
        raise WrongValue("must be a program and its arguments, with every quote closed") from None
    return command


Numbers = Annotated[PerSpider, BeforeValidator(per_spider)]
Shares = Annotated[PerSpider, BeforeValidator(lambda value: per_spider(value, 1))]
Coverages = Annotated[tuple[MinCoverage, ...], BeforeValidator(min_coverage)]
Events = Annotated[tuple[str, ...], BeforeValidator(_events)]
HookUrl = Annotated[SecretStr, BeforeValidator(_url)]
HookCommand = Annotated[SecretStr, BeforeValidator(_command)]

_NUMBERS = Words(
    allowed="numbers, for all spiders or as `SPIDER:NUMBER`, separated by commas, or `off`", default="none"
)


class MonitorConfig(Group):
    """What a run is held to at its end."""

    min_found: Numbers = setting(
        "MONITOR_MIN_FOUND", "", "how many titles a run must find, of a spider that reads a listing", _NUMBERS
    )
    max_reject_rate: Shares = setting(
        "MONITOR_MAX_REJECT_RATE",
        "",
        "the largest share of rejects among the items of a run, titles that are gone left out",
        Words(allowed="shares, for all spiders or as `SPIDER:SHARE`, separated by commas, or `off`", default="none"),
    )
    min_coverage: Coverages = setting(
        "MONITOR_MIN_COVERAGE",
        "",
        "the share of a run's answers in which a field must have a value; fields as in "
        "[`scrapy stats`](commands.md#scrapy-stats); without a spider they are those of TMDB's spiders",
        Words(
            allowed="`FIELD:SHARE`, separated by commas, such as `runtime:0.9,omdb:ratings.imdb:0.8`; of films or "
            "shows alone `movies/FIELD:SHARE`",
            default="none",
        ),
    )
    max_seconds: Numbers = setting("MONITOR_MAX_SECONDS", "", "the longest that a run may take (seconds)", _NUMBERS)


class NotifyConfig(Group):
    """Who is told of a run, and of what."""

    on: Events = setting(
        "NOTIFY_ON",
        "failed,unhealthy",
        "of which [events](monitors.md#events) the hooks are told",
        Words(allowed="some of `finished`, `failed`, `unhealthy`, `released`, `changed`, `changed:FIELD`"),
    )
    url: HookUrl = setting(
        "NOTIFY_URL",
        "",
        "gets each message as a POST of JSON; it may hold a secret, and is never logged",
        Words(allowed="an http(s) URL", default="none"),
    )
    secret: Password = setting(
        "NOTIFY_SECRET",
        "",
        "signs what is sent to NOTIFY_URL (HMAC-SHA256); never logged",
        Words(allowed="text", default="none"),
    )
    command: HookCommand = setting(
        "NOTIFY_COMMAND",
        "",
        "is started with each message as JSON on its standard input, without a shell",
        Words(allowed="a program and its arguments", default="none"),
    )
    apprise: Password = setting(
        "NOTIFY_APPRISE",
        "",
        "services that get each message as text, through [apprise](https://github.com/caronc/apprise); they may hold "
        "secrets, and are never logged",
        Words(allowed="apprise's URLs, separated by white space", default="none"),
    )
    seconds: float = setting(
        "NOTIFY_SECONDS",
        "20",
        "how long the hooks may take together (seconds), before each is given up with one WARNING",
        Words(unit="seconds"),
        gt=0,
        le=300,
    )
