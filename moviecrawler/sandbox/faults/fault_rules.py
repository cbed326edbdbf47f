"""Fault rules: which fault, if any, the next request gets instead of its answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moviecrawler.sandbox.catalogue import seeded

FAULT_KINDS = (
    *("403", "429", "500", "503", "522", "524", "reset", "truncate", "half", "html", "slow", "error200"),
    *("blocked", "dead"),
)
SERVERS = ("api", "cdn1", "cdn2", "omdb", "the_numbers")


@dataclass(slots=True)
class FaultRule:
    """A rule: requests to ``target`` get the fault ``kind`` with a probability of ``rate`` (0 to 1).

    ``target``: a server, cdn (both), a path prefix such as ``/3/movie/``, or "" for everything; ``times``: the most
    strikes; ``seconds``: how long *slow* waits, and the Retry-After of 429 and 503; ``code`` and ``text``: TMDB's
    status_code and OMDB's error of *error200*; ``struck``: how often it has struck.
    """

    kind: str
    target: str = ""
    rate: float = 1.0
    times: int | None = None
    seconds: float | None = None
    code: int = 25
    text: str = "Something went wrong."
    struck: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"fault kind={self.kind!r}: must be one of {', '.join(FAULT_KINDS)}")
        if self.target and self.target not in (*SERVERS, "cdn") and not self.target.startswith("/"):
            raise ValueError(f"fault target={self.target!r}: must be one of {', '.join(SERVERS)}, cdn or a path prefix")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"fault rate={self.rate}: must be from 0 to 1")

    def seed(self, *what: object) -> None:
        """Seed the random generator, so that the same requests get the same faults."""
        self._random = seeded.generator(*what)

    def applies_to(self, server: str, path: str) -> bool:
        """Whether a request to this server and path is within the target."""
        if self.target.startswith("/"):
            return path.startswith(self.target)
        return self.target in ("", server) or (self.target == "cdn" and server.startswith("cdn"))

    def should_strike(self) -> bool:
        """Decide for one request, and count it if the rule strikes."""
        if self.times is not None and self.struck >= self.times:
            return False
        strikes = self.kind == "dead" or self._random.random() < self.rate
        self.struck += strikes
        return strikes

    def to_json(self) -> dict[str, Any]:
        """The rule in the format of ``PUT /_sandbox/faults``, with ``struck``."""
        names = ("kind", "target", "rate", "times", "seconds", "code", "text", "struck")
        return {name: getattr(self, name) for name in names}


def parse_rule(text: str) -> FaultRule:
    """The rule of the command-line value KIND[:TARGET]=RATE; raises ValueError for an invalid one.

    >>> rule = parse_rule("429:/3/movie/=0.2")
    >>> rule.kind, rule.target, rule.rate
    ('429', '/3/movie/', 0.2)
    """
    name, equals, rate = text.rpartition("=")
    kind, _, target = name.partition(":")
    if not equals:
        raise ValueError(f"fault {text!r}: must be KIND[:TARGET]=RATE")
    try:
        probability = float(rate)
    except ValueError:
        raise ValueError(f"fault rate={rate!r}: must be a number from 0 to 1") from None
    return FaultRule(kind, target, probability)


def rule_from_json(rule: Mapping[str, Any]) -> FaultRule:
    """The rule of an object of ``PUT /_sandbox/faults``; raises ValueError for unknown fields and invalid values."""
    allowed = {"kind", "target", "rate", "times", "seconds", "code", "text"}
    if "kind" not in rule or set(rule) - allowed:
        raise ValueError(f"a fault has a kind and may have {', '.join(sorted(allowed - {'kind'}))}; got {dict(rule)!r}")
    return FaultRule(**{**rule, "kind": str(rule["kind"])})


class FaultRules:
    """The current rules; the first one that strikes decides the fault of a request."""

    def __init__(self, rules: list[FaultRule], seed: int) -> None:
        self._seed = seed
        self.rules: list[FaultRule] = []
        self.replace(rules)

    def replace(self, rules: list[FaultRule]) -> None:
        """Replace all rules, and seed the new ones."""
        for index, rule in enumerate(rules):
            rule.seed(self._seed, "fault", index, rule.kind, rule.target)
        self.rules = rules

    def next_fault(self, server: str, path: str) -> FaultRule | None:
        """The fault of this request, if any."""
        return next((rule for rule in self.rules if rule.applies_to(server, path) and rule.should_strike()), None)

    def is_dead(self, server: str) -> bool:
        """Whether a server must refuse connections. (The caller keeps the API's port open for the control.)"""
        return any(
            rule.kind == "dead" and not rule.target.startswith("/") and rule.applies_to(server, "")
            for rule in self.rules
        )
