"""Decides which candidate a record is: by id, else by title and year, with dates and directors to distinguish twins."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from moviecrawler.documents import Document, is_gone, names
from moviecrawler.documents.facts import Facts
from moviecrawler.documents.records import Said
from moviecrawler.policy.identity.dates import SHORT_TITLE, Dates, compare_dates, letter_count
from moviecrawler.policy.identity.normalise import leading_article, normalise
from moviecrawler.policy.identity.title_variants import (
    ALTERED,
    EXACT,
    PARTIAL,
    all_titles,
    distance_between,
    main_titles,
    spellings,
)

NEAR_DAYS = 60
"""Release dates this far apart may be one release in two countries."""
WEEK = 7
"""Within this many days, different directors are the same people under other names."""
PART_DAYS = 14
"""Part of a title is enough within this many days: later there may be a documentary, or a cartoon, of that name."""
SHORT_MINUTES = 40
"""A shorter film is a short: a film of the same title in cinemas is another one."""

How = Literal["tmdb_id", "imdb_id", "name", "title", "date", "day", "director", "several", "unsure", "none"]


class Match(NamedTuple):
    """``id`` of the matching document, or None; ``candidates`` are the ids that it may be, ascending.

    ``how`` says what decided: an id, the source's own name, title and year alone, or also a near date, the exact day or
    a director; ``several``: the candidates cannot be told apart; ``unsure``: the facts that would confirm the title are
    unknown; ``none``: no candidate fits.
    """

    id: int | None
    candidates: tuple[int, ...]
    how: How

    @property
    def is_firm(self) -> bool:
        """Whether no film of the same name that arrives later can be the right one instead."""
        return self.how in ("tmdb_id", "imdb_id", "name", "day", "director")


class _Fit(NamedTuple):
    id: int
    distance: int
    other: bool  # matched by an alternative title or a translation
    size: int  # letters of the shared title
    dates: Dates
    evidence: int
    is_short: bool  # and the record is not
    gone: bool

    @property
    def is_sure(self) -> bool:
        if self.is_short:
            return self.dates.days == 0
        if self.evidence:
            return self.evidence != _NEAR or self.distance != PARTIAL or self.dates.days <= PART_DAYS
        if self.distance > ALTERED:
            return False
        return self.dates.is_close(self.size, exact=self.distance == EXACT)


_DIRECTOR, _SAME_DAY, _NEAR, _NO_EVIDENCE = 3, 2, 1, 0
_HOW: tuple[How, ...] = ("title", "date", "day", "director")


def match(record: Said, candidates: Sequence[Document]) -> Match:
    """The document that a record means. The order of the candidates does not matter.

    >>> film = {"_id": 1091, "title": "The Thing", "year": 1982, "release_date": "1982-06-25"}
    >>> match({"title": "Thing, The", "year": 1982}, [film])
    Match(id=1091, candidates=(1091,), how='title')
    >>> match({"title": "The Thing", "year": 2011}, [film])
    Match(id=None, candidates=(), how='none')
    """
    if (id := record.get("id")) is not None:
        return Match(id, (id,), "tmdb_id")
    imdb_id = record.get("imdb_id")
    same = [one for one in candidates if imdb_id and one.get("imdb_id") == imdb_id]
    living = [one for one in same if not is_gone(one)] or same
    if len(living) == 1:
        return Match(living[0]["_id"], (living[0]["_id"],), "imdb_id")
    others = [one for one in candidates if not (imdb_id and one.get("imdb_id"))]
    documents = {one["_id"]: one for one in living or others}
    return _decide([fit for one in documents.values() if (fit := _fit(record, one))])


def _decide(fits: list[_Fit]) -> Match:
    fits = [fit for fit in fits if not fit.gone] or fits
    certain = [fit for fit in fits if fit.is_sure]
    if not certain:
        unsure = tuple(sorted(fit.id for fit in fits if fit.distance <= ALTERED or fit.evidence))
        return Match(None, unsure, "unsure" if unsure else "none")
    strongest = max(fit.evidence for fit in certain)
    best = [fit for fit in certain if fit.distance <= ALTERED] or certain
    if strongest > (own := max(fit.evidence for fit in best)) == _NO_EVIDENCE:
        best = certain  # part of a title on the exact day, against a whole title on another day
    else:
        strongest = own
        best = [fit for fit in best if fit.evidence == strongest]
        if strongest == _NEAR and all(fit.distance > EXACT for fit in best):
            best += [fit for fit in certain if fit.distance == EXACT]  # the exact title, but a more distant date
            if len(best) > 1:
                return _several(best)
        if strongest == _NO_EVIDENCE and any(fit.dates.gap is None for fit in fits if fit.distance == EXACT):
            best = [fit for fit in fits if fit.distance == EXACT]  # a film of unknown year may be the right one
        elif len(best) > 1:
            best = _nearest(best)
    if len(best) > 1:
        return _several(best)
    return Match(best[0].id, (best[0].id,), _HOW[strongest])


def _several(fits: list[_Fit]) -> Match:
    return Match(None, tuple(sorted(fit.id for fit in fits)), "several")


def _nearest(fits: list[_Fit]) -> list[_Fit]:
    """The fit that is nearest in all respects, else all."""
    places = [[fit.distance, fit.other, fit.dates.years_apart] for fit in fits]
    least = [min(column) for column in zip(*places, strict=True)]
    return [fit for fit, place in zip(fits, places, strict=True) if place == least] or fits


def _fit(record: Said, document: Document) -> _Fit | None:
    """How a candidate fits; None where the title, the year or the director rules it out."""
    closeness = _closeness(record, document)
    if closeness is None:
        return None
    distance, other, size = closeness
    dates = compare_dates(record, document)
    evidence = _evidence(record, document, dates, whole=distance == EXACT)
    if evidence is None or not dates.is_possible(exact=distance <= ALTERED):
        return None
    short = _is_short(document) and not _is_short(record)
    return _Fit(document["_id"], distance, other, size, dates, evidence, short, is_gone(document))


def _is_short(film: Facts) -> bool:
    return 0 < (film.get("runtime") or 0) < SHORT_MINUTES


def _closeness(record: Facts, document: Facts) -> tuple[int, bool, int] | None:
    """Distance of the nearest two titles, whether one is not a main title, and letters that they share."""
    record_keys = {normalise(title): leading_article(title) for title in reversed(all_titles(record))}
    main = main_titles(document)
    nearest: tuple[int, bool, int] | None = None
    for place, title in enumerate(all_titles(document)):
        if (key := normalise(title)) and key in record_keys:
            same = leading_article(title) == record_keys[key]
            found = (EXACT if same else ALTERED, place >= len(main), letter_count(key))
            nearest = min(nearest or found, found)
    if nearest and nearest[0] == EXACT:
        return nearest
    people = frozenset(normalise(name) for name in _directors(document) + _writers(document))
    wanted, stored = _spellings(main_titles(record), people), _spellings(main, people)
    for key in wanted.keys() & stored.keys():
        if (distance := distance_between(wanted[key], stored[key])) is not None:
            found = (max(ALTERED, distance), False, max(SHORT_TITLE, len(key)))
            nearest = min(nearest or found, found)
    return nearest


def _spellings(titles: Sequence[str], people: frozenset[str]) -> dict[str, int]:
    nearest: dict[str, int] = {}
    for title in titles:
        for key, distance in spellings(title, people).items():
            nearest[key] = min(nearest.get(key, distance), distance)
    return nearest


def _evidence(record: Facts, document: Facts, dates: Dates, *, whole: bool) -> int | None:
    """What supports the candidate besides its title and year; None: it has other directors."""
    theirs = [frozenset(normalise(name).split()) for name in _directors(record)]
    ours = [frozenset(normalise(name).split()) for name in _directors(document)]
    if set(theirs) & set(ours):
        return _DIRECTOR
    if dates.days == 0:
        return _SAME_DAY
    are_different = theirs and ours and not any(one & other for one in theirs for other in ours)
    if are_different and not (whole and dates.days <= WEEK):
        return None
    return _NEAR if dates.days <= NEAR_DAYS else _NO_EVIDENCE


def _directors(film: Facts) -> list[str]:
    people = film.get("people")
    return names(people.get("directors") if people else None)


def _writers(film: Facts) -> list[str]:
    people = film.get("people")
    return names(people.get("writers") if people else None)
