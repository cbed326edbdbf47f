"""Whether the settings that decide pictures are still those by which the stored ones were made.

The store remembers these settings (state ``pictures``), so a run notices a change without looking at any title.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from moviecrawler.config import Config

STATE = "pictures"
"""``settings`` by name, as text (null: pictures have been made by several values); ``checked_until``: when all titles
were last looked at by these; ``concerned``: what was counted when a change was noticed."""

Settings = Mapping[str, str | None]

_BEFORE = {"IMAGES_LOGO_SIZES": "", "IMAGES_PROFILE_SIZES": "", "OVERLAY_LOGO": "0", "OVERLAY_RATINGS": "tmdb"}
"""What the pictures of a version without the setting are like."""

_SIZES = ("IMAGES_POSTER_SIZES", "IMAGES_BACKDROP_SIZES", "IMAGES_LOGO_SIZES", "IMAGES_PROFILE_SIZES")
LACKING = frozenset({"IMAGES_ENABLED", "IMAGES_STORE", *_SIZES})
"""After a change of these, files are missing: ``scrapy pictures`` makes them. After one of the others they are there,
and are other pictures than the settings ask for: ``scrapy pictures --redraw``."""


class Changed(NamedTuple):
    """Settings that have changed, sorted."""

    lacking: tuple[str, ...]
    outdated: tuple[str, ...]


def picture_settings(config: Config) -> dict[str, str]:
    """All settings that decide which pictures a title has, and what they look like.

    Size, time and memory limits do not; IMAGES_QUALITY holds for pictures that are made from now on.

    >>> picture_settings(Config.from_settings({"LANGUAGES": "de,en", "OVERLAY_LOGO": "1"}))["LANGUAGES"]
    'de,en'
    """
    images, folder, data = config.images, config.images_folder, config.store.data_dir
    return {
        "LANGUAGES": ",".join(config.language.preferred),
        "IMAGES_ENABLED": str(int(images.enabled)),
        "IMAGES_STORE": str(folder.relative_to(data) if folder.is_relative_to(data) else folder),
        "IMAGES_POSTER_SIZES": ",".join(images.poster_sizes),
        "IMAGES_BACKDROP_SIZES": ",".join(images.backdrop_sizes),
        "IMAGES_LOGO_SIZES": ",".join(images.logo_sizes),
        "IMAGES_PROFILE_SIZES": ",".join(images.profile_sizes),
        "IMAGES_FORMAT": images.format,
        "OVERLAY_FONTS": ",".join(path.name for path in images.fonts),
        "OVERLAY_SUBTITLE": images.subtitle,
        "OVERLAY_LOGO": str(int(images.logo)),
        "OVERLAY_RATINGS": ",".join(images.ratings),
    }


def changed(before: Settings, now: Mapping[str, str]) -> Changed:
    """The settings by which stored pictures lack something, or look otherwise.

    A size that is no longer asked for changes nothing: its files stay. ``auto`` accepts files of every format.

    >>> before = {"IMAGES_POSTER_SIZES": "w500", "OVERLAY_LOGO": "0"}
    >>> changed(before, {"IMAGES_POSTER_SIZES": "w92,w500", "OVERLAY_LOGO": "1"})
    Changed(lacking=('IMAGES_POSTER_SIZES',), outdated=('OVERLAY_LOGO',))
    >>> changed({"IMAGES_POSTER_SIZES": "w500,w92"}, {"IMAGES_POSTER_SIZES": "w500"})
    Changed(lacking=(), outdated=())
    """
    names = sorted(name for name in now if not _is_met(name, before.get(name, _BEFORE.get(name, now[name])), now[name]))
    return Changed(
        tuple(name for name in names if name in LACKING), tuple(name for name in names if name not in LACKING)
    )


def _is_met(name: str, before: str | None, now: str) -> bool:
    if before is None:
        return False
    if name in _SIZES:
        return set(filter(None, now.split(","))) <= set(before.split(","))
    return before == now or (name == "IMAGES_FORMAT" and now == "auto")


def mended(before: Settings, now: Mapping[str, str], *, redrawn: bool) -> dict[str, str | None]:
    """What to remember once every title has what it lacked, and was ``redrawn`` where it looked otherwise."""
    return {
        name: value if redrawn or name in LACKING else before.get(name, _BEFORE.get(name, value))
        for name, value in now.items()
    }


def mixed(before: Settings, now: Mapping[str, str]) -> dict[str, str | None]:
    """What to remember once some pictures have been made by the changed settings, or not made for their sake."""
    names = {name for found in changed(before, now) for name in found}
    return {name: None if name in names else before.get(name, value) for name, value in now.items()}


def concerned(names: Iterable[str], total: int, fields: Mapping[str, int]) -> int:
    """How many of ``total`` titles a change of these settings concerns at most; ``fields``: how many have a value.

    >>> fields = {"images.poster": 80, "images.title_backdrop": 60, "logos": 30}
    >>> [concerned([name], 100, fields) for name in ("LANGUAGES", "IMAGES_LOGO_SIZES", "IMAGES_ENABLED")]
    [60, 30, 20]
    """
    poster, backdrop = fields.get("images.poster", 0), fields.get("images.backdrop", 0)
    any_picture, drawn = max(poster, backdrop), fields.get("images.title_backdrop", 0)
    numbers: dict[str, int] = {
        "IMAGES_ENABLED": total - any_picture,
        "IMAGES_STORE": any_picture,
        "IMAGES_POSTER_SIZES": poster,
        "IMAGES_BACKDROP_SIZES": backdrop,
        "IMAGES_LOGO_SIZES": fields.get("logos", 0),
        "IMAGES_PROFILE_SIZES": max(fields.get(f"people.{part}", 0) for part in ("cast", "directors", "creators")),
        "IMAGES_FORMAT": any_picture,
    }
    return max((numbers.get(name, drawn) for name in names), default=0)


def as_state(
    settings: Settings, checked_until: str | None, concerned: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The value of :data:`STATE`."""
    return {"settings": dict(settings), "checked_until": checked_until, "concerned": dict(concerned or {})}
