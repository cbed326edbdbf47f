"""What is stored, as types: the document of a film or show, its parts, and the records beside it; and what they mean.

``docs/data-model.md`` describes every field. A type checker holds our code to these types, and
``policy.documents.shape`` every row that is read from a store. What an older version did not know may be missing; a
fact may then also be null. Dates are ``1999-03-31``, timestamps ``2026-11-21T08:15:30.123Z``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator
from typing_extensions import TypedDict

from moviecrawler.config import sources
from moviecrawler.documents.facts import Facts, SourceData
from moviecrawler.documents.rows import CastMember, Company, CrewMember, Person

Kind = Literal["movies", "shows"]
SOURCES = tuple(sources.SOURCES)
"""In the order in which they are asked, and believed."""


def _known(source: str) -> str:
    if source not in SOURCES:
        raise ValueError(f"must be one of {', '.join(SOURCES)}")
    return source


Source = Annotated[str, AfterValidator(_known)]
"""One of ``SOURCES``."""

Part = Literal["title", "budgets", "chart"]
"""Which page of the source the answer comes from: the title's own page, or a row of a table, which says less."""

NEW_DAYS = 60
"""Days after its release for which a title counts as new."""


Quality = TypedDict("Quality", {"score": int, "class": str, "recommended": bool})
"""0-100; ``feature``, ``short``, ``series`` ...; see ``policy.documents.quality``."""


class Trending(TypedDict):
    """The title's place in TMDB's chart of the ``day`` or ``week``, and when the chart was read."""

    window: str
    rank: int
    at: str


class ImageFile(TypedDict):
    """One size of a picture; ``file`` is relative to IMAGES_STORE, ``bytes`` is its size."""

    file: str
    sha256: str
    width: int
    height: int
    bytes: int


class GoneNote(TypedDict):
    """Where and when a CDN had no such picture."""

    url: str
    at: str


CaptionFingerprint = list[str | int | list[str] | None]
"""The texts on a title backdrop (``policy.documents.images``)."""


class ImagePart(TypedDict):
    """One picture of a title: the main ``file``, and all ``files`` by size. Without any: only the ``gone`` note."""

    source_path: str | None
    source_sha256: str | None
    file: str | None
    files: dict[str, ImageFile]
    gone: NotRequired[GoneNote]
    says: NotRequired[CaptionFingerprint]


Images = dict[str, ImagePart]
"""By role: ``poster``, ``backdrop``, ``title_backdrop``, ``logo``."""

PictureRole = Literal["poster", "backdrop", "logo", "profile"]
"""What a downloaded picture is for. A portrait (``profile``) belongs to a person, and stands in no document."""


class SlotPart(TypedDict):
    """What one page of a source said, and when it was read."""

    fetched_at: str | None
    data: SourceData


class AnsweredSlot(TypedDict):
    """The fields of a slot that an answer alone determines."""

    fetched_at: str
    hash: str
    source_id: str
    data: SourceData


class SourceSlot(TypedDict):
    """What a document keeps of one source: what it said, and when to ask it again."""

    fetched_at: str | None
    changed_at: NotRequired[str | None]
    hash: NotRequired[str | None]
    unchanged_cycles: NotRequired[int]
    frozen_at: str | None
    recheck_at: NotRequired[str | None]
    next_refresh_at: str | None
    failures: NotRequired[int]
    failed_at: NotRequired[str | None]
    gone_at: str | None
    gone_noted_at: NotRequired[str | None]
    source_id: NotRequired[str | None]
    data: SourceData
    parts: NotRequired[dict[str, SlotPart]]


class FieldChange(TypedDict):
    """``path`` has dots inside objects; the values are any JSON."""

    path: str
    old: object
    new: object


class LastChange(TypedDict):
    """``source``: whose answer it was, or ``lock``; ``revision``: the version of the document that brought it."""

    source: str
    at: str
    revision: NotRequired[int]
    diff: list[FieldChange]


class Document(Facts):
    """The stored document of a film or show: its facts, and the bookkeeping. ``revision`` counts the writes from 1."""

    _id: int
    schema_version: NotRequired[int]
    quality: NotRequired[Quality | None]
    trending: Trending | None
    images: Images
    same_as: NotRequired[int | None]
    sources: dict[str, SourceSlot]
    locks: dict[str, Any]
    provenance: NotRequired[dict[str, str]]
    last_change: LastChange | None
    created_at: NotRequired[str | None]
    updated_at: str | None
    revision: int


def is_gone(document: Document) -> bool:
    """Whether the document is a tombstone: TMDB no longer has the title.

    >>> is_gone({"_id": 603, "sources": {"tmdb": {"gone_at": "2026-11-21T08:15:30.123Z"}}}), is_gone({"_id": 604})
    (True, False)
    """
    slot = document["sources"].get("tmdb") if "sources" in document else None
    return slot is not None and bool(slot.get("gone_at"))


def names(rows: Iterable[Person | CastMember | CrewMember | Company] | None) -> list[str]:
    """The names of people, studios or networks, each once, in order.

    >>> names([{"id": 9340, "name": "Lana Wachowski"}, {"name": "Lilly Wachowski"}]), names(None)
    (['Lana Wachowski', 'Lilly Wachowski'], [])
    """
    return list(dict.fromkeys(row["name"] for row in rows or ()))


def has_changed(document: Document) -> bool:
    """Whether the document's current version brought its last change."""
    change = document["last_change"]
    return change is not None and change.get("revision") == document["revision"]


def is_show(facts: Facts) -> bool:
    """Whether there is a fact that only shows have."""
    return not _SHOW_FACTS.isdisjoint(facts)


def age_date(facts: Facts) -> str | None:
    """The day from which a title's age counts; None where it is unknown.

    A show on the air is as old as its last episode.

    >>> age_date({"release_date": "2019-11-12", "status": "Returning Series", "last_air_date": "2026-11-01"})
    '2026-11-01'
    """
    on_air = facts.get("in_production") or facts.get("status") == "Returning Series"
    text = (on_air and facts.get("last_air_date")) or facts.get("release_date") or facts.get("first_air_date")
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return None


def age(facts: Facts, now: datetime) -> int | None:
    """Whole days since release, negative before it; None where the date is unknown.

    >>> from datetime import UTC
    >>> age({"release_date": "2026-11-01"}, datetime(2026, 11, 21, tzinfo=UTC))
    20
    """
    day = age_date(facts)
    return (now.date() - date.fromisoformat(day)).days if day else None


def is_new(facts: Facts, now: datetime) -> bool:
    """Whether nobody has had the time to vote: not out yet, of unknown date, or out for ``NEW_DAYS`` at most."""
    days = age(facts, now)
    return days is None or days <= NEW_DAYS


def portrait_file(path: str, size: str) -> str:
    """Where the portrait with this ``profile_path`` is, in this size: below IMAGES_STORE, without the suffix.

    >>> portrait_file("/8qBylBsQf4llkGrWR3qAsOtOU8O.jpg", "w185")
    'profile/8q/8qBylBsQf4llkGrWR3qAsOtOU8O-w185'
    """
    name = path.strip("/").partition(".")[0]
    return f"profile/{name[:2]}/{name}-{size}"


_SHOW_FACTS = frozenset(
    {"first_air_date", "last_air_date", "in_production", "season_count", "episode_count", "seasons", "networks"}
)
