"""What the index keeps of a title: words and keys by which it is found, and what results are sorted and counted by."""

from collections.abc import Iterator
from typing import NamedTuple

from moviecrawler.documents import Document, is_gone, names
from moviecrawler.policy.filters.expressions import ROWS
from moviecrawler.search.text import folded, indexed, name_key

Facets = tuple[tuple[str, str], ...]

Texts = tuple[str, str, str]
"""Titles, people, and the rest (keywords, collection, year), as the index has words."""

NUMBERS = {
    "year": ("year",),
    "popularity": ("popularity",),
    "rating": ("ratings", "tmdb", "score"),
    "votes": ("ratings", "tmdb", "votes"),
    "imdb_rating": ("ratings", "imdb", "score"),
    "runtime": ("runtime",),
    "quality": ("quality", "score"),
    "gross": ("box_office", "worldwide"),
    "released": ("release_date",),
}
"""What results are sorted and filtered by, a column each, and where it stands in a document."""

FACETS = {
    "kind": (),
    "genre": ("genres", ROWS),
    "decade": (),
    "language": ("original_language",),
    "country": ("country_codes", ROWS),
    "certification": ("certification",),
    "class": ("quality", "class"),
}
"""What hits are counted by, and where it stands in a document; nowhere, if it is made of something there."""


class Entry(NamedTuple):
    """One title. ``keys``: what finds it whole, ids and titles. ``numbers``: see ``NUMBERS``.

    A title that is gone has no words and keys. A document that cannot be read has nothing at all: it is there so that
    its version is known.
    """

    kind: str
    id: int
    revision: int
    updated_at: str | None
    title: str | None = None
    sort_title: str = ""
    numbers: tuple[int | float | str | None, ...] = (None,) * len(NUMBERS)
    texts: Texts | None = None
    keys: frozenset[str] = frozenset()
    facets: Facets = ()


def entry(kind: str, document: Document) -> Entry:
    """Of a document in today's form."""
    title, gone = document.get("title"), is_gone(document)
    return Entry(
        kind,
        document["_id"],
        document["revision"],
        document.get("updated_at"),
        title,
        name_key(title)[1:] if title else "",
        tuple(_numbers(document)),
        None if gone else (indexed(_titles(document)), indexed(_people(document)), indexed(_rest(document))),
        frozenset() if gone else frozenset(_keys(kind, document)),
        tuple(_facets(kind, document)),
    )


def _numbers(document: Document) -> Iterator[int | float | str | None]:
    ratings, quality = document.get("ratings") or {}, document.get("quality")
    tmdb, imdb = ratings.get("tmdb"), ratings.get("imdb")
    yield document.get("year")
    yield document.get("popularity")
    yield tmdb["score"] if tmdb else None
    yield tmdb.get("votes") if tmdb else None
    yield imdb["score"] if imdb else None
    yield document.get("runtime")
    yield quality["score"] if quality else None
    yield (document.get("box_office") or {}).get("worldwide")
    yield document.get("release_date")


def _titles(document: Document) -> Iterator[str]:
    for title in (document.get("title"), document.get("original_title")):
        if title:
            yield title
    yield from (document.get("titles") or {}).values()
    yield from (one["title"] for one in document.get("alternative_titles") or ())


def _people(document: Document) -> list[str]:
    people = document.get("people") or {}
    of_crew = (people.get("directors"), people.get("creators"), people.get("writers"))
    return [name for group in (*of_crew, people.get("cast"), people.get("crew")) for name in names(group)]


def _rest(document: Document) -> Iterator[str]:
    yield from document.get("keywords") or ()
    if collection := document.get("collection"):
        yield collection["name"]
    if year := document.get("year"):
        yield str(year)


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
