"""The age class of one title, written apart from the stores, which only ever count them."""

from datetime import datetime

from moviecrawler.documents import age
from moviecrawler.documents.facts import Facts
from moviecrawler.policy.freshness.refresh import AGE_CLASSES, AGE_LIMITS


def age_class(document: Facts, now: datetime) -> str:
    """The title's age class, one of ``AGE_CLASSES``."""
    days = age(document, now)
    if days is None:
        return "unknown"
    return "unreleased" if days < 0 else AGE_CLASSES[1 + sum(days > limit for limit in AGE_LIMITS)]
