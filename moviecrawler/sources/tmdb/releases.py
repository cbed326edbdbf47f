"""Where and when a film was released, and how it was rated there."""

from typing import Any

from moviecrawler.sources import fields
from moviecrawler.sources.fields import count, country, iso_date, rows
from moviecrawler.sources.text import text

LIMITED, THEATRICAL, TV = 2, 3, 6  # 1 is a premiere, 4 digital, 5 physical
_UNDATED = "9999"


def film_releases(release_dates: dict[str, Any]) -> list[dict[str, Any]]:
    """The releases of all countries in one list, in TMDB's order."""
    return [
        {
            "country": where,
            "type": kind if (kind := count(row.get("type"))) and kind <= TV else None,
            "date": iso_date(row.get("release_date")),
            "certification": fields.certification(row.get("certification")),
            **({"note": note} if (note := text(row.get("note"))) else {}),
        }
        for result in rows(release_dates.get("results"))
        if (where := country(result.get("iso_3166_1")))
        for row in rows(result.get("release_dates"))
    ]


def show_releases(content_ratings: dict[str, Any]) -> list[dict[str, Any]]:
    """A show has one rating per country and neither dates nor types."""
    return [
        {"country": where, "type": None, "date": None, "certification": rating}
        for row in rows(content_ratings.get("results"))
        if (where := country(row.get("iso_3166_1"))) and (rating := fields.certification(row.get("rating")))
    ]


def certification(releases: list[dict[str, Any]]) -> str | None:
    """The US rating: that of the first theatrical release that has one, then of a limited one, then of any.

    The first US entries are often festival premieres without a rating (TMDB 550).
    """
    rated = [row for row in releases if row["country"] == "US" and row["certification"]]
    order: dict[Any, int] = {THEATRICAL: 0, LIMITED: 1}
    first = min(
        rated,
        key=lambda row: (order.get(row.get("type"), 2), row.get("date") or _UNDATED),
        default={"certification": None},
    )
    rating: str | None = first["certification"]
    return rating
