"""Which pictures a document lacks. One is there when it was made from today's path, in all sizes, and its file is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

TITLE_BACKDROP_WIDTH = 1920


class Wanted(NamedTuple):
    """One picture to ask for: TMDB's canonical path and the width in pixels that is large enough (None: original)."""

    slot: Literal["poster", "backdrop"]
    source_path: str
    width: int | None


@dataclass(frozen=True)
class Pictures:
    """``folder`` is IMAGES_STORE; sizes are TMDB's names (``w500``), all made here from one download."""

    enabled: bool
    folder: Path
    poster_sizes: tuple[str, ...]
    backdrop_sizes: tuple[str, ...]

    def missing(self, document: Mapping[str, Any], exists: Callable[[Path], bool] = Path.exists) -> list[Wanted]:
        """What to download for this document: one picture serves all its sizes, and the backdrop its overlay too."""
        if not self.enabled:
            return []
        data, images = document["sources"]["tmdb"]["data"], document["images"]
        wanted: list[Wanted] = []
        poster, backdrop = data.get("poster_path"), data.get("backdrop_path")
        if poster and not self._made(images.get("poster"), poster, self.poster_sizes, exists):
            wanted.append(Wanted("poster", poster, _width(self.poster_sizes)))
        if backdrop and not (
            self._made(images.get("backdrop"), backdrop, self.backdrop_sizes, exists)
            and self._made(images.get("title_backdrop"), backdrop, (), exists)
            and images["title_backdrop"]["says"] == says(document)
        ):
            wanted.append(Wanted("backdrop", backdrop, _width(self.backdrop_sizes, TITLE_BACKDROP_WIDTH)))
        return wanted

    def _made(
        self, image: Mapping[str, Any] | None, path: str, sizes: tuple[str, ...], exists: Callable[[Path], bool]
    ) -> bool:
        if image is None or image["source_path"] != path or not image["files"].keys() >= set(sizes):
            return False
        return exists(self.folder / image["file"])


def says(document: Mapping[str, Any]) -> list[Any]:
    """What a title backdrop was made to say. Another title, year or runtime makes it anew; a drifting rating does not.

    >>> says({"title": "Heat", "original_title": "Heat", "year": 1995, "runtime": 170, "genres": ["Crime", "Drama"]})
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
