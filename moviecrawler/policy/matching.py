"""Which of some candidates a record is: by id, else by title and year, with dates and directors to tell twins apart."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from moviecrawler.policy.identity_names import CUT, DRESSED, WHOLE, all_titles, main_titles, spellings
from moviecrawler.policy.identity_titles import normalise

NEAR_DAYS = 60
"""Release dates that far apart may be one release in two countries."""
FAR_DAYS = 365
"""Two years that differ by one are those of two films when their dates are further apart than this."""

How = Literal["tmdb_id", "imdb_id", "title", "date", "director", "several", "unsure", "none"]


class Match(NamedTuple):
    """``id`` of the document that is meant, or None; ``candidates`` then are those that it may be, ascending.

    ``how`` tells what decided: an id, title and year alone, or also a date or a director; ``several``: they cannot be
    told apart; ``unsure``: what would confirm the title is unknown; ``none``: no candidate fits.
    """

    id: int | None
    candidates: tuple[int, ...]
    how: How


class _Fit(NamedTuple):
    id: int
    distance: int
    other: bool  # known by this title elsewhere, or by a translation
    gap: int | None  # years
    evidence: int
    gone: bool

    @property
    def sure(self) -> bool:
        if self.evidence:
            return True
        return self.gap is not None and self.gap <= 1 - self.distance


_DIRECTOR, _SAME_DAY, _NEAR, _NO_EVIDENCE = 3, 2, 1, 0
_HOW: tuple[How, ...] = ("title", "date", "date", "director")


def match(record: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> Match:
    """The document that a record means. The order of the candidates does not count.

    >>> film = {"_id": 1091, "title": "The Thing", "year": 1982, "release_date": "1982-06-25"}
    >>> match({"title": "Thing, The", "year": 1982}, [film])
    Match(id=1091, candidates=(1091,), how='title')
    >>> match({"title": "The Thing", "year": 2011}, [film])
    Match(id=None, candidates=(), how='none')
    """
    if record.get("id") is not None:
        return Match(record["id"], (record["id"],), "tmdb_id")
    imdb_id = record.get("imdb_id")
    same = [one for one in candidates if imdb_id and one.get("imdb_id") == imdb_id]
    living = [one for one in same if not _gone(one)] or same
    if len(living) == 1:
        return Match(living[0]["_id"], (living[0]["_id"],), "imdb_id")
    others = [one for one in candidates if not (imdb_id and one.get("imdb_id"))]
    documents = {one["_id"]: one for one in living or others}
    return _decide([fit for one in documents.values() if (fit := _fit(record, one))])


def _decide(fits: list[_Fit]) -> Match:
    fits = [fit for fit in fits if not fit.gone] or fits
    sure = [fit for fit in fits if fit.sure]
    if not sure:
        unsure = tuple(sorted(fit.id for fit in fits if fit.distance < CUT))
        return Match(None, unsure, "unsure" if unsure else "none")
    best = [fit for fit in sure if fit.distance == WHOLE] or sure
    strongest = max(fit.evidence for fit in best)
    best = [fit for fit in best if fit.evidence == strongest]
    if strongest == _NO_EVIDENCE and any(fit.gap is None for fit in fits if fit.distance == WHOLE):
        best = [fit for fit in fits if fit.distance == WHOLE]  # one of unknown year may be the right one
    elif len(best) > 1:
        nearest = [[fit.distance, fit.other, fit.gap or 0] for fit in best]
        least = [min(column) for column in zip(*nearest, strict=True)]
        best = [fit for fit, place in zip(best, nearest, strict=True) if place == least] or best
    if len(best) > 1:
        return Match(None, tuple(sorted(fit.id for fit in best)), "several")
    return Match(best[0].id, (best[0].id,), _HOW[strongest])


def _fit(record: Mapping[str, Any], document: Mapping[str, Any]) -> _Fit | None:
    """How a candidate fits; None where the title, the year or the director says that it does not."""
    closeness = _closeness(record, document)
    if closeness is None:
        return None
    evidence = _evidence(record, document)
    theirs, ours = _years(record), _years(document)
    gap = min((abs(one - other) for one in theirs for other in ours), default=None)
    if evidence is None or (gap is not None and gap > 1):
        return None
    if gap == 1 and evidence == _NO_EVIDENCE and _days(record, document, unknown=0) > FAR_DAYS:
        return None
    return _Fit(document["_id"], *closeness, gap, evidence, _gone(document))


def _closeness(record: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[int, bool] | None:
    """How far the nearest two titles are, and whether one of them is not the main one."""
    keys = {normalise(title) for title in all_titles(record)} - {""}
    if any(normalise(title) in keys for title in main_titles(document)):
        return WHOLE, False
    if any(normalise(title) in keys for title in all_titles(document)):
        return WHOLE, True
    people = frozenset(normalise(name) for name in _people(document, "directors") + _people(document, "writers"))
    theirs = _nearest(main_titles(record), people)
    ours = _nearest(main_titles(document), people)
    distance = min((theirs[key] + ours[key] for key in theirs.keys() & ours.keys()), default=CUT + 1)
    return (max(DRESSED, distance), False) if distance <= CUT else None


def _nearest(titles: Sequence[str], people: frozenset[str]) -> dict[str, int]:
    nearest: dict[str, int] = {}
    for title in titles:
        for key, distance in spellings(title, people).items():
            nearest[key] = min(nearest.get(key, distance), distance)
    return nearest


def _evidence(record: Mapping[str, Any], document: Mapping[str, Any]) -> int | None:
    """What speaks for the candidate beside its title and year; None: it has other directors."""
    theirs = [frozenset(normalise(name).split()) for name in _people(record, "directors")]
    ours = [frozenset(normalise(name).split()) for name in _people(document, "directors")]
    if set(theirs) & set(ours):
        return _DIRECTOR
    days = _days(record, document, unknown=FAR_DAYS)
    if days == 0:
        return _SAME_DAY
    if theirs and ours and not any(one & other for one in theirs for other in ours):
        return None
    return _NEAR if days <= NEAR_DAYS else _NO_EVIDENCE


def _people(record: Mapping[str, Any], part: str) -> list[str]:
    return list((record.get("people") or {}).get(part) or ())


def _days(record: Mapping[str, Any], document: Mapping[str, Any], unknown: int) -> int:
    pairs = ((one, other) for one in _dates(record) for other in _dates(document))
    return min((abs((one - other).days) for one, other in pairs), default=unknown)


def _dates(record: Mapping[str, Any]) -> list[dt.date]:
    """The release and the first one in the United States, by which American sources count."""
    first = min(
        (
            release["date"]
            for release in record.get("releases") or ()
            if release.get("country") == "US" and release.get("type") != 1 and release.get("date")
        ),
        default=None,
    )
    return [dt.date.fromisoformat(date[:10]) for date in (record.get("release_date"), first) if date]


def _years(record: Mapping[str, Any]) -> set[int]:
    years = {date.year for date in _dates(record)}
    return years | {record["year"]} if record.get("year") else years


def _gone(document: Mapping[str, Any]) -> bool:
    return bool(((document.get("sources") or {}).get("tmdb") or {}).get("gone_at"))
