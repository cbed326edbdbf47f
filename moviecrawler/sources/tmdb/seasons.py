"""The seasons of a show, and its last and next episode."""

from typing import Any

from moviecrawler.sources.fields import MAX_EPISODES, count, iso_date, rows, whole_number
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.pictures import path_of


def seasons(values: Any) -> list[dict[str, Any]]:
    """In TMDB's order; 0 are the specials. One without a number, or that was there before, is left out."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows(values):
        number = whole_number(row.get("season_number"))
        if number is not None and number <= MAX_EPISODES and number not in found:
            found[number] = {
                "number": number,
                "name": text(row.get("name")),
                "episodes": count(row.get("episode_count"), most=MAX_EPISODES),
                "air_date": iso_date(row.get("air_date")),
                "poster_path": path_of(row.get("poster_path")),
            }
    return list(found.values())


def episode(row: dict[str, Any]) -> dict[str, Any] | None:
    """None without the numbers of season and episode.

    >>> episode({"season_number": 5, "episode_number": 16, "name": "Felina", "air_date": "2013-09-29"})
    {'season': 5, 'number': 16, 'name': 'Felina', 'air_date': '2013-09-29'}
    """
    season, number = whole_number(row.get("season_number")), whole_number(row.get("episode_number"))
    if season is None or number is None or max(season, number) > MAX_EPISODES:
        return None
    return {
        "season": season,
        "number": number,
        "name": text(row.get("name")),
        "air_date": iso_date(row.get("air_date")),
    }
