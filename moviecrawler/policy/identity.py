"""Which document a record of another source belongs to."""

from moviecrawler.policy.identity_names import names
from moviecrawler.policy.identity_titles import normalise
from moviecrawler.policy.matching import Match, match

__all__ = ["Match", "match", "names", "normalise"]
