"""How The Numbers writes a title, which is not always how TMDB does, and the slug that it makes of it."""

from __future__ import annotations

import re
import unicodedata

from moviecrawler.sandbox.catalogue.works import Title

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


def shown(title: Title) -> str:
    """The title as the site writes it, before it garbles some.

    Some real ones have their numeral in the other script, their article at the end, or no accents.
    """
    if title.id in _EPISODES:
        return _EPISODES[title.id]
    if "TN foreign title" in title.odd:
        return plain(dict(title.translations)["fr-FR"])
    if "TN ampersand" in title.odd:
        return title.title.replace(" and ", " & ")
    if "TN article last" in title.odd:
        return f"{title.title}, The"
    name = title.title
    if not title.real:
        return name
    head, space, last = name.rpartition(" ")
    if space and title.id % 2 == 0:
        name = f"{head} {_ROMAN.get(last) or _ARABIC.get(last) or last}"
    if (found := _ARTICLE.fullmatch(name)) and title.id % 5 == 0:
        name = f"{found[2]}, {found[1]}"
    return name if garbles(title) else plain(name)


def garbles(title: Title) -> bool:
    """Whether the site shows this title's letters as UTF-8 that was read as Latin-1."""
    return title.real and not title.title.isascii() and title.id % 2 == 1


def garbled(text: str) -> str:
    """What a wrong decoding made of a text.

    >>> garbled("Pokémon"), garbled("Ferryman’s")
    ('PokÃ©mon', 'Ferrymanâ€™s')
    """
    return text.encode().decode("cp1252", errors="replace")


def plain(text: str) -> str:
    """Without accents, and without what is no ASCII at all.

    >>> plain("Amélie"), plain("Étoile et Cœur")
    ('Amelie', 'Etoile et Coeur')
    """
    spelled = text.replace("œ", "oe").replace("Œ", "Oe").replace("·", "-").replace("–", "-").replace("²", "2")
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def slug(name: str) -> str:
    """The path of a title: the article last, no punctuation, words joined by hyphens.

    >>> slug("The Godfather"), slug("Godfather, The"), slug("Star Wars Ep. V: The Empire Strikes Back")
    ('Godfather-The', 'Godfather-The', 'Star-Wars-Ep-V-The-Empire-Strikes-Back')
    """
    found = _ARTICLE.fullmatch(plain(name))
    moved = f"{found[2]} {found[1]}" if found else plain(name)
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]|_", "", moved)).strip("-")
