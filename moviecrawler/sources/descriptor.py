"""What the rest of the project must know of a source, in one object: :class:`Source`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from moviecrawler.documents import Document
from moviecrawler.exceptions import ParseError
from moviecrawler.items import Title
from moviecrawler.policy.documents.compose import MergeRule
from moviecrawler.policy.network.answers import PLAIN, ApiAnswers, decode
from moviecrawler.policy.network.http_cache import Endpoints

Signed = tuple[str, dict[str, str]]
"""URL and headers."""


def unsigned(settings: Any, url: str) -> Signed:
    """For a source that takes no key."""
    return url, {}


def with_parameter(url: str, name: str, key: str) -> str:
    """The URL with a key in its query; unchanged without a key."""
    return f"{url}{'&' if '?' in url else '?'}{name}={quote(key, safe='')}" if key else url


def can_always_be_asked(kind: str, document: Document) -> str:
    return ""


@dataclass(frozen=True)
class KeptAnswer:
    """What a source once sent about the title of ``kind`` at ``url``; ParseError where a part cannot be read."""

    kind: str
    url: str
    body: bytes
    regions: tuple[str, ...] = ()
    """Those to be watched in (WATCH_REGIONS)."""

    @cached_property
    def path(self) -> str:
        return self._parts.path

    @cached_property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self._parts.query).items()}

    def json(self, *, mended: bool = False) -> dict[str, Any]:
        """The JSON object, read as when it was received."""
        payload = decode(self.body, mended=mended)
        if not isinstance(payload, dict):
            raise ParseError("the kept answer is not a JSON object")
        return payload

    @property
    def _parts(self) -> SplitResult:
        try:
            return urlsplit(self.url)
        except ValueError as error:
            raise ParseError(f"the kept answer has no address: {error}") from None


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source. Its settings are a group of ``config.sources``, under the same name."""

    name: str
    parse_kept: Callable[[KeptAnswer], Title]
    """Reads a kept answer with today's parser; ParseError."""
    refresh_spider: str
    """The name of the spider that asks again about stored titles: an argument ``limit``, 0 for all that are due."""

    # --- requests and answers -----------------------------------------------------------------------------------
    sign: Callable[[Any, str], Signed] = unsigned
    """Its settings and the URL of a request to its API -> what to send."""
    trial_path: str = ""
    """A cheap address of its API below the base URL, to try a key; empty if there is none."""
    answers: ApiAnswers = PLAIN
    closed_lists: frozenset[str] = frozenset()
    """Where its answers have a word of a list that hardly ever grows: ``status``, ``videos.results[].type``."""
    endpoints: Endpoints = field(default_factory=dict)
    """Its rows of the table of lifetimes; the names are those of its settings, without ``ttl_``."""

    # --- titles -------------------------------------------------------------------------------------------------
    why_not: Callable[[str, Document], str] = can_always_be_asked
    """Kind and document -> why it cannot be asked about this title, empty if it can."""
    newest_first: bool = True
    """Whether REFRESH_ORDER counts; else it is asked about popular titles first, since its quota is small."""
    unasked_first: bool = True
    """Whether it is asked about titles that it was never asked about before all others."""
    knows_ids: bool = True
    """Whether it identifies titles by an id of TMDB or IMDb; else they are matched by what it calls them."""
    merge: MergeRule = field(default_factory=MergeRule)

    def decode(self, body: bytes) -> object:
        """The JSON value of its answer; None where it cannot be read."""
        return decode(body, mended=self.answers.mended)
