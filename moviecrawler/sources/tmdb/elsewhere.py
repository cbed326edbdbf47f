"""What TMDB has as a thing of its own: studios and networks; and the title's ids at other houses."""

import re
from typing import Any

from moviecrawler.sources.countries import country_code
from moviecrawler.sources.fields import count, rows
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.pictures import path_of

_WIKIDATA = re.compile(r"Q[1-9][0-9]{0,11}")
_ACCOUNT = re.compile(r"[^\s/?#&]{1,100}")


def known_ids(external_ids: dict[str, Any], imdb: str | None) -> dict[str, int | str]:
    """Those that TMDB knows, by house.

    >>> known_ids({"wikidata_id": "Q83495", "tvdb_id": 0, "twitter_id": "TheMatrixMovie"}, "tt0133093")
    {'imdb': 'tt0133093', 'wikidata': 'Q83495', 'twitter': 'TheMatrixMovie'}
    """
    wikidata = (text(external_ids.get("wikidata_id")) or "").upper()
    found: dict[str, int | str | None] = {
        "imdb": imdb,
        "tvdb": count(external_ids.get("tvdb_id")),
        "wikidata": wikidata if _WIKIDATA.fullmatch(wikidata) else None,
        **{house: _account(external_ids.get(f"{house}_id")) for house in ("facebook", "instagram", "twitter")},
    }
    return {house: known for house, known in found.items() if known}


def companies(values: Any) -> list[dict[str, Any]]:
    """``{"id", "name", "logo_path", "country"}`` of each, each once, in order; one without a name is left out."""
    found: dict[tuple[int | None, str], dict[str, Any]] = {}
    for row in rows(values):
        if name := text(row.get("name")):
            number, home = count(row.get("id")), country_code(row.get("origin_country"))
            company = {"id": number, "name": name, "logo_path": path_of(row.get("logo_path")), "country": home}
            found.setdefault((number, name), company)
    return list(found.values())


def _account(value: Any) -> str | None:
    """The name of an account, which a reader may join to an address."""
    name = text(value)
    return name if name and _ACCOUNT.fullmatch(name) else None
