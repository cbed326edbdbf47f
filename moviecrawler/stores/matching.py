"""Whose films are these? What a source calls by a name of its own, looked up in the store for a whole table at once.

The order of what counts: what a person settled, an IMDb id, a name that the source is known to use, then titles with
year, date and director (``policy.identity``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from moviecrawler.items import Movie, Unmatched
from moviecrawler.policy import identity
from moviecrawler.stores.base import Document, Key, Store
from moviecrawler.stores.rows import unmatched_key


@dataclass
class Matches:
    """``ids``: TMDB's by the source's own; ``unmatched``: films for the records, where those say something else.

    ``found``: keys of ``unmatched`` records whose film has a document now.
    """

    ids: dict[str, int] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


async def match(store: Store, titles: Sequence[Movie], at: str) -> Matches:
    """Match films of one source; ``at`` is the moment for what remains unmatched.

    At most one read each of ``unmatched`` records, source ids, IMDb ids, documents and titles.
    """
    matches = Matches()
    waiting = {title.source_id: title for title in titles}
    if not waiting:
        return matches
    source = titles[0].source
    keys = {source_id: unmatched_key(source, source_id) for source_id in waiting}
    rows = await store.records.get("unmatched", keys.values())
    for source_id, key in keys.items():
        settled = rows.get(key, {}).get("settled")
        if settled is not None:
            del waiting[source_id]
        if settled:
            matches.ids[source_id] = settled
    claimed = await _claimed(store, source, list(waiting.values()))
    names = {one: identity.names(title.model_dump()) for one, title in waiting.items() if not claimed[one]}
    named = await store.documents.candidates("movies", {name for found in names.values() for name in found})
    for source_id, title in waiting.items():
        candidates = claimed[source_id] or _present(named.get(name, ()) for name in names[source_id])
        if claimed[source_id] and len(candidates) == 1:
            matches.ids[source_id] = next(iter(candidates))
        else:
            found = identity.match(title.model_dump(), list(candidates.values()))
            if found.id is not None:
                matches.ids[source_id] = found.id
            else:
                _add_unmatched(matches, title, found.candidates, rows.get(keys[source_id]), at)
    matches.found = [keys[one] for one in waiting if one in matches.ids and keys[one] in rows]
    return matches


async def _claimed(store: Store, source: str, titles: Sequence[Movie]) -> dict[str, dict[int, Document]]:
    """Documents that carry a title's IMDb id, else its source id; by source id, each by TMDB id."""
    by_source_id = await store.documents.by_source_id("movies", source, [title.source_id for title in titles])
    imdb_ids = [title.imdb_id for title in titles if title.imdb_id]
    by_imdb_id = await store.documents.by_imdb_id("movies", imdb_ids) if imdb_ids else {}
    ids = {
        title.source_id: by_imdb_id.get(title.imdb_id or "") or by_source_id.get(title.source_id, [])
        for title in titles
    }
    documents = await store.documents.get_many({("movies", id) for some in ids.values() for id in some})
    linked = {document["same_as"] for document in documents.values() if _is_gone(document) and document.get("same_as")}
    if unread := {("movies", id) for id in linked} - documents.keys():
        documents |= await store.documents.get_many(unread)
    return {source_id: _present([_followed(documents, some)]) for source_id, some in ids.items()}


def _followed(documents: Mapping[Key, Document], claimed: Iterable[int]) -> list[Document]:
    """The documents of these ids; for a tombstone the one that the same film has now."""
    found = [documents[key] for id in claimed if (key := ("movies", id)) in documents]
    ids = [(_is_gone(document) and document.get("same_as")) or document["_id"] for document in found]
    return [documents["movies", id] for id in ids if ("movies", id) in documents]


def _present(lists: Iterable[Iterable[Document]]) -> dict[int, Document]:
    """All that TMDB still has, each once, by ascending id."""
    found = {document["_id"]: document for documents in lists for document in documents if not _is_gone(document)}
    return dict(sorted(found.items()))


def _is_gone(document: Document) -> bool:
    return document["sources"]["tmdb"]["gone_at"] is not None


def _add_unmatched(matches: Matches, title: Movie, candidates: Iterable[int], row: Document | None, at: str) -> None:
    said = title.model_dump(exclude_defaults=True)
    unmatched = Unmatched(
        source=title.source,
        source_id=title.source_id,
        title=title.title,
        year=title.year,
        candidates=list(candidates),
        said=said,
        at=at,
    )
    if row is None or (row["candidates"], row["said"]) != (unmatched.candidates, said):
        matches.unmatched.append(unmatched)
