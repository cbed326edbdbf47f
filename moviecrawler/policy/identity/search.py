"""Decides which result of a search by name is the title that a person meant."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from moviecrawler.documents import Document
from moviecrawler.documents.records import Said
from moviecrawler.policy.identity.dates import LONG_TITLE, letter_count
from moviecrawler.policy.identity.matching import Match, match
from moviecrawler.policy.identity.normalise import normalise
from moviecrawler.policy.identity.references import Named

_MOST_CANDIDATES = 5

_NUMBER = re.compile(
    r"\b(?:part|vol(?:ume)?|chapter|episode|ep|[ivx]+|[0-9][0-9,]*|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve)\b\.?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")


class Query(NamedTuple):
    """What to ask TMDB; ``is_whole``: for the whole title."""

    title: str
    year: int | None
    language: str
    is_whole: bool


def queries(wanted: Named, language: str) -> list[Query]:
    """The searches for a title, each for the case that the one before leads to nothing certain.

    Within its year, also by its English title; without its number, which may be spelt otherwise (Part 2, Part II); and
    in any year.
    """
    bare = " ".join(_NUMBER.sub(" ", wanted.title).split())
    found = [Query(wanted.title, wanted.year, one, True) for one in (language, "en-US")]
    if wanted.year and bare != wanted.title and _LETTER.search(bare):
        found.append(Query(bare, wanted.year, language, False))
    return list(dict.fromkeys([*found, Query(wanted.title, None, language, True)]))


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

    A search finds all films of a title, also by titles that the results do not show. So the only one of that title is
    meant as well if its year is at most one off, or no year is given; and the only result at all, if it is of that year
    and the title is a long one. Where nothing is certain, the first results are the candidates.
    """
    years = {result.id: int(result.release_date[:4]) for result in results if result.release_date}
    said: Said = {"title": wanted.title, "year": wanted.year}  # type: ignore[typeddict-item]
    found = match(said, [_document(result, years.get(result.id)) for result in results])
    if found.how == "unsure" and len(found.candidates) == 1:
        (id,) = found.candidates
        year = years.get(id)
        if wanted.year is None or (complete and year is not None and abs(year - wanted.year) <= 1):
            return Match(id, (id,), "title")
    if found.how == "none":
        if complete and len(results) == 1 and years.get(results[0].id) == wanted.year and _is_long(wanted.title):
            return Match(results[0].id, (results[0].id,), "title")
        return Match(None, tuple(result.id for result in results[:_MOST_CANDIDATES]), "unsure" if results else "none")
    return found


def _is_long(title: str) -> bool:
    return letter_count(normalise(title)) >= LONG_TITLE


def _document(result: Result, year: int | None) -> Document:
    facts = {
        "_id": result.id,
        "title": result.title,
        "original_title": result.original_title,
        "release_date": result.release_date,
        "year": year,
    }
    return facts  # type: ignore[return-value]
