"""The keys by which a stored title can be found by name."""

from moviecrawler.documents import Document
from moviecrawler.policy.identity import title_keys
from moviecrawler.sources import all_sources


def search_keys(document: Document) -> list[str]:
    """The keys under which ``policy.identity`` looks a title up, in all languages; sorted, no duplicates.

    Includes the keys of the names that a source uses which identifies titles by nothing else, so that titles that share
    a name with either are found.
    """
    slots = document.get("sources") or {}
    named = [slot for name, source in all_sources().items() if not source.knows_ids and (slot := slots.get(name))]
    by_source = [slot["data"] for slot in named if isinstance(slot.get("data"), dict)]
    return sorted({key for data in (document, *by_source) for key in title_keys(data)})
