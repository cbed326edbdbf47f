"""Text in one size and weight: measured and drawn, whatever its scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PIL import ImageDraw, ImageFont

from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.text_runs import TextRun, runs


class Ink(NamedTuple):
    """Where the pixels of a text lie, relative to its origin on the baseline (y grows downwards)."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Lettering:
    """``size`` in pixels an em; ``weight`` 100-900, as far as the font goes; ``language`` a BCP 47 tag; ``rtl``: the
    direction of the paragraph."""

    fonts: Fonts
    language: str
    size: int
    weight: int
    rtl: bool = False

    def width(self, text: str) -> float:
        """The advance in pixels."""
        return sum(self._advance(run) for run in self._runs(text))

    def ink(self, text: str, line_levels: Sequence[int] | None = None) -> Ink:
        """The box of the text's pixels; all zero where there are none. ``line_levels``: see ``runs``."""
        boxes: list[Ink] = []
        x = 0.0
        for run in self._runs(text, line_levels):
            # Not getbbox(): that counts from the origin to the advance, with the empty space beside the letters.
            mask, (left, top) = self._font(run).getmask2(run.text, "L", anchor="ls", **self._options(run))
            box = mask.getbbox()
            if box:
                boxes.append(Ink(x + left + box[0], top + box[1], x + left + box[2], top + box[3]))
            x += self._advance(run)
        if not boxes:
            return Ink(0, 0, 0, 0)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return Ink(min(lefts), min(tops), max(rights), max(bottoms))

    def draw(
        self,
        draw: ImageDraw.ImageDraw,
        x: float,
        baseline: float,
        text: str,
        fill: int | tuple[int, int, int],
        line_levels: Sequence[int] | None = None,
    ) -> None:
        """Draw from ``x`` on to the right."""
        for run in self._runs(text, line_levels):
            draw.text((x, baseline), run.text, fill, self._font(run), anchor="ls", **self._options(run))
            x += self._advance(run)

    def _runs(self, text: str, line_levels: Sequence[int] | None = None) -> list[TextRun]:
        return runs(text, self.language, self.fonts, rtl=self.rtl, line_levels=line_levels)

    def _advance(self, run: TextRun) -> float:
        return self._font(run).getlength(run.text, **self._options(run))

    def _font(self, run: TextRun) -> ImageFont.FreeTypeFont:
        return self.fonts.open(run.face, self.size, self.weight)

    def _options(self, run: TextRun) -> dict[str, Any]:
        """What only raqm understands: without it Pillow refuses these arguments."""
        if not self.fonts.shaping:
            return {}
        return {"direction": "rtl" if run.rtl else "ltr", "language": self.language}
