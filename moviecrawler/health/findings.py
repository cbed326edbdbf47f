"""What the checks found: counted, with a few examples, and the score that follows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

from moviecrawler.health.checks import CHECKS, Check, Severity, Unit
from moviecrawler.policy.terminal import COLUMNS, labelled, wrapped

SAMPLE = 5
"""Examples that a finding has at most."""

ALL_OF_IT = 0.05
"""Share of what was looked at from which a finding costs the whole weight of its check."""


@dataclass(frozen=True)
class Finding:
    """``count`` is how often, ``sample`` names at most ``SAMPLE`` of them, ``repair`` says what to do."""

    check: str
    severity: Severity
    count: int
    sample: list[str]
    repair: str


class Health(NamedTuple):
    """``score``: 0-100; 100 means no finding. ``looked_at``: how many titles, records, files and runs."""

    score: int
    findings: list[Finding]
    looked_at: Mapping[Unit, int]

    @property
    def has_problem(self) -> bool:
        return any(finding.severity == "problem" for finding in self.findings)


class Findings:
    """Collects what the ``checks`` find; what others find is ignored. Its memory does not grow with the catalogue."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self.checks = {check.id: check for check in checks}
        self.looked_at: Counter[Unit] = Counter()
        self._counts: Counter[str] = Counter()
        self._samples: dict[str, list[str]] = {check: [] for check in self.checks}

    def __contains__(self, check: str) -> bool:
        return check in self.checks

    def add(self, check: str, name: str) -> None:
        """``name``: which title, record, file or run it is, and what is wrong with it."""
        if (sample := self._samples.get(check)) is None:
            return
        self._counts[check] += 1
        if len(sample) < SAMPLE and name not in sample:
            sample.append(name)

    def sample(self, check: str) -> list[str]:
        """The examples, to be named better."""
        return self._samples.get(check, [])

    def health(self) -> Health:
        found = [
            Finding(check.id, check.severity, self._counts[check.id], self._samples[check.id], check.repair)
            for check in self.checks.values()
            if self._counts[check.id]
        ]
        return Health(score(found, self.looked_at), found, self.looked_at)


def score(findings: Iterable[Finding], looked_at: Mapping[Unit, int]) -> int:
    """0-100; each finding costs between half and all of its check's weight.

    Half for the first, all when ``ALL_OF_IT`` of what was looked at is concerned, in proportion between.

    >>> score([], {}), score([Finding("pictures", "problem", 1, [], "")], {"files": 1000})
    (100, 92)
    """
    weights = {check.id: check for check in CHECKS}
    lost = 0.0
    for finding in findings:
        check = weights[finding.check]
        share = finding.count / max(looked_at.get(check.unit, 0), 1)
        lost += check.weight * (1 + min(share / ALL_OF_IT, 1)) / 2
    return max(floor(100 - lost), 0)


def health_lines(health: Health, checks: Iterable[Check]) -> Iterator[str]:
    """For people, in 80 columns: each finding with its examples, and a last line that sums up.

    >>> print(*health_lines(Health(100, [], {"titles": 1204}), CHECKS[:3]), sep="\\n")
    100 of 100: 3 checks found nothing in 1,204 titles
    """
    by_id = {check.id: check for check in checks}
    for finding in health.findings:
        label = f"{finding.severity:7}  {finding.check:11}  {finding.count:>6,}"
        yield from labelled([(label, by_id[finding.check].question)], indent="")
        for name in finding.sample:
            yield from labelled([("", name)], indent="           ")
        if finding.count > len(finding.sample):
            yield f"           and {finding.count - len(finding.sample):,} more"
        yield from labelled([("->", finding.repair)], indent="         ")
    looked = ", ".join(f"{count:,} {unit}" for unit, count in health.looked_at.items() if count)
    clean = len(by_id) - len(health.findings)
    summary = f"{health.score} of 100: {clean} checks found nothing in {looked or 'an empty store'}"
    if health.findings:
        summary += f", {len(health.findings)} found something"
    yield from wrapped(summary, COLUMNS)
