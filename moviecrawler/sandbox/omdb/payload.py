"""A film or show in OMDB's format: every value is a string, and unknown values are "N/A"."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.box_office import complete_box_office
from moviecrawler.sandbox.catalogue.sentences import overview
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, GENRES, LANGUAGES
from moviecrawler.sandbox.catalogue.works import OmdbRatings, Work

NOT_AVAILABLE = "N/A"
_COUNTRIES = {"US": "United States"}
_GENRES = {
    "Science Fiction": "Sci-Fi",
    "Sci-Fi & Fantasy": "Sci-Fi, Fantasy",
}
_RATED = {"NR": "Not Rated"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_ACTORS = 4


def omdb_payload(work: Work) -> dict[str, Any]:
    """The whole answer for ``plot=full``; sentences are composed, the ratings of invented works reproducibly random."""
    ratings = ratings_of(work)
    answer: dict[str, Any] = {
        "Title": html.escape(work.title) if "OMDB entities" in work.edge_cases else work.title,
        "Year": _year(work),
        "Rated": "GP" if "OMDB old rating" in work.edge_cases else _RATED.get(work.certification, work.certification),
        "Released": _released(work),
        "Runtime": f"{work.runtime} min" if work.runtime else "",
        "Genre": _join(_GENRES.get(name, name) for name in (GENRES[work.kind][genre] for genre in work.row.genres)),
        "Director": _join(work.directors) if work.kind == "movie" else "",
        "Writer": _join(work.writers if work.kind == "movie" else work.directors),
        "Actors": _join(name for name, _ in work.cast[:_MAX_ACTORS]),
        "Plot": overview(work, "en"),
        "Language": LANGUAGES[work.row.language][0],
        "Country": _join(_COUNTRIES.get(code) or COUNTRIES[code] for code in work.row.countries if code != "XX"),
        "Awards": "" if work.is_real else _awards(work),
        "Poster": "" if work.is_real else f"https://example.com/posters/{work.imdb_id}.jpg",
        "Ratings": [] if "OMDB no ratings" in work.edge_cases else _ratings(ratings),
        "Metascore": ratings.metacritic,
        "imdbRating": ratings.imdb,
        "imdbVotes": f"{ratings.votes:,}" if ratings.votes else "",
        "imdbID": work.imdb_id,
        "Type": "movie" if work.kind == "movie" else "series",
    }
    if work.kind == "movie":
        answer |= {"DVD": "", "BoxOffice": _box_office(work), "Production": _production(work), "Website": ""}
    else:
        answer["totalSeasons"] = str(work.seasons)
    if "OMDB all N/A" in work.edge_cases:
        answer |= dict.fromkeys(set(answer) - {"Title", "Year", "Ratings", "imdbID", "Type"}, NOT_AVAILABLE)
    if "OMDB ratings absent" in work.edge_cases:
        del answer["Ratings"]
    if "OMDB other film" in work.edge_cases:
        answer["imdbID"] = f"tt{int(str(work.imdb_id).removeprefix('tt')) + 1}"
    return {name: value or (value if value == [] else NOT_AVAILABLE) for name, value in answer.items()} | {
        "Response": "True"
    }


def ratings_of(work: Work) -> OmdbRatings:
    """The ratings of a work: facts if it is real; if invented, derived from its votes on TMDB, with gaps."""
    if work.is_real:
        return work.ratings
    number = seeded.bits("score", work.kind, work.id)
    has_votes = bool(work.row.votes)
    return OmdbRatings(
        imdb=f"{min(9.9, max(1.0, work.row.average + number % 13 / 10 - 0.6)):.1f}" if has_votes else "",
        votes=work.row.votes * 7 + number % 50 if has_votes else 0,
        metacritic=str(20 + number // 100 % 75) if work.row.votes > 40 and number % 3 else "",
        tomatoes=f"{number // 10_000 % 101}%" if work.row.votes > 20 and number % 4 else "",
    )


def _join(names: Iterable[str]) -> str:
    return ", ".join(filter(None, names))


def _year(work: Work) -> str:
    # An en dash, without a second year while a series is running.
    if work.kind == "movie" or not work.year:
        return work.year
    return f"{work.year}\u2013" + ("" if work.is_running else work.last_date[:4])


def _released(work: Work) -> str:
    if not work.row.date:
        return ""
    day = dt.date.fromisoformat(work.row.date)
    number = str(day.day) if "OMDB one digit day" in work.edge_cases else f"{day.day:02}"
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"


def _awards(work: Work) -> str:
    number = seeded.bits("awards", work.kind, work.id)
    wins, nominations = number % 9, number // 9 % 20
    return f"{wins} wins & {nominations} nominations" if wins > 1 and nominations > 1 else ""


def _ratings(ratings: OmdbRatings) -> list[dict[str, str]]:
    found = {
        "Internet Movie Database": f"{ratings.imdb}/10" if ratings.imdb else "",
        "Rotten Tomatoes": ratings.tomatoes,
        "Metacritic": f"{ratings.metacritic}/100" if ratings.metacritic else "",
    }
    return [{"Source": source, "Value": value} for source, value in found.items() if value]


def _box_office(work: Work) -> str:
    # For real films only facts, which may differ from The Numbers.
    domestic = work.box_office.domestic if work.is_real else complete_box_office(work).domestic
    if "OMDB other gross" in work.edge_cases:
        domestic = domestic * 101 // 100
    return f"${domestic:,}" if domestic and "OMDB no box office" not in work.edge_cases else ""


def _production(work: Work) -> str:
    if "OMDB entities" in work.edge_cases:
        return "Ferryman&#39;s Pictures &amp; Co."
    return work.studios[0] if work.studios else ""
