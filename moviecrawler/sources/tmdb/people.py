"""Crew and cast of a title, from ``credits`` (films) and ``aggregate_credits`` (shows).

A person is ``{"id", "name", "profile_path"}``, as far as TMDB knows; one without a name is left out.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from moviecrawler.sources.fields import amount, count, rows, whole_number
from moviecrawler.sources.text import text
from moviecrawler.sources.tmdb.pictures import path_of

# TMDB's jobs that direct, and those of its department Writing that write for the screen: novels, characters and comics
# are what these adapt, and editors and consultants write nothing.
DIRECTING = ("Director", "Co-Director", "Series Director", "Special Guest Director")
WRITING = (
    *("Screenplay", "Writer", "Co-Writer", "Staff Writer", "Scenario Writer", "Original Film Writer", "Teleplay"),
    *("Story", "Original Story", "Screenstory", "Adaptation", "Dialogue", "Additional Dialogue", "Additional Writing"),
    *("Idea", "Original Concept", "Series Composition", "Original Series Creator"),
)
CREW = (
    *("Original Music Composer", "Main Title Theme Composer", "Music"),
    *("Director of Photography", "Editor", "Co-Editor", "Supervising Film Editor"),
    *("Producer", "Executive Producer", "Co-Producer", "Co-Executive Producer", "Associate Producer", "Line Producer"),
    *("Supervising Producer", "Consulting Producer", "Coordinating Producer", "Executive Co-Producer"),
)
"""Composers, cinematographers, editors and producers: of a crew of 600 those whom people look for."""

_ROLES: dict[str | None, str] = {
    **dict.fromkeys(DIRECTING, "directors"),
    **dict.fromkeys(WRITING, "writers"),
    **dict.fromkeys(CREW, "crew"),
}

Rows = list[dict[str, Any]]


def film_people(credits: dict[str, Any]) -> dict[str, Rows]:
    """The crew in TMDB's order, the cast by ``order``."""
    crew: dict[str, Rows] = {"directors": [], "writers": [], "crew": []}
    for row in rows(credits.get("crew")):  # a crew can be 600 strong
        if isinstance(job := row.get("job"), str) and (role := _role(job)):
            crew[role].append(row)
    return {
        "directors": persons(crew["directors"]),
        "writers": persons(crew["writers"]),
        "cast": _cast(sorted(rows(credits.get("cast")), key=_billing), lambda row: text(row.get("character"))),
        "crew": _crew((row, row) for row in crew["crew"]),
    }


def show_people(credits: dict[str, Any], creators: Any) -> dict[str, Rows]:
    """The crew by number of episodes; the cast by ``order``, then by number of episodes."""
    found: dict[str, list[tuple[int, dict[str, Any], dict[str, Any]]]] = {"directors": [], "writers": [], "crew": []}
    for row in rows(credits.get("crew")):
        for held in rows(row.get("jobs")):
            if isinstance(job := held.get("job"), str) and (role := _role(job)):
                found[role].append((_episodes(held, "episode_count"), row, held))
    crew = {role: sorted(some, key=lambda one: -one[0]) for role, some in found.items()}
    cast = sorted(rows(credits.get("cast")), key=lambda row: (_billing(row), -_episodes(row, "total_episode_count")))
    return {
        "creators": persons(rows(creators)),
        "directors": persons(row for _, row, _ in crew["directors"]),
        "writers": persons(row for _, row, _ in crew["writers"]),
        "cast": _cast(cast, _characters),
        "crew": _crew((row, held) for _, row, held in crew["crew"]),
    }


def persons(values: Iterable[dict[str, Any]]) -> Rows:
    """The person of each row, each once, in order.

    >>> persons([{"id": 9340, "name": "Lana Wachowski"}, {"id": 1}, {"id": 9340, "name": "Lana Wachowski"}])
    [{'id': 9340, 'name': 'Lana Wachowski'}]
    """
    found = (person for row in values if (person := _person(row)))
    return list({(person.get("id"), person["name"]): person for person in found}.values())


def _person(row: dict[str, Any]) -> dict[str, Any] | None:
    if not (name := text(row.get("name"))):
        return None
    person: dict[str, Any] = {"id": number} if (number := count(row.get("id"))) else {}
    person["name"] = name
    if path := path_of(row.get("profile_path")):
        person["profile_path"] = path
    return person


def _cast(values: Rows, character_of: Callable[[dict[str, Any]], str | None]) -> Rows:
    cast = []
    for row in values:
        if person := _person(row):
            person["character"] = character_of(row)
            order = row.get("order")
            if type(order) is not int or order < 0:
                order = whole_number(order)
            if order is not None:
                person["order"] = order
            cast.append(person)
    return cast


def _crew(values: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> Rows:
    """From pairs of the person's row and that of the job."""
    found: dict[Any, dict[str, Any]] = {}
    for row, held in values:
        if person := _person(row):
            job, department = text(held.get("job")), text(row.get("department"))
            known = {"department": department} if department else {}
            found.setdefault((person.get("id"), person["name"], job), {**person, "job": job, **known})
    return list(found.values())


@lru_cache(maxsize=1024)
def _role(job: str) -> str | None:
    return _ROLES.get(text(job))


def _characters(row: dict[str, Any]) -> str | None:
    """All roles of an actor, joined: "Elliot / Mr. Robot"."""
    roles = [role for held in rows(row.get("roles")) if (role := text(held.get("character")))]
    return " / ".join(dict.fromkeys(roles)) if len(roles) > 1 else roles[0] if roles else None


def _episodes(row: dict[str, Any], key: str) -> int:
    return count(row.get(key)) or 0


def _billing(row: dict[str, Any]) -> float:
    order = row.get("order")
    if type(order) is not int or order < 0:
        order = amount(order)
    return float("inf") if order is None else order
