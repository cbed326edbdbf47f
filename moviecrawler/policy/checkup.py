"""What ``scrapy doctor`` makes of what it finds: one finding for each check, and what to do about it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from moviecrawler.config import Config
from moviecrawler.policy.network.bodies import AnswerKind
from moviecrawler.policy.prerequisites import missing_key_message, wrong_key_message
from moviecrawler.policy.terminal import labelled
from moviecrawler.timestamps import MAX_CLOCK_SKEW

Level = Literal["ok", "warning", "problem"]

LEVELS: tuple[Level, ...] = ("ok", "warning", "problem")
"""From good to bad."""

LOW_SPACE, NO_SPACE = 2 * 10**9, 200 * 10**6
"""Free bytes of a disk below which there is a warning, or a problem: a film's pictures take 0.3 MB."""

OLDEST_REDIS = 5
"""The first major version with all that the scripts call."""


class Finding(NamedTuple):
    """``check`` is what was looked at, ``text`` what was found there, ``advice`` what to do; empty if nothing."""

    check: str
    level: Level
    text: str
    advice: str = ""


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst one.

    >>> worst([Finding("store", "warning", ""), Finding("keys", "ok", "")]), worst([])
    ('warning', 'ok')
    """
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")


def finding_lines(finding: Finding) -> Iterator[str]:
    """For people, in 80 columns.

    >>> print(*finding_lines(Finding("store", "ok", "SQLite data/movies.db")), sep="\\n")
    ok       store     SQLite data/movies.db
    """
    text = f"{finding.text}; {finding.advice}" if finding.advice else finding.text
    yield from labelled([(f"{finding.level:7}  {finding.check:8}", text)], indent="")


# --- Keys and settings ------------------------------------------------------------------------------------------


def key_findings(config: Config) -> Iterator[Finding]:
    """Whether there are keys, and whether they look like keys; they are not shown. Only the site knows more."""
    first = next(iter(config.sources))
    for source, group in config.sources.items():
        keys = dict(zip(group.key_settings(), (key.get_secret_value() for key in group.keys), strict=True))
        if missing := missing_key_message(source, config, f"crawl {'tmdb_trending' if source == first else source}"):
            said, _, advice = missing.partition(": ")
            yield Finding("keys", "problem" if source == first else "warning", said, advice)
            continue
        shapes = [shape for _, shape in group.key_shapes()]
        given = {name: key for name, key in keys.items() if key}
        odd = [name for name, key in given.items() if shapes and not any(shape.fits(key) for shape in shapes)]
        if odd:
            usual = " or ".join(shape.name for shape in shapes)
            yield Finding("keys", "warning", f"{odd[0]} is set, but does not look like {usual}", _ASK)
        elif given:
            yield Finding(
                "keys",
                "ok",
                f"{' and '.join(given)} {'is set, and looks' if len(given) == 1 else 'are set, and look'} right",
            )


_ASK = "scrapy doctor --online asks the site"


def answer_finding(source: str, name: str, kind: AnswerKind, reason: str) -> Finding:
    """What a site, called ``name``, says to a request with our key (``policy.network.answers``).

    >>> answer_finding("tmdb", "TMDB", "auth", "auth/7")[1:3]
    ('problem', 'TMDB rejects the key (auth/7)')
    """
    if kind == "ok":
        return Finding("online", "ok", f"{name} answers, and takes the key")
    if kind == "quota":
        return Finding("online", "warning", f"{name}'s quota of the day is used up", "it is full again at midnight UTC")
    if kind in ("auth", "blocked"):
        return Finding("online", "problem", f"{name} rejects the key ({reason})", wrong_key_message(source))
    if kind == "throttled":
        return Finding("online", "warning", f"{name} asks us to slow down ({reason})", "lower its rate, or wait")
    setting = f"{source.upper()}_BASE_URL"
    return Finding(
        "online", "problem", f"{name} does not answer as it should ({reason})", f"is {setting} right? Or wait"
    )


def contradictions(config: Config) -> Iterator[tuple[str, str]]:
    """Settings that do nothing beside others, or not what was meant: (what, what to do).

    >>> list(contradictions(Config.from_settings({"WORKER_IDLE_SECONDS": "60"})))
    [('WORKER_IDLE_SECONDS is set, but REDIS_URL is not: a crawl works alone', 'set REDIS_URL, or leave it out')]
    """
    is_sqlite = (config.store.uri.get_secret_value() or "sqlite:").startswith("sqlite:")
    found = {
        ("WORKER_IDLE_SECONDS is set, but REDIS_URL is not: a crawl works alone", "set REDIS_URL, or leave it out"): (
            config.queue.idle and not config.queue.url.get_secret_value()
        ),
        ("REDIS_URL is set, but the store is a SQLite file of this machine", "for several, STORE_URI=mongodb://..."): (
            config.queue.url.get_secret_value() and is_sqlite
        ),
        ("OVERLAY_FONTS is set, but IMAGES_ENABLED is 0: nothing is drawn", "set IMAGES_ENABLED=1, or leave it out"): (
            config.images.fonts and not config.images.enabled
        ),
        ("FILTER_PATTERNS is set, but FILTER_ENABLED is 0: nothing is dropped", "set FILTER_ENABLED=1"): (
            config.filter.patterns and not config.filter.enabled
        ),
        ("RETRY_BASE is above RETRY_CAP, which is the longest delay of all", "raise RETRY_CAP"): (
            config.retry.base > config.retry.cap
        ),
        ("RETRY_LISTING_TRIES is below RETRY_TRIES: a lost listing hides many titles", "raise RETRY_LISTING_TRIES"): (
            config.retry.listing_tries < config.retry.tries
        ),
    }
    yield from (line for line, applies in found.items() if applies)


# --- Places -----------------------------------------------------------------------------------------------------


def space_finding(setting: str, folder: str, free: int) -> Finding:
    """``free``: bytes on the disk of a folder that can be written.

    >>> space_finding("DATA_DIR", "data", 300 * 10**6)[1:]
    ('warning', 'DATA_DIR=data can be written, but has only 0.3 GB free', 'free some space')
    """
    level: Level = "problem" if free < NO_SPACE else "warning" if free < LOW_SPACE else "ok"
    if level == "ok":
        return Finding("places", "ok", f"{setting}={folder} can be written, {size(free)} free")
    return Finding("places", level, f"{setting}={folder} can be written, but has only {size(free)} free", _FREE)


_FREE = "free some space"


def redis_finding(where: str, facts: Mapping[str, object]) -> Finding:
    """``facts``: the answer of Redis to INFO, as far as we may read it.

    >>> redis_finding("r:6379/0", {"redis_version": "7.2.4", "maxmemory": 0, "maxmemory_policy": "allkeys-lru"})[1:]
    ('ok', 'r:6379/0 answers and can be written, version 7.2.4', '')
    """
    version = str(facts.get("redis_version") or "unknown")
    text = f"{where} answers and can be written, version {version}"
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) < OLDEST_REDIS:
        return Finding("redis", "problem", text, f"use version {OLDEST_REDIS} or newer")
    policy = facts.get("maxmemory_policy")
    if facts.get("maxmemory") and policy and policy != "noeviction":
        what = f"{text}; when its memory is full it deletes keys ({policy}), and with them queued requests"
        return Finding("redis", "problem", what, "set maxmemory-policy noeviction")
    return Finding("redis", "ok", text)


def size(count: int) -> str:
    """Bytes for people.

    >>> size(300 * 10**6), size(1_500_000), size(12_345)
    ('0.3 GB', '1.5 MB', '12.3 kB')
    """
    unit, name = next((some for some in ((10**9, "GB"), (10**6, "MB")) if count >= some[0] / 10), (1000, "kB"))
    return f"{count / unit:,.1f} {name}"


# --- Versions and the clock -------------------------------------------------------------------------------------

_LOCKED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)\s*(?:#.*)?")


def not_as_locked(lock: str, installed: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Package -> (locked, installed version) where they differ. What is not installed, or has a condition, is left out.

    ``lock`` is the text of constraints.txt, ``installed`` has names as it spells them.

    >>> not_as_locked("scrapy==2.13.0\\nlxml==6.0 ; python_version < '3'", {"scrapy": "2.12.0", "lxml": "5.0"})
    {'scrapy': ('2.13.0', '2.12.0')}
    """
    locked = (found for line in lock.splitlines() if (found := _LOCKED.fullmatch(line.strip())))
    return {
        name: (wanted, have)
        for name, wanted in (found.groups() for found in locked)
        if (have := installed.get(name)) not in (None, wanted) and have is not None
    }


def versions_finding(versions: str, differing: Mapping[str, tuple[str, str]] | None) -> Finding:
    """``differing``: see :func:`not_as_locked`; None without a lock."""
    if differing is None:
        return Finding("versions", "ok", f"{versions}; no constraints.txt to compare the others with")
    if not differing:
        return Finding("versions", "ok", f"{versions}; all others are those of constraints.txt")
    first = ", ".join(f"{name} {have}, tested with {wanted}" for name, (wanted, have) in [*differing.items()][:3])
    more = f", and {len(differing) - 3} more" if len(differing) > 3 else ""
    return Finding(
        "versions", "warning", f"{versions}; {first}{more}", "pip install -r requirements.txt -c constraints.txt"
    )


def clock_finding(now: datetime, other: datetime | None, whose: str) -> Finding:
    """Compare our clock with the time of another (``whose``), or without one only say what ours shows.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 21, 8, 15, tzinfo=UTC)
    >>> clock_finding(now, now.replace(minute=35), "TMDB's")[1:3]
    ('problem', "2026-11-21 08:15 UTC is 20 minutes behind TMDB's")
    """
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if other is None:
        return Finding("clock", "ok", shown)
    apart = now - other
    if abs(apart) <= MAX_CLOCK_SKEW:
        return Finding("clock", "ok", f"{shown}, as {whose}")
    minutes = round(abs(apart).total_seconds() / 60)
    which = "behind" if apart.total_seconds() < 0 else "ahead of"
    return Finding("clock", "problem", f"{shown} is {minutes:,} minutes {which} {whose}", _SET_CLOCK)


_SET_CLOCK = "set the clock of this machine (NTP)"


def future_finding(now: datetime, title: str | None) -> Finding:
    """``title``: one that was stored later than now, if there is any.

    >>> from datetime import UTC
    >>> future_finding(datetime(2026, 11, 21, 8, 15, tzinfo=UTC), "movies/603")[1:3]
    ('problem', '2026-11-21 08:15 UTC, but movies/603 was stored later than that')
    """
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if title is None:
        return Finding("clock", "ok", f"{shown}; nothing is stored with a later time")
    what = f"{shown}, but {title} was stored later than that"
    return Finding(
        "clock", "problem", what, f"{_SET_CLOCK}; if it was another's that was ahead, the next crawl mends it"
    )
