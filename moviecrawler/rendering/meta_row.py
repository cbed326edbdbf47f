"""The metadata row below the title: pills with the ratings (TMDB's in gold), then year, runtime and genres."""

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw

from moviecrawler.rendering.caption import Caption
from moviecrawler.rendering.duration import format_duration
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.shapes import draw_disc, draw_mask, draw_star, rounded_rectangle
from moviecrawler.rendering.text_runs import (
    clean_text,
    is_rtl,
    missing_characters,
    needs_shaping,
    with_drawable_letters,
)
from moviecrawler.rendering.text_style import TextStyle

GOLD: Final = (245, 197, 24)
WHITE: Final = (236, 238, 242)
BLACK: Final = (17, 17, 17)
OPACITY: Final = 0.92
_DOT_OPACITY: Final = 0.7

# Lengths in the row, as shares of its type size.
_PILL_HEIGHT, _PILL_RADIUS, _PILL_PADDING = 1.55, 0.42, 0.55
_STAR, _STAR_GAP = 0.98, 0.3
_PILL_GAP, _GAP, _DOT = 0.8, 0.46, 0.17
_BETWEEN_PILLS: Final = 0.4

# How the ratings of other houses are written: in white pills, not in their owners' colours.
_RATINGS: Final = {"imdb": "IMDb {:.1f}", "rotten_tomatoes": "RT {:.0f}%", "metacritic": "Metacritic {:.0f}"}


@dataclass(frozen=True)
class RowPart:
    """A text in the row: its distance from the start of the row and its width, in pixels."""

    start: float
    width: float
    text: str
    style: TextStyle


@dataclass(frozen=True)
class Pill:
    """A rating: its text, where its pill starts and how wide that is, in pixels; TMDB's has a star."""

    start: float
    width: float
    text: RowPart
    star: bool


@dataclass(frozen=True)
class MetaRow:
    """Lengths in pixels. ``size``: of the type; ``dots``: the starts of the separators."""

    size: int
    pills: list[Pill]
    parts: list[RowPart]
    dots: list[float]
    width: float

    def left_of(self, start: float, width: float, rtl: bool) -> float:
        """The left end of an element, as distance from the left end of the row."""
        return self.width - start - width if rtl else start

    @property
    def top(self) -> float:
        """How far the row reaches above its baseline."""
        return self.middle + self.size * _PILL_HEIGHT / 2

    @property
    def bottom(self) -> float:
        """How far the row reaches below its baseline."""
        return self.size * _PILL_HEIGHT / 2 - self.middle

    @property
    def middle(self) -> float:
        """How far the middle of the digits is above the baseline."""
        return self.size * 0.357  # half the height of Noto Sans' digits


def meta_row(caption: Caption, fonts: Fonts, size: int, limit: float) -> MetaRow | None:
    """The row in type of ``size`` pixels, without what exceeds ``limit`` pixels; None if nothing is left."""
    pills = _pills(caption, fonts, size, limit)
    end = pills[-1].start + pills[-1].width if pills else 0.0
    x = end + size * _PILL_GAP if pills else 0.0
    parts: list[RowPart] = []
    dots: list[float] = []
    language = caption.row_language or caption.language
    for text, weight in _texts(caption, language, fonts):
        style = TextStyle(fonts, language, size, weight, is_rtl(text))
        start = x + size * (2 * _GAP + _DOT) if parts else x
        width = style.width(text)
        if start + width > limit:
            break
        if parts:
            dots.append(x + size * _GAP)
        parts.append(RowPart(start, width, text, style))
        x = start + width
    if not parts and not pills:
        return None
    return MetaRow(size, pills, parts, dots, x if parts else end)


def _pills(caption: Caption, fonts: Fonts, size: int, limit: float) -> list[Pill]:
    texts = [] if caption.rating is None else [(f"{caption.rating:.1f}", True)]
    texts += [(_RATINGS[house].format(score), False) for house, score in caption.other_ratings if house in _RATINGS]
    style, pills, x = TextStyle(fonts, "en", size, 800), list[Pill](), 0.0
    for text, star in texts:
        before = size * (_PILL_PADDING + (_STAR + _STAR_GAP if star else 0))
        part = RowPart(x + before, style.width(text), text, style)
        width = before + part.width + size * _PILL_PADDING
        if pills and x + width > limit:
            break
        pills.append(Pill(x, width, part, star))
        x += width + size * _BETWEEN_PILLS
    return pills


def _texts(caption: Caption, language: str, fonts: Fonts) -> list[tuple[str, int]]:
    """(text, font weight) of each part that can be drawn."""

    def is_drawable(text: str) -> bool:
        return (
            bool(text) and not missing_characters(text, language, fonts) and (fonts.shaping or not needs_shaping(text))
        )

    year = [(str(caption.year), 600)] if caption.year else []
    runtimes = [format_duration(caption.runtime, tag) for tag in (language, "")] if caption.runtime else []
    runtime = [(text, 500) for text in runtimes if is_drawable(text)][:1]
    genres = (with_drawable_letters(clean_text(genre), language, fonts) for genre in caption.genres[:2])
    return [*year, *runtime, *((genre, 500) for genre in genres if is_drawable(genre))]


def draw_texts(row: MetaRow, mask: Image.Image, left: float, baseline: float, *, rtl: bool) -> None:
    """Draw year, runtime and genres into a mask (mode L), starting at ``left``; ``rtl`` mirrors the order."""
    draw = ImageDraw.Draw(mask)
    for part in row.parts:
        x = left + row.left_of(part.start, part.width, rtl)
        part.style.draw(draw, x, baseline, part.text, round(255 * OPACITY))
    side = round(row.size * _DOT)
    dot = draw_mask((side, side), draw_disc).point(lambda value: value * _DOT_OPACITY)
    for start in row.dots:
        x = left + row.left_of(start, side, rtl)
        mask.paste(dot, (round(x), round(baseline - row.middle - side / 2)))


def draw_pills(row: MetaRow, image: Image.Image, left: float, baseline: float, *, rtl: bool) -> None:
    """Draw the ratings on an RGB picture: TMDB's as a black star and digits on gold, the others black on white."""
    middle = baseline - row.middle
    height = round(row.size * _PILL_HEIGHT)
    for pill in row.pills:
        shape = draw_mask((round(pill.width), height), rounded_rectangle(row.size * _PILL_RADIUS))
        at = round(left + row.left_of(pill.start, pill.width, rtl))
        image.paste(GOLD if pill.star else WHITE, (at, round(middle - height / 2)), shape)
        # A pill reads from left to right inside, but for its star.
        if pill.star:
            side = round(row.size * _STAR)
            x = left + row.left_of(pill.start + row.size * _PILL_PADDING, side, rtl)
            image.paste(BLACK, (round(x), round(middle - side / 2)), draw_mask((side, side), draw_star))
        x = left + row.left_of(pill.text.start, pill.text.width, rtl)
        pill.text.style.draw(ImageDraw.Draw(image), x, baseline, pill.text.text, BLACK)
