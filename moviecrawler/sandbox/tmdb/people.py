"""Credits of a title in TMDB's shapes: /movie/{id}/credits, /tv/{id}/credits and /tv/{id}/aggregate_credits."""

from __future__ import annotations

from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import Title

_LARGE_CREW = 561


def person(name: str, department: str) -> dict[str, Any]:
    """What TMDB says of a person within a credit."""
    identity = seeded.identifier("person", name)
    return {
        "adult": False,
        "gender": identity % 3,
        "id": identity,
        "known_for_department": department,
        "name": name,
        "original_name": name,
        "popularity": identity % 90_000 / 10_000,
        "profile_path": seeded.some_path("person", name),
    }


def credits(title: Title) -> dict[str, Any]:
    """Cast in billing order, and crew with the directors among them."""
    cast = []
    for order, (name, character) in enumerate(_cast(title)):
        numbered = {"cast_id": order + 1} if title.kind == "movie" else {}
        rest = {"character": character, "credit_id": _credit(title, "cast", order), "order": order}
        cast.append(person(name, "Acting") | numbered | rest)
    crew = [
        person(name, department) | {"credit_id": _credit(title, job, order), "department": department, "job": job}
        for order, (name, department, job) in enumerate(_crew(title))
    ]
    return {"cast": cast, "crew": crew}


def aggregate_credits(title: Title) -> dict[str, Any]:
    """The credits of a show over all its episodes: roles and jobs with their number of episodes."""
    cast, crew = [], []
    for order, (name, character) in enumerate(_cast(title)):
        episodes = max(1, title.episodes // (order + 1))
        role = {"credit_id": _credit(title, "role", order), "character": character, "episode_count": episodes}
        rest = {"roles": [role], "total_episode_count": episodes, "order": order}
        cast.append(person(name, "Acting") | rest)
    for order, (name, department, job) in enumerate(_crew(title)):
        done = {"credit_id": _credit(title, job, order), "job": job, "episode_count": title.episodes}
        rest = {"jobs": [done], "department": department, "total_episode_count": title.episodes}
        crew.append(person(name, department) | rest)
    return {"cast": cast, "crew": crew}


def created_by(title: Title) -> list[dict[str, Any]]:
    """The creators of a show, as /tv/{id} has them."""
    keys = ("id", "credit_id", "name", "original_name", "gender", "profile_path")
    people = (
        person(name, "Writing") | {"credit_id": _credit(title, "creator", order)}
        for order, name in enumerate(title.directors)
    )
    return [{key: creator[key] for key in keys} for creator in people]


def _cast(title: Title) -> tuple[tuple[str, str], ...]:
    if title.cast and "cast name empty" in title.odd:
        return (("", title.cast[0][1]), *title.cast[1:])
    if title.cast and "character empty" in title.odd:
        return ((title.cast[0][0], ""), *title.cast[1:])
    return title.cast


def _crew(title: Title) -> list[tuple[str, str, str]]:
    if title.kind == "tv":
        return [(name, "Production", "Executive Producer") for name in title.directors]
    crew = [(name, "Directing", "Director") for name in title.directors]
    crew += [(name, "Writing", "Screenplay") for name in title.writers]
    if "large crew" in title.odd:
        crew += [(f"Crew Member {n}", "Visual Effects", "Visual Effects") for n in range(_LARGE_CREW - len(crew))]
    return crew


def _credit(title: Title, *what: object) -> str:
    return seeded.token("credit", title.kind, title.id, *what)
