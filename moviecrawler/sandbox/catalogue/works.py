"""What the sandbox knows about a film or show, real or invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["movie", "tv"]
KINDS: tuple[Kind, ...] = ("movie", "tv")


class Row(NamedTuple):
    """What listings and their filters need of one title: the index holds one for each."""

    id: int
    date: str
    popularity: float
    votes: int
    average: float
    language: str
    genres: tuple[int, ...]
    countries: tuple[str, ...]


class Score(NamedTuple):
    """What the houses of OMDB say, in its own words; "" and 0 where nobody knows."""

    imdb: str = ""
    votes: int = 0
    metacritic: str = ""
    tomatoes: str = ""


class Gross(NamedTuple):
    """What a film cost and earned (USD); 0 where nobody knows. Not TMDB's figures: its own are elsewhere."""

    budget: int = 0
    domestic: int = 0
    worldwide: int = 0


_NO_SCORE, _NO_GROSS = Score(), Gross()


@dataclass(frozen=True, slots=True)
class Title:
    """One film or show. ``date`` is the release or first air date; cast pairs are (name, character)."""

    kind: Kind
    row: Row
    title: str
    original_title: str
    imdb_id: str | None
    real: bool
    odd: frozenset[str] = frozenset()
    runtime: int | None = 0
    budget: int = 0
    revenue: int = 0
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    cast: tuple[tuple[str, str], ...] = ()
    studios: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    translations: tuple[tuple[str, str], ...] = ()  # (iso_639_1-iso_3166_1, title)
    certification: str = ""
    collection: str = ""
    poster_path: str = ""
    backdrop_path: str = ""
    last_date: str = ""
    running: bool = False
    seasons: int = 0
    episodes: int = 0
    networks: tuple[str, ...] = ()
    score: Score = _NO_SCORE
    gross: Gross = _NO_GROSS

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def year(self) -> str:
        return self.row.date[:4]
