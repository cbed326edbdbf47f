"""The content filter: which discovered titles are kept. It never applies to titles requested by id.

A title counts as *new* if it is not out yet, its date is unknown, or it came out within 60 days: nobody has had the
time to vote for it (the same limit as the first row in ``policy.freshness.refresh``).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, Protocol

import regex

from moviecrawler.config.groups import FilterConfig
from moviecrawler.documents import is_new
from moviecrawler.documents.records import DroppedRecord
from moviecrawler.items import Movie, Show
from moviecrawler.timestamps import iso, trusted

DROP_PAUSE = timedelta(days=30)
"""A refused title is not fetched again before this has passed."""

DROPPED_GENRES = {10767: "genre_talk", 10764: "genre_reality", 10763: "genre_news"}
"""TMDB's genre ids, the same in every language."""

PATTERN_SECONDS = 0.05
"""For one pattern and one text; a search that takes longer counts as no match. A title takes microseconds."""

MAX_TIMEOUTS = 3
"""Timeouts after which a pattern is no longer used: a site must not slow down the run with its titles."""


def is_still_dropped(at: str | None, now: datetime) -> bool:
    """Whether a title that was refused ``at`` is still not to be fetched; None: it never was refused."""
    return at is not None and trusted(at, now) > iso(now - DROP_PAUSE)


class FilterVerdict(NamedTuple):
    """``reason`` is adult, genre_talk, genre_reality, genre_news, pattern, short, votes or rating; None if kept.

    ``threshold`` is the minimum that was missed (minutes, votes, rating), or the pattern that matched.
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
    """Patterns are case-insensitive, and searched in all titles and keywords."""

    config: FilterConfig = field(default_factory=FilterConfig)
    on_timeout: Callable[[str], object] = field(default=str, compare=False)
    """Called with a pattern each time it timed out."""
    _timeouts: Counter[str] = field(default_factory=Counter, compare=False, repr=False)

    @cached_property
    def _patterns(self) -> tuple[regex.Pattern[str], ...]:
        return tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in self.config.patterns)

    def judge_row(self, row: ListingRow, now: datetime) -> FilterVerdict:
        """Drops only titles that :meth:`judge` would drop for the same reason once they are fetched."""
        return self._judge(
            adult=row.adult,
            genre_ids=row.genre_ids,
            texts=(row.title,),
            runtime=None,
            votes=row.vote_count,
            score=row.vote_average,
            is_new=is_new({"release_date": row.release_date}, now),
        )

    def judge(self, item: Movie | Show, now: datetime) -> FilterVerdict:
        """The verdict on a title's own data; a title that TMDB has no rating for counts as one of 0 votes."""
        rating = item.ratings.get("tmdb")
        return self._judge(
            adult=item.adult,
            genre_ids=item.genre_ids,
            texts=(item.title, item.original_title, *item.titles.values(), *item.keywords),
            runtime=item.runtime if isinstance(item, Movie) else None,
            votes=(rating.votes if rating else None) or 0,
            score=rating.score if rating else None,
            is_new=is_new({"release_date": item.release_date}, now),
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
    ) -> FilterVerdict:
        if not self.config.enabled:
            return FilterVerdict(True)
        if adult:
            return FilterVerdict(False, "adult")
        if dropped := [genre for genre in genre_ids if genre in DROPPED_GENRES]:
            return FilterVerdict(False, DROPPED_GENRES[dropped[0]])
        if self._patterns and (pattern := self._matching_pattern(text for text in texts if text)):
            return FilterVerdict(False, "pattern", pattern)
        if runtime and runtime < self.config.min_runtime:
            return FilterVerdict(False, "short", self.config.min_runtime)
        if votes is not None and votes < self.config.min_votes and not is_new:
            return FilterVerdict(False, "votes", self.config.min_votes)
        if votes and score is not None and score < self.config.min_rating:
            return FilterVerdict(False, "rating", self.config.min_rating)
        return FilterVerdict(True)

    def still_refuses(self, dropped: DroppedRecord | None, now: datetime) -> bool:
        """Whether a title is not to be fetched, given its ``dropped`` record; None: it never was refused.

        A refusal lasts 30 days, unless the filter would now accept what it refused then. Records of older versions have
        no ``threshold``: they count unchanged.
        """
        if not self.config.enabled or dropped is None or not is_still_dropped(dropped.get("at"), now):
            return False
        then = dropped.get("threshold")
        if dropped.get("reason") == "pattern":
            return then is None or then in self.config.patterns
        least = {"short": self.config.min_runtime, "votes": self.config.min_votes, "rating": self.config.min_rating}
        present = least.get(str(dropped.get("reason")))
        return present is None or not isinstance(then, int | float) or present >= then

    def _matching_pattern(self, texts: Iterable[str]) -> str | None:
        """The first pattern that matches one of these texts."""
        found = (pattern.pattern for text in texts for pattern in self._patterns if self._matches(pattern, text))
        return next(found, None)

    def _matches(self, pattern: regex.Pattern[str], text: str) -> bool:
        if self._timeouts[pattern.pattern] == MAX_TIMEOUTS:
            return False
        try:
            return pattern.search(text, timeout=PATTERN_SECONDS) is not None
        except TimeoutError:
            self._timeouts[pattern.pattern] += 1
            self.on_timeout(pattern.pattern)
            return False
