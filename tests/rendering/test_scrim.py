"""The scrim is as light as the picture allows, dark enough for legible text, and without banding."""

from itertools import pairwise

import pytest
from PIL import Image, ImageStat

from moviecrawler.rendering import scrim
from moviecrawler.rendering.scrim import CONTRAST, TINT, contrast

SIZE = (960, 540)
TEXT = (48, 300, 560, 500)


def flat(grey: int) -> Image.Image:
    return Image.new("RGB", SIZE, (grey,) * 3)


def left_middle(image: Image.Image) -> float:
    return ImageStat.Stat(image.crop((0, 300, 40, 340)).convert("L")).mean[0]


@pytest.mark.parametrize(
    ("grey", "expected"),
    # WCAG 2.2: (1.0 + 0.05) / (luminance + 0.05); 118 is the lightest grey on which white text reaches 4.5.
    [(0, 21.0), (59, 11.2), (100, 5.92), (118, 4.54), (119, 4.48)],
)
def test_contrast_agrees_with_wcag(grey: int, expected: float) -> None:
    assert contrast(flat(grey), TEXT) == pytest.approx(expected, rel=0.02)


def test_contrast_weighs_the_colours() -> None:
    assert contrast(Image.new("RGB", SIZE, (0, 0, 255)), TEXT) == pytest.approx(8.59, rel=0.02)


def test_fainter_ink_has_less_contrast() -> None:
    assert contrast(flat(100), TEXT, 0.88) == pytest.approx(5.04, rel=0.02)


def test_contrast_looks_at_the_brightest_hundredth() -> None:
    image = flat(0)
    image.paste((100,) * 3, (48, 300, 48 + 512, 303))  # 1.5 % of the box
    assert contrast(image, TEXT) == pytest.approx(5.92, rel=0.02)
    image.paste((0,) * 3, (48, 301, 48 + 512, 303))  # 0.5 % of it
    assert contrast(image, TEXT) == pytest.approx(21.0, rel=0.02)


@pytest.mark.parametrize("rtl", [False, True])
@pytest.mark.parametrize("text", [(48, 380, 120, 480), TEXT, (48, 60, 576, 500)])
def test_white_text_is_legible_even_on_a_white_picture(text: tuple[int, int, int, int], rtl: bool) -> None:
    if rtl:
        text = (SIZE[0] - text[2], text[1], SIZE[0] - text[0], text[3])
    assert contrast(scrim.apply(flat(255), text, rtl=rtl, opacity=0.88), text, 0.88) >= 4.5


def test_a_dark_picture_is_darkened_less() -> None:
    kept = left_middle(scrim.apply(flat(60), TEXT, rtl=False, opacity=1.0)) / 60
    taken = left_middle(scrim.apply(flat(255), TEXT, rtl=False, opacity=1.0)) / 255
    assert taken < kept - 0.1


def test_the_far_side_and_the_middle_do_not_change() -> None:
    shaded = scrim.apply(flat(200), (48, 400, 300, 500), rtl=False, opacity=1.0)
    assert ImageStat.Stat(shaded.crop((900, 150, 960, 280))).mean[0] == pytest.approx(200, abs=1)
    assert ImageStat.Stat(shaded.crop((900, 530, 960, 540))).mean[0] < 70
    assert ImageStat.Stat(shaded.crop((900, 0, 960, 5))).mean[0] < 165


@pytest.mark.parametrize("text", [(48, 400, 300, 500), (48, 440, 560, 500)])
def test_a_bright_picture_is_darkened_where_the_text_is_and_not_above(text: tuple[int, int, int, int]) -> None:
    shaded = scrim.apply(flat(230), text, rtl=False, opacity=0.88)
    assert contrast(shaded, text, 0.88) >= 4.5
    above = ImageStat.Stat(shaded.crop((0, 110, 960, 215)).convert("L"))
    assert above.extrema[0][0] >= 228


def test_right_to_left_mirrors_the_scrim() -> None:
    text = (SIZE[0] - TEXT[2], TEXT[1], SIZE[0] - TEXT[0], TEXT[3])
    left = ImageStat.Stat(scrim.apply(flat(200), TEXT, rtl=False, opacity=1.0).crop((0, 300, 300, 340))).mean
    right = ImageStat.Stat(scrim.apply(flat(200), text, rtl=True, opacity=1.0).crop((660, 300, 960, 340))).mean
    assert right == pytest.approx(left, abs=0.5)


@pytest.mark.parametrize("grey", [40, 90, 255])
def test_a_flat_picture_shows_no_banding(grey: int) -> None:
    """Banding is a visible step: the mean of a column that differs by a level from the next one."""
    shaded = scrim.apply(flat(grey), TEXT, rtl=False, opacity=1.0).getchannel("R").convert("F")
    columns = shaded.crop((0, 320, 960, 420)).resize((960, 1), Image.Resampling.BOX)
    means = [columns.getpixel((x, 0)) for x in range(960)]
    assert max(means) - min(means) > grey / 3 - 1
    steepest = (max(means) - min(means)) * 1.5 / (0.6 * 960)  # a smoothstep climbs 1.5 times as fast as a line
    assert max(abs(b - a) for a, b in pairwise(means)) < steepest + 0.45


def test_black_becomes_the_tint_and_the_result_is_reproducible() -> None:
    black = scrim.apply(flat(0), TEXT, rtl=False, opacity=1.0)
    assert all(mean <= tint + 1 for mean, tint in zip(ImageStat.Stat(black).mean, TINT, strict=True))
    assert black.tobytes() == scrim.apply(flat(0), TEXT, rtl=False, opacity=1.0).tobytes()
    assert CONTRAST > 4.5
