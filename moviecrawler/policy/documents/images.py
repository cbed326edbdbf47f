"""Which pictures a document lacks.

A picture is complete if it was made from the current path, in all sizes, and its files exist.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from moviecrawler import timestamps
from moviecrawler.documents import CaptionFingerprint, Document, ImageFile, ImagePart, PictureRole, portrait_file
from moviecrawler.documents.facts import Facts
from moviecrawler.policy.documents.genre_names import genres_in
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.picture_choice import backdrop_path, logo_path, poster_path, profile_paths
from moviecrawler.policy.documents.second_line import SecondLine, second_line

TITLE_BACKDROP_WIDTH = 1920

OVERLAY_LOGO_WIDTH = 1000
"""Pixels; a logo on a title backdrop is nearly as wide, so the original is fetched."""

MAX_WEBP_SIDE = 16_383
"""Pixels; a longer picture is a JPEG, whatever IMAGES_FORMAT says."""

CHECK_INTERVAL = 2 * 3600.0
"""Seconds for which a file that existed is assumed to exist."""

MAX_FILES = 10_000
"""Files that the index holds, some 3 MB; the one that was checked longest ago is removed first."""

GONE_PAUSE = timedelta(days=30)
"""How long a picture that its CDN did not have is not requested again."""

_ENGLISH = Languages(("en-US",))
_TMDB_ONLY = ("tmdb",)
_PLAIN = 7
"""Entries of a caption's fingerprint without anything besides."""

FileExists = Callable[[Path], bool]


class WantedImage(NamedTuple):
    """A picture to request: TMDB's canonical path and the width in pixels that is large enough (None: original)."""

    role: PictureRole
    source_path: str
    width: int | None


class FileIndex:
    """Files that existed when they were last checked; ``now`` is seconds on the caller's monotonic clock."""

    def __init__(self, exists: FileExists = Path.exists) -> None:
        self._exists = exists
        self._seen: dict[Path, float] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def exists(self, path: Path, now: float) -> bool:
        """Whether the file exists, or did within the last two hours."""
        seen = self._seen.get(path)
        if seen is not None and now - seen < CHECK_INTERVAL:
            return True
        self._seen.pop(path, None)
        if not self._exists(path):
            return False
        self._seen[path] = now
        if len(self._seen) > MAX_FILES:
            del self._seen[next(iter(self._seen))]
        return True


@dataclass(frozen=True)
class ImagePolicy:
    """Which pictures to make, and in which sizes.

    ``folder`` is IMAGES_STORE; sizes are TMDB's names (``w500``), all made here from one download; ``subtitle`` is
    OVERLAY_SUBTITLE; ``suffixes`` are those of the formats that IMAGES_FORMAT allows. ``overlay_logo``, ``ratings`` and
    ``fonts`` (their names) decide what a title backdrop shows, besides.
    """

    enabled: bool
    folder: Path
    poster_sizes: tuple[str, ...]
    backdrop_sizes: tuple[str, ...]
    subtitle: str = "auto"
    languages: Languages = _ENGLISH
    suffixes: tuple[str, ...] = (".jpg",)
    logo_sizes: tuple[str, ...] = ()
    profile_sizes: tuple[str, ...] = ()
    overlay_logo: bool = False
    ratings: tuple[str, ...] = _TMDB_ONLY
    fonts: tuple[str, ...] = ()

    def wanted(self, document: Document) -> Iterator[WantedImage]:
        """The pictures that this document should have: one download serves all sizes and the title backdrop."""
        if not self.enabled:
            return
        if path := poster_path(document, self.languages):
            yield WantedImage("poster", path, _width(self.poster_sizes))
        if path := backdrop_path(document):
            yield WantedImage("backdrop", path, _width(self.backdrop_sizes, TITLE_BACKDROP_WIDTH))
        if self.logo_sizes and (path := logo_path(document, self.languages)):
            yield WantedImage("logo", path, _width(self.logo_sizes))
        if self.profile_sizes:
            for path in profile_paths(document):
                yield WantedImage("profile", path, _width(self.profile_sizes))

    def is_complete(self, wanted: WantedImage, document: Document, exists: FileExists, *, redraw: bool = True) -> bool:
        """Whether everything that is made from this picture exists; with ``redraw`` also in the format, and with the
        texts, of today's settings."""
        if wanted.role == "profile":
            return self._has_portrait(wanted.source_path, exists)
        images, path = document["images"], wanted.source_path
        if wanted.role == "poster":
            return self._is_made(images.get("poster"), path, self.poster_sizes, exists, redraw)
        if wanted.role == "logo":
            return self._is_made(images.get("logo"), path, self.logo_sizes, exists, redraw=False)
        return (
            self._is_made(images.get("backdrop"), path, self.backdrop_sizes, exists, redraw)
            and self._is_made(images.get("title_backdrop"), path, (), exists, redraw)
            and (not redraw or self._is_caption_current(images["title_backdrop"].get("says", []), document))
        )

    def second_line(self, document: Facts) -> SecondLine | None:
        """The line below the title on the title backdrop."""
        return second_line(document, self.languages, self.subtitle)

    def genres(self, document: Document) -> list[str]:
        """The genres in the language of the row on the title backdrop."""
        return genres_in(document, self.languages.first)

    def overlay_logo_path(self, document: Document) -> str | None:
        """The logo to show on the title backdrop; None: the title in letters."""
        return logo_path(document, self.languages) if self.overlay_logo else None

    def shown_ratings(self, document: Document) -> tuple[str, ...]:
        """The houses whose rating the title backdrop shows."""
        rated = document.get("ratings") or {}
        return tuple(house for house in self.ratings if (rating := rated.get(house)) and rating["score"])

    def caption_fingerprint(self, document: Document, logo: str | None = None) -> CaptionFingerprint:
        """What a title backdrop says: the title's own texts, the second line, the language of the row, and what the
        settings ask for besides: ``logo`` (its path), ratings other than TMDB's, fonts.

        A rating that drifts causes no new picture; one of a house that had none does.
        """
        second = self.second_line(document)
        besides = [f"logo {logo}"] if logo else []
        if self.ratings != _TMDB_ONLY:
            besides.append(" ".join(["ratings", *self.shown_ratings(document)]))
        besides += [f"font {name}" for name in self.fonts]
        title = title_fingerprint(document)[:-1]
        return [
            *title,
            self.genres(document)[:2],
            second and second.text,
            self.languages.first,
            *([besides] if besides else []),
        ]

    def _is_caption_current(self, drawn: CaptionFingerprint, document: Document) -> bool:
        now = self.caption_fingerprint(document, self.overlay_logo_path(document))
        # An older version recorded no second line: redrawn if its texts change, or if OVERLAY_SUBTITLE is set.
        is_old_form = len(drawn) == len(title_fingerprint(document)) and self.subtitle == "auto" and len(now) == _PLAIN
        return drawn == (now[: len(drawn)] if is_old_form else now)

    def _has_portrait(self, path: str, exists: FileExists) -> bool:
        return all(
            any(exists(self.folder / f"{portrait_file(path, size)}{suffix}") for suffix in self.suffixes)
            for size in self.profile_sizes
        )

    def _is_made(
        self, image: ImagePart | None, path: str, sizes: tuple[str, ...], exists: FileExists, redraw: bool
    ) -> bool:
        if image is None or image["source_path"] != path or not image["files"].keys() >= set(sizes):
            return False
        return all(
            (not redraw or self._in_format(file)) and exists(self.folder / file["file"])
            for file in image["files"].values()
        )

    def _in_format(self, file: ImageFile) -> bool:
        suffix = PurePosixPath(file["file"]).suffix
        return suffix in self.suffixes or (suffix == ".jpg" and max(file["width"], file["height"]) > MAX_WEBP_SIDE)


def with_gone_note(image: ImagePart | None, url: str, now: str) -> ImagePart:
    """The document's part for a picture that its CDN does not have: unchanged, with a note. An older picture stays."""
    empty: ImagePart = {"source_path": None, "source_sha256": None, "files": {}, "file": None}
    return {**(image or empty), "gone": {"url": url, "at": now}}


def is_picture_gone(image: ImagePart | None, url: str, now: datetime) -> bool:
    """Whether this exact URL had no picture within 30 days; another path, size or first CDN is another URL.

    >>> part = with_gone_note(None, "https://image.tmdb.org/t/p/w500/p.jpg", "2026-05-01T00:00:00.000Z")
    >>> is_picture_gone(part, "https://image.tmdb.org/t/p/w500/p.jpg", timestamps.parse("2026-05-30T00:00:00.000Z"))
    True
    >>> is_picture_gone(part, "https://image.tmdb.org/t/p/w500/p.jpg", timestamps.parse("2026-06-01T00:00:00.000Z"))
    False
    """
    note = image.get("gone") if image else None
    if note is None or note["url"] != url:
        return False
    return timedelta(0) <= now - timestamps.parse(note["at"]) < GONE_PAUSE


def was_picture_gone(image: ImagePart | None, url: str) -> bool:
    """Whether this exact URL had no picture when it was last requested, however long ago."""
    note = image.get("gone") if image else None
    return note is not None and note["url"] == url


def title_fingerprint(document: Facts) -> CaptionFingerprint:
    """The title's part of the texts that a title backdrop shows.

    A new title, year or runtime causes a new picture; a drifting rating does not.

    >>> heat = {"title": "Heat", "original_title": "Heat", "year": 1995, "runtime": 170, "genres": ["Crime", "Drama"]}
    >>> title_fingerprint(heat)
    ['Heat', 'Heat', 1995, 170, ['Crime', 'Drama']]
    """
    return [
        document.get("title"),
        document.get("original_title"),
        document.get("year"),
        document.get("runtime"),
        list(document.get("genres") or [])[:2],
    ]


def _width(sizes: tuple[str, ...], least: int = 0) -> int | None:
    """Pixels that serve all sizes; None where one of them is a height or the original."""
    if any(not size.startswith("w") for size in sizes):
        return None
    return max([least, *(int(size[1:]) for size in sizes)])
