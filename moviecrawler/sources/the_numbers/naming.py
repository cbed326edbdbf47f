"""Slugs: The Numbers' names of films in its URLs, such as ``Godfather-The`` or ``Avengers-Endgame-(2019)``."""

import re
import unicodedata
from urllib.parse import unquote

_HREF = re.compile(r"(?:https?://[^/]+)?/movie/([^/?#\s]+)")
_SUFFIX = re.compile(r"-\(([^()]*)\)$")  # (2019), (UK), (2026-United-Kingdom)
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}(?![0-9])")

_ARTICLES = ("the", "a", "an")
_FOREIGN = frozenset(
    {
        *("le", "la", "les", "l", "un", "une", "der", "die", "das", "ein", "eine", "den", "det", "het", "een"),
        *("el", "los", "las", "una", "il", "lo", "gli", "uno", "os", "as"),
    }
)
"""Articles of other languages, which the site puts last as well; many are also words of English titles."""

_LAST_ARTICLE = re.compile(
    r"(.+), (The|An?|Les?|La|L['’]|Une?|Der|Die|Das|Eine?|El|Los|Las|Una|Il|Lo|Gli|Uno|Os|As|Het|Een|Den|Det)",
    re.DOTALL,
)
_MOVED_IN_SLUGS = frozenset({"Le", "Les", "Der", "Das", "Il", "El", "Gli", "Une", "Het"})
"""Articles that end no other title: "No Time to Die" does not end with the article "Die"."""

_ELIDED = re.compile(r"^(L['’]) ")
_EPISODE = re.compile(r"\bEpisode (?=[IVX]+\b)")

YEAR_IN_SLUG_SINCE = 2019
"""Since then nearly every slug has its year; before, only those that another film would have without it."""

_SPELT = str.maketrans(
    {"&": " and ", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
_SEPARATOR = re.compile(r"[\s/:·‐-―-]+")  # U+2010 to U+2015 are hyphens and dashes
_ELISION = re.compile(r"\b([dl])['’](?=\w)", re.IGNORECASE)


def slug_of(href: str) -> str | None:
    """The slug in a link to a film, or None.

    >>> slug_of("/movie/Avatar-(2009)#tab=summary"), slug_of("/movie/Moana-%282026%29"), slug_of("/movies/franchises")
    ('Avatar-(2009)', 'Moana-(2026)', None)
    """
    found = _HREF.match(href.strip())
    if found is None or found[1] == "budgets":
        return None
    slug = unquote(found[1])
    return None if re.search(r"[\s/?#\ufffd]", slug) else slug


def year_of(slug: str) -> int | None:
    """The year at the end of a slug: that of the release, or one off.

    >>> year_of("Sheep-Detectives-The-(2026)"), year_of("Twins-(2026-United-Kingdom)"), year_of("2012")
    (2026, 2026, None)
    """
    suffix = _SUFFIX.search(slug)
    found = _YEAR.match(suffix[1]) if suffix else None
    return int(found[0]) if found else None


def title_of(slug: str) -> str:
    """The title that a slug spells, without its punctuation, which is lost.

    >>> title_of("Shape-of-Water-The"), title_of("Guardians-of-the-Galaxy-Vol-2"), title_of("2012")
    ('The Shape of Water', 'Guardians of the Galaxy Vol 2', '2012')
    """
    words = _SUFFIX.sub("", slug).split("-")
    if len(words) > 1 and (words[-1].lower() in _ARTICLES or words[-1] in _MOVED_IN_SLUGS):
        words = [words[-1], *words[:-1]]
    return " ".join(filter(None, words)) or slug


def article_first(title: str) -> str:
    """
    >>> article_first("Breadwinner, The"), article_first("Boot, Das"), article_first("Avventura, L'")
    ('The Breadwinner', 'Das Boot', "L'Avventura")
    """
    moved = _LAST_ARTICLE.fullmatch(title)
    return _ELIDED.sub(r"\1", f"{moved[2]} {moved[1]}") if moved else title


def guess_slugs(title: str, year: int | None) -> list[str]:
    """Guessed slugs of a film that no page has linked to, the best first; to be verified by the page's heading.

    Without a year, with its own, and with the years before and after; newer films (:data:`YEAR_IN_SLUG_SINCE`) have
    their own year first. For a title that begins with a foreign article, two of the four have it last. A title without
    letters or digits of the Latin script has no guess.

    >>> guess_slugs("The Godfather", 1972)
    ['Godfather-The', 'Godfather-The-(1972)', 'Godfather-The-(1971)', 'Godfather-The-(1973)']
    >>> guess_slugs("Das Boot", 1981)
    ['Das-Boot', 'Das-Boot-(1981)', 'Boot-Das', 'Boot-Das-(1981)']
    >>> guess_slugs("Mr. & Mrs. Smith", None), guess_slugs("Pokémon: Detective Pikachu", 2019)[:2]
    (['Mr-and-Mrs-Smith'], ['Pokemon-Detective-Pikachu-(2019)', 'Pokemon-Detective-Pikachu'])
    >>> guess_slugs("군체", 2026)
    []
    """
    bare = _bare(title)
    if not bare or year is None:
        return [bare] if bare else []
    guesses = _dated(bare, year)
    if moved := _with_article_last(bare):
        return [*guesses, *_dated(moved, year)]
    return [*guesses, f"{bare}-({year - 1})", f"{bare}-({year + 1})"]


def _dated(slug: str, year: int) -> list[str]:
    with_year = f"{slug}-({year})"
    return [with_year, slug] if year >= YEAR_IN_SLUG_SINCE else [slug, with_year]


def _with_article_last(slug: str) -> str | None:
    article, _, rest = slug.partition("-")
    return f"{rest}-{article}" if rest and article.lower() in _FOREIGN else None


def _bare(title: str) -> str:
    """Accents folded, "&" as "and", the article last; other punctuation is dropped: At-Worlds-End, but d-Amelie."""
    title = unicodedata.normalize("NFKD", _ELISION.sub(r"\1-", _EPISODE.sub("Ep ", title).translate(_SPELT)))
    words = ["".join(filter(_kept, word)) for word in _SEPARATOR.split(title)]
    words = [word for word in words if word]
    first = title.split(None, 1)[0].lower() if title.strip() else ""
    if len(words) > 1 and first in _ARTICLES:
        words = [*words[1:], words[0]]
    return "-".join(words)


def _kept(character: str) -> bool:
    return character.isascii() and character.isalnum()
