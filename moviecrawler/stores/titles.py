"""The names by which a stored title can be found."""

from typing import Any

from moviecrawler.policy.identity import names


def normalised_titles(document: dict[str, Any]) -> list[str]:
    """The keys under which ``policy.identity`` looks for a title, in all languages; sorted, no name twice."""
    return sorted(names(document))
