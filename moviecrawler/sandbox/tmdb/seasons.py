"""The seasons of a show, and its last and next episodes, as /tv/{id} has them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import SeasonFacts, Work
from moviecrawler.sandbox.tmdb.images import path_or_none

_NAMES = {
    **{"en": ("Specials", "Season {}"), "zh": ("特别篇", "第 {} 季"), "ja": ("特別編", "シーズン{}")},
    **{"ko": ("스페셜", "시즌 {}"), "de": ("Extras", "Staffel {}"), "fr": ("Épisodes spéciaux", "Saison {}")},
    **{"es": ("Especiales", "Temporada {}")},
}


def season_fields(work: Work, language: str) -> dict[str, Any]:
    """The fields of a show about its seasons and episodes; an announced one has none."""
    seasons = [] if "announced" in work.edge_cases else list(work.season_facts or _invented_seasons(work))
    regular = [season for season in seasons if season.number]
    last = _episode(work, work.seasons, regular[-1].episodes, work.last_date) if regular else None
    if last and not work.is_running:
        last["episode_type"] = "finale"
    return {
        "last_air_date": work.last_date or None if regular else None,
        "last_episode_to_air": last,
        "next_episode_to_air": _next_episode(work) if work.is_running and regular else None,
        "number_of_episodes": sum(season.episodes for season in regular),
        "number_of_seasons": len(regular),
        "seasons": [_season(work, season, language) for season in seasons],
    }


def _invented_seasons(work: Work) -> list[SeasonFacts]:
    """Seasons of the same length; invented shows with an even id also have specials, some without a date."""
    per_season = work.episodes // work.seasons
    found = []
    if not work.is_real and work.id % 2 == 0:
        found.append(SeasonFacts(0, 1 + work.id % 5, "" if work.id % 4 == 0 else add_days(work.row.date, 90)))
    for number in range(1, work.seasons + 1):
        # The tables do not contain when the later seasons of a real show began.
        known = number == 1 or not work.is_real
        date = min(add_days(work.row.date, 330 * (number - 1)), work.last_date) if known else ""
        rest = work.episodes - per_season * (work.seasons - 1)
        found.append(SeasonFacts(number, rest if number == work.seasons else per_season, date))
    return found


def _season(work: Work, season: SeasonFacts, language: str) -> dict[str, Any]:
    identity = seeded.identifier("season", work.id, season.number)
    special, regular = _NAMES.get(language[:2], _NAMES["en"])
    return {
        "air_date": season.date or None,
        "episode_count": season.episodes,
        "id": identity,
        "name": regular.format(season.number) if season.number else special,
        "overview": "",
        "poster_path": path_or_none("season", "poster", identity),
        "season_number": season.number,
        "vote_average": 0.0,
    }


def _episode(work: Work, season: int, number: int, date: str) -> dict[str, Any]:
    identity = seeded.identifier("episode", work.id, season, number)
    return {
        "id": identity,
        "name": f"Episode {number}",
        "overview": "",
        "vote_average": 0.0,
        "vote_count": 0,
        "air_date": date or None,
        "episode_number": number,
        "episode_type": "standard",
        "production_code": "",
        "runtime": work.runtime or None,
        "season_number": season,
        "show_id": work.id,
        "still_path": path_or_none("episode", "still", identity),
    }


def _next_episode(work: Work) -> dict[str, Any]:
    return _episode(work, work.seasons + 1, 1, "2030-01-01") | {"runtime": None, "still_path": None}


def add_days(date: str, days: int) -> str:
    """The day so many days later; "" if the day is unknown."""
    return (dt.date.fromisoformat(date) + dt.timedelta(days=days)).isoformat() if date else ""
