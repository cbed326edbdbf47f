"""The titles of The Numbers, which may differ from those of TMDB, and the slugs made from them."""

from __future__ import annotations

import re
import unicodedata

from moviecrawler.sandbox.catalogue.works import Work

_EPISODES = {
    11: "Star Wars Ep. IV: A New Hope",
    1891: "Star Wars Ep. V: The Empire Strikes Back",
    1892: "Star Wars Ep. VI: Return of the Jedi",
    1893: "Star Wars Ep. I: The Phantom Menace",
    1894: "Star Wars Ep. II: Attack of the Clones",
    1895: "Star Wars Ep. III: Revenge of the Sith",
}
_ROMAN = {"2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "7": "VII", "8": "VIII"}
_ARABIC = {roman: number for number, roman in _ROMAN.items()}
_ARTICLE = re.compile(r"(The|A|An) (.+)", re.DOTALL)


def site_title(work: Work) -> str:
    """The title as the site spells it, before some are garbled.

    Some real films have their numeral in the other script, their article at the end, or no accents.
    """
    if work.id in _EPISODES:
        return _EPISODES[work.id]
    if "TN foreign title" in work.edge_cases:
        return strip_accents(dict(work.translations)["fr-FR"])
    if "TN ampersand" in work.edge_cases:
        return work.title.replace(" and ", " & ")
    if "TN article last" in work.edge_cases:
        return f"{work.title}, The"
    name = work.title
    if not work.is_real:
        return name
    head, space, last = name.rpartition(" ")
    if space and work.id % 2 == 0:
        name = f"{head} {_ROMAN.get(last) or _ARABIC.get(last) or last}"
    if (found := _ARTICLE.fullmatch(name)) and work.id % 5 == 0:
        name = f"{found[2]}, {found[1]}"
    return name if is_garbled(work) else strip_accents(name)


def is_garbled(work: Work) -> bool:
    """Whether the site shows the title of this work as UTF-8 that was decoded as Windows-1252."""
    return work.is_real and not work.title.isascii() and work.id % 2 == 1


def garble(text: str) -> str:
    """The text as UTF-8 that was decoded as Windows-1252.

    >>> garble("Pokémon"), garble("Ferryman’s")
    ('PokÃ©mon', 'Ferrymanâ€™s')
    """
    return text.encode().decode("cp1252", errors="replace")


def strip_accents(text: str) -> str:
    """The text without accents, and without all other characters that are not ASCII.

    >>> strip_accents("Amélie"), strip_accents("Étoile et Cœur")
    ('Amelie', 'Etoile et Coeur')
    """
    spelled = text.replace("œ", "oe").replace("Œ", "Oe").replace("·", "-").replace("–", "-").replace("²", "2")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def slug(name: str) -> str:
    """The slug of a title: the article last, no punctuation, words joined by hyphens.

    >>> slug("The Godfather"), slug("Godfather, The"), slug("Star Wars Ep. V: The Empire Strikes Back")
    ('Godfather-The', 'Godfather-The', 'Star-Wars-Ep-V-The-Empire-Strikes-Back')
    """
    found = _ARTICLE.fullmatch(strip_accents(name))
    moved = f"{found[2]} {found[1]}" if found else strip_accents(name)
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]|_", "", moved)).strip("-")
