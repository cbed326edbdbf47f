"""The title backdrop: a film's backdrop with its title or logo, ratings, year, runtime and genres on it."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from moviecrawler.rendering import scrim
from moviecrawler.rendering.caption import Caption, build_caption
from moviecrawler.rendering.decode import decode
from moviecrawler.rendering.fonts import Fonts
from moviecrawler.rendering.layout import Layout, lay_out
from moviecrawler.rendering.logo import is_legible
from moviecrawler.rendering.meta_row import draw_pills, draw_texts
from moviecrawler.rendering.text_runs import clean_text, missing_characters, needs_shaping, with_drawable_letters

__all__ = ["Caption", "TitleBackdrop", "build_caption", "render_title_backdrop"]

# Where a picture of another shape is cropped: the middle, and a little more of the top, where faces are.
_CROP_CENTRE: Final = (0.5, 0.4)

# The text shadow: blur and offset as shares of the picture's height, and its opacity (0-1).
_SHADOW_BLUR: Final = 0.008
_SHADOW_OFFSET: Final = 0.003
_SHADOW_OPACITY: Final = 0.75


@dataclass(frozen=True)
class TitleBackdrop:
    """``missing_glyphs``: the characters of title and subtitle that no font has, without duplicates.

    ``used_fallback``: whether another of the film's titles is shown, because its own cannot be drawn.
    """

    image: Image.Image
    missing_glyphs: str
    used_fallback: bool
    shows_logo: bool = False


def render_title_backdrop(
    source: Image.Image | bytes,
    caption: Caption,
    *,
    fonts: Fonts,
    size: tuple[int, int] = (1920, 1080),
    logo: Image.Image | None = None,
) -> TitleBackdrop:
    """Draw ``caption`` on ``source`` (RGB), cropped to fill ``size`` (width, height in pixels), never distorted.

    ``logo`` (``logo.read_logo``) is shown in place of the title, unless it would not stand out from the picture.

    Raises ``PictureError`` for bytes that ``decode`` rejects. The same input gives the same pixels.
    """
    picture = decode(source, size) if isinstance(source, bytes) else source
    picture = ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=_CROP_CENTRE)
    shown, missing, used_fallback = _make_drawable(caption, fonts)
    if logo and (layout := lay_out(shown, fonts, size, logo)) and layout.logo:
        dimmed = scrim.apply(picture, layout.extent, rtl=layout.rtl, opacity=_faintest(layout))
        if is_legible(logo, dimmed.crop(layout.logo.box)):
            _draw(layout, dimmed)
            return TitleBackdrop(dimmed, "", False, shows_logo=True)
    layout = lay_out(shown, fonts, size)
    if layout:
        picture = scrim.apply(picture, layout.extent, rtl=layout.rtl, opacity=_faintest(layout))
        _draw(layout, picture)
    return TitleBackdrop(picture, missing, used_fallback)


def _faintest(layout: Layout) -> float:
    return min([text.opacity for text in layout.texts], default=1.0)


def _make_drawable(caption: Caption, fonts: Fonts) -> tuple[Caption, str, bool]:
    """The caption without what cannot be drawn, the characters that no font has, and whether a fallback title is
    shown."""

    def prepare(text: str | None, language: str) -> tuple[str, str]:
        return with_drawable_letters(clean_text(text or ""), language, fonts), language

    def is_drawable(text: str, language: str) -> bool:
        return not missing_characters(text, language, fonts) and (fonts.shaping or not needs_shaping(text))

    title, subtitle = prepare(caption.title, caption.language), prepare(caption.subtitle, caption.subtitle_language)
    missing_in_title = missing_characters(*title, fonts)
    missing = missing_in_title + missing_characters(*subtitle, fonts)
    if missing:
        fonts.warn_once("glyphs", f"no font has {missing!r} (of {title[0]!r}); add one that has to OVERLAY_FONTS")
    unshaped = needs_shaping(title[0]) and not fonts.shaping
    if unshaped:
        fonts.warn_once("shaping", f"libfribidi is not installed: {title[0]!r} and its like need another title")
    empty = all(c in missing_in_title or unicodedata.category(c)[0] in "CZ" for c in title[0])
    shown = title
    # A title without its emoji is still recognisable.
    if unshaped or empty or any(unicodedata.category(c)[0] in "LMN" for c in missing_in_title):
        others = [prepare(*other) for other in caption.fallbacks] + [subtitle]
        rest = ("", caption.language) if empty else title
        shown = next((other for other in others if other[0] and is_drawable(*other)), rest)
    below = subtitle[0] if is_drawable(*subtitle) and subtitle[0] != shown[0] else ""
    drawable = replace(caption, title=shown[0], subtitle=below, language=shown[1])
    return drawable, "".join(dict.fromkeys(missing)), bool(shown[0]) and shown != title


def _draw(layout: Layout, picture: Image.Image) -> None:
    """Draw shadow, text, logo and pills; the picture is changed in place."""
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    for text in layout.texts:
        text.style.draw(draw, text.x, text.baseline, text.text, round(255 * text.opacity), text.levels)
    if layout.row:
        draw_texts(layout.row, mask, *layout.row_origin, rtl=layout.rtl)
    if layout.logo:
        solid = mask.copy()
        solid.paste(layout.logo.image.getchannel("A"), layout.logo.box)
        _cast_shadow(solid, picture)
        picture.paste(layout.logo.image, layout.logo.box, layout.logo.image)
    else:
        _cast_shadow(mask, picture)
    picture.paste((255, 255, 255), (0, 0), mask)
    if layout.row:
        draw_pills(layout.row, picture, *layout.row_origin, rtl=layout.rtl)


def _cast_shadow(mask: Image.Image, picture: Image.Image) -> None:
    box = mask.getbbox()
    if box is None:
        return
    blur = picture.height * _SHADOW_BLUR
    reach = round(3 * blur)
    left, top = max(0, box[0] - reach), max(0, box[1] - reach)
    around = mask.crop((left, top, box[2] + reach, box[3] + reach))
    shadow = around.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: value * _SHADOW_OPACITY)
    picture.paste((0, 0, 0), (left, top + round(picture.height * _SHADOW_OFFSET)), shadow)
