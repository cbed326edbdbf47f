"""What the sandbox knows about a film or show, real or invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["movie", "tv"]
KINDS: tuple[Kind, ...] = ("movie", "tv")


class IndexRow(NamedTuple):
    """The fields of a work that listings and their filters need; the catalogue keeps a row for every work."""

    id: int
    date: str
    popularity: float
    votes: int
    average: float
    language: str
    genres: tuple[int, ...]
    countries: tuple[str, ...]


class OmdbRatings(NamedTuple):
    """The ratings that OMDB reports, in its own format; "" and 0 if unknown."""

    imdb: str = ""
    votes: int = 0
    metacritic: str = ""
    tomatoes: str = ""


class BoxOffice(NamedTuple):
    """Budget and gross of a film in USD, 0 if unknown; as The Numbers knows them, apart from TMDB's own figures."""

    budget: int = 0
    domestic: int = 0
    worldwide: int = 0


_NO_RATINGS, _NO_BOX_OFFICE = OmdbRatings(), BoxOffice()


@dataclass(frozen=True, slots=True)
class Work:
    """A film or show. ``cast``: (name, character); ``row.date``: release or first air date; ``edge_cases``: names from
    ``catalogue.edge_cases``."""

    kind: Kind
    row: IndexRow
    title: str
    original_title: str
    imdb_id: str | None
    is_real: bool
    edge_cases: frozenset[str] = frozenset()
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
    collection_id: int = 0
    poster_path: str = ""
    backdrop_path: str = ""
    last_date: str = ""
    is_running: bool = False
    seasons: int = 0
    episodes: int = 0
    networks: tuple[str, ...] = ()
    ratings: OmdbRatings = _NO_RATINGS
    box_office: BoxOffice = _NO_BOX_OFFICE

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def year(self) -> str:
        return self.row.date[:4]
