"""/collection/{id}: a collection with all its films, also those that no listing has."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue import film_collections
from moviecrawler.sandbox.catalogue.index import Catalogue
from moviecrawler.sandbox.tmdb.details import collection_head, listing_row


def details(catalogue: Catalogue, identity: int, language: str) -> dict[str, Any] | None:
    """The collection with the rows of its films; None if there is none, or if it was removed ("collection gone")."""
    works = [work for film in film_collections.parts(identity) if (work := catalogue.get("movie", film))]
    if not works or any("collection gone" in work.edge_cases for work in works):
        return None
    answer = collection_head(works[0])
    assert answer is not None
    rows = [catalogue.with_patches("movie", listing_row(work, language, "movie"), row=True) for work in works]
    return answer | {
        "original_language": works[0].row.language,
        "original_name": works[0].collection,
        "overview": f"A collection of {len(works)} films." if language[:2] in ("", "en") else "",
        "parts": rows,
    }
