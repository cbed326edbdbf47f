"""Whose films are these? What a source calls by a name of its own, looked up in the store for a whole table at once.

The order of what counts: what a person settled, an IMDb id, then titles with year, date and director
(``policy.identity``) among the films that carry the source's name for it, or one of its titles. Which of them came
first does not count: a film that has been taken without the very day or a director is *presumed*, and weighed again;
one that has been taken by them is weighed again when it, or a namesake, is written. What the source itself has told of
a film says nothing about whose film it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moviecrawler.ingest.reassign import Reassignment, known_facts
from moviecrawler.ingest.rows import unmatched_key
from moviecrawler.items import Movie, Unmatched
from moviecrawler.policy import identity
from moviecrawler.policy.documents.compose import without_source
from moviecrawler.stores.base import Document, Key, Store


@dataclass
class Matches:
    """``ids``: TMDB's by the source's own; ``unmatched``: films for the records, where those say something else.

    ``found``: keys of ``unmatched`` records whose film has a document for good; ``moves``: what is to be taken from
    films that are not meant (``claims.carry``).
    """

    ids: dict[str, int] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    reassignments: list[Reassignment] = field(default_factory=list)


async def match(store: Store, titles: Sequence[Movie], at: str, *, again: bool = False) -> Matches:
    """Match films of one source; ``at`` is the moment for what remains unmatched.

    ``again``: namesakes may have arrived, so the very day or a director does not spare the look at them.

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
    carriers = await _carriers(store, source, list(waiting.values()))
    claimed = {one: _present([some]) for one, some in carriers.items()}
    said = {one: known_facts(title, rows.get(keys[one]), claimed[one].values()) for one, title in waiting.items()}
    known = (
        {} if again else {one: found for one in waiting if (found := _only(said[one], claimed[one], source)).is_firm}
    )
    names = {one: identity.title_keys(said[one]) for one in waiting if one not in known}
    named = await store.documents.candidates("movies", {name for some in names.values() for name in some})
    looked = {one: claimed[one] | _present(named.get(name, ()) for name in names[one]) for one in names}
    choices = known | {one: _choose(said[one], looked[one], source) for one in names}
    held = {choice.id for choice in choices.values() if choice.is_firm} | set(matches.ids.values())
    for one, title in waiting.items():
        choice, row = choices[one], rows.get(keys[one])
        presumed = row is not None and row.get("presumed") is not None
        if choice.how == "none" and len(claimed[one]) == 1 and not presumed:
            choice = identity.Match(next(iter(claimed[one])), tuple(claimed[one]), "name")
        if not choice.is_firm and choice.id and (choice.id in held or _held(looked[one][choice.id], title)):
            choice = identity.Match(None, choice.candidates, "unsure")
        if choice.id is not None:
            matches.ids[one] = choice.id
        if choice.candidates or presumed:
            matches.reassignments += _taken(carriers[one], title, choice.id)
        if not choice.is_firm:
            _note(matches, title, said[one], choice, row, at)
        elif row:
            matches.found.append(keys[one])
    return matches


def _held(document: Document, title: Movie) -> bool:
    """Whether another title of the source is this film for sure."""
    slot = document["sources"][title.source]
    if slot.get("source_id") in (None, title.source_id):
        return False
    return _choose(slot["data"], {document["_id"]: document}, title.source).is_firm


def _choose(said: Mapping[str, Any], films: Mapping[int, Document], source: str) -> identity.Match:
    """What the source itself has told of a film does not count: it would confirm itself."""
    return identity.match(said, [without_source(film, source) for film in films.values()])


def _only(said: Mapping[str, Any], claimed: Mapping[int, Document], source: str) -> identity.Match:
    """The only film that carries the source's name."""
    return _choose(said, claimed if len(claimed) == 1 else {}, source)


def _taken(carriers: Iterable[Document], title: Movie, meant: int | None) -> list[Reassignment]:
    """From those of the films that carry the source's name and are not meant; a tombstone keeps what is nobody's."""
    mine = [one for one in carriers if one["sources"][title.source].get("source_id") == title.source_id]
    lost = [one["_id"] for one in mine if one["_id"] != meant and (meant is not None or not _is_gone(one))]
    return [Reassignment(title.source, title.source_id, id, meant) for id in lost]


async def _carriers(store: Store, source: str, titles: Sequence[Movie]) -> dict[str, list[Document]]:
    """Documents that carry a title's IMDb id, else its source id, and those that a tombstone is linked with."""
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
    return {source_id: _followed(documents, some) for source_id, some in ids.items()}


def _followed(documents: Mapping[Key, Document], claimed: Iterable[int]) -> list[Document]:
    """The documents of these ids, and for a tombstone the one that the same film has now."""
    found = [documents[key] for id in claimed if (key := ("movies", id)) in documents]
    heirs = [("movies", document["same_as"]) for document in found if _is_gone(document) and document.get("same_as")]
    return found + [documents[key] for key in heirs if key in documents]


def _present(lists: Iterable[Iterable[Document]]) -> dict[int, Document]:
    """All that TMDB still has, each once, by ascending id."""
    found = {document["_id"]: document for documents in lists for document in documents if not _is_gone(document)}
    return dict(sorted(found.items()))


def _is_gone(document: Document) -> bool:
    return document["sources"]["tmdb"]["gone_at"] is not None


def _note(
    matches: Matches, title: Movie, said: dict[str, Any], choice: identity.Match, row: Document | None, at: str
) -> None:
    """Put the film into the records, where they do not say the same: as nobody's, or as presumed."""
    unmatched = Unmatched(
        source=title.source,
        source_id=title.source_id,
        title=title.title,
        year=title.year,
        candidates=[] if choice.id else list(choice.candidates),
        presumed=choice.id,
        said=said,
        at=at,
    )
    if row is None or any(row.get(name) != getattr(unmatched, name) for name in ("candidates", "presumed", "said")):
        matches.unmatched.append(unmatched)
