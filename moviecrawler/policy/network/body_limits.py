"""How large an answer may be, compressed and decompressed, by what was requested."""

from dataclasses import dataclass
from typing import Self

from moviecrawler.config.groups import DownloadConfig, ImagesConfig

MAX_JSON_VALUES = 300_000
"""Values of a JSON text. A megabyte of ``[],[],`` takes 25 MB of memory, so a limit in bytes is not enough."""


@dataclass(frozen=True)
class BodyLimits:
    """Bytes. ``answer``: an API answer, page or robots.txt; ``picture``; ``file``: TMDB's export, compressed, and
    ``export`` decompressed.
    """

    answer: int
    picture: int
    file: int
    export: int

    @classmethod
    def of(cls, download: DownloadConfig, images: ImagesConfig) -> Self:
        """From ANSWER_MAX_MB, IMAGES_MAX_DOWNLOAD_MB and EXPORT_MAX_MB; DOWNLOAD_MAXSIZE bounds all downloads."""
        return cls(
            answer=min(int(download.max_answer_mb * 1e6), download.max_size),
            picture=min(int(images.max_download_mb * 1e6), download.max_size),
            file=download.max_size,
            export=int(download.max_export_mb * 1e6),
        )

    def for_role(self, role: str) -> int:
        """By the role of the host that the request is sent to."""
        return {"cdn": self.picture, "file": self.file}.get(role, self.answer)


def has_too_many_values(text: bytes) -> bool:
    """Whether a JSON text holds more than MAX_JSON_VALUES, estimated by counting commas and opening brackets.

    >>> has_too_many_values(b"[1, 2]"), has_too_many_values(b"[" + 300_000 * b"{}," + b"0]")
    (False, True)
    """
    return len(text) > MAX_JSON_VALUES and sum(map(text.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES
