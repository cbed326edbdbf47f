"""Whether a run differs from what its source counts, and from earlier runs of the same kind: by median and MAD."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import median
from typing import Any, NamedTuple

from moviecrawler.documents.records import RunRecord
from moviecrawler.policy.jobs.run_report import RunReport, duration

FEW_RUNS = 5
"""With fewer earlier runs nothing is known to be usual."""

MADS = 6 * 1.4826
"""Median absolute deviations from the median that are usual; 1.4826 of them are one standard deviation of a normal
distribution."""

LONGER_SECONDS = 60.0
"""A run that takes less than this longer than the median is not remarkable."""

FEW_REJECTS = 0.02
"""Nor is a share of rejects that is less than this above the median."""


MORE_FAILURES = 0.05
"""Nor is a share of failed requests that is less than this above the median."""

LESS_COVERAGE = 0.1
"""Nor is a share of titles with a field that is less than this below the median."""

FEW_TITLES = 20
"""With fewer answers, or requests, a run has no share of anything."""

CHANCE = 4.0
"""Standard deviations of a share by which it may differ by chance."""

FEW_MISSING, MISSING_SHARE = 5, 0.05
"""Titles that a source counted and a run did not find: fewer may have come and gone meanwhile."""


class Figures(NamedTuple):
    """Of one complete run: titles that it found (else items), seconds, shares of rejects and of failed requests.

    ``titles_of``: how many answers there were by kind; ``coverage``: the share of them with a value, by kind and field.
    """

    titles: float
    seconds: float
    rejected: float
    failed: float = 0.0
    titles_of: Mapping[str, int] = {}
    coverage: Mapping[tuple[str, str], float] = {}


def figures_of(row: RunRecord, report: RunReport, rejected: int) -> Figures:
    stats, requests = row["stats"], report.requests or 0
    found = stats.get("titles/found")
    titles = found if isinstance(found, int) else report.items or 0
    failed = sum(number(stats, name) for name in ("retry/count", "retry/exhausted"))
    known = {kind: one for kind, one in (row.get("coverage") or {}).items() if one["titles"] >= FEW_TITLES}
    return Figures(
        titles,
        report.seconds,
        rejected / max(report.items or 0, 1),
        failed / requests if requests >= FEW_TITLES else 0.0,
        {kind: one["titles"] for kind, one in known.items()},
        {(kind, field): count / one["titles"] for kind, one in known.items() for field, count in one["fields"].items()},
    )


def unusual(last: Figures, earlier: Sequence[Figures]) -> Iterator[str]:
    """What is unusual about the last run, in a few words each: fewer titles, more time, rejects or failures, less in a
    field.

    Something is unusual beyond ``MADS``, and only by half of the median or more: figures that never differ have no MAD.

    >>> usual = [Figures(100 + n, 60, 0.01) for n in range(5)]
    >>> list(unusual(Figures(40, 300, 0.01), usual))
    ['40 titles, 102 are usual', 'took 5 m 00 s, 1 m 00 s is usual']
    """
    if len(earlier) < FEW_RUNS:
        return
    titles, titles_allowed = _usual([one.titles for one in earlier])
    if titles - last.titles > max(titles_allowed, titles / 2):
        yield f"{last.titles:,.0f} titles, {titles:,.0f} are usual"
    seconds, seconds_allowed = _usual([one.seconds for one in earlier])
    if last.seconds - seconds > max(seconds_allowed, seconds / 2, LONGER_SECONDS):
        yield f"took {duration(last.seconds)}, {duration(seconds)} is usual"
    rejected, rejected_allowed = _usual([one.rejected for one in earlier])
    if last.rejected - rejected > max(rejected_allowed, rejected / 2, FEW_REJECTS):
        yield f"{last.rejected:.0%} could not be used, {rejected:.0%} is usual"
    failed, failed_allowed = _usual([one.failed for one in earlier])
    if last.failed - failed > max(failed_allowed, failed / 2, MORE_FAILURES):
        yield f"{last.failed:.0%} of the requests failed, {failed:.0%} is usual"
    yield from _less_covered(last, earlier)


def _less_covered(last: Figures, earlier: Sequence[Figures]) -> Iterator[str]:
    """The fields that fewer titles have than is usual, and than can be chance."""
    for kind, count in last.titles_of.items():
        runs = [one for one in earlier if kind in one.titles_of]
        if len(runs) < FEW_RUNS:
            continue
        for name in sorted({field for one in runs for of, field in one.coverage if of == kind}):
            share, allowed = _usual([one.coverage.get((kind, name), 0.0) for one in runs])
            chance = CHANCE * sqrt(share * (1 - share) / count)
            found = last.coverage.get((kind, name), 0.0)
            if share - found > max(allowed, chance, LESS_COVERAGE):
                yield f"{found:.0%} of the {kind} have {name}, {share:.0%} are usual"


def _usual(values: Sequence[float]) -> tuple[float, float]:
    """The median, and by how much a value may differ from it."""
    middle = median(values)
    return middle, MADS * median(abs(value - middle) for value in values)


def missed(row: RunRecord) -> str:
    """What a finished run did not find of the titles that its source counted, in a few words; empty: nothing.

    A limit is part of the count, and titles that nobody can reach are not.

    >>> stats = {"titles/found": 180, "titles/out_of_reach": 10}
    >>> missed({"finish_reason": "finished", "expected": 310, "stats": stats})
    '180 titles were found, of 300 that the source counts'
    """
    stats, expected = row["stats"], row.get("expected")
    name = "titles/checked" if "titles/checked" in stats else "titles/found"
    if row.get("finish_reason") != "finished" or expected is None or name not in stats:
        return ""
    found, there = number(stats, name), expected - number(stats, "titles/out_of_reach")
    if there - found < max(FEW_MISSING, MISSING_SHARE * there):
        return ""
    return f"{found:,} titles were found, of {there:,} that the source counts"


def number(stats: Mapping[str, Any], name: str) -> int:
    """A count; 0 for what did not happen."""
    return value if isinstance(value := stats.get(name), int) else 0
