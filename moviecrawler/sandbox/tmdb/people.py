"""Credits of a film or show in TMDB's formats: /movie/{id}/credits, /tv/{id}/credits and /tv/{id}/aggregate_credits."""

from __future__ import annotations

import functools
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.works import Work
from moviecrawler.sandbox.tmdb.images import path_or_none

_LARGE_CREW = 561


@functools.lru_cache(maxsize=8192)
def person(name: str, department: str) -> dict[str, Any]:
    """The fields of a person within a credit, not to be changed: invented people have few names, each is made once."""
    identity = seeded.identifier("person", name)
    return {
        "adult": False,
        "gender": identity % 3,
        "id": identity,
        "known_for_department": department,
        "name": name,
        "original_name": name,
        "popularity": identity % 90_000 / 10_000,
        "profile_path": path_or_none("person", "profile", identity),
    }


def credits(work: Work) -> dict[str, Any]:
    """Cast in billing order, and crew with the directors among them."""
    cast, prefix = [], _credit_prefix(work)
    for order, (name, character) in enumerate(_cast(work)):
        numbered = {"cast_id": order + 1} if work.kind == "movie" else {}
        rest = {"character": character, "credit_id": f"{prefix}0{order:03x}", "order": order}
        cast.append(person(name, "Acting") | numbered | rest)
    crew = [
        person(name, department) | {"credit_id": f"{prefix}1{order:03x}", "department": department, "job": job}
        for order, (name, department, job) in enumerate(_crew(work))
    ]
    return {"cast": cast, "crew": crew}


def aggregate_credits(work: Work) -> dict[str, Any]:
    """The credits of a show over all its episodes: roles and jobs with their episode counts."""
    cast, crew, prefix = [], [], _credit_prefix(work)
    for order, (name, character) in enumerate(_cast(work)):
        episodes = max(1, work.episodes // (order + 1))
        role = {"credit_id": f"{prefix}2{order:03x}", "character": character, "episode_count": episodes}
        rest = {"roles": [role], "total_episode_count": episodes, "order": order}
        cast.append(person(name, "Acting") | rest)
    for order, (name, department, job) in enumerate(_crew(work)):
        done = {"credit_id": f"{prefix}3{order:03x}", "job": job, "episode_count": work.episodes}
        rest = {"jobs": [done], "department": department, "total_episode_count": work.episodes}
        crew.append(person(name, department) | rest)
    return {"cast": cast, "crew": crew}


def created_by(work: Work) -> list[dict[str, Any]]:
    """The creators of a show, in the format of /tv/{id}."""
    keys = ("id", "credit_id", "name", "original_name", "gender", "profile_path")
    people = (
        person(name, "Writing") | {"credit_id": f"{_credit_prefix(work)}4{order:03x}"}
        for order, name in enumerate(work.directors)
    )
    return [{key: creator[key] for key in keys} for creator in people]


def _cast(work: Work) -> tuple[tuple[str, str], ...]:
    if "no parts" in work.edge_cases:
        return ()
    if work.cast and "cast name empty" in work.edge_cases:
        return (("", work.cast[0][1]), *work.cast[1:])
    if work.cast and "character empty" in work.edge_cases:
        return ((work.cast[0][0], ""), *work.cast[1:])
    return work.cast


def _crew(work: Work) -> list[tuple[str, str, str]]:
    if "no parts" in work.edge_cases:
        return []
    if work.kind == "tv":
        crew = [(name, "Production", "Executive Producer") for name in work.directors]
    else:
        crew = [(name, "Directing", "Director") for name in work.directors]
        crew += [(name, "Writing", "Screenplay") for name in work.writers]
    crew += work.crew
    if "crew name empty" in work.edge_cases:
        crew = [("" if job == "Original Music Composer" else name, department, job) for name, department, job in crew]
    if "large crew" in work.edge_cases:
        crew += [(f"Crew Member {n}", "Visual Effects", "Visual Effects") for n in range(_LARGE_CREW - len(crew))]
    return crew


def _credit_prefix(work: Work) -> str:
    """What the ids of all credits of a work begin with, 20 of 24 digits."""
    return seeded.token("credit", work.kind, work.id, digits=20)
