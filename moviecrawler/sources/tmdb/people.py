"""Crew and cast of a title, from ``credits`` (films) and ``aggregate_credits`` (shows)."""

from typing import Any

from moviecrawler.sources.fields import amount, count, names, rows
from moviecrawler.sources.text import text

# TMDB's jobs that direct, and those of its department Writing that write for the screen: novels, characters and comics
# are what these adapt, and editors and consultants write nothing.
DIRECTING = ("Director", "Co-Director", "Series Director", "Special Guest Director")
WRITING = (
    *("Screenplay", "Writer", "Co-Writer", "Staff Writer", "Scenario Writer", "Original Film Writer", "Teleplay"),
    *("Story", "Original Story", "Screenstory", "Adaptation", "Dialogue", "Additional Dialogue", "Additional Writing"),
    *("Idea", "Original Concept", "Series Composition", "Original Series Creator"),
)
_ROLES: dict[str | None, str] = {**dict.fromkeys(DIRECTING, "directors"), **dict.fromkeys(WRITING, "writers")}


def film_people(credits: dict[str, Any]) -> dict[str, Any]:
    """Directors and writers in TMDB's order, the cast by ``order``."""
    crew: dict[str, list[dict[str, Any]]] = {"directors": [], "writers": []}
    for row in rows(credits.get("crew")):  # a crew can be 600 strong
        if role := _role(row.get("job")):
            crew[role].append(row)
    cast = sorted(rows(credits.get("cast")), key=_billing)
    return {
        "directors": names(crew["directors"]),
        "writers": names(crew["writers"]),
        "cast": [
            {"name": name, "character": text(row.get("character"))} for row in cast if (name := text(row.get("name")))
        ],
    }


def show_people(credits: dict[str, Any]) -> dict[str, Any]:
    """Directors and writers by number of episodes; the cast by ``order``, then by number of episodes."""
    crew: dict[str, list[tuple[int, dict[str, Any]]]] = {"directors": [], "writers": []}
    for row in rows(credits.get("crew")):
        for held in rows(row.get("jobs")):
            if role := _role(held.get("job")):
                crew[role].append((_episodes(held, "episode_count"), row))
    directors, writers = (
        [row for _, row in sorted(found, key=lambda pair: -pair[0])] for found in (crew["directors"], crew["writers"])
    )
    cast = sorted(rows(credits.get("cast")), key=lambda row: (_billing(row), -_episodes(row, "total_episode_count")))
    return {
        "directors": names(directors),
        "writers": names(writers),
        "cast": [{"name": name, "character": _characters(row)} for row in cast if (name := text(row.get("name")))],
    }


def _role(job: Any) -> str | None:
    """Most jobs are printable and none of these, so only unprintable ones are cleaned first."""
    return _ROLES.get(job.strip() if type(job) is str and job.isprintable() else text(job))


def _characters(row: dict[str, Any]) -> str | None:
    """All roles of an actor, joined: "Elliot / Mr. Robot"."""
    roles = [role for held in rows(row.get("roles")) if (role := text(held.get("character")))]
    return " / ".join(dict.fromkeys(roles)) if len(roles) > 1 else roles[0] if roles else None


def _episodes(row: dict[str, Any], key: str) -> int:
    return count(row.get(key)) or 0


def _billing(row: dict[str, Any]) -> float:
    order = amount(row.get("order"))
    return float("inf") if order is None else order
