"""Decides which result of a search by name is the title that a person meant."""

from collections.abc import Sequence
from typing import Protocol

from moviecrawler.documents import Document, Said
from moviecrawler.policy.identity.matching import Match, match
from moviecrawler.policy.identity.references import Named

_MOST_CANDIDATES = 5


class Result(Protocol):
    """A row of the answer."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str | None: ...
    @property
    def original_title(self) -> str | None: ...
    @property
    def release_date(self) -> str | None: ...


def choose(wanted: Named, results: Sequence[Result], *, complete: bool) -> Match:
    """The result that is certainly meant, by the rules of :func:`match`; ``complete``: there are no results but these.

    The only one of that title is meant as well if its year is the next one, or if no year is given: a search finds all
    films of a title, so there is no other. Where nothing is certain, the first results are the candidates.
    """
    years = {result.id: int(result.release_date[:4]) for result in results if result.release_date}
    said: Said = {"title": wanted.title, "year": wanted.year}  # type: ignore[typeddict-item]
    found = match(said, [_document(result, years.get(result.id)) for result in results])
    if found.how == "unsure" and len(found.candidates) == 1:
        (id,) = found.candidates
        year = years.get(id)
        if wanted.year is None or (complete and year is not None and abs(year - wanted.year) == 1):
            return Match(id, (id,), "title")
    if found.how == "none":
        return Match(None, tuple(result.id for result in results[:_MOST_CANDIDATES]), "unsure" if results else "none")
    return found


def _document(result: Result, year: int | None) -> Document:
    facts = {
        "_id": result.id,
        "title": result.title,
        "original_title": result.original_title,
        "release_date": result.release_date,
        "year": year,
    }
    return facts  # type: ignore[return-value]
