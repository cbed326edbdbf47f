"""The names by which a stored title can be found."""

from typing import Any

from moviecrawler.policy.identity import normalise


def normalised_titles(document: dict[str, Any]) -> list[str]:
    """The normalised title, original title, titles in all languages and alternative titles; sorted, no name twice."""
    names = {document.get("title"), document.get("original_title"), *(document.get("titles") or {}).values()}
    names.update(alternative["title"] for alternative in document.get("alternative_titles") or ())
    return sorted({normalise(name) for name in names if name} - {""})
