"""Which pictures a document lacks. One is there when it was made from today's path, in all sizes, and its files are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

from moviecrawler import timestamps
from moviecrawler.policy.documents.localization import Languages
from moviecrawler.policy.documents.second_line import SecondLine, second_line

TITLE_BACKDROP_WIDTH = 1920

WEBP_LONGEST = 16_383
"""Pixels; a longer picture is a JPEG, whatever IMAGES_FORMAT says."""

CHECK_AGAIN = 2 * 3600.0
"""Seconds for which a file that was there counts as there."""

MOST_FILES = 10_000
"""Files that the index holds, some 3 MB; the one that was looked at longest ago goes first."""

GONE_FOR = timedelta(days=30)
"""For how long a picture that its CDN did not have is not asked for again."""

_ENGLISH = Languages(("en-US",))

There = Callable[[Path], bool]


class Wanted(NamedTuple):
    """One picture to ask for: TMDB's canonical path and the width in pixels that is large enough (None: original)."""

    role: Literal["poster", "backdrop"]
    source_path: str
    width: int | None


class Index:
    """Files that were there when they were last looked at; ``now`` is seconds on the caller's monotonic clock."""

    def __init__(self, exists: There = Path.exists) -> None:
        self._exists = exists
        self._seen: dict[Path, float] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def there(self, path: Path, now: float) -> bool:
        """Whether the file is there, as far as was known within the last two hours."""
        seen = self._seen.get(path)
        if seen is not None and now - seen < CHECK_AGAIN:
            return True
        self._seen.pop(path, None)
        if not self._exists(path):
            return False
        self._seen[path] = now
        if len(self._seen) > MOST_FILES:
            del self._seen[next(iter(self._seen))]
        return True


@dataclass(frozen=True)
class Pictures:
    """``folder`` is IMAGES_STORE; sizes are TMDB's names (``w500``), all made here from one download; ``subtitle`` is
    OVERLAY_SUBTITLE; ``suffixes`` are those of the formats that IMAGES_FORMAT allows."""

    enabled: bool
    folder: Path
    poster_sizes: tuple[str, ...]
    backdrop_sizes: tuple[str, ...]
    subtitle: str = "auto"
    languages: Languages = _ENGLISH
    suffixes: tuple[str, ...] = (".jpg",)

    def wanted(self, document: Mapping[str, Any]) -> Iterator[Wanted]:
        """What this document should have: one picture serves all its sizes, and the backdrop its overlay too."""
        data = document["sources"]["tmdb"]["data"] if self.enabled else {}
        if path := data.get("poster_path"):
            yield Wanted("poster", path, _width(self.poster_sizes))
        if path := data.get("backdrop_path"):
            yield Wanted("backdrop", path, _width(self.backdrop_sizes, TITLE_BACKDROP_WIDTH))

    def made(self, wanted: Wanted, document: Mapping[str, Any], there: There) -> bool:
        """Whether everything that is made from this picture is there."""
        images, path = document["images"], wanted.source_path
        if wanted.role == "poster":
            return self._made(images.get("poster"), path, self.poster_sizes, there)
        return (
            self._made(images.get("backdrop"), path, self.backdrop_sizes, there)
            and self._made(images.get("title_backdrop"), path, (), there)
            and self._still_says(images["title_backdrop"]["says"], document)
        )

    def second_line(self, document: Mapping[str, Any]) -> SecondLine | None:
        """What stands below the title on the title backdrop."""
        return second_line(document, self.languages, self.subtitle)

    def caption_fingerprint(self, document: Mapping[str, Any]) -> list[Any]:
        """What a title backdrop says: ``says``, the second line, and the language of the row."""
        second = self.second_line(document)
        return [*caption_fingerprint(document), second and second.text, self.languages.first]

    def _still_says(self, drawn: list[Any], document: Mapping[str, Any]) -> bool:
        now = self.caption_fingerprint(document)
        # An older version noted no second line: it is drawn anew with its title, or by a wish that is none of before.
        of_before = len(drawn) == len(caption_fingerprint(document)) and self.subtitle == "auto"
        return drawn == (now[: len(drawn)] if of_before else now)

    def _made(self, image: Mapping[str, Any] | None, path: str, sizes: tuple[str, ...], there: There) -> bool:
        if image is None or image["source_path"] != path or not image["files"].keys() >= set(sizes):
            return False
        return all(self._in_format(file) and there(self.folder / file["file"]) for file in image["files"].values())

    def _in_format(self, file: Mapping[str, Any]) -> bool:
        suffix = PurePosixPath(file["file"]).suffix
        return suffix in self.suffixes or (suffix == ".jpg" and max(file["width"], file["height"]) > WEBP_LONGEST)


def gone(image: Mapping[str, Any] | None, url: str, now: str) -> dict[str, Any]:
    """The document's part for a picture that its CDN has not got: as it was, with a note. An older picture stays."""
    nothing: dict[str, Any] = {"source_path": None, "source_sha256": None, "files": {}, "file": None}
    return {**(image or nothing), "gone": {"url": url, "at": now}}


def is_gone(image: Mapping[str, Any] | None, url: str, now: datetime) -> bool:
    """Whether this very address had no picture within 30 days; another path, size or first CDN is another address.

    >>> part = gone(None, "https://image.tmdb.org/t/p/w500/p.jpg", "2026-05-01T00:00:00.000Z")
    >>> is_gone(part, "https://image.tmdb.org/t/p/w500/p.jpg", timestamps.parse("2026-05-30T00:00:00.000Z"))
    True
    >>> is_gone(part, "https://image.tmdb.org/t/p/w500/p.jpg", timestamps.parse("2026-06-01T00:00:00.000Z"))
    False
    """
    if image is None or not was_gone(image, url):
        return False
    return timedelta(0) <= now - timestamps.parse(image["gone"]["at"]) < GONE_FOR


def was_gone(image: Mapping[str, Any] | None, url: str) -> bool:
    """Whether this very address had no picture when it was asked for last, however long ago."""
    note = (image or {}).get("gone")
    return note is not None and note["url"] == url


def caption_fingerprint(document: Mapping[str, Any]) -> list[Any]:
    """The title's own part of what a title backdrop was made to say. Another title, year or runtime makes it anew; a
    drifting rating does not.

    >>> heat = {"title": "Heat", "original_title": "Heat", "year": 1995, "runtime": 170, "genres": ["Crime", "Drama"]}
    >>> caption_fingerprint(heat)
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
