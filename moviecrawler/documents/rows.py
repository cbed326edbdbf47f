"""Rows inside of fields: plain objects in items, too, since a title has hundreds."""

from typing import NotRequired

from typing_extensions import TypedDict

WATCH_CREDIT = "where to watch: data by JustWatch"
"""Has to stand wherever ``watch`` is shown, by the terms under which TMDB passes it on."""


class Release(TypedDict):
    """One release: ``type`` 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""

    country: str
    type: NotRequired[int | None]
    date: NotRequired[str | None]
    certification: NotRequired[str | None]
    note: NotRequired[str]


class AlternativeTitle(TypedDict):
    """Another title, and the country (ISO 3166-1) where the film is known by it."""

    country: NotRequired[str | None]
    title: str
    type: NotRequired[str]


class Person(TypedDict):
    """``id`` and ``profile_path`` are TMDB's; other sources, and older versions, know the name alone."""

    id: NotRequired[int]
    name: str
    profile_path: NotRequired[str]


class CastMember(Person):
    """``order``: of billing, from 0."""

    character: NotRequired[str | None]
    order: NotRequired[int]


class CrewMember(Person):
    job: str
    department: NotRequired[str]


class Company(TypedDict):
    """A studio or network; ``country`` is ISO 3166-1."""

    id: NotRequired[int | None]
    name: str
    logo_path: NotRequired[str | None]
    country: NotRequired[str | None]


class Video(TypedDict):
    """``key`` is the id at the ``site``; ``language`` is ISO 639-1, null for a video without words."""

    site: str
    key: str
    type: str | None
    name: str | None
    language: str | None
    official: bool | None
    published_at: str | None


class PictureCandidate(TypedDict):
    """A logo, poster or backdrop to choose from; ``language`` is ISO 639-1, null for one without text; pixels."""

    path: str
    language: str | None
    width: int | None
    height: int | None


class Provider(TypedDict):
    id: int
    name: str
    logo_path: str | None


class WatchOptions(TypedDict):
    """Who shows the title in one region, by JustWatch; ``link`` is TMDB's page about it, ``ads``: free with them."""

    link: NotRequired[str]
    stream: NotRequired[list[Provider]]
    rent: NotRequired[list[Provider]]
    buy: NotRequired[list[Provider]]
    free: NotRequired[list[Provider]]
    ads: NotRequired[list[Provider]]


class Season(TypedDict):
    """``number`` 0 are the specials; ``episodes`` is how many there are."""

    number: int
    name: str | None
    episodes: int | None
    air_date: str | None
    poster_path: str | None


class Episode(TypedDict):
    season: int
    number: int
    name: str | None
    air_date: str | None
