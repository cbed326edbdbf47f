"""A title as a person names it, for commands that read: an id of TMDB or IMDb, an address, or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moviecrawler.commands import usage_error

if TYPE_CHECKING:
    from moviecrawler.policy.identity.references import Named
    from moviecrawler.stores.base import Key, Store

_ID = "603, movies/603, shows/1396, tt0133093, or an address at TMDB or IMDb"


def read_id(command: str, text: str) -> Key | str:
    """Kind and id, or an IMDb id; wrong usage for anything else."""
    from moviecrawler.policy.identity.references import parse_reference

    try:
        return parse_reference(text)
    except ValueError:
        usage_error(f"scrapy {command}: {text[:80]!r}: must be a title: {_ID}")


def read_title(command: str, text: str) -> Key | str | Named:
    """The same, or a name; wrong usage if it can be none of them."""
    from moviecrawler.policy.identity.references import parse_name, parse_reference

    try:
        return parse_reference(text)
    except ValueError:
        looks_like_id = "/" in text or text.strip().isdecimal()
    try:
        if not looks_like_id:
            return parse_name(text)
    except ValueError:
        pass
    usage_error(f"scrapy {command}: {text[:80]!r}: must be a title: {_ID}, or its name")


async def keys_of_imdb_id(store: Store, imdb_id: str) -> list[Key]:
    """The stored titles that carry it: none, one, or a film and its tombstone."""
    from moviecrawler.items import KINDS

    return [(kind, id) for kind in KINDS for id in (await store.documents.by_imdb_id(kind, [imdb_id])).get(imdb_id, [])]
