"""The title backdrop: a film's backdrop under its title, rating, year, runtime and genres."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from moviecrawler.rendering.caption import Caption, caption
from moviecrawler.rendering.decode import decode
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.layout import Layout, lay_out
from moviecrawler.rendering.meta_row import draw_pill, draw_texts
from moviecrawler.rendering.scrim import veil
from moviecrawler.rendering.text_runs import clean, compatible, missing, needs_shaping

__all__ = ["Caption", "Rendered", "caption", "render_title_backdrop"]

# What is kept of a picture of another shape: the middle, and a little more of the top, where the faces are.
_CENTRE: Final = (0.5, 0.4)

# The shadow: shares of the picture's height, and its opacity.
_BLUR: Final = 0.008
_DROP: Final = 0.003
_SHADOW: Final = 0.75


@dataclass(frozen=True)
class Rendered:
    """``missing_glyphs``: the characters of title and subtitle that no font has, each once.

    ``used_fallback``: another of the film's titles is shown, because its own cannot be drawn here.
    """

    image: Image.Image
    missing_glyphs: str
    used_fallback: bool


def render_title_backdrop(
    source: Image.Image | bytes, caption: Caption, *, fonts: Fonts, size: tuple[int, int] = (1920, 1080)
) -> Rendered:
    """Draw ``caption`` on ``source`` (RGB), cropped to fill ``size`` (width, height in pixels), never distorted.

    Raises ``PictureError`` if ``source`` are bytes that ``decode`` refuses. The same input gives the same pixels.
    """
    picture = decode(source, size) if isinstance(source, bytes) else source
    picture = ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_CENTRE)
    shown, lost, stands_in = _drawable(caption, fonts)
    layout = lay_out(shown, fonts, size)
    if layout:
        faintest = min([text.opacity for text in layout.texts], default=1.0)
        picture = veil(picture, layout.extent, rtl=layout.rtl, opacity=faintest)
        _draw(layout, picture)
    return Rendered(picture, lost, stands_in)


def _drawable(caption: Caption, fonts: Fonts) -> tuple[Caption, str, bool]:
    """The caption with what cannot be drawn replaced or left out, the characters that no font has, and whether another
    title stands in."""

    def read(text: str | None, language: str) -> tuple[str, str]:
        return compatible(clean(text or ""), language, fonts), language

    def fits(text: str, language: str) -> bool:
        return not missing(text, language, fonts) and (fonts.shaping or not needs_shaping(text))

    title, subtitle = read(caption.title, caption.language), read(caption.subtitle, caption.subtitle_language)
    torn = missing(*title, fonts)
    lost = torn + missing(*subtitle, fonts)
    if lost:
        fonts.warn_once("glyphs", f"no font has {lost!r} (of {title[0]!r}); add one that has to OVERLAY_FONTS")
    unshaped = needs_shaping(title[0]) and not fonts.shaping
    if unshaped:
        fonts.warn_once("shaping", f"libfribidi is not installed: {title[0]!r} and its like need another title")
    empty = all(c in torn or unicodedata.category(c)[0] in "CZ" for c in title[0])
    shown = title
    # Without an emoji a title is still itself.
    if unshaped or empty or any(unicodedata.category(c)[0] in "LMN" for c in torn):
        others = [read(*other) for other in caption.fallbacks] + [subtitle]
        rest = ("", caption.language) if empty else title
        shown = next((other for other in others if other[0] and fits(*other)), rest)
    below = subtitle[0] if fits(*subtitle) and subtitle[0] != shown[0] else ""
    drawable = replace(caption, title=shown[0], subtitle=below, language=shown[1])
    return drawable, "".join(dict.fromkeys(lost)), bool(shown[0]) and shown != title


def _draw(layout: Layout, picture: Image.Image) -> None:
    """Shadow, text and pill; the picture is changed in place."""
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    for text in layout.texts:
        text.lettering.draw(draw, text.x, text.baseline, text.text, round(255 * text.opacity), text.levels)
    if layout.row:
        draw_texts(layout.row, mask, *layout.row_at, rtl=layout.rtl)
    _cast_shadow(mask, picture)
    picture.paste((255, 255, 255), (0, 0), mask)
    if layout.row:
        draw_pill(layout.row, picture, *layout.row_at, rtl=layout.rtl)


def _cast_shadow(mask: Image.Image, picture: Image.Image) -> None:
    box = mask.getbbox()
    if box is None:
        return
    blur = picture.height * _BLUR
    reach = round(3 * blur)
    left, top = max(0, box[0] - reach), max(0, box[1] - reach)
    around = mask.crop((left, top, box[2] + reach, box[3] + reach))
    shadow = around.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: value * _SHADOW)
    picture.paste((0, 0, 0), (left, top + round(picture.height * _DROP)), shadow)
