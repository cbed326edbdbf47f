"""The names by which a stored title can be found."""

from typing import Any

from moviecrawler.policy.identity import title_keys

_CALLED = ("the_numbers",)
"""Sources that know a title by no id but by what they call it."""


def search_keys(document: dict[str, Any]) -> list[str]:
    """The keys under which ``policy.identity`` looks for a title, in all languages; sorted, no name twice.

    Also those of what a source calls it, so that a namesake of either can be found.
    """
    slots = document.get("sources") or {}
    called = [said for source in _CALLED if isinstance(said := (slots.get(source) or {}).get("data"), dict)]
    return sorted({key for said in (document, *called) for key in title_keys(said)})
