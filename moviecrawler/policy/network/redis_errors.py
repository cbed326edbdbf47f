"""What a Redis error means for a worker: it is temporary or needs a person; and how long an outage lasts."""

import re
from typing import NamedTuple

FORGOTTEN_AFTER = 10.0
"""Seconds without a failure after which a caller's failure no longer counts; a failing caller retries much sooner."""

_PASSING = {
    "OOM": "its memory is full",
    "READONLY": "it is a replica, which cannot be written",
    "MISCONF": "it cannot save its data",
    "NOREPLICAS": "too few replicas follow it",
    "BUSY": "it is busy with a script",
    "LOADING": "it is still loading its data",
    "MASTERDOWN": "it is a replica that has lost its master",
    "CLUSTERDOWN": "its cluster is down",
    "TRYAGAIN": "its cluster is moving keys",
    "NOSCRIPT": "it forgets our scripts at once",
    "NOAUTH": "wrong user or password",
    "WRONGPASS": "wrong user or password",
}
"""By the first word of Redis's error."""

_CLUSTER = ("it is a node of a cluster, and the keys lie on another", "name the node that has them, or a single Redis")
_LASTING = {
    "WRONGTYPE": (
        "a key that begins with moviecrawler: is not of the type that it has to be (WRONGTYPE)",
        "delete it, or the queue with scrapy queue --clear --yes, and run again",
    ),
    "NOPERM": (
        "the user may not do what a crawl needs",
        "give it all commands that ACL LOG names, and the keys moviecrawler:*",
    ),
    "MOVED": _CLUSTER,
    "ASK": _CLUSTER,
    "CROSSSLOT": _CLUSTER,
}

_CODES = {
    "OutOfMemoryError": "OOM",
    "ReadOnlyError": "READONLY",
    "BusyLoadingError": "LOADING",
    "MasterDownError": "MASTERDOWN",
    "ClusterDownError": "CLUSTERDOWN",
    "TryAgainError": "TRYAGAIN",
    "NoScriptError": "NOSCRIPT",
    "AuthenticationError": "NOAUTH",
    "AuthenticationWrongNumberOfArgsError": "NOAUTH",
    "ExternalAuthProviderError": "NOAUTH",
    "AuthorizationError": "NOPERM",
    "NoPermissionError": "NOPERM",
    "MovedError": "MOVED",
    "AskError": "ASK",
    "ClusterCrossSlotError": "CROSSSLOT",
}
"""The client's exception classes, whose text no longer has that word."""

_CODE = re.compile(rf"(?:^|: -?)({'|'.join((*_PASSING, *_LASTING))}) ")
"""Also in the middle: Redis 6 says ``Error running script (...): @user_script: 1: -OOM command not allowed``."""

NO_CONNECTION = "no connection"

_FORBIDDEN_IN_SCRIPT = re.compile(r"The user executing the script can't|ACL failure in script")
"""Redis 6 and 7; Valkey."""

_MISUNDERSTOOD = re.compile(r"user_script|(?i:error compiling script|^unknown command|^wrong number|^syntax error)")


class RedisProblem(NamedTuple):
    """``what`` is a few words for a person; ``remedy`` what that person has to do, "" for what may be temporary.

    ``affects_all``: it does not depend on the command, so one successful call means that it is over for all callers.
    """

    what: str
    remedy: str = ""
    affects_all: bool = False

    @property
    def is_temporary(self) -> bool:
        return not self.remedy


def explain_error(error: Exception) -> RedisProblem:
    """What an exception of the Redis client means; whatever is not known to be lasting is taken as temporary.

    The client's own text is not shown, as it may repeat the URL; Redis's is shown without what it repeats from us.

    >>> explain_error(TimeoutError("Timeout reading from redis.example:6379"))
    RedisProblem(what='no answer in time', remedy='', affects_all=True)
    """
    names = [kind.__name__ for kind in type(error).__mro__]
    text = _readable(str(error)) if "ResponseError" in names else ""
    found = _CODE.search(text)
    code = next((_CODES[name] for name in names if name in _CODES), found[1] if found else "")
    if _FORBIDDEN_IN_SCRIPT.search(text):
        code = "NOPERM"
    if code in _LASTING:
        return RedisProblem(*_LASTING[code])
    if code:
        return RedisProblem(_PASSING[code], affects_all=code in ("BUSY", "LOADING"))
    if _MISUNDERSTOOD.search(text) and "Script killed" not in text:
        return RedisProblem(f"it does not understand us: {text}", "it has to be Redis 5 or newer, with scripts")
    if text:
        return RedisProblem(text)
    if "TimeoutError" in names:
        return RedisProblem("no answer in time", affects_all=True)
    if "ConnectionError" in names or "OSError" in names:
        return RedisProblem(NO_CONNECTION, affects_all=True)
    return RedisProblem(f"an answer that cannot be read ({names[0]})")


def _readable(text: str) -> str:
    """One line; an older server repeats a command that it does not understand, and that may be our login."""
    text = text.partition(", with args")[0][:200]
    return "".join(character if character.isprintable() else " " for character in text)


class Outage:
    """A continuous time in which at least one caller gets no answer; timestamps in seconds.

    >>> outage = Outage()
    >>> [outage.record_failure(caller, now) for caller, now in (("queue", 10), ("rates", 11), ("rates", 13))]
    [0, 1, 3]
    >>> [outage.record_answer(caller, now) for caller, now in (("queue", 14), ("rates", 15), ("rates", 16))]
    [False, True, False]
    """

    def __init__(self) -> None:
        self._failed: dict[object, float] = {}
        self._since = 0.0

    def record_failure(self, caller: object, now: float) -> float:
        """A call has failed; seconds since the outage began, 0 when it begins now."""
        self._forget(now)
        if not self._failed:
            self._since = now
        self._failed[caller] = now
        return now - self._since

    def record_answer(self, caller: object, now: float) -> bool:
        """A call was answered; whether that ends the outage."""
        if not self._failed:
            return False
        self._failed.pop(caller, None)
        self._forget(now)
        return not self._failed

    def has_failed(self, caller: object) -> bool:
        """Whether this caller's last call failed."""
        return caller in self._failed

    def _forget(self, now: float) -> None:
        self._failed = {caller: at for caller, at in self._failed.items() if now - at < FORGOTTEN_AFTER}
