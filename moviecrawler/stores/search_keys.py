"""The keys by which a stored title can be found by name."""

from moviecrawler.documents import Document
from moviecrawler.policy.identity import title_keys

_NAMED_BY_SOURCE = ("the_numbers",)
"""Sources that identify a title by its name only, not by an id of TMDB or IMDb."""


def search_keys(document: Document) -> list[str]:
    """The keys under which ``policy.identity`` looks a title up, in all languages; sorted, no duplicates.

    Includes the keys of the names that such a source uses, so that titles that share a name with either are found.
    """
    slots = document.get("sources") or {}
    named = [slot for source in _NAMED_BY_SOURCE if (slot := slots.get(source))]
    by_source = [slot["data"] for slot in named if isinstance(slot.get("data"), dict)]
    return sorted({key for data in (document, *by_source) for key in title_keys(data)})
