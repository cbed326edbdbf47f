"""Misbehaving on request: which fault, if any, the next request meets."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moviecrawler.sandbox.catalogue import seeded

KINDS = (
    *("403", "429", "500", "503", "522", "524", "reset", "truncate", "half", "html", "slow", "error200"),
    *("blocked", "dead"),
)
SERVERS = ("api", "cdn1", "cdn2", "omdb", "the_numbers")


@dataclass(slots=True)
class Fault:
    """One rule: with this ``rate`` (0 to 1) the requests to ``target`` meet ``kind``.

    ``target`` is a server, cdn (both), a path prefix such as ``/3/movie/``, or "" for everything. ``times`` limits how
    often it strikes. ``seconds`` is how long *slow* waits and what 429 and 503 say in Retry-After; ``code`` is TMDB's
    status_code of *error200*, ``text`` the same of OMDB.
    """

    kind: str
    target: str = ""
    rate: float = 1.0
    times: int | None = None
    seconds: float | None = None
    code: int = 25
    text: str = "Something went wrong."
    struck: int = 0
    _dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault kind {self.kind!r} is none of {', '.join(KINDS)}")
        if self.target and self.target not in (*SERVERS, "cdn") and not self.target.startswith("/"):
            raise ValueError(f"fault target {self.target!r} is none of {', '.join(SERVERS)}, cdn or a path prefix")
        if not 0 <= self.rate <= 1:
            raise ValueError(f"fault rate {self.rate} is not between 0 and 1")

    def seed(self, *what: object) -> None:
        """Load the dice, so that the same requests meet the same faults."""
        self._dice = seeded.generator(*what)

    def aims_at(self, server: str, path: str) -> bool:
        """Whether a request is in reach of this rule."""
        if self.target.startswith("/"):
            return path.startswith(self.target)
        return self.target in ("", server) or (self.target == "cdn" and server.startswith("cdn"))

    def strikes(self) -> bool:
        """Throw the dice, once a request."""
        if self.times is not None and self.struck >= self.times:
            return False
        hit = self.kind == "dead" or self._dice.random() < self.rate
        self.struck += hit
        return hit

    def as_json(self) -> dict[str, Any]:
        """The rule as ``PUT /_sandbox/faults`` takes it, with the number of its strikes."""
        names = ("kind", "target", "rate", "times", "seconds", "code", "text", "struck")
        return {name: getattr(self, name) for name in names}


def parse(text: str) -> Fault:
    """A rule of the command line: KIND[:TARGET]=RATE.

    >>> rule = parse("429:/3/movie/=0.2")
    >>> rule.kind, rule.target, rule.rate
    ('429', '/3/movie/', 0.2)
    """
    name, equals, rate = text.rpartition("=")
    kind, _, target = name.partition(":")
    if not equals:
        raise ValueError(f"fault {text!r} is not KIND[:TARGET]=RATE")
    try:
        share = float(rate)
    except ValueError:
        raise ValueError(f"fault rate {rate!r} is not a number") from None
    return Fault(kind, target, share)


def from_json(rule: Mapping[str, Any]) -> Fault:
    """A rule of ``PUT /_sandbox/faults``; raises ValueError for unknown fields and values."""
    allowed = {"kind", "target", "rate", "times", "seconds", "code", "text"}
    if "kind" not in rule or set(rule) - allowed:
        raise ValueError(f"a fault has a kind and may have {', '.join(sorted(allowed - {'kind'}))}; got {dict(rule)!r}")
    return Fault(**{**rule, "kind": str(rule["kind"])})


class Faults:
    """The rules in force; the first that strikes is the fault of a request."""

    def __init__(self, rules: list[Fault], seed: int) -> None:
        self._seed = seed
        self.rules: list[Fault] = []
        self.replace(rules)

    def replace(self, rules: list[Fault]) -> None:
        """New rules with fresh dice."""
        for index, rule in enumerate(rules):
            rule.seed(self._seed, "fault", index, rule.kind, rule.target)
        self.rules = rules

    def strike(self, server: str, path: str) -> Fault | None:
        """The fault of this request, if any."""
        return next((rule for rule in self.rules if rule.aims_at(server, path) and rule.strikes()), None)

    def dead(self, server: str) -> bool:
        """Whether a whole server is to refuse connections. (The API's port stays open for the control.)"""
        return any(
            rule.kind == "dead" and not rule.target.startswith("/") and rule.aims_at(server, "") for rule in self.rules
        )
