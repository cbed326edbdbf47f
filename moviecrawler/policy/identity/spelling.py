"""One key for all spellings of a title of several words: numbers, abbreviations, articles, spaces."""

import re

_ARTICLES = frozenset({"the", "a", "an"})
_SILENT = _ARTICLES | {"and", "n"}
_SERIES = _SILENT | {"of", "movie", "film", "story", "saga", "tale", "mystery"}
_LONG = {
    **{"dr": "doctor", "mr": "mister", "vs": "versus", "st": "saint", "mt": "mount", "ft": "fort"},
    **{"sgt": "sergeant", "capt": "captain", "col": "colonel", "lt": "lieutenant", "gen": "general", "jr": "junior"},
    **{
        "sr": "senior",
        "prof": "professor",
        "bros": "brothers",
        "no": "number",
        "rev": "reverend",
        "dept": "department",
    },
    **{"centre": "center", "theatre": "theater", "colour": "color", "grey": "gray"},
}
_PARTS = frozenset({"part", "chapter", "volume", "episode", "book"})

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
_ONES += "eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FIRSTS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
_FIRSTS += "fifteenth sixteenth seventeenth eighteenth nineteenth"
_VALUES = {word: value for value, word in enumerate(_ONES.split(), start=1)}
_VALUES |= {word: value for value, word in zip(range(20, 100, 10), _TENS.split(), strict=True)}
_TIMES = {"hundred": 100, "thousand": 1000}
_ORDINALS = {word: str(value) for value, word in enumerate(_FIRSTS.split(), start=1)}
_ORDINALS |= {word[:-1] + "ieth": str(value) for word, value in _VALUES.items() if word.endswith("ty")}
_ENDING = re.compile(r"(ss+|in)$")
"""Of "Jones's" and "Smokin'", whose apostrophes are already removed."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")


def compact_key(key: str) -> str:
    """The key shared by all spellings of a title of several words; ``key`` is the normalised title.

    >>> [compact_key(key) for key in ("oceans eleven", "oceans 11", "widow of st pierre", "widow of the saint pierre")]
    ['oceans11', 'oceans11', 'widowofsaintpierre', 'widowofsaintpierre']
    """
    words = [word for word in key.split() if word not in _SILENT]
    return "".join(_spelt(words)) or key


def sorted_words_key(key: str) -> str:
    """The words of a normalised title in alphabetical order, without words such as "story" or "movie".

    >>> sorted_words_key("solo a star wars story"), sorted_words_key("star wars solo")
    ('~solo star wars', '~solo star wars')
    """
    return "~" + " ".join(sorted(_spelt([word for word in key.split() if word not in _SERIES])))


def _spelt(words: list[str]) -> list[str]:
    spelt: list[str] = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in _PARTS and spelt and following.isdigit():
            continue
        spelt.append(_ENDING.sub(_full, _LONG.get(word, word)))
    return _counted(spelt)


def _full(ending: re.Match[str]) -> str:
    return "ing" if ending[0] == "in" else "s"


def _counted(words: list[str]) -> list[str]:
    """Numbers as digits: "twenty seven" is 27, "one hundred one" 101, "sixth" and "6th" 6; "fifty first" is two."""
    found: list[str] = []
    number = 0
    for word in words:
        value = _VALUES.get(word)
        if word in _TIMES and number < _TIMES[word]:
            number = (number or 1) * _TIMES[word]
            continue
        if number and not (value and (number % 100 == 0 or (number % 10 == 0 and value < 10))):
            found.append(str(number))
            number = 0
        if value:
            number += value
        else:
            found.append(_ORDINALS.get(word) or _ORDINAL.sub("", word))
    return [*found, str(number)] if number else found
