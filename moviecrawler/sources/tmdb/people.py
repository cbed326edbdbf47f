"""Who made a title, from ``credits`` (films) and ``aggregate_credits`` (shows)."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from moviecrawler.sources.tmdb.fields import count, names, rows, text

DIRECTING = frozenset({"Director"})
# The jobs of TMDB's department Writing that write for the screen; novels, characters and comics are what they adapt.
WRITING = frozenset(
    {"Screenplay", "Writer", "Co-Writer", "Story", "Original Story", "Scenario Writer", "Teleplay", "Adaptation"}
)


def film_people(credits: dict[str, Any]) -> dict[str, Any]:
    """Directors and writers in TMDB's order, the cast by ``order``."""
    crew = rows(credits.get("crew"))
    cast = sorted(rows(credits.get("cast")), key=_billing)
    return {
        "directors": names(_with_job(crew, DIRECTING)),
        "writers": names(_with_job(crew, WRITING)),
        "cast": list(_cast((row.get("name"), row.get("character")) for row in cast)),
    }


def show_people(created_by: Any, credits: dict[str, Any]) -> dict[str, Any]:
    """The creators lead the directors; crew and cast come by number of episodes, the cast then by ``order``.

    TMDB's ``order`` alone would put guests of one episode before the leads: it counts within seasons.
    """
    crew = [
        {"name": person.get("name"), **job} for person in rows(credits.get("crew")) for job in rows(person.get("jobs"))
    ]
    crew.sort(key=lambda row: -(count(row.get("episode_count")) or 0))
    cast = sorted(
        rows(credits.get("cast")), key=lambda row: (-(count(row.get("total_episode_count")) or 0), _billing(row))
    )
    return {
        "directors": names([*rows(created_by), *_with_job(crew, DIRECTING)]),
        "writers": names(_with_job(crew, WRITING)),
        "cast": list(_cast((row.get("name"), _roles(row)) for row in cast)),
    }


def _with_job(crew: list[dict[str, Any]], jobs: Collection[str]) -> Iterator[dict[str, Any]]:
    return (row for row in crew if isinstance(job := row.get("job"), str) and job in jobs)


def _cast(rows_: Iterable[tuple[Any, Any]]) -> Iterator[dict[str, str | None]]:
    return ({"name": name, "character": text(role)} for actor, role in rows_ if (name := text(actor)))


def _roles(row: dict[str, Any]) -> str:
    return " / ".join(dict.fromkeys(role for r in rows(row.get("roles")) if (role := text(r.get("character")))))


def _billing(row: dict[str, Any]) -> float:
    order = row.get("order")
    return order if type(order) is int else float("inf")
