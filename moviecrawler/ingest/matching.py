"""Matches films that a source identifies by name only to stored titles: a whole table with one look-up.

What decides, in this order: what a person settled, an IMDb id, then titles with year, date and director
(``policy.identity``) among the films that have the source's name for it, or one of its titles. The order in which films
arrived does not matter: a match without the exact release day or a director is *presumed* and reconsidered each time;
one that they confirm is reconsidered when it, or a film of the same name, is written. What the source itself has said
about a stored film is ignored, since it would confirm itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from moviecrawler.documents import Document, is_gone
from moviecrawler.documents.records import UNMATCHED, Said, UnmatchedRecord, is_settled
from moviecrawler.ingest.reassign import Reassignment, known_facts
from moviecrawler.ingest.rows import unmatched_key
from moviecrawler.items import Movie, Unmatched
from moviecrawler.policy import identity
from moviecrawler.policy.documents.compose import without_source
from moviecrawler.stores.base import Key, Store


@dataclass
class Matches:
    """``ids``: TMDB ids by the source's own; ``unmatched``: films whose record is missing or differs.

    ``found``: keys of ``unmatched`` records whose film is matched for good; ``reassignments``: answers to be removed
    from films that were matched wrongly (``ingest.reassign``).
    """

    ids: dict[str, int] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    reassignments: list[Reassignment] = field(default_factory=list)


async def match_titles(store: Store, titles: Sequence[Movie], at: str, *, again: bool = False) -> Matches:
    """Match films of one source; ``at`` is the timestamp for the ones that remain unmatched.

    ``again``: films of the same name may have arrived, so a match by the exact day or a director is reconsidered, too.
    At most one read each of ``unmatched`` records, source ids, IMDb ids, documents and titles.
    """
    matches = Matches()
    waiting = {title.source_id: title for title in titles}
    if not waiting:
        return matches
    source = titles[0].source
    keys = {source_id: unmatched_key(source, source_id) for source_id in waiting}
    rows = await store.records.get(UNMATCHED, keys.values())
    for source_id, key in keys.items():
        row = rows.get(key)
        if row is not None and is_settled(row):
            del waiting[source_id]
            if row["settled"]:
                matches.ids[source_id] = row["settled"]
    carriers = await _documents_with_name(store, source, list(waiting.values()))
    claimed = {one: _present([some]) for one, some in carriers.items()}
    facts = {one: known_facts(title, rows.get(keys[one]), claimed[one].values()) for one, title in waiting.items()}
    known: dict[str, identity.Match] = {}
    if not again:
        by_name = {one: _match_by_name(facts[one], claimed[one], source) for one in waiting}
        known = {one: choice for one, choice in by_name.items() if choice.is_firm}
    names = {one: identity.title_keys(facts[one]) for one in waiting if one not in known}
    by_title = await store.documents.candidates("movies", {name for some in names.values() for name in some})
    considered = {one: claimed[one] | _present(by_title.get(name, ()) for name in names[one]) for one in names}
    choices = known | {one: _choose(facts[one], considered[one], source) for one in names}
    taken = {choice.id for choice in choices.values() if choice.is_firm} | set(matches.ids.values())
    for one, title in waiting.items():
        choice, row = choices[one], rows.get(keys[one])
        presumed = row is not None and row.get("presumed") is not None
        if choice.how == "none" and len(claimed[one]) == 1 and not presumed:
            choice = identity.Match(next(iter(claimed[one])), tuple(claimed[one]), "name")
        if not choice.is_firm and choice.id and (choice.id in taken or _is_certain(considered[one][choice.id], title)):
            choice = identity.Match(None, choice.candidates, "unsure")
        if choice.id is not None:
            matches.ids[one] = choice.id
        if choice.candidates or presumed:
            matches.reassignments += _reassignments(carriers[one], title, choice.id)
        if not choice.is_firm:
            _record_unmatched(matches, title, facts[one], choice, row, at)
        elif row:
            matches.found.append(keys[one])
    return matches


def _is_certain(document: Document, title: Movie) -> bool:
    """Whether another title of the source is certainly this film."""
    slot = document["sources"][title.source]
    if slot.get("source_id") in (None, title.source_id):
        return False
    return _choose(cast("Said", slot["data"]), {document["_id"]: document}, title.source).is_firm


def _choose(facts: Said, films: Mapping[int, Document], source: str) -> identity.Match:
    """Ignores what the source itself has said about a film: it would confirm itself."""
    return identity.match(facts, [without_source(film, source) for film in films.values()])


def _match_by_name(facts: Said, claimed: Mapping[int, Document], source: str) -> identity.Match:
    """The match, if exactly one film has the source's name."""
    return _choose(facts, claimed if len(claimed) == 1 else {}, source)


def _reassignments(carriers: Iterable[Document], title: Movie, match_id: int | None) -> list[Reassignment]:
    """From the films that have the source's name but are not the match; a tombstone keeps unmatched answers."""
    with_name = [one for one in carriers if one["sources"][title.source].get("source_id") == title.source_id]
    wrong = [one["_id"] for one in with_name if one["_id"] != match_id and (match_id is not None or not is_gone(one))]
    return [Reassignment(title.source, title.source_id, id, match_id) for id in wrong]


async def _documents_with_name(store: Store, source: str, titles: Sequence[Movie]) -> dict[str, list[Document]]:
    """Documents that have a title's IMDb id, else its source id, and those that a tombstone is linked with."""
    by_source_id = await store.documents.by_source_id("movies", source, [title.source_id for title in titles])
    imdb_ids = [title.imdb_id for title in titles if title.imdb_id]
    by_imdb_id = await store.documents.by_imdb_id("movies", imdb_ids) if imdb_ids else {}
    ids = {
        title.source_id: by_imdb_id.get(title.imdb_id or "") or by_source_id.get(title.source_id, [])
        for title in titles
    }
    documents = await store.documents.get_many({("movies", id) for some in ids.values() for id in some})
    linked = {heir for document in documents.values() if is_gone(document) and (heir := document.get("same_as"))}
    if unread := {("movies", id) for id in linked} - documents.keys():
        documents |= await store.documents.get_many(unread)
    return {source_id: _with_successors(documents, some) for source_id, some in ids.items()}


def _with_successors(documents: Mapping[Key, Document], claimed: Iterable[int]) -> list[Document]:
    """The documents of these ids, and for a tombstone also the document that replaced it."""
    found = [documents[key] for id in claimed if (key := ("movies", id)) in documents]
    heirs = [heir for document in found if is_gone(document) and (heir := document.get("same_as"))]
    successors = [("movies", heir) for heir in heirs]
    return found + [documents[key] for key in successors if key in documents]


def _present(lists: Iterable[Iterable[Document]]) -> dict[int, Document]:
    """All that TMDB still has, each once, by ascending id."""
    found = {document["_id"]: document for documents in lists for document in documents if not is_gone(document)}
    return dict(sorted(found.items()))


def _record_unmatched(
    matches: Matches, title: Movie, said: Said, choice: identity.Match, row: UnmatchedRecord | None, at: str
) -> None:
    """Record the film as unmatched or presumed, where the record differs."""
    unmatched = Unmatched(
        source=title.source,
        source_id=title.source_id,
        title=title.title,
        year=title.year,
        candidates=[] if choice.id else list(choice.candidates),
        presumed=choice.id,
        said=dict(said),
        at=at,
    )
    if row is None or any(row.get(name) != getattr(unmatched, name) for name in ("candidates", "presumed", "said")):
        matches.unmatched.append(unmatched)
