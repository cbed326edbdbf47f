"""One line of a film's releases: ``September 6th, 2024 (Wide) by Warner Bros.``"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from moviecrawler.documents.rows import Release
from moviecrawler.sources.countries import country_code
from moviecrawler.sources.the_numbers.values import first_date

PREMIERE, LIMITED, THEATRICAL, DIGITAL, PHYSICAL, TV = range(1, 7)

_TYPES = (
    (re.compile(r"festival|premiere", re.IGNORECASE), PREMIERE),
    (re.compile(r"streaming|digital|internet|\bvod\b", re.IGNORECASE), DIGITAL),
    (re.compile(r"\bdvd\b|\bvideo\b|blu-ray", re.IGNORECASE), PHYSICAL),
    (re.compile(r"\btv\b|television", re.IGNORECASE), TV),
    (re.compile(r"limited|exclusive|special|qualifying", re.IGNORECASE), LIMITED),
)
"""Release types by the text in parentheses; any other text (Wide, IMAX, Expands Wide, Re-release) is theatrical."""

_PARENTHESES = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BETWEEN = re.compile(r"\s*[,;/&]\s*|\s+(?:[-\u2013\u2014]|and)\s+")
_DISTRIBUTOR = re.compile(r" by ([^()\[\]]+?)(?= [(\[]|, released as |$)")


class ReleaseLine(NamedTuple):
    """``country`` is an ISO 3166-1 code, None for an unknown one; ``type`` is that of documents.Release."""

    country: str | None
    type: int
    date: str | None
    distributor: str | None

    @property
    def release(self) -> Release | None:
        """None when the country or the day is unknown."""
        if self.country is None or self.date is None:
            return None
        return Release(country=self.country, type=self.type, date=self.date)

    def order(self) -> tuple[bool, bool, str]:
        """The first release in theaters before all others; at home, in the US before Canada."""
        return self.country != "US", self.type not in (LIMITED, THEATRICAL), self.date or ""


def release_lines(
    lines: Iterable[str], where: Literal["domestic", "abroad", "video"], latest: int
) -> list[ReleaseLine]:
    """The parsed lines; ``latest`` is the last credible year, see ``values.first_date``.

    >>> release_lines(["September 6th, 2024 (Wide) by Warner Bros."], "domestic", 2100)
    [ReleaseLine(country='US', type=3, date='2024-09-06', distributor='Warner Bros.')]
    >>> release_lines(["August 14th, 2020 (Limited) (Canada)"], "domestic", 2100)
    [ReleaseLine(country='CA', type=2, date='2020-08-14', distributor=None)]
    >>> release_lines(["September 4th, 2024 (Wide), released as Beetlejuice (France)"], "abroad", 2100)
    [ReleaseLine(country='FR', type=3, date='2024-09-04', distributor=None)]
    """
    return [_line(line, where, latest) for line in lines]


def _line(line: str, where: Literal["domestic", "abroad", "video"], latest: int) -> ReleaseLine:
    said = [[words] if _country(words) else _BETWEEN.split(words) for words in _PARENTHESES.findall(line)]
    countries = [code for parts in reversed(said) for part in parts if (code := _country(part))]
    if where == "domestic" and not {"US", "GE"}.isdisjoint(countries):  # Georgia is one of the United States here
        countries = ["US"]
    manner = next((" ".join(parts) for parts in said if not all(map(_country, parts))), "")
    released = first_date(line, latest)
    usual = PHYSICAL if where == "video" else THEATRICAL
    by = _DISTRIBUTOR.search(line)
    return ReleaseLine(
        country=next(iter(countries), None if where == "abroad" else "US"),
        type=next((kind for pattern, kind in _TYPES if pattern.search(manner)), usual),
        date=released.isoformat() if released else None,
        distributor=by[1] if by else None,
    )


def _country(words: str) -> str | None:
    """The code of the country that is named; a code alone ("TV") is none here."""
    return country_code(words) if len(words) > 2 or words in ("US", "UK", "CA") else None
