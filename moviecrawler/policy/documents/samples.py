"""Weekly samples of what drifts every day, so that curves can be drawn: popularity, scores and votes, by source.

Of all that a source says in an ISO week (of UTC days) the newest answer counts, in whichever order they come. Samples
are kept for as long as TMDB's terms allow any content of theirs, or shorter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from moviecrawler import timestamps
from moviecrawler.config.fields import MAX_CACHE_DAYS
from moviecrawler.documents.records import Curve, SampleRecord
from moviecrawler.items import Title

FIELDS = (
    "popularity",
    *(f"ratings.{house}.{part}" for house in ("tmdb", "imdb") for part in ("score", "votes")),
    *(f"ratings.{house}.score" for house in ("rotten_tomatoes", "metacritic")),
)
"""What today's sources say, by path in a document: the columns of a table of samples."""


class Sample(NamedTuple):
    """What a source said ``at`` a time: ``values`` by the field's path in a document."""

    source: str
    at: str
    values: Mapping[str, float]


def sample_of(title: Title) -> Sample | None:
    """The sample in a source's answer; None if it says nothing that drifts."""
    values = {} if title.popularity is None else {"popularity": title.popularity}
    for house, rating in title.ratings.items():
        values[f"ratings.{house}.score"] = rating.score
        if rating.votes is not None:
            values[f"ratings.{house}.votes"] = rating.votes
    return Sample(title.source, title.context.fetched_at, values) if values else None


def samples_in(record: SampleRecord) -> Iterator[Sample]:
    """The samples of a record: source by source, oldest first."""
    for source, curve in record["curves"].items():
        yield from _samples(source, curve)


def table_rows(record: SampleRecord) -> Iterator[dict[str, Any]]:
    """The samples as rows of a table, all with the same columns."""
    for sample in samples_in(record):
        yield {"_id": record["_id"], "source": sample.source, "at": sample.at} | {
            name: sample.values.get(name) for name in FIELDS
        }


@dataclass(frozen=True)
class Retention:
    """For how many ``days`` samples are kept, SAMPLES_DAYS; 0: none at all."""

    days: int = MAX_CACHE_DAYS

    def revised(
        self, id: str, stored: SampleRecord | None, new: Iterable[Sample], now: datetime
    ) -> SampleRecord | None:
        """The record with the ``new`` samples and without those that are too old; None if there is no sample left.

        The same object if nothing changes. A sample from a clock that was ahead (``timestamps``) is too old. Where two
        are of the same millisecond, the later argument counts: an answer that was parsed again.
        """
        oldest, latest = self._limits(now)
        curves = dict(stored["curves"]) if stored else {}
        answers: dict[str, list[Sample]] = {source: [] for source in curves}
        for sample in new:
            answers.setdefault(sample.source, []).append(sample)
        for source, added in answers.items():
            curve = curves.pop(source, None)
            if curve and not added and all(oldest < at <= latest for at in curve["at"]):
                curves[source] = curve
                continue
            samples = [*(_samples(source, curve) if curve else ()), *added]
            weeks = {
                _week(sample.at[:10]): sample
                for sample in sorted(samples, key=lambda sample: sample.at)
                if oldest < sample.at <= latest
            }
            if weeks:
                curves[source] = _curve(list(weeks.values()))
        if not curves:
            return None
        if stored is None:
            return {"_id": id, "curves": curves}
        return stored if curves == stored["curves"] else {**stored, "curves": curves}

    def has_expired(self, record: SampleRecord, now: datetime) -> bool:
        """Whether a sample of the record is too old."""
        oldest, latest = self._limits(now)
        return not all(oldest < at <= latest for curve in record["curves"].values() for at in curve["at"])

    def _limits(self, now: datetime) -> tuple[str, str]:
        """The time after which a sample is not too old, and the last one that a correct clock can have given it."""
        latest = timestamps.latest_trusted(now)
        return timestamps.iso(now - timedelta(days=self.days)) if self.days else latest, latest


@lru_cache(maxsize=400)
def _week(day: str) -> int:
    """The number of the ISO week: weeks begin on Monday, as day 1 of the calendar did."""
    return (date.fromisoformat(day).toordinal() - 1) // 7


def _samples(source: str, curve: Curve) -> Iterator[Sample]:
    for place, at in enumerate(curve["at"]):
        values = {name: value for name, column in curve["values"].items() if (value := column[place]) is not None}
        yield Sample(source, at, values)


def _curve(samples: Sequence[Sample]) -> Curve:
    names = sorted({name for sample in samples for name in sample.values})
    return {
        "at": [sample.at for sample in samples],
        "values": {name: [sample.values.get(name) for sample in samples] for name in names},
    }
