"""Whether a run differs from earlier runs of the same spider with the same arguments: by median and MAD."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

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


class Figures(NamedTuple):
    """Of one complete run: titles that it found (else items), seconds, share of rejects among its items."""

    titles: float
    seconds: float
    rejected: float


def figures_of(row: RunRecord, report: RunReport, rejected: int) -> Figures:
    found = row["stats"].get("titles/found")
    titles = found if isinstance(found, int) else report.items or 0
    return Figures(titles, report.seconds, rejected / max(report.items or 0, 1))


def unusual(last: Figures, earlier: Sequence[Figures]) -> Iterator[str]:
    """What is unusual about the last run, in a few words each: fewer titles, more time, more rejects.

    Something is unusual beyond ``MADS``, and only by half of the median or more: figures that never differ have no MAD.

    >>> usual = [Figures(100 + n, 60, 0.01) for n in range(5)]
    >>> list(unusual(Figures(40, 300, 0.01), usual))
    ['40 titles, 102 are usual', 'took 5 m 00 s, 1 m 00 s is usual']
    """
    if len(earlier) < FEW_RUNS:
        return
    titles, seconds, rejected = (median(values) for values in zip(*earlier, strict=True))
    allowed = Figures(
        *(
            max(MADS * median(abs(value - middle) for value in values), middle / 2)
            for values, middle in zip(zip(*earlier, strict=True), (titles, seconds, rejected), strict=True)
        )
    )
    if titles - last.titles > allowed.titles:
        yield f"{last.titles:,.0f} titles, {titles:,.0f} are usual"
    if last.seconds - seconds > max(allowed.seconds, LONGER_SECONDS):
        yield f"took {duration(last.seconds)}, {duration(seconds)} is usual"
    if last.rejected - rejected > max(allowed.rejected, FEW_REJECTS):
        yield f"{last.rejected:.0%} could not be used, {rejected:.0%} is usual"
