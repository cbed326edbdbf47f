"""What the settings of every source have in common: hosts, keys, pace, quota, how long answers are fresh."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import SecretStr

from moviecrawler.config.api_keys import KeyShape
from moviecrawler.config.fields import Group, RefreshRow, Words, is_secret, setting
from moviecrawler.config.urls import Role, Serves

MAX_LIFETIME = 90 * 86_400
"""Seconds; a lifetime plus CACHE_STALE_IF_ERROR stays within the six months for which TMDB's terms allow caching."""


class Pace(NamedTuple):
    """Requests a second (0: no limit), how many may go at once after a quiet time, and how many are in flight."""

    rate: float
    burst: int = 1
    concurrency: int = 1


class BaseUrls(NamedTuple):
    """Hosts that serve the same things, the preferred one first, and the setting that names them."""

    setting: str
    role: Role
    urls: tuple[str, ...]


class SourceGroup(Group):
    """The settings of a source.

    Fields of certain types and names mean something: base URLs (``ApiUrls`` ...), keys (``ApiKey``), lifetimes of
    answers (``ttl_*``, seconds, by the names that the descriptor gives to its endpoints), and those below.
    """

    title: ClassVar[str]
    """What people call the source."""
    key_from: ClassVar[str] = ""
    """Where to get a key."""
    terms: ClassVar[str] = ""
    """Where the terms can be read of a source that has to be switched on."""

    if TYPE_CHECKING:  # each group defines it, where it stands among its settings
        refresh: RefreshRow
        """Days between two fetches of a title, by its age."""

    @property
    def pace(self) -> Pace:
        raise NotImplementedError

    @property
    def quota(self) -> int:
        """Requests a day; 0: no quota."""
        return 0

    @property
    def is_enabled(self) -> bool:
        """Whether the source may be asked."""
        return True

    @property
    def base_urls_by_setting(self) -> Iterator[BaseUrls]:
        for name, field in type(self).model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, Serves):
                    yield BaseUrls(field.alias or "", mark.role, getattr(self, name))

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        """The keys that are sent to the source, empty ones included."""
        return tuple(value for _, value in self if isinstance(value, SecretStr))

    @property
    def lifetimes(self) -> dict[str, float]:
        """Endpoint -> seconds for which an answer is fresh."""
        return {name.removeprefix("ttl_"): value for name, value in self if name.startswith("ttl_")}

    @classmethod
    def key_settings(cls) -> tuple[str, ...]:
        """The settings that hold its keys."""
        return tuple(field.alias or "" for field in cls.model_fields.values() if is_secret(field))

    @classmethod
    def key_shapes(cls) -> Iterator[tuple[str, KeyShape]]:
        """Setting and shape of each key that has one."""
        for field in cls.model_fields.values():
            for mark in field.metadata:
                if isinstance(mark, KeyShape):
                    yield field.alias or "", mark

    @classmethod
    def switch(cls) -> str:
        """The setting that switches the source on; empty if it always is."""
        field = cls.model_fields.get("enabled")
        return field.alias or "" if field else ""


def lifetime(name: str, default: str, meaning: str) -> float:
    """A field ``ttl_*``."""
    value: float = setting(name, default, meaning, Words(unit="seconds"), ge=0, le=MAX_LIFETIME)
    return value
