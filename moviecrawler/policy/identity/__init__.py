"""Finds the document that another source's record belongs to."""

from moviecrawler.policy.identity.matching import Match, match
from moviecrawler.policy.identity.normalise import normalise
from moviecrawler.policy.identity.title_variants import title_keys

__all__ = ["Match", "match", "normalise", "title_keys"]
