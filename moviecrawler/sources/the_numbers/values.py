"""Money, counts and dates as The Numbers writes them: the value, or None. Nothing here raises."""

import re
from datetime import date

from moviecrawler.sources import fields

# Not more digits than any sum has; int() rejects very long numbers.
_NUMBER = r"([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,3}(?:\s[0-9]{3}){1,4}|[0-9]{1,15})"
# "$1.2 million" is not 1 dollar, nor is "$1 to $2 million", "1-2" or "1 %".
_WORDS = r"thousand|million|billion|mill?|ml[nd]|mio|mrd|[mb]n|[kmb]"
_SCALED = rf"(?![\w%]|[.,\s'\u2019][0-9]|\s?%|\s?(?:[-\u2013\u2014]|to)\s?\$?[0-9]|[^(]*\b(?:{_WORDS})\b)"
_MONEY = re.compile(rf"\$?\s?{_NUMBER}(?:\.[0-9]{{2}})?{_SCALED}", re.IGNORECASE)
_COUNT = re.compile(rf"{_NUMBER}{_SCALED}", re.IGNORECASE)

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NAMED = re.compile(r"\b([A-Z][a-z]{2,8})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})\b")
_SLASHED = re.compile(r"(?<![0-9/])([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})(?![0-9/])")
_YEAR = re.compile(r"(?<![0-9])(?:18|19|20)[0-9]{2}(?![0-9])")


def money(text: str) -> int | None:
    """Whole US dollars at the start of a cell, whatever prose follows; 0 means unknown, and so does a loss.

    >>> money("$120,908,065 (27.9% of total gross)"), money("$0"), money("-"), money("$-1,200"), money("$1 234 567")
    (120908065, None, None, None, 1234567)
    """
    return _positive(_MONEY.match(text), fields.MAX_DOLLARS)


def count(text: str) -> int | None:
    """A positive whole number; "(v)" after it means virtual cinemas.

    >>> count("1,234 (v)"), count("25"), count("-"), count("")
    (1234, 25, None, None)
    """
    return _positive(_COUNT.match(text), fields.MAX_EXACT_INTEGER)


def _positive(match: re.Match[str] | None, most: int) -> int | None:
    return fields.count(int("".join(filter(str.isdigit, match[1]))), most) if match else None


def first_date(text: str, latest: int) -> date | None:
    """The first date in the text, when there is such a day; American order, month first.

    A year beyond ``latest`` is a century late: "46" was expanded to 2046.

    >>> first_date("Dec 18, 2009", 2031), first_date("September 6th, 2024 (Wide) by Warner Bros.", 2031)
    (datetime.date(2009, 12, 18), datetime.date(2024, 9, 6))
    >>> first_date("4/5/68", 2031), first_date("Dec 31 2046", 2031), first_date("Feb 30, 2009", 2031)
    (datetime.date(1968, 4, 5), datetime.date(1946, 12, 31), None)
    """
    if named := _NAMED.search(text):
        month = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(named[1].lower())), 0)
        day, year = int(named[2]), int(named[3])
    elif slashed := _SLASHED.search(text):
        month, day, year = (int(part) for part in slashed.groups())
        year += 2000 if len(slashed[3]) == 2 else 0
    else:
        return None
    try:
        found = date(year - 100 if year > latest else year, month, day)
    except ValueError:
        return None
    return found if fields.plausible_year(found.year) else None


def first_year(text: str) -> int | None:
    """The first year in the text.

    >>> first_year("2009"), first_year("Unknown")
    (2009, None)
    """
    found = _YEAR.search(text)
    return fields.plausible_year(int(found[0])) if found else None
