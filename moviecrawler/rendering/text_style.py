"""Measure and draw text in one language, size and weight, in any script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PIL import ImageDraw, ImageFont

from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.text_runs import TextRun, split_into_runs


class InkBox(NamedTuple):
    """The bounding box of a text's pixels, relative to its origin on the baseline (y grows downwards)."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class TextStyle:
    """``size``: pixels per em; ``weight``: 100-900, within the range of the font; ``language``: a BCP 47 tag; ``rtl``:
    whether the paragraph runs right to left."""

    fonts: Fonts
    language: str
    size: int
    weight: int
    rtl: bool = False

    def width(self, text: str) -> float:
        """The advance of the text in pixels."""
        return sum(self._advance(run) for run in self._runs(text))

    def ink_box(self, text: str, line_levels: Sequence[int] | None = None) -> InkBox:
        """The bounding box of the text's pixels; zeros if there are none. ``line_levels``: see ``split_into_runs``."""
        boxes: list[InkBox] = []
        x = 0.0
        for run in self._runs(text, line_levels):
            # Not getbbox(): it spans from the origin to the advance, with the side bearings.
            mask, (left, top) = self._font(run).getmask2(run.text, "L", anchor="ls", **self._options(run))
            box = mask.getbbox()
            if box:
                boxes.append(InkBox(x + left + box[0], top + box[1], x + left + box[2], top + box[3]))
            x += self._advance(run)
        if not boxes:
            return InkBox(0, 0, 0, 0)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return InkBox(min(lefts), min(tops), max(rights), max(bottoms))

    def draw(
        self,
        draw: ImageDraw.ImageDraw,
        x: float,
        baseline: float,
        text: str,
        fill: int | tuple[int, int, int],
        line_levels: Sequence[int] | None = None,
    ) -> None:
        """Draw to the right of ``x`` (pixels). ``line_levels``: see ``split_into_runs``."""
        for run in self._runs(text, line_levels):
            draw.text((x, baseline), run.text, fill, self._font(run), anchor="ls", **self._options(run))
            x += self._advance(run)

    def _runs(self, text: str, line_levels: Sequence[int] | None = None) -> list[TextRun]:
        return split_into_runs(text, self.language, self.fonts, rtl=self.rtl, line_levels=line_levels)

    def _advance(self, run: TextRun) -> float:
        return self._font(run).getlength(run.text, **self._options(run))

    def _font(self, run: TextRun) -> ImageFont.FreeTypeFont:
        return self.fonts.open(run.face, self.size, self.weight)

    def _options(self, run: TextRun) -> dict[str, Any]:
        """The arguments for raqm; without it, Pillow refuses them."""
        if not self.fonts.shaping:
            return {}
        return {"direction": "rtl" if run.rtl else "ltr", "language": self.language}
