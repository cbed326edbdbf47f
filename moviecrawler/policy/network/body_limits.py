"""How large an answer may be, compressed and decompressed, by what was requested."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from moviecrawler.policy.setting_values import number, whole_number, within

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
    def parse(cls, settings: Mapping[str, Any]) -> Self:
        """From ANSWER_MAX_MB, IMAGES_MAX_DOWNLOAD_MB and EXPORT_MAX_MB; DOWNLOAD_MAXSIZE bounds all downloads."""
        name = "DOWNLOAD_MAXSIZE"
        most = within(name, whole_number(name, settings[name]), 1, unit="bytes")
        return cls(
            answer=min(_bytes("ANSWER_MAX_MB", settings), most),
            picture=min(_bytes("IMAGES_MAX_DOWNLOAD_MB", settings), most),
            file=most,
            export=_bytes("EXPORT_MAX_MB", settings),
        )

    def for_role(self, role: str) -> int:
        """By the role of the host that the request is sent to."""
        return {"cdn": self.picture, "file": self.file}.get(role, self.answer)


def _bytes(name: str, settings: Mapping[str, Any]) -> int:
    return int(within(name, number(name, settings[name]), 0.001, 1e6, unit="MB") * 1e6)


def has_too_many_values(text: bytes) -> bool:
    """Whether a JSON text holds more than MAX_JSON_VALUES, estimated by counting commas and opening brackets.

    >>> has_too_many_values(b"[1, 2]"), has_too_many_values(b"[" + 300_000 * b"{}," + b"0]")
    (False, True)
    """
    return len(text) > MAX_JSON_VALUES and sum(map(text.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES
