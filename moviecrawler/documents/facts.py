"""The facts of titles, written by `python -m tests.support.facts` from the models in items.py: change those."""

from typing import NotRequired

from typing_extensions import TypedDict

from moviecrawler.documents.rows import (
    AlternativeTitle,
    CastMember,
    Company,
    CrewMember,
    Episode,
    Person,
    PictureCandidate,
    Release,
    Season,
    Video,
    WatchOptions,
)


class ExternalIds(TypedDict):
    imdb: NotRequired[str | None]
    tvdb: NotRequired[int | None]
    wikidata: NotRequired[str | None]
    facebook: NotRequired[str | None]
    instagram: NotRequired[str | None]
    twitter: NotRequired[str | None]


class Collection(TypedDict):
    id: int
    name: str
    poster_path: NotRequired[str | None]


class People(TypedDict):
    creators: NotRequired[list[Person]]
    directors: NotRequired[list[Person]]
    writers: NotRequired[list[Person]]
    cast: NotRequired[list[CastMember]]
    crew: NotRequired[list[CrewMember]]


class Rating(TypedDict):
    score: float
    votes: NotRequired[int | None]


class BoxOffice(TypedDict):
    budget: NotRequired[int | None]
    domestic: NotRequired[int | None]
    international: NotRequired[int | None]
    worldwide: NotRequired[int | None]
    opening_weekend: NotRequired[int | None]


class TitleFacts(TypedDict, total=False):
    """Facts of films and shows."""

    imdb_id: str | None
    external_ids: ExternalIds
    title: str | None
    titles: dict[str, str]
    original_title: str | None
    original_language: str | None
    alternative_titles: list[AlternativeTitle]
    overview: str | None
    overviews: dict[str, str]
    tagline: str | None
    taglines: dict[str, str]
    trailer: str | None
    videos: list[Video]
    homepage: str | None
    release_date: str | None
    year: int | None
    releases: list[Release]
    runtime: int | None
    status: str | None
    genres: list[str]
    keywords: list[str]
    keyword_ids: list[int]
    countries: list[str]
    country_codes: list[str]
    origin_countries: list[str]
    spoken_languages: list[str]
    studios: list[Company]
    certification: str | None
    collection: Collection | None
    distributor: str | None
    awards: str | None
    people: People
    ratings: dict[str, Rating]
    box_office: BoxOffice
    popularity: float | None
    logos: list[PictureCandidate]
    posters: list[PictureCandidate]
    backdrops: list[PictureCandidate]
    watch: dict[str, WatchOptions]
    recommendations: list[int]
    adult: bool | None
    video: bool | None
    softcore: bool | None


class Facts(TitleFacts, total=False):
    """And those that only shows have, or only films."""

    first_air_date: str | None
    last_air_date: str | None
    in_production: bool | None
    type: str | None
    season_count: int | None
    episode_count: int | None
    seasons: list[Season]
    next_episode: Episode | None
    last_episode: Episode | None
    networks: list[Company]


class SourceData(Facts, total=False):
    """What a source said of a title: what is empty is left out."""

    genre_ids: list[int]
    poster_path: str | None
    backdrop_path: str | None
