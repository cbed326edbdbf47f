"""The formats in which pictures are saved: JPEG, WebP, AVIF, or the smallest of them for each file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import features

from moviecrawler.exceptions import ConfigurationError


@dataclass(frozen=True)
class Format:
    """``name``: Pillow's name; ``max_side``: the longest side in pixels; ``encoder_bytes_per_pixel``: memory that the
    encoder takes besides the picture; ``slope`` and ``offset``: of its quality over that of JPEG."""

    name: str
    suffix: str
    max_side: int
    encoder_bytes_per_pixel: int
    slope: float
    offset: float
    options: dict[str, Any] = field(default_factory=dict)
    is_lossless: bool = False

    def quality(self, jpeg: int) -> int:
        """The quality that looks like JPEG quality ``jpeg`` (0-100): measured as equal SSIM on stills and posters.

        >>> AVIF.quality(85), WEBP.quality(85), JPEG.quality(85)
        (81, 96, 85)
        """
        return min(100, round(self.slope * jpeg + self.offset))


PNG: Final = Format("PNG", ".png", 65_535, 4, 0, 0, {"optimize": True}, is_lossless=True)
JPEG: Final = Format("JPEG", ".jpg", 65_500, 0, 1, 0, {"progressive": True})
WEBP: Final = Format("WEBP", ".webp", 16_383, 5, 0.6, 45)
AVIF: Final = Format("AVIF", ".avif", 65_536, 23, 1.25, -25, {"speed": 8, "max_threads": 1})

_CHOICES: Final = {"jpeg": (JPEG,), "webp": (WEBP,), "avif": (AVIF,), "auto": (JPEG, WEBP, AVIF)}


def formats_of(choice: str) -> tuple[Format, ...]:
    """The formats that a choice of IMAGES_FORMAT allows; ConfigurationError for one that this Pillow cannot write.

    >>> [format.name for format in formats_of("webp")]
    ['WEBP']
    """
    if choice != "jpeg":
        found = tuple(format for format in _CHOICES[choice] if format is JPEG or features.check(format.name.lower()))
        if not found:
            raise ConfigurationError(f"IMAGES_FORMAT={choice!r}: this Pillow cannot write {choice.upper()}; use jpeg")
        return found
    return _CHOICES[choice]


def formats_for_size(formats: Sequence[Format], width: int, height: int) -> tuple[Format, ...]:
    """The formats that can hold a picture of this size in pixels; JPEG if none can.

    >>> [format.name for format in formats_for_size((WEBP,), 20_000, 2_000)]
    ['JPEG']
    """
    return tuple(format for format in formats if max(width, height) <= format.max_side) or (JPEG,)
