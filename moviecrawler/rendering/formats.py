"""The formats that pictures are saved in: JPEG, WebP, AVIF, or of each picture's files the smallest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import features

from moviecrawler.exceptions import ConfigurationError


@dataclass(frozen=True)
class Format:
    """``name`` as Pillow says it; ``longest``: pixels of the longest side that it can hold; ``held``: bytes that its
    encoder takes, for each pixel, beside the picture."""

    name: str
    suffix: str
    longest: int
    held: int
    slope: float
    offset: float
    options: dict[str, Any] = field(default_factory=dict)

    def quality(self, jpeg: int) -> int:
        """The quality that looks like ``jpeg`` (0-100) of JPEG: equal SSIM on stills and posters, as measured.

        >>> AVIF.quality(85), WEBP.quality(85), JPEG.quality(85)
        (81, 96, 85)
        """
        return min(100, round(self.slope * jpeg + self.offset))


JPEG: Final = Format("JPEG", ".jpg", 65_500, 0, 1, 0, {"progressive": True})
WEBP: Final = Format("WEBP", ".webp", 16_383, 5, 0.6, 45)
AVIF: Final = Format("AVIF", ".avif", 65_536, 23, 1.25, -25, {"speed": 8, "max_threads": 1})

_CHOICES: Final = {"jpeg": (JPEG,), "webp": (WEBP,), "avif": (AVIF,), "auto": (JPEG, WEBP, AVIF)}


def parse_formats(value: str) -> tuple[Format, ...]:
    """The formats that the setting IMAGES_FORMAT allows; ConfigurationError for others, or where Pillow has no AVIF.

    >>> [format.name for format in parse_formats(" WebP")]
    ['WEBP']
    """
    choice = value.strip().lower()
    if choice not in _CHOICES:
        raise ConfigurationError(f"IMAGES_FORMAT={value!r}: use one of {', '.join(_CHOICES)}")
    if choice != "jpeg":
        found = tuple(format for format in _CHOICES[choice] if format is JPEG or features.check(format.name.lower()))
        if not found:
            raise ConfigurationError(f"IMAGES_FORMAT={value!r}: this Pillow cannot write {choice.upper()}; use jpeg")
        return found
    return _CHOICES[choice]


def holding(formats: Sequence[Format], width: int, height: int) -> tuple[Format, ...]:
    """Those that can hold a picture of this size; JPEG where none can.

    >>> [format.name for format in holding((WEBP,), 20_000, 2_000)]
    ['JPEG']
    """
    return tuple(format for format in formats if max(width, height) <= format.longest) or (JPEG,)
