"""A title in OMDB's shape: every value is a string, and what is not known is "N/A"."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

from moviecrawler.sandbox.catalogue import seeded
from moviecrawler.sandbox.catalogue.box_office import gross
from moviecrawler.sandbox.catalogue.sentences import overview
from moviecrawler.sandbox.catalogue.tables import COUNTRIES, GENRES, LANGUAGES
from moviecrawler.sandbox.catalogue.works import Score, Title

NOTHING = "N/A"
_COUNTRIES = {"US": "United States"}
_GENRES = {
    "Science Fiction": "Sci-Fi",
    "Sci-Fi & Fantasy": "Sci-Fi, Fantasy",
}
_RATED = {"NR": "Not Rated"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_ACTORS = 4


def omdb_title(title: Title) -> dict[str, Any]:
    """The whole answer for ``plot=full``; sentences are composed, and the ratings of invented titles are dice."""
    score = score_of(title)
    answer: dict[str, Any] = {
        "Title": html.escape(title.title) if "OMDB entities" in title.odd else title.title,
        "Year": _year(title),
        "Rated": "GP" if "OMDB old rating" in title.odd else _RATED.get(title.certification, title.certification),
        "Released": _released(title),
        "Runtime": f"{title.runtime} min" if title.runtime else "",
        "Genre": _joined(_GENRES.get(name, name) for name in (GENRES[title.kind][genre] for genre in title.row.genres)),
        "Director": _joined(title.directors) if title.kind == "movie" else "",
        "Writer": _joined(title.writers if title.kind == "movie" else title.directors),
        "Actors": _joined(name for name, _ in title.cast[:_MOST_ACTORS]),
        "Plot": overview(title, "en"),
        "Language": LANGUAGES[title.row.language][0],
        "Country": _joined(_COUNTRIES.get(code) or COUNTRIES[code] for code in title.row.countries if code != "XX"),
        "Awards": "" if title.real else _awards(title),
        "Poster": "" if title.real else f"https://example.com/posters/{title.imdb_id}.jpg",
        "Ratings": [] if "OMDB no ratings" in title.odd else _ratings(score),
        "Metascore": score.metacritic,
        "imdbRating": score.imdb,
        "imdbVotes": f"{score.votes:,}" if score.votes else "",
        "imdbID": title.imdb_id,
        "Type": "movie" if title.kind == "movie" else "series",
    }
    if title.kind == "movie":
        answer |= {"DVD": "", "BoxOffice": _box_office(title), "Production": _production(title), "Website": ""}
    else:
        answer["totalSeasons"] = str(title.seasons)
    if "OMDB all N/A" in title.odd:
        answer |= dict.fromkeys(set(answer) - {"Title", "Year", "Ratings", "imdbID", "Type"}, NOTHING)
    if "OMDB ratings absent" in title.odd:
        del answer["Ratings"]
    if "OMDB other film" in title.odd:
        answer["imdbID"] = f"tt{int(str(title.imdb_id).removeprefix('tt')) + 1}"
    return {name: value or (value if value == [] else NOTHING) for name, value in answer.items()} | {"Response": "True"}


def score_of(title: Title) -> Score:
    """A real title's scores are facts or unknown; those of invented ones go by its votes on TMDB, with gaps."""
    if title.real:
        return title.score
    number = seeded.bits("score", title.kind, title.id)
    seen = bool(title.row.votes)
    return Score(
        imdb=f"{min(9.9, max(1.0, title.row.average + number % 13 / 10 - 0.6)):.1f}" if seen else "",
        votes=title.row.votes * 7 + number % 50 if seen else 0,
        metacritic=str(20 + number // 100 % 75) if title.row.votes > 40 and number % 3 else "",
        tomatoes=f"{number // 10_000 % 101}%" if title.row.votes > 20 and number % 4 else "",
    )


def _joined(names: Any) -> str:
    return ", ".join(filter(None, names))


def _year(title: Title) -> str:
    # An en dash, and nothing behind it while a series goes on.
    if title.kind == "movie" or not title.year:
        return title.year
    return f"{title.year}\u2013" + ("" if title.running else title.last_date[:4])


def _released(title: Title) -> str:
    if not title.row.date:
        return ""
    day = dt.date.fromisoformat(title.row.date)
    number = str(day.day) if "OMDB one digit day" in title.odd else f"{day.day:02}"
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"


def _awards(title: Title) -> str:
    number = seeded.bits("awards", title.kind, title.id)
    wins, nominations = number % 9, number // 9 % 20
    return f"{wins} wins & {nominations} nominations" if wins > 1 and nominations > 1 else ""


def _ratings(score: Score) -> list[dict[str, str]]:
    found = {
        "Internet Movie Database": f"{score.imdb}/10" if score.imdb else "",
        "Rotten Tomatoes": score.tomatoes,
        "Metacritic": f"{score.metacritic}/100" if score.metacritic else "",
    }
    return [{"Source": source, "Value": value} for source, value in found.items() if value]


def _box_office(title: Title) -> str:
    # Of real films only what is a fact; The Numbers may well say something else.
    domestic = title.gross.domestic if title.real else gross(title).domestic
    if "OMDB other gross" in title.odd:
        domestic = domestic * 101 // 100
    return f"${domestic:,}" if domestic and "OMDB no box office" not in title.odd else ""


def _production(title: Title) -> str:
    if "OMDB entities" in title.odd:
        return "Ferryman&#39;s Pictures &amp; Co."
    return title.studios[0] if title.studios else ""
