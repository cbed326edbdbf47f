"""What discovery keeps. Never applied to what was asked for by id.

A title that is not out yet, whose date is unknown, or that came out within 60 days counts as *new*: nobody has had
the time to vote for it (the same row as in ``policy.freshness.refresh``).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, Self

import regex

from moviecrawler.exceptions import ConfigurationError
from moviecrawler.items import Movie, Show
from moviecrawler.policy.freshness.refresh import AGES, age
from moviecrawler.policy.setting_values import number, switch, whole_number, within
from moviecrawler.timestamps import iso, past

DROPPED_FOR = timedelta(days=30)
"""A refused title is not asked for again before this."""

DROPPED_GENRES = {10767: "genre_talk", 10764: "genre_reality", 10763: "genre_news"}
"""TMDB's genre ids, the same in every language."""

PATTERN_SECONDS = 0.05
"""For one pattern and one text; what takes longer fits nothing. A title takes microseconds."""

MOST_LATE = 3
"""Texts for which a pattern may take longer before it is left out: a site must not hold up the run with its titles."""

_BETWEEN_PATTERNS = re.compile(r"\n|,(?!\d*\})")
"""A comma in a quantifier, ``\\d{1,3}``, is the pattern's own."""


def was_dropped(at: str | None, now: datetime) -> bool:
    """Whether a title that was refused ``at`` is left alone still; None: it never was."""
    return at is not None and past(at, now) > iso(now - DROPPED_FOR)


class Verdict(NamedTuple):
    """``reason`` is adult, genre_talk, genre_reality, genre_news, pattern, short, votes or rating; None if kept.

    ``threshold`` is the least that was asked for (minutes, votes, rating), or the pattern that fits.
    """

    keep: bool
    reason: str | None = None
    threshold: float | str | None = None


class ListingRow(Protocol):
    """What a listing shows of a title; None where it shows nothing."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def release_date(self) -> str | None: ...
    @property
    def vote_count(self) -> int | None: ...
    @property
    def vote_average(self) -> float | None: ...
    @property
    def genre_ids(self) -> Iterable[int]: ...
    @property
    def adult(self) -> bool | None: ...


@dataclass(frozen=True)
class ContentFilter:
    """``min_rating`` is on TMDB's scale of 0-10, ``min_runtime`` in minutes and for films only; 0 is no minimum."""

    enabled: bool = True
    min_votes: int = 10
    min_rating: float = 0.0
    min_runtime: int = 40
    patterns: tuple[regex.Pattern[str], ...] = ()
    told: Callable[[str], object] = field(default=str, compare=False)
    """Is called with a pattern each time it took too long."""
    _late: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

    def __post_init__(self) -> None:
        within("FILTER_MIN_VOTES", self.min_votes, 0, unit="votes")
        within("FILTER_MIN_RATING", self.min_rating, 0, 10)
        within("FILTER_MIN_RUNTIME", self.min_runtime, 0, unit="minutes")
        for pattern in self.patterns:
            if pattern.search(""):
                raise ConfigurationError(
                    f"FILTER_PATTERNS={pattern.pattern!r} fits every title; allowed: what needs a letter"
                )

    @classmethod
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From the settings ``FILTER_*``, as text or numbers.

        Patterns are regular expressions, case-insensitive, separated by commas or one a line; they are looked for in
        all titles and keywords.
        """
        parts = _BETWEEN_PATTERNS.split(settings["FILTER_PATTERNS"] or "")
        return cls(
            enabled=switch("FILTER_ENABLED", settings["FILTER_ENABLED"]),
            min_votes=whole_number("FILTER_MIN_VOTES", settings["FILTER_MIN_VOTES"]),
            min_rating=number("FILTER_MIN_RATING", settings["FILTER_MIN_RATING"]),
            min_runtime=whole_number("FILTER_MIN_RUNTIME", settings["FILTER_MIN_RUNTIME"]),
            patterns=tuple(_pattern(part.strip()) for part in parts if part.strip()),
        )

    def judge_row(self, row: ListingRow, now: datetime) -> Verdict:
        """Drops only what :meth:`judge` would drop for the same reason once the title is fetched."""
        return self._judge(
            adult=row.adult,
            genre_ids=row.genre_ids,
            texts=(row.title,),
            runtime=None,
            votes=row.vote_count,
            score=row.vote_average,
            is_new=_is_new({"release_date": row.release_date}, now),
        )

    def judge(self, item: Movie | Show, now: datetime) -> Verdict:
        """The verdict on a title's own data; a rating that TMDB does not have yet is one of 0 votes."""
        rating = item.ratings.get("tmdb")
        return self._judge(
            adult=item.adult,
            genre_ids=item.genre_ids,
            texts=(item.title, item.original_title, *item.titles.values(), *item.keywords),
            runtime=item.runtime if isinstance(item, Movie) else None,
            votes=(rating.votes if rating else None) or 0,
            score=rating.score if rating else None,
            is_new=_is_new({"release_date": item.release_date}, now),
        )

    def _judge(
        self,
        *,
        adult: bool | None,
        genre_ids: Iterable[int],
        texts: Iterable[str | None],
        runtime: int | None,
        votes: int | None,
        score: float | None,
        is_new: bool,
    ) -> Verdict:
        if not self.enabled:
            return Verdict(True)
        if adult:
            return Verdict(False, "adult")
        if dropped := [genre for genre in genre_ids if genre in DROPPED_GENRES]:
            return Verdict(False, DROPPED_GENRES[dropped[0]])
        if self.patterns and (pattern := self._fitting(text for text in texts if text)):
            return Verdict(False, "pattern", pattern)
        if runtime and runtime < self.min_runtime:
            return Verdict(False, "short", self.min_runtime)
        if votes is not None and votes < self.min_votes and not is_new:
            return Verdict(False, "votes", self.min_votes)
        if votes and score is not None and score < self.min_rating:
            return Verdict(False, "rating", self.min_rating)
        return Verdict(True)

    def leaves_alone(self, dropped: Mapping[str, Any] | None, now: datetime) -> bool:
        """Whether a title is not asked for again, by the record of its refusal; None: it never was refused.

        It is left alone for 30 days, unless what refused it then would let it pass now. Records of older versions have
        no ``threshold``: they count as they are.
        """
        if not self.enabled or dropped is None or not was_dropped(dropped.get("at"), now):
            return False
        then = dropped.get("threshold")
        if dropped.get("reason") == "pattern":
            return then is None or any(pattern.pattern == then for pattern in self.patterns)
        least = {"short": self.min_runtime, "votes": self.min_votes, "rating": self.min_rating}
        present = least.get(str(dropped.get("reason")))
        return present is None or not isinstance(then, int | float) or present >= then

    def _fitting(self, texts: Iterable[str]) -> str | None:
        """The first pattern that is found in one of these."""
        found = (pattern.pattern for text in texts for pattern in self.patterns if self._found(pattern, text))
        return next(found, None)

    def _found(self, pattern: regex.Pattern[str], text: str) -> bool:
        if self._late[pattern.pattern] == MOST_LATE:
            return False
        try:
            return pattern.search(text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            self._late[pattern.pattern] += 1
            self.told(pattern.pattern)
            return False


def _is_new(data: Mapping[str, Any], now: datetime) -> bool:
    days = age(data, now)
    return days is None or days <= AGES[0]


def _pattern(text: str) -> regex.Pattern[str]:
    try:
        return regex.compile(text, regex.IGNORECASE)
    except regex.error as error:
        raise ConfigurationError(
            f"FILTER_PATTERNS={text!r} is no regular expression ({error}); allowed: Python's, between commas"
        ) from None
