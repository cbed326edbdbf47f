"""What the index keeps of a title: words and keys by which it is found, and what results are sorted and counted by."""

from collections.abc import Iterator
from typing import NamedTuple

from moviecrawler.documents import Document, is_gone, names
from moviecrawler.search.text import folded, indexed, name_key

Facets = tuple[tuple[str, str], ...]

Texts = tuple[str, str, str]
"""Titles, people, and the rest (keywords, collection, year), as the index has words."""

FACETS = ("kind", "genre", "decade", "language", "country", "certification", "class")
"""What hits are counted by."""


class Entry(NamedTuple):
    """One title. ``keys``: what finds it whole, ids and titles. ``score`` is TMDB's, 0-10.

    A title that is gone, or a document that cannot be read, has no words, keys and facets: it is there so that its
    version is known.
    """

    kind: str
    id: int
    revision: int
    updated_at: str | None
    title: str | None = None
    year: int | None = None
    popularity: float = 0.0
    score: float | None = None
    sort_title: str = ""
    texts: Texts | None = None
    keys: frozenset[str] = frozenset()
    facets: Facets = ()


def entry(kind: str, document: Document) -> Entry:
    """Of a document in today's form."""
    version = (kind, document["_id"], document["revision"], document.get("updated_at"))
    if is_gone(document):
        return Entry(*version)
    people = document.get("people") or {}
    persons = [
        *(people.get("directors") or ()),
        *(people.get("creators") or ()),
        *(people.get("writers") or ()),
        *(people.get("cast") or ()),
        *(people.get("crew") or ()),
    ]
    collection = document.get("collection")
    year = document.get("year")
    rest = [
        *(document.get("keywords") or ()),
        *([collection["name"]] if collection else ()),
        *([str(year)] if year else ()),
    ]
    title = document.get("title")
    rating = (document.get("ratings") or {}).get("tmdb")
    return Entry(
        *version,
        title=title,
        year=year,
        popularity=document.get("popularity") or 0.0,
        score=rating["score"] if rating else None,
        sort_title=name_key(title)[1:] if title else "",
        texts=(indexed(_titles(document)), indexed(names(persons)), indexed(rest)),
        keys=frozenset(_keys(kind, document)),
        facets=tuple(_facets(kind, document)),
    )


def _titles(document: Document) -> Iterator[str]:
    for title in (document.get("title"), document.get("original_title")):
        if title:
            yield title
    yield from (document.get("titles") or {}).values()
    yield from (one["title"] for one in document.get("alternative_titles") or ())


def _keys(kind: str, document: Document) -> Iterator[str]:
    """``movies/603``, ``tt0133093``, ``q83495``, ``=matrix``."""
    yield f"{kind}/{document['_id']}"
    ids = document.get("external_ids") or {}
    for id_ in (document.get("imdb_id"), ids.get("imdb"), ids.get("wikidata")):
        if id_:
            yield folded(id_)
    for title in (document.get("title"), document.get("original_title")):
        if title:
            yield name_key(title)


def _facets(kind: str, document: Document) -> Iterator[tuple[str, str]]:
    yield "kind", kind
    for genre in document.get("genres") or ():
        yield "genre", genre
    if year := document.get("year"):
        yield "decade", f"{year // 10 * 10}s"
    if language := document.get("original_language"):
        yield "language", language
    for country in document.get("country_codes") or ():
        yield "country", country
    if certification := document.get("certification"):
        yield "certification", certification
    if quality := document.get("quality"):
        yield "class", quality["class"]
